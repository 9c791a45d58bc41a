/** Several items of one table in one round trip: an entity and what lies beside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import { DomainError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';
import { noteRead } from './read-set.ts';
import type { TableName } from './tables.ts';

const MAX_ATTEMPTS = 8;
const FIRST_WAIT_MS = 20;

/**
 * Strongly consistent, by `id`; what is not there is not in the map. The items are not of one moment: a decision on several holds each
 * under its version. @throws DomainError `unavailable` when DynamoDB leaves keys unread time after time.
 */
export async function getTogether(
  deps: { readonly client: DocumentClient; readonly tableNames: Readonly<Record<TableName, string>> },
  table: TableName,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Item>> {
  const name = deps.tableNames[table];
  const found = new Map<string, Item>();
  // DynamoDB refuses a key that is given twice.
  let keys: Item[] = [...new Set(ids)].map((id) => ({ id }));
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    if (attempt > 0) await sleep(Math.random() * FIRST_WAIT_MS * 2 ** attempt);
    const { Responses = {}, UnprocessedKeys = {} } = await deps.client.send(
      new BatchGetCommand({ RequestItems: { [name]: { Keys: keys, ConsistentRead: true } } }),
    );
    for (const item of Responses[name] ?? []) found.set(String(item['id']), item);
    keys = UnprocessedKeys[name]?.Keys ?? [];
    if (keys.length === 0) {
      for (const id of ids) noteRead(table, id, found.get(id));
      return found;
    }
  }
  throw new DomainError('unavailable', 'store.busy', 'The store is busy. Send the same request again.', {
    retryAfter: 1,
  });
}
