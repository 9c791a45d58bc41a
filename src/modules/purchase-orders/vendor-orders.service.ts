/** The open orders of a vendor: asked before the vendor is archived, and told when an order becomes one of them. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { RecentNames } from '../../shared/dynamo/recent-names.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { OpenOrders } from '../vendors/index.ts';
import type { PurchaseOrderRepository } from './purchase-order.repository.ts';
import type { PurchaseOrder, PurchaseOrderStatus } from './purchase-order.schema.ts';

/** The others are over, or come back only by an act that asks the vendor's status. */
const OPEN: ReadonlySet<PurchaseOrderStatus> = new Set(['draft', 'pending_approval', 'approved', 'sent']);

/** Orders that are read one by one: enough to say that there are any, and to name many. */
const MOST_READ = 100;

export interface VendorOrders {
  openOrders(vendorId: string): Promise<OpenOrders>;
  /** Where the order becomes an open one of its vendor. */
  namingWrites(
    command: Command,
    before: Pick<PurchaseOrder, 'vendor_id' | 'status'> | undefined,
    after: Draft<PurchaseOrder>,
  ): Promise<readonly PendingWrite[]>;
}

export function createVendorOrders(
  { orders, ofVendor }: Pick<PurchaseOrderRepository, 'orders' | 'ofVendor'>,
  recent: RecentNames,
): VendorOrders {
  async function candidates(vendorId: string, named: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set(named);
    for await (const { id, status } of ofVendor(vendorId)) {
      if (found.size >= MOST_READ) break;
      if (OPEN.has(status)) found.add(id);
    }
    return found;
  }
  return {
    async openOrders(vendorId) {
      const list = await recent.get(vendorId);
      const ids = await candidates(
        vendorId,
        list.recent.map(({ id }) => id),
      );
      const read = await Promise.all([...ids].map(orders.get));
      const open = read.flatMap((order) =>
        order !== undefined && order.vendor_id === vendorId && OPEN.has(order.status)
          ? [{ id: order.id, po_number: order.po_number, status: order.status }]
          : [],
      );
      return { open, unchanged: recent.unchanged(list) };
    },
    async namingWrites(command, before, after) {
      if (!OPEN.has(after.status)) return [];
      if (before !== undefined && before.vendor_id === after.vendor_id && OPEN.has(before.status)) return [];
      return [recent.withName(await recent.get(after.vendor_id), after.id, command.now)];
    },
  };
}
