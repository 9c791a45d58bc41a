/** Which invoices name an order: asked before the order is cancelled or closed, and told when an invoice names one. */
import type { Command } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { RecentNames } from '../../shared/dynamo/recent-names.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import type { InvoicesOfOrder } from '../purchase-orders/index.ts';
import type { InvoiceRepository } from './invoice.repository.ts';
import type { Invoice, InvoiceStatus } from './invoice.schema.ts';

/** Both are final: an invoice that an index shows as such names its order no more. */
const GONE: ReadonlySet<InvoiceStatus> = new Set(['rejected', 'voided']);
const WAITING: ReadonlySet<InvoiceStatus> = new Set([
  'received',
  'matched',
  'exception',
  'pending_approval',
  'disputed',
]);

/** Invoices that are read one by one: enough to say that there are any, and to name many. */
const MOST_READ = 100;

export interface OrderInvoicesService {
  invoicesOf(orderId: string): Promise<InvoicesOfOrder>;
  /** Where the invoice names an order that it did not name before. */
  namingWrites(
    command: Command,
    before: Pick<Invoice, 'po_id'> | undefined,
    after: Draft<Invoice>,
  ): Promise<readonly PendingWrite[]>;
}

export function createOrderInvoicesService(deps: {
  readonly repository: Pick<InvoiceRepository, 'invoices' | 'ofOrder'>;
  readonly orderInvoices: RecentNames;
}): OrderInvoicesService {
  const { repository, orderInvoices } = deps;

  async function candidates(orderId: string, recent: readonly string[]): Promise<ReadonlySet<string>> {
    const found = new Set(recent);
    for await (const { id, status } of repository.ofOrder(orderId)) {
      if (found.size >= MOST_READ) break;
      if (!GONE.has(status)) found.add(id);
    }
    return found;
  }

  return {
    async invoicesOf(orderId) {
      const list = await orderInvoices.get(orderId);
      const ids = await candidates(
        orderId,
        list.recent.map(({ id }) => id),
      );
      const read = await Promise.all([...ids].map(repository.invoices.get));
      const live = read
        .filter((invoice) => invoice !== undefined)
        .filter(({ po_id, status }) => po_id === orderId && !GONE.has(status))
        .map(({ id, invoice_number, status }) => ({ id, invoice_number, status, waiting: WAITING.has(status) }));
      return { live, unchanged: orderInvoices.unchanged(list) };
    },
    async namingWrites(command, before, after) {
      if (after.po_id === null || before?.po_id === after.po_id) return [];
      return [orderInvoices.withName(await orderInvoices.get(after.po_id), after.id, command.now)];
    },
  };
}
