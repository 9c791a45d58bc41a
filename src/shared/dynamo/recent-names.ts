/**
 * What named an entity of late, in one small item for each of them: the invoices of an order, the orders of a vendor. An index may be a
 * moment behind; this list is not, so that ending the one and entering the other never both succeed. Gives pending writes, never commits.
 */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { EntityStoreDeps } from './entity-store.ts';
import type { PendingWrite } from './unit-of-work.ts';

export interface RecentList {
  readonly ownerId: string;
  readonly recent: readonly { readonly id: string; readonly at: string }[];
  readonly version: number;
}

export interface RecentNames {
  /** Strongly consistent. */
  get(ownerId: string): Promise<RecentList>;
  /** With this one; a lost race is decided again. */
  withName(list: RecentList, id: string, now: Date): PendingWrite;
  /** No other named it since. */
  unchanged(list: RecentList): PendingWrite;
}

/** Far longer than an index is behind. */
const KEPT_MS = 300_000;
/** In a burst the list stays small; an index is not behind by so many. */
const MOST_KEPT = 200;

export function createRecentNames({ client, tableNames }: EntityStoreDeps, kind: string): RecentNames {
  const keyOf = (ownerId: string) => ({ id: `${kind}#${ownerId}` });
  return {
    async get(ownerId) {
      const { Item: item } = await client.send(
        new GetCommand({ TableName: tableNames.keys, Key: keyOf(ownerId), ConsistentRead: true }),
      );
      const recent: readonly Readonly<Record<string, unknown>>[] = Array.isArray(item?.['recent'])
        ? item['recent']
        : [];
      return {
        ownerId,
        recent: recent.map(({ id, at }) => ({ id: String(id), at: String(at) })),
        version: Number(item?.['version'] ?? 0),
      };
    },
    withName(list, named, now) {
      const since = new Date(now.getTime() - KEPT_MS).toISOString();
      const kept = list.recent.filter(({ id, at }) => id !== named && at >= since);
      const recent = [...kept, { id: named, at: now.toISOString() }].slice(-MOST_KEPT);
      const item = { ...keyOf(list.ownerId), recent, version: list.version + 1 };
      return { action: 'put', table: 'keys', key: keyOf(list.ownerId), item, condition: atVersion(list) };
    },
    unchanged: (list) => ({ action: 'check', table: 'keys', key: keyOf(list.ownerId), condition: atVersion(list) }),
  };
}

const atVersion = ({ version }: RecentList) =>
  version === 0 ? ({ kind: 'absent' } as const) : ({ kind: 'equals', attribute: 'version', value: version } as const);
