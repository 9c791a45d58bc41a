/** Items of every table, so that a write of any kind shows; but for what is kept of sign-ins and denials. */
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { TableName } from '../../src/shared/dynamo/tables.ts';
import type { Loose, TestApi } from './api.ts';

export async function itemCounts(api: TestApi): Promise<Record<string, number>> {
  const names = (Object.keys(api.dynamo.names) as TableName[]).filter((name) => !UNCOUNTED.includes(name));
  const found = await Promise.all(
    names.map(async (name): Promise<[string, number]> => [name, await itemsIn(api, name)]),
  );
  return Object.fromEntries(found);
}

const UNCOUNTED: readonly TableName[] = ['security_log', 'throttles'];

export async function itemsIn({ client, dynamo }: TestApi, table: TableName): Promise<number> {
  let count = 0;
  let start: Record<string, unknown> | undefined;
  do {
    const page: Loose = await client.send(
      new ScanCommand({
        TableName: dynamo.names[table],
        Select: 'COUNT',
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    count += page.Count;
    start = page.LastEvaluatedKey;
  } while (start !== undefined);
  return count;
}
