import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { addCommitBarrier } from '../../src/local/commit-barrier.ts';
import { testDynamo } from '../support/dynamodb-local.ts';

t.test('every write is followed by one strongly consistent read of what it wrote, a read by none', async (t) => {
  const { config, names, createTables } = await testDynamo(t);
  await createTables('keys', 'audit_log');
  const client = new DynamoDBClient(config);
  t.teardown(() => client.destroy());
  addCommitBarrier(client);
  const reads: unknown[] = [];
  client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] === 'GetItemCommand') reads.push(args.input);
      return next(args);
    },
    { step: 'initialize' },
  );

  const TableName = names.audit_log;
  const [id, seq] = [{ S: 'inv_1' }, { N: '1' }];
  const Key = { entity_id: id, seq };
  const Item = { ...Key, note: { S: 'x' } };
  const other = { TableName: names.keys, Item: { id: { S: 'k' } } };
  const check = { TableName, Key, ConditionExpression: 'attribute_exists(entity_id)' };
  const afterwards = (table: string, key: unknown): unknown => [{ TableName: table, Key: key, ConsistentRead: true }];
  const written = afterwards(TableName, Key);
  const cases: readonly (readonly [title: string, send: () => Promise<unknown>, expected: unknown])[] = [
    ['put', () => client.send(new PutItemCommand({ TableName, Item })), written],
    ['update', () => client.send(new UpdateItemCommand({ TableName, Key })), written],
    [
      'transaction: put',
      () =>
        client.send(new TransactWriteItemsCommand({ TransactItems: [{ Put: { TableName, Item } }, { Put: other }] })),
      written,
    ],
    [
      'transaction: a condition first',
      () => client.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: check }, { Put: other }] })),
      afterwards(names.keys, { id: { S: 'k' } }),
    ],
    [
      'transaction: update',
      () =>
        client.send(
          new TransactWriteItemsCommand({
            TransactItems: [
              { Update: { TableName, Key, UpdateExpression: 'SET n = :n', ExpressionAttributeValues: { ':n': seq } } },
            ],
          }),
        ),
      written,
    ],
    [
      'transaction of conditions alone',
      () => client.send(new TransactWriteItemsCommand({ TransactItems: [{ ConditionCheck: check }] })),
      [],
    ],
    [
      'transaction of a document client',
      () =>
        DynamoDBDocumentClient.from(client).send(
          new TransactWriteCommand({ TransactItems: [{ Put: { TableName, Item: { entity_id: 'inv_1', seq: 1 } } }] }),
        ),
      written,
    ],
    [
      'batch: put',
      () => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ PutRequest: { Item } }] } })),
      written,
    ],
    [
      'batch: delete',
      () => client.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: [{ DeleteRequest: { Key } }] } })),
      written,
    ],
    ['delete', () => client.send(new DeleteItemCommand({ TableName, Key })), written],
    [
      'query',
      () =>
        client.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: 'entity_id = :id',
            ExpressionAttributeValues: { ':id': id },
          }),
        ),
      [],
    ],
  ];
  for (const [title, send, expected] of cases) {
    reads.length = 0;
    await send();
    t.strictSame(reads, expected, title);
  }

  reads.length = 0;
  await t.rejects(
    client.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_exists(entity_id)' })),
    { name: 'ConditionalCheckFailedException' },
    'a refusal stays one',
  );
  t.strictSame(reads, [], 'and is not followed by a read');
});
