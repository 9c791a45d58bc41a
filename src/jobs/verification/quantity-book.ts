/** What orders count as received and billed, beside what their receipts and invoices say. Pure. */
import { type Invoice, priceChange } from '../../modules/invoices/index.ts';
import {
  addPrices,
  type BilledPrice,
  COUNTED,
  countersId,
  mostPrices,
  noCounters,
  type OrderCounters,
  type PurchaseOrder,
  progressOf,
} from '../../modules/purchase-orders/index.ts';
import type { Receipt } from '../../modules/receipts/index.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { add, type Decimal, equal, isPositive, isZero, larger, plain, smaller, subtract } from '../../shared/money.ts';
import type { Finding } from './finding.ts';

export interface QuantityBook {
  order(order: PurchaseOrder): void;
  counters(counters: OrderCounters): void;
  receipt(receipt: Receipt): void;
  invoice(invoice: Invoice): void;
  findings(): readonly Finding[];
}

type Counted = (typeof COUNTED)[number];
type LineSums = Partial<Record<Counted | 'overridden', Decimal>> & { readonly prices?: readonly BilledPrice[] };
type Sums = Map<string, Map<number, LineSums>>;

/** `counterWrites` gives the write of an order's counters; the repository has it. */
export function createQuantityBook(
  counterWrites: (before: OrderCounters, after: OrderCounters) => readonly PendingWrite[],
): QuantityBook {
  const orders = new Map<string, PurchaseOrder>();
  const counted = new Map<string, OrderCounters>();
  const sums: Sums = new Map();
  const strays: Finding[] = [];
  const named = new Map<string, string>();
  const change = (orderId: string, line: number, changed: (sum: LineSums) => LineSums): void => {
    const lines = sums.get(orderId) ?? new Map();
    lines.set(line, changed(lines.get(line) ?? {}));
    sums.set(orderId, lines);
  };
  const count = (orderId: string, line: number, name: Counted | 'overridden', quantity: Decimal): void =>
    change(orderId, line, (sum) => ({ ...sum, [name]: plain(add(sum[name] ?? '0', quantity)) }));
  return {
    order: (order) => void orders.set(order.id, order),
    counters: (counters) => void counted.set(counters.id, counters),
    receipt({ id, po_id, status, line_items }) {
      named.set(id, po_id);
      if (status !== 'posted') return;
      for (const { line_number, accepted_quantity, returned_quantity } of line_items) {
        count(po_id, line_number, 'received_quantity', accepted_quantity);
        count(po_id, line_number, 'returned_quantity', returned_quantity);
      }
    },
    invoice({ id, po_id, takes }) {
      if (po_id === null) return;
      named.set(id, po_id);
      for (const { po_line_number, quantity, override_quantity, ...take } of takes) {
        const { prices = [], returned_credited_quantity = '0' } = take;
        count(po_id, po_line_number, 'invoiced_quantity', quantity);
        count(po_id, po_line_number, 'returned_credited_quantity', returned_credited_quantity);
        count(po_id, po_line_number, 'override_quantity', override_quantity);
        if (isPositive(override_quantity)) count(po_id, po_line_number, 'overridden', override_quantity);
        const billed = prices.map((price) => priceChange(price, '1'));
        change(po_id, po_line_number, (sum) => ({ ...sum, prices: addPrices(sum.prices ?? [], billed) }));
      }
    },
    findings() {
      for (const [id, orderId] of named)
        if (!orders.has(orderId)) strays.push({ kind: 'counter', id, message: `Its order ${orderId} is not there.` });
      const found = [...orders.values()].flatMap((order) => {
        const before = counted.get(countersId(order.id)) ?? noCounters(order.id);
        return findingsOf(order, before, sums.get(order.id) ?? new Map(), counterWrites);
      });
      return [...strays.splice(0), ...found];
    },
  };
}

function findingsOf(
  order: PurchaseOrder,
  before: OrderCounters,
  should: ReadonlyMap<number, LineSums>,
  counterWrites: (before: OrderCounters, after: OrderCounters) => readonly PendingWrite[],
): readonly Finding[] {
  const lines: Record<string, OrderCounters['lines'][string]> = { ...before.lines };
  const differences: string[] = [];
  for (const number of new Set([...should.keys(), ...Object.keys(before.lines).map(Number)])) {
    const line = { ...lines[number] };
    for (const name of COUNTED) {
      const is = line[name] ?? '0';
      const ought =
        name === 'override_quantity' ? overrideOf(is, should.get(number)) : (should.get(number)?.[name] ?? '0');
      if (equal(is, ought)) continue;
      differences.push(`${name} of line ${number} is ${is}, its documents say ${ought}`);
      if (isZero(ought)) delete line[name];
      else line[name] = ought;
    }
    const prices = should.get(number)?.prices ?? [];
    // Of more prices than a line keeps the counters have some and the documents all.
    if (prices.length <= mostPrices(should.size) && !samePrices(line.billed_prices ?? [], prices)) {
      differences.push(`billed_prices of line ${number} are not those of its documents`);
      if (prices.length === 0) delete line.billed_prices;
      else line.billed_prices = [...prices];
    }
    lines[number] = line;
  }
  const after = { ...before, version: before.version + 1, lines };
  const progress = progressOf(order.line_items, differences.length === 0 ? before : after);
  const progressed =
    progress.receipt_status === order.receipt_status && progress.invoice_status === order.invoice_status;
  if (differences.length === 0 && progressed) return [];
  const what = progressed ? differences : [...differences, 'its progress is not what its lines say'];
  return [
    {
      kind: 'counter',
      id: order.id,
      message: sentence(what),
      mend: {
        owner: { entity: 'purchase_order', id: order.id, version: order.version },
        change: progress,
        writes: differences.length === 0 ? [] : counterWrites(before, after),
      },
    },
  ];
}

const samePrices = (is: readonly BilledPrice[], ought: readonly BilledPrice[]): boolean =>
  addPrices(
    is,
    ought.map((each) => ({
      unit_price: each.unit_price,
      billed_quantity: plain(subtract('0', each.billed_quantity)),
      credited_quantity: plain(subtract('0', each.credited_quantity)),
    })),
  ).length === 0;

/**
 * A credit note gives back what was overridden, and an invoice that goes away afterwards gives it back no more: within what documents
 * allow the counter is right. What it is, or the nearest that they allow.
 */
function overrideOf(is: Decimal, sums: LineSums | undefined): Decimal {
  const least = larger('0', sums?.override_quantity ?? '0');
  return plain(smaller(larger(is, least), sums?.overridden ?? '0'));
}

const sentence = (parts: readonly string[]): string => {
  const text = parts.join('; ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};
