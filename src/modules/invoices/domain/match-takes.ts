/** What a matched or overridden invoice takes of its order's lines, so that two invoices cannot both take it. */
import {
  absolute,
  add,
  type Decimal,
  isNegative,
  isZero,
  larger,
  multiply,
  type Num,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../../shared/money.ts';
import { quantityChecks } from './match-checks.ts';
import {
  type MatchFacts,
  type MatchInput,
  matchFacts,
  type Order,
  type PricedQuantity,
  type QuantityTake,
} from './match-facts.ts';
import { type LinePosition, type Pairing, pairLines } from './match-lines.ts';

/** A clean match takes all that is billed. A credit note gives it back, what only an override allowed first. */
export const cleanTakes = (facts: MatchFacts, pairing: Pairing): readonly QuantityTake[] =>
  [...pairing.positions.values()]
    .map((position) => (facts.invoice.type === 'credit_note' ? credited(position) : taken(position, ZERO)))
    .filter(movesSomething);

/**
 * Approving an exception takes what it can: every quantity that is known in the order's unit. What exceeds the order or, three-way, the
 * receipts is recorded as overridden, so that invoiced less overridden stays within both. A credit note never takes back more than was billed.
 */
export function overrideTakes(input: MatchInput): readonly QuantityTake[] {
  const facts = matchFacts(input);
  const order = facts.purchase_order;
  if (order === undefined) return [];
  return [...pairLines(facts, order).positions.values()]
    .map((position) =>
      facts.invoice.type === 'credit_note' ? credited(position) : taken(position, excess(facts, order, position)),
    )
    .filter(movesSomething);
}

/** What each line of the order is billed at, in its unit and per its base quantity. */
export function billedPrices(
  input: Pick<MatchInput, 'invoice' | 'purchase_order' | 'conversions'>,
): ReadonlyMap<number, readonly PricedQuantity[]> {
  const facts = matchFacts(input);
  const order = facts.purchase_order;
  if (order === undefined) return new Map();
  return new Map([...pairLines(facts, order).positions].map(([line, { prices }]) => [line, prices]));
}

export interface TakeChange extends Omit<Required<QuantityTake>, 'prices'> {
  /** A price may stand there more than once. */
  readonly billed_prices: readonly PriceChange[];
}

interface PriceChange {
  readonly unit_price: Decimal;
  readonly billed_quantity: Decimal;
  readonly credited_quantity: Decimal;
}

/** What to add to the counters when an invoice that held `before` holds `after`: going back to received holds nothing. */
export function takeChanges(before: readonly QuantityTake[], after: readonly QuantityTake[]): readonly TakeChange[] {
  const changes = new Map<number, TakeChange>();
  const put = (take: QuantityTake, sign: '1' | '-1') => {
    const sum = changes.get(take.po_line_number);
    changes.set(take.po_line_number, {
      po_line_number: take.po_line_number,
      quantity: summed(sum?.quantity, take.quantity, sign),
      override_quantity: summed(sum?.override_quantity, take.override_quantity, sign),
      returned_credited_quantity: summed(sum?.returned_credited_quantity, take.returned_credited_quantity, sign),
      billed_prices: [...(sum?.billed_prices ?? []), ...(take.prices ?? []).map((each) => priceChange(each, sign))],
    });
  };
  for (const take of before) put(take, '-1');
  for (const take of after) put(take, '1');
  return [...changes.values()];
}

const summed = (sum: Decimal = '0', quantity: Decimal = '0', sign: Decimal): Decimal =>
  plain(add(sum, multiply(quantity, sign)));

/** What a credit note holds is negative: it was credited, and not billed less. */
export function priceChange({ unit_price, quantity }: PricedQuantity, sign: '1' | '-1'): PriceChange {
  const moved = plain(absolute(quantity).times(sign));
  return isNegative(quantity)
    ? { unit_price, billed_quantity: '0', credited_quantity: moved }
    : { unit_price, billed_quantity: moved, credited_quantity: '0' };
}

const movesSomething = (take: Pick<QuantityTake, 'quantity' | 'override_quantity'>): boolean =>
  !isZero(take.quantity) || !isZero(take.override_quantity);

const taken = ({ ordered, now, prices }: LinePosition, overridden: Num): QuantityTake => ({
  po_line_number: ordered.line_number,
  quantity: plain(now),
  override_quantity: plain(overridden),
  prices: [...prices],
});

function credited({ ordered, now, creditable, overridden, creditExpected, prices }: LinePosition): QuantityTake {
  const back = larger(ZERO, smaller(now, creditable));
  const returned = smaller(back, creditExpected);
  return {
    po_line_number: ordered.line_number,
    quantity: plain(subtract('0', back)),
    override_quantity: plain(subtract('0', smaller(back, overridden))),
    ...(isZero(returned) ? {} : { returned_credited_quantity: plain(returned) }),
    prices: prices.map(({ unit_price, quantity }) => ({ unit_price, quantity: plain(subtract('0', quantity)) })),
  };
}

function excess(facts: MatchFacts, order: Order, position: LinePosition): Num {
  if (quantityChecks(facts, order, position).every((check) => check.verdict === 'matched')) return ZERO;
  const { ordered, now, before, received } = position;
  const allowed = order.match_type === 'two_way' ? ordered.quantity : smaller(ordered.quantity, received);
  return subtract(now, smaller(now, larger(ZERO, subtract(allowed, before))));
}
