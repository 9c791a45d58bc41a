/** Stored items as another version of this system would have left them: changed, and sealed all the same. */
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { DocumentClient } from '../../src/shared/dynamo/client.ts';
import type { Loose } from './api.ts';

export async function changeItem(
  client: DocumentClient,
  TableName: string,
  id: string,
  change: (item: Loose) => Loose,
): Promise<void> {
  const { Item } = await client.send(new GetCommand({ TableName, Key: { id }, ConsistentRead: true }));
  await client.send(new PutCommand({ TableName, Item: change(Item) }));
}
