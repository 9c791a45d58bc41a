/** Several items in one round trip: an entity and what lies beside it, in its own table or another. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { DomainError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';
import { noteRead } from './read-set.ts';
import type { TableName } from './tables.ts';

const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 20;

interface Deps {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
}

export interface ItemKey {
  readonly table: TableName;
  readonly id: string;
}

/**
 * Strongly consistent, by `id`; what is not there is not in the map. The items are not of one moment: a decision on several holds each
 * under its version. @throws DomainError `unavailable` when DynamoDB leaves keys unread time after time.
 */
export async function getTogether(
  deps: Deps,
  table: TableName,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Item>> {
  const wanted = ids.map((id) => ({ table, id }));
  const items = await getEach(deps, wanted);
  const found = new Map<string, Item>();
  for (const [index, { id }] of wanted.entries()) {
    const item = items[index];
    if (item !== undefined) found.set(id, item);
  }
  return found;
}

/** As `getTogether`, of any tables: an item or undefined for each key, in their order. */
export async function getEach(deps: Deps, wanted: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
  const found = new Map<string, Item>();
  const place = (table: string, id: unknown): string => `${table} ${String(id)}`;
  let left = requestOf(deps, wanted);
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(Math.random() * FIRST_WAIT_MS * 2 ** attempt);
    const { Responses = {}, UnprocessedKeys = {} } = await deps.client.send(
      new BatchGetCommand({ RequestItems: left }),
    );
    for (const [table, items] of Object.entries(Responses))
      for (const item of items) found.set(place(table, item['id']), item);
    left = UnprocessedKeys as typeof left;
    if (Object.keys(left).length > 0) continue;
    return wanted.map(({ table, id }) => {
      const item = found.get(place(deps.tableNames[table], id));
      noteRead(table, id, item);
      return item;
    });
  }
  throw new DomainError('unavailable', 'store.busy', 'The store is busy. Send the same request again.', {
    retryAfter: 1,
  });
}

/** DynamoDB refuses a key that is given twice. */
function requestOf({ tableNames }: Deps, wanted: readonly ItemKey[]) {
  const request: Record<string, { Keys: Item[]; ConsistentRead: true }> = {};
  for (const table of new Set(wanted.map((key) => key.table))) {
    const ids = new Set(wanted.filter((key) => key.table === table).map(({ id }) => id));
    request[tableNames[table]] = { Keys: [...ids].map((id) => ({ id })), ConsistentRead: true };
  }
  return request;
}
