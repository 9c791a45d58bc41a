/**
 * The invoices that named an order of late, in one small item per order. An index may be a moment behind; this list is not, so that
 * cancelling an order and entering an invoice on it never both succeed. Gives pending writes, never commits.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { EntityStoreDeps } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';

export interface OrderInvoices {
  readonly poId: string;
  readonly recent: readonly { readonly id: string; readonly at: string }[];
  readonly version: number;
}

export interface OrderInvoicesRepository {
  /** Strongly consistent. */
  get(poId: string): Promise<OrderInvoices>;
  /** With this invoice; a lost race is decided again. */
  withInvoice(list: OrderInvoices, invoiceId: string, now: Date): PendingWrite;
  /** No other invoice named the order since. */
  unchanged(list: OrderInvoices): PendingWrite;
}

/** Far longer than an index is behind. */
const KEPT_MS = 300_000;
/** In a burst the list stays small; an index is not behind by so many. */
const MOST_KEPT = 200;

const keyOf = (poId: string) => ({ id: `order_invoices#${poId}` });

export function createOrderInvoices({ client, tableNames }: EntityStoreDeps): OrderInvoicesRepository {
  return {
    async get(poId) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: tableNames.keys, Key: keyOf(poId), ConsistentRead: true }),
      );
      const recent: readonly Readonly<Record<string, unknown>>[] = Array.isArray(item?.['recent'])
        ? item['recent']
        : [];
      return {
        poId,
        recent: recent.map(({ id, at }) => ({ id: String(id), at: String(at) })),
        version: Number(item?.['version'] ?? 0),
      };
    },
    withInvoice(list, invoiceId, now) {
      const since = new Date(now.getTime() - KEPT_MS).toISOString();
      const kept = list.recent.filter(({ id, at }) => id !== invoiceId && at >= since);
      const recent = [...kept, { id: invoiceId, at: now.toISOString() }].slice(-MOST_KEPT);
      const item = { ...keyOf(list.poId), recent, version: list.version + 1 };
      return { action: 'put', table: 'keys', key: keyOf(list.poId), item, condition: atVersion(list) };
    },
    unchanged: (list) => ({ action: 'check', table: 'keys', key: keyOf(list.poId), condition: atVersion(list) }),
  };
}

const atVersion = ({ version }: OrderInvoices) =>
  version === 0 ? ({ kind: 'absent' } as const) : ({ kind: 'equals', attribute: 'version', value: version } as const);
