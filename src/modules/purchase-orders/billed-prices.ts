/** What was billed of an order line at which price, per the order's base quantity, and what of it was credited. Pure. */
import { type Static, Type } from '@sinclair/typebox';
import { Price, Quantity } from '../../shared/http/schemas.ts';
import { add, equal, isZero, larger, plain, ZERO } from '../../shared/money.ts';

export const BilledPrice = Type.Object({ unit_price: Price, billed_quantity: Quantity, credited_quantity: Quantity });
export type BilledPrice = Static<typeof BilledPrice>;

/** Prices that each of so many lines keeps: 100, fewer on long orders, whose counters are one item all the same. */
export const mostPrices = (lines: number): number => Math.max(10, Math.min(100, Math.floor(10_000 / lines)));

/** Added up by price; what comes to nothing is left out. */
export function addPrices(before: readonly BilledPrice[], changes: readonly BilledPrice[]): BilledPrice[] {
  const sums = new Map(before.map((each) => [each.unit_price, each]));
  for (const { unit_price, billed_quantity, credited_quantity } of changes) {
    const price = plain(unit_price);
    const sum = sums.get(price);
    sums.set(price, {
      unit_price: price,
      billed_quantity: plain(add(sum?.billed_quantity ?? '0', billed_quantity)),
      credited_quantity: plain(add(sum?.credited_quantity ?? '0', credited_quantity)),
    });
  }
  return [...sums.values()].filter(isKept);
}

/**
 * What a line keeps after these changes. Beyond `most` prices those that are credited in full go first, then the oldest; a document that is
 * taken back later gives nothing back to a price that was forgotten.
 */
export function movedPrices(
  before: readonly BilledPrice[],
  changes: readonly BilledPrice[],
  most: number,
): BilledPrice[] {
  const kept = addPrices(before, changes)
    .map(({ unit_price, billed_quantity, credited_quantity }) => ({
      unit_price,
      billed_quantity: plain(larger(ZERO, billed_quantity)),
      credited_quantity: plain(larger(ZERO, credited_quantity)),
    }))
    .filter(isKept);
  if (kept.length <= most) return kept;
  return kept.filter((each) => !equal(each.credited_quantity, each.billed_quantity)).slice(-most);
}

const isKept = ({ billed_quantity, credited_quantity }: BilledPrice): boolean =>
  !isZero(billed_quantity) || !isZero(credited_quantity);
