/** What happened to each line of an order, in its unit. Kept beside the order, so that receiving and billing do not rewrite it. Pure. */
import { type Static, Type } from '@sinclair/typebox';
import { Price, Quantity } from '../../shared/http/schemas.ts';
import {
  add,
  compare,
  type Decimal,
  isNegative,
  isZero,
  larger,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../shared/money.ts';
import { BilledPrice, mostPrices, movedPrices } from './billed-prices.ts';
import type { Progress, PurchaseOrder, PurchaseOrderLine, PurchaseOrderView } from './purchase-order.schema.ts';

/** Absent is 0: most lines of a long order have nothing to tell. */
const LineCounters = Type.Object({
  /** Accepted, returned or not; a reversed receipt is out of it. */
  received_quantity: Type.Optional(Quantity),
  returned_quantity: Type.Optional(Quantity),
  invoiced_quantity: Type.Optional(Quantity),
  override_quantity: Type.Optional(Quantity),
  /** Of what was returned, what a credit note credited: one that came when a credit was expected. */
  returned_credited_quantity: Type.Optional(Quantity),
  /** Of counters that were stored before `billed_prices`: the price last billed. */
  billed_unit_price: Type.Optional(Price),
  /** What a credit note may credit, and at which price. */
  billed_prices: Type.Optional(Type.Array(BilledPrice)),
});
export type LineCounters = Static<typeof LineCounters>;

export const OrderCountersRecord = Type.Object({
  id: Type.String(),
  /** 0 before anything was received or billed: there is no item yet. */
  version: Type.Integer(),
  lines: Type.Record(Type.String(), LineCounters),
});
export type OrderCounters = Static<typeof OrderCountersRecord>;

export const countersId = (orderId: string): string => `${orderId}#counters`;
export const isCountersId = (id: string): boolean => id.endsWith('#counters');
export const noCounters = (orderId: string): OrderCounters => ({ id: countersId(orderId), version: 0, lines: {} });

/** What is added to a line's counters; less than 0 gives back. */
export interface Movement {
  readonly line_number: number;
  readonly received_quantity?: Decimal | undefined;
  readonly returned_quantity?: Decimal | undefined;
  readonly invoiced_quantity?: Decimal | undefined;
  readonly override_quantity?: Decimal | undefined;
  readonly returned_credited_quantity?: Decimal | undefined;
  /** Added to what was billed and credited at these prices. */
  readonly billed_prices?: readonly BilledPrice[] | undefined;
}

/** Sums of what receipts and invoices say. */
export const COUNTED = [
  'received_quantity',
  'returned_quantity',
  'invoiced_quantity',
  'override_quantity',
  'returned_credited_quantity',
] as const;

/** The counters after these movements, at their next version. @throws RangeError when one would fall below 0: that is a defect. */
export function moveCounters(counters: OrderCounters, movements: readonly Movement[]): OrderCounters {
  const lines: Record<string, LineCounters> = { ...counters.lines };
  for (const movement of movements) {
    const line: LineCounters = { ...lines[movement.line_number] };
    for (const name of COUNTED) {
      const change = movement[name];
      if (change === undefined) continue;
      const value = add(line[name] ?? '0', change);
      if (isNegative(value))
        throw new RangeError(`${name} of line ${movement.line_number} would be ${value.toFixed()}`);
      if (isZero(value)) delete line[name];
      else line[name] = plain(value);
    }
    if (movement.billed_prices !== undefined) {
      const most = mostPrices(Object.keys(lines).length);
      const prices = movedPrices(line.billed_prices ?? [], movement.billed_prices, most);
      if (prices.length === 0) delete line.billed_prices;
      else line.billed_prices = prices;
    }
    lines[movement.line_number] = line;
  }
  return { ...counters, version: counters.version + 1, lines };
}

export const lineCounters = (counters: OrderCounters, lineNumber: number): LineCounters =>
  counters.lines[lineNumber] ?? {};

/** Accepted and still here: what may be billed three-way, and what counts against the ordered quantity. */
export function keptQuantity({ received_quantity, returned_quantity }: LineCounters): Decimal {
  const received = received_quantity ?? '0';
  return returned_quantity === undefined ? received : plain(subtract(received, returned_quantity));
}

/** Billed, gone back since, and not credited: a replacement that arrives lowers it too. */
export function creditExpected(line: LineCounters): Decimal {
  if (line.returned_quantity === undefined) return '0';
  const beyond = larger(ZERO, subtract(line.invoiced_quantity ?? '0', keptQuantity(line)));
  const uncredited = larger(ZERO, subtract(line.returned_quantity, line.returned_credited_quantity ?? '0'));
  return plain(smaller(uncredited, beyond));
}

/** Whether anything was ever received (and not reversed) or is billed. */
export const isUntouched = (counters: OrderCounters): boolean =>
  Object.values(counters.lines).every(
    (line) => line.received_quantity === undefined && line.invoiced_quantity === undefined,
  );

/** `receipt_status` and `invoice_status` as the counters say. */
export function progressOf(
  lines: readonly PurchaseOrderLine[],
  counters: OrderCounters,
): Pick<PurchaseOrder, 'receipt_status' | 'invoice_status'> {
  return {
    receipt_status: progress(lines, (line) => keptQuantity(lineCounters(counters, line.line_number))),
    invoice_status: progress(lines, (line) => lineCounters(counters, line.line_number).invoiced_quantity ?? '0'),
  };
}

function progress(lines: readonly PurchaseOrderLine[], done: (line: PurchaseOrderLine) => Decimal): Progress {
  let [some, all] = [false, true];
  for (const line of lines) {
    const quantity = done(line);
    if (!isZero(quantity)) some = true;
    if (compare(quantity, line.quantity) < 0) all = false;
  }
  return all ? 'complete' : some ? 'partial' : 'none';
}

/** The order as it goes out: each line with its counters; they come first, since V8 adds members after a spread the slow way. */
export function orderView(order: PurchaseOrder, counters: OrderCounters): PurchaseOrderView {
  return {
    ...order,
    line_items: order.line_items.map((line) => {
      const counted = lineCounters(counters, line.line_number);
      return {
        received_quantity: keptQuantity(counted),
        returned_quantity: counted.returned_quantity ?? '0',
        invoiced_quantity: counted.invoiced_quantity ?? '0',
        override_quantity: counted.override_quantity ?? '0',
        credit_expected: creditExpected(counted),
        ...line,
      };
    }),
  };
}
