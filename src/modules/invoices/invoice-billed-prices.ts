/** At which prices the lines of an order were billed, and what of it a credit note may still credit. Pure. */
import { conflictError, type DomainError } from '../../shared/errors.ts';
import { add, type Decimal, equal, isNegative, isPositive, plain, smaller, subtract } from '../../shared/money.ts';
import {
  type BilledPrice,
  creditExpected,
  type LineCounters,
  type LoadedOrder,
  lineCounters,
} from '../purchase-orders/index.ts';
import type { LineCounters as LineFacts, PricedQuantity, UnitConversion } from './domain/match-facts.ts';
import { billedPrices } from './domain/match-takes.ts';
import type { Invoice } from './invoice.schema.ts';

/** The counters with what a credit note may credit; of the invoice that it names, where it names one. */
export function withCreditable(
  { order, counters }: LoadedOrder,
  credited: Invoice | undefined,
  conversions: readonly UnitConversion[],
): Readonly<Record<string, LineFacts>> {
  const billed = credited && pricesOf(credited, order, conversions);
  return Object.fromEntries(
    order.line_items.map(({ line_number, unit_price }) => {
      const counted = lineCounters(counters, line_number);
      const left = creditableOf(counted, unit_price);
      const creditable = billed === undefined ? left : leftOf(left, billed.get(line_number) ?? []);
      return [line_number, { ...counted, credit_expected: creditExpected(counted), creditable }];
    }),
  );
}

/** What no kept price accounts for was billed before prices were kept: at the price last billed, else at the order's. */
function creditableOf(counted: LineCounters, orderedPrice: Decimal): readonly PricedQuantity[] {
  const { billed_unit_price: last = orderedPrice, invoiced_quantity = '0', billed_prices = [] } = counted;
  const kept = new Map(
    billed_prices.map((each) => [each.unit_price, subtract(each.billed_quantity, each.credited_quantity)]),
  );
  const rest = subtract(invoiced_quantity, ...kept.values());
  if (isPositive(rest)) kept.set(last, add(kept.get(last) ?? '0', rest));
  return [...kept].map(([unit_price, quantity]) => ({
    unit_price,
    quantity: isPositive(quantity) ? plain(quantity) : '0',
  }));
}

/** Of what one invoice billed, as much as the line has left at that price. */
const leftOf = (left: readonly PricedQuantity[], billed: readonly PricedQuantity[]): readonly PricedQuantity[] =>
  billed.map(({ unit_price, quantity }) => {
    const most = left.find((each) => equal(each.unit_price, unit_price))?.quantity ?? '0';
    return { unit_price, quantity: plain(smaller(quantity, most)) };
  });

/** As the invoice took them; those of an invoice that was stored before they were kept are derived. */
function pricesOf(
  credited: Invoice,
  order: LoadedOrder['order'],
  conversions: readonly UnitConversion[],
): ReadonlyMap<number, readonly PricedQuantity[]> {
  const kept = credited.takes.flatMap(({ po_line_number, prices }) =>
    prices === undefined ? [] : [[po_line_number, prices] as const],
  );
  return kept.length > 0 ? new Map(kept) : billedPrices({ invoice: credited, purchase_order: order, conversions });
}

/** What a credit note credited at a price stays billed at it. @throws DomainError 409 */
export function requirePricesUncredited(
  line: number,
  { billed_prices = [] }: LineCounters,
  changes: readonly BilledPrice[],
): void {
  for (const { unit_price, billed_quantity } of changes) {
    const counted = billed_prices.find((each) => each.unit_price === unit_price);
    if (counted === undefined || !isNegative(billed_quantity)) continue;
    const left = subtract(counted.billed_quantity, counted.credited_quantity);
    if (isPositive(counted.credited_quantity) && isNegative(add(left, billed_quantity)))
      throw creditedMeanwhile(line, `${plain(left)} at ${unit_price}`);
  }
}

export const creditedMeanwhile = (line: number, billed: string): DomainError =>
  conflictError(
    'invoice.credited',
    `A credit note gave back part of what this invoice billed of line ${line}: ${billed} are left. Void the credit note first.`,
  );
