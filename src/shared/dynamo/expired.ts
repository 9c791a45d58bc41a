/** What expired and is still there: DynamoDB deletes it some day, what only speaks its language never does. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentClient } from './client.ts';
import { keyAttributes, type TableName, type TableNames, tableDefinitions } from './tables.ts';
import { scanItems } from './wire.ts';

/** Tables whose items expire. */
export const EXPIRING = Object.entries(tableDefinitions).flatMap(([table, { ttl }]) =>
  ttl === undefined ? [] : [{ table: table as TableName, ttl }],
);

/** A pause now and then keeps the clean-up out of the way of requests. */
const PAUSE_EVERY = 100;

/**
 * Deletes what expired before that moment, unless it was renewed meanwhile; a dry run only counts.
 * @param before epoch seconds
 */
export async function deleteExpired(
  deps: { readonly client: DocumentClient; readonly tableNames: TableNames },
  { table, ttl }: (typeof EXPIRING)[number],
  before: number,
  dryRun: boolean,
): Promise<number> {
  let found = 0;
  for await (const item of scanItems(deps.client, deps.tableNames[table])) {
    if (!(Number(item[ttl]) < before)) continue;
    found += 1;
    if (dryRun) continue;
    const Key = Object.fromEntries(keyAttributes(tableDefinitions[table]).map((name) => [name, item[name]]));
    await deps.client
      .send(
        new DeleteCommand({
          TableName: deps.tableNames[table],
          Key,
          ConditionExpression: '#ttl < :before',
          ExpressionAttributeNames: { '#ttl': ttl },
          ExpressionAttributeValues: { ':before': before },
        }),
      )
      .catch(unlessRenewed);
    if (found % PAUSE_EVERY === 0) await sleep(20);
  }
  return found;
}

function unlessRenewed(error: unknown): void {
  if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') throw error;
}
