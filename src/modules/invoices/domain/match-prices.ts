/** With which price a line of a document is compared, and what it moves at which price. In the order's unit, per its base quantity. */
import type { Big } from 'big.js';
import {
  absolute,
  add,
  big,
  compare,
  type Decimal,
  isPositive,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../../shared/money.ts';
import type { LineCounters, OrderedLine, PricedQuantity } from './match-facts.ts';

export interface Billed {
  readonly quantity: Big;
  readonly unit_price: Big;
}

/** Asked for each line in the order of the document. */
export interface Prices {
  /** The parts of the quantity, each at the price that it must have. */
  expected(ordered: OrderedLine, billed: Billed): readonly PricedQuantity[];
  /** Of a line of the order, by all lines that were asked. */
  moved(lineNumber: number): readonly PricedQuantity[];
}

/** An invoice must have the order's price; what is kept is the price it has. */
export function orderedPrices(): Prices {
  const sums = createSums();
  return {
    expected({ line_number, unit_price }, billed) {
      sums.add(line_number, plain(billed.unit_price), billed.quantity);
      return [{ unit_price, quantity: plain(billed.quantity) }];
    },
    moved: sums.of,
  };
}

/**
 * A credit note credits at prices that were billed: the nearest price first, and of each at most what is billed and not credited yet. What
 * no price is left for has the nearest price too, or the order's where nothing was billed.
 */
export function creditedPrices(counters: Readonly<Record<string, LineCounters>>): Prices {
  const sums = createSums();
  const left = new Map<number, readonly Left[]>();
  const leftOf = (ordered: OrderedLine): readonly Left[] => {
    const known = left.get(ordered.line_number) ?? creditableOf(ordered, counters[ordered.line_number] ?? {});
    left.set(ordered.line_number, known);
    return known;
  };
  return {
    expected(ordered, { quantity, unit_price }) {
      const distance = (each: Left) => absolute(subtract(each.unit_price, unit_price));
      const nearest = leftOf(ordered).toSorted((one, other) => compare(distance(one), distance(other)));
      const parts: PricedQuantity[] = [];
      let rest = quantity;
      for (const each of nearest) {
        const part = smaller(rest, each.quantity);
        if (!isPositive(part)) continue;
        each.quantity = subtract(each.quantity, part);
        rest = subtract(rest, part);
        sums.add(ordered.line_number, each.unit_price, part);
        parts.push({ unit_price: each.unit_price, quantity: plain(part) });
      }
      const price = nearest[0]?.unit_price ?? ordered.unit_price;
      const covered = parts.length > 0 && !isPositive(rest);
      return covered ? parts : [...parts, { unit_price: price, quantity: plain(rest) }];
    },
    moved: sums.of,
  };
}

interface Left {
  readonly unit_price: Decimal;
  quantity: Big;
}

function creditableOf(ordered: OrderedLine, counted: LineCounters): readonly Left[] {
  const { creditable, billed_unit_price: last = ordered.unit_price, invoiced_quantity = '0' } = counted;
  const prices = creditable ?? [{ unit_price: last, quantity: invoiced_quantity }];
  return prices.map(({ unit_price, quantity }) => ({ unit_price, quantity: big(quantity) }));
}

function createSums() {
  const sums = new Map<number, Map<Decimal, Big>>();
  return {
    add(lineNumber: number, price: Decimal, quantity: Big): void {
      const prices = sums.get(lineNumber) ?? new Map<Decimal, Big>();
      prices.set(price, add(prices.get(price) ?? ZERO, quantity));
      sums.set(lineNumber, prices);
    },
    of: (lineNumber: number): readonly PricedQuantity[] =>
      [...(sums.get(lineNumber) ?? [])].map(([unit_price, quantity]) => ({ unit_price, quantity: plain(quantity) })),
  };
}
