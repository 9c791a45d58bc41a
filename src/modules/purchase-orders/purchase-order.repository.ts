/** Purchase orders in DynamoDB, each with its counters beside it: keys, indexes, claims and lists. Gives pending writes, never commits. */
import type { Command } from '../../shared/command.ts';
import { claimText, releaseClaim, takeClaim, taken } from '../../shared/dynamo/claims.ts';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import type { Condition } from '../../shared/dynamo/conditions.ts';
import { type EntityStore, type EntityStoreDeps, entityStore, type Saved } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { itemSize } from '../../shared/dynamo/item-size.ts';
import { largeFields } from '../../shared/dynamo/large-fields.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { notFound } from '../../shared/errors.ts';
import { createKeyedQueue, type KeyedQueue } from '../../shared/keyed-queue.ts';
import {
  countersId,
  isCountersId,
  noCounters,
  type OrderCounters,
  OrderCountersRecord,
  progressOf,
} from './order-counters.ts';
import {
  type PurchaseOrder,
  type PurchaseOrderQuery,
  PurchaseOrderRecord,
  type PurchaseOrderSummary,
} from './purchase-order.schema.ts';

/** An order with what happened to its lines. The top-level lines and totals are of the revision that rules. */
export interface LoadedOrder {
  readonly order: PurchaseOrder;
  readonly counters: OrderCounters;
}

export interface PurchaseOrderRepository {
  readonly orders: EntityStore<PurchaseOrder>;
  /** One round trip, strongly consistent. @throws DomainError 404 */
  loadOrderForDecision(id: string): Promise<LoadedOrder>;
  list(query: PurchaseOrderQuery, page: PageRequest): Promise<Page<PurchaseOrderSummary>>;
  /** Newest first, as an index has them. */
  ofVendor(vendorId: string): AsyncGenerator<PurchaseOrderSummary, void, undefined>;
  /** Moves the claim on the PO number with the change. */
  numberWrites(
    before: Pick<PurchaseOrder, 'id' | 'po_number'> | undefined,
    after: Pick<PurchaseOrder, 'id' | 'po_number'>,
  ): readonly PendingWrite[];
  /** The counters as `moveCounters` left them, under the version of `before`; a lost race is decided again. */
  counterWrites(before: OrderCounters, after: OrderCounters): readonly PendingWrite[];
  /**
   * What belongs beside `counterWrites`: the order with its new receipt_status and invoice_status where they change, else a check that
   * nobody cancelled, closed or amended it meanwhile.
   */
  orderStatusWrites(command: Command, order: PurchaseOrder, after: OrderCounters): Saved<PurchaseOrder>;
  /** Nobody received, billed or gave back anything since: for decisions that read the counters and leave them. */
  countersCheck(counters: OrderCounters): PendingWrite;
  /** The order stands as it was read. */
  orderCheck(order: PurchaseOrder): PendingWrite;
  /** Undefined for an item that is no order's counters. */
  countersFromItem(item: Item): OrderCounters | undefined;
  /** Decisions that move the counters of one order, one after another within this process. */
  readonly queue: KeyedQueue;
}

export function createPurchaseOrderRepository(deps: EntityStoreDeps): PurchaseOrderRepository {
  const orders = entityStore<PurchaseOrder>(deps, {
    table: 'purchase_orders',
    entity: 'purchase_order',
    codec: compileCodec<PurchaseOrder>(PurchaseOrderRecord),
    indexed: (order) => ({ number_key: claimText(order.po_number), summary: summaryOf(order) }),
    ...largeFields(['line_items', 'pending_amendment']),
  });
  const orderCheck = (order: PurchaseOrder): PendingWrite => orders.check(order.id, atVersion(order.version));
  return {
    orders,
    async loadOrderForDecision(id) {
      const items = await getTogether(deps, 'purchase_orders', [id, countersId(id)]);
      const item = items.get(id);
      if (item === undefined) throw notFound('purchase_order', id);
      const counted = items.get(countersId(id));
      return {
        order: orders.fromItem(item),
        counters: counted === undefined ? noCounters(id) : countersFrom(counted),
      };
    },
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, fromSummary<PurchaseOrderSummary>),
    async *ofVendor(vendorId) {
      const plan = {
        table: 'purchase_orders',
        index: 'by_vendor',
        hash: { name: 'vendor_id', value: vendorId },
      } as const;
      for await (const item of queryAll(deps, plan)) yield fromSummary<PurchaseOrderSummary>(item);
    },
    numberWrites(before, after) {
      const [old, current] = [before === undefined ? undefined : claimOf(before), claimOf(after)];
      if (old?.key === current.key) return [];
      const take = takeClaim(current, taken('purchase_order.number-taken', 'This PO number', '/po_number'));
      return old === undefined ? [take] : [releaseClaim(old), take];
    },
    counterWrites(before, after) {
      const item = countersCodec.encode(after);
      return [
        {
          action: 'put',
          table: 'purchase_orders',
          key: { id: after.id },
          item: countersPacking.pack(item, itemSize(item)),
          condition: atVersion(before.version),
        },
      ];
    },
    orderStatusWrites(command, order, after) {
      const progress = progressOf(order.line_items, after);
      const same = progress.receipt_status === order.receipt_status && progress.invoice_status === order.invoice_status;
      return same
        ? { entity: order, writes: [orderCheck(order)] }
        : orders.update(command, order, { ...order, ...progress }, { action: 'progressed' });
    },
    countersCheck: (counters) => orders.check(counters.id, atVersion(counters.version)),
    orderCheck,
    countersFromItem: (item) => (isCountersId(String(item['id'])) ? countersFrom(item) : undefined),
    queue: createKeyedQueue(),
  };
}

/** Few lines of a long order are touched at first; when many are, a receipt should not cost hundreds of write units. */
const countersPacking = largeFields(['lines'], 8_000);

const countersCodec = compileCodec<OrderCounters>(OrderCountersRecord);
const countersFrom = (item: Item): OrderCounters => countersCodec.decode(countersPacking.unpack(item));

const atVersion = (version: number): Condition =>
  version === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: version };

const claimOf = (order: Pick<PurchaseOrder, 'id' | 'po_number'>) => ({
  key: `po_number#${claimText(order.po_number)}`,
  owner: order.id,
});

const summaryOf = (order: PurchaseOrder): PurchaseOrderSummary => ({
  id: order.id,
  version: order.version,
  created_at: order.created_at,
  updated_at: order.updated_at,
  created_by: order.created_by,
  status: order.status,
  vendor_id: order.vendor_id,
  po_number: order.po_number,
  currency: order.currency,
  match_type: order.match_type,
  delivery_date: order.delivery_date,
  requested_by: order.requested_by,
  approved_by: order.approved_by,
  total_amount: order.total_amount,
  receipt_status: order.receipt_status,
  invoice_status: order.invoice_status,
  revision: order.revision,
});

const LISTING: Listing = {
  table: 'purchase_orders',
  equals: [
    ['vendor_id', 'by_vendor'],
    ['status', 'by_status'],
  ],
  text: { index: 'by_number', key: 'number_key' },
};
