/** Stored items as another version of this system would have left them: changed, and sealed all the same. */
import { GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DocumentClient } from '../../src/shared/dynamo/client.ts';
import { fromWire } from '../../src/shared/dynamo/wire.ts';
import type { Loose } from './api.ts';

/** What is not changed keeps its type: a number is read as text. */
export async function changeItem(
  client: DocumentClient,
  TableName: string,
  id: string,
  change: (item: Loose) => Loose,
): Promise<void> {
  const { Item: wire = {} } = await client.send(
    new GetItemCommand({ TableName, Key: { id: { S: id } }, ConsistentRead: true }),
  );
  const before = fromWire(wire);
  const after = Object.entries<Loose>(change({ ...before })).map(([name, value]) => {
    const kept = value === before[name] ? wire[name] : undefined;
    return [name, kept ?? marshall({ value }, { removeUndefinedValues: true })['value']];
  });
  await client.send(new PutItemCommand({ TableName, Item: Object.fromEntries(after) }));
}
