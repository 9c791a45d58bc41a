/** The lines of an invoice laid beside the lines of its order, in the order's unit. */
import type { Big } from 'big.js';
import { add, big, divide, isNegative, isPositive, multiply, smaller, subtract, ZERO } from '../../../shared/money.ts';
import { sameUnit } from '../../../shared/units.ts';
import type { BilledLine, MatchFacts, Order, OrderedLine, PricedQuantity, UnitConversion } from './match-facts.ts';
import { type Billed, creditedPrices, orderedPrices } from './match-prices.ts';
import { canonical } from './tolerances.ts';

/** A rebate or a correction: money and no goods, so the totals judge it and it moves no quantity. */
export const lowersTotal = (line: Pick<BilledLine, 'quantity'>): boolean => isNegative(line.quantity);

/** An invoice line and what it bills of the order. */
export interface PairedLine {
  readonly line: BilledLine;
  /** Absent where the line names none of the order's lines, or lowers the total. */
  readonly ordered?: OrderedLine | undefined;
  /** In the order's unit and per its base quantity; absent where the units cannot be converted. */
  readonly billed?: Billed | undefined;
  /** What `billed` is compared with: each part of its quantity at the price of the order or, on a credit note, at which it was billed. */
  readonly expected: readonly PricedQuantity[];
}

/** A line of the order with everything that is billed and was billed of it. */
export interface LinePosition {
  readonly ordered: OrderedLine;
  /** Billed now: the sum over all lines of the invoice that name this line. */
  readonly now: Big;
  /** Billed before, without this invoice. */
  readonly before: Big;
  /** Of that, what a credit note may credit. */
  readonly creditable: Big;
  readonly overridden: Big;
  /** Billed, gone back and not credited. */
  readonly creditExpected: Big;
  /** Accepted and not returned. */
  readonly received: Big;
  /** What moves at which price. */
  readonly prices: readonly PricedQuantity[];
}

export interface Pairing {
  readonly lines: readonly PairedLine[];
  readonly positions: ReadonlyMap<number, LinePosition>;
}

export function pairLines(facts: MatchFacts, order: Order): Pairing {
  const orderedLines = new Map(order.line_items.map((line) => [line.line_number, line]));
  const now = new Map<number, Big>();
  const prices = facts.invoice.type === 'credit_note' ? creditedPrices(facts.counters) : orderedPrices();
  const lines = facts.invoice.line_items.map((line) => {
    const ordered =
      line.po_line_number === undefined || lowersTotal(line) ? undefined : orderedLines.get(line.po_line_number);
    const billed = ordered && inOrderUnit(line, ordered, facts);
    if (ordered === undefined || billed === undefined) return { line, ordered, billed, expected: [] };
    now.set(ordered.line_number, add(now.get(ordered.line_number) ?? ZERO, billed.quantity));
    return { line, ordered, billed, expected: prices.expected(ordered, billed) };
  });
  const own = new Map(facts.own_takes.map((take) => [take.po_line_number, take]));
  const positions = order.line_items.map((ordered): [number, LinePosition] => {
    const counters = facts.counters[ordered.line_number] ?? {};
    const taken = own.get(ordered.line_number);
    const before = subtract(counters.invoiced_quantity ?? '0', taken?.quantity ?? '0');
    const creditable = counters.creditable?.map(({ quantity }) => quantity);
    const position = {
      ordered,
      now: now.get(ordered.line_number) ?? ZERO,
      before,
      creditable: creditable === undefined ? before : smaller(before, add(...creditable)),
      overridden: subtract(counters.override_quantity ?? '0', taken?.override_quantity ?? '0'),
      creditExpected: big(counters.credit_expected ?? '0'),
      received: subtract(counters.received_quantity ?? '0', counters.returned_quantity ?? '0'),
      prices: prices.moved(ordered.line_number),
    };
    return [ordered.line_number, position];
  });
  return { lines, positions: new Map(positions) };
}

function inOrderUnit(line: BilledLine, ordered: OrderedLine, facts: MatchFacts) {
  const unit = line.unit ?? ordered.unit;
  // Nearly every line is in its order's own terms.
  if (unit === ordered.unit && line.price_base_quantity === ordered.price_base_quantity) {
    return { quantity: big(line.quantity), unit_price: big(line.unit_price) };
  }
  const ratio = unitRatio(unit, ordered, facts) ?? statedRatio(line);
  if (ratio === undefined) return undefined;
  const [units, per] = ratio;
  const atOrderBase = multiply(line.unit_price, ordered.price_base_quantity ?? '1').times(per);
  return {
    quantity: canonical(divide(multiply(line.quantity, units), per)),
    unit_price: canonical(divide(atOrderBase, multiply(line.price_base_quantity ?? '1', units))),
  };
}

type Ratio = readonly [Big, Big];

/** How many of the order's units (first) are in how many of the invoice's (second): kept apart, so that a third stays exact. */
function unitRatio(unit: string, ordered: OrderedLine, facts: MatchFacts): Ratio | undefined {
  if (sameUnit(unit, ordered.unit)) return [big('1'), big('1')];
  const usable = facts.conversions.filter(
    ({ sku, factor }) => isPositive(factor) && (sku === undefined || sku === ordered.sku),
  );
  for (const { from_unit, to_unit, factor } of usable.toSorted((one, other) => level(one) - level(other))) {
    if (sameUnit(from_unit, unit) && sameUnit(to_unit, ordered.unit)) return [big(factor), big('1')];
    if (sameUnit(to_unit, unit) && sameUnit(from_unit, ordered.unit)) return [big('1'), big(factor)];
  }
  return undefined;
}

/** The item's conversion before the vendor's, the vendor's before the company's. */
function level({ sku, vendor_id }: UnitConversion): number {
  if (sku !== undefined) return vendor_id === undefined ? 1 : 0;
  return vendor_id === undefined ? 3 : 2;
}

/** What a person stated beside a unit that nobody can convert. */
const statedRatio = ({ quantity, po_quantity }: BilledLine): Ratio | undefined =>
  po_quantity === undefined ? undefined : [big(po_quantity), big(quantity)];
