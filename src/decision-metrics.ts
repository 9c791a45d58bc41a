/** Business metrics, counted from the events of what was committed: what was replayed, refused or only tried has none. */
import { eventFromItem } from './shared/audit/event.ts';
import type { PendingWrite, UnitOfWorkObserver } from './shared/dynamo/unit-of-work.ts';
import type { Metrics } from './shared/metrics.ts';

export const decisionMetrics = (metrics: Pick<Metrics, 'count'>): UnitOfWorkObserver => ({
  committed(writes) {
    for (const { table, item } of writes)
      if (table === 'audit_log' && item !== undefined) {
        if (item['entity'] === 'payment') countPayment(metrics, item);
        if (item['entity'] === 'invoice' && item['action'] === 'match') countMatch(metrics, writes, item['entity_id']);
      }
  },
  retried: () => metrics.count('transaction_retries'),
  broken: () => metrics.count('integrity_failures'),
  lost: () => metrics.count('security_entries_lost'),
});

type EventItem = NonNullable<PendingWrite['item']>;

function countPayment(metrics: Pick<Metrics, 'count'>, event: EventItem): void {
  const entered = eventFromItem(event).changes.find(({ field }) => field === 'status');
  if (typeof entered?.after === 'string') metrics.count('payments', 1, { state: entered.after });
}

function countMatch(metrics: Pick<Metrics, 'count'>, writes: readonly PendingWrite[], id: unknown): void {
  const invoice = writes.find(({ table, key }) => table === 'invoices' && key['id'] === id)?.item;
  metrics.count(invoice?.['status'] === 'exception' ? 'invoice_exceptions' : 'invoices_matched');
}
