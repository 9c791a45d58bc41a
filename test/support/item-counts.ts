/** Items of every table, so that a write of any kind shows; but for what is kept of sign-ins and denials. */
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { Loose, TestApi } from './api.ts';

export async function itemCounts({ client, dynamo }: TestApi): Promise<Record<string, number>> {
  const names = Object.entries(dynamo.names).filter(([name]) => name !== 'security_log' && name !== 'throttles');
  const found = await Promise.all(
    names.map(async ([name, TableName]): Promise<[string, number]> => {
      let count = 0;
      let start: Record<string, unknown> | undefined;
      do {
        const page: Loose = await client.send(
          new ScanCommand({ TableName, Select: 'COUNT', ConsistentRead: true, ExclusiveStartKey: start }),
        );
        count += page.Count;
        start = page.LastEvaluatedKey;
      } while (start !== undefined);
      return [name, count];
    }),
  );
  return Object.fromEntries(found);
}
