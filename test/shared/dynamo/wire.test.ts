import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb';
import t from 'tap';
import { createDocumentClient, type DocumentClient } from '../../../src/shared/dynamo/client.ts';
import {
  fromWire,
  lineDigest,
  scanItems,
  scanWire,
  type WireItem,
  wireFromLine,
  wireLine,
  writeWire,
} from '../../../src/shared/dynamo/wire.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const ITEM: WireItem = {
  id: { S: 'one' },
  exact: { N: '12345678901234567890.123456789' },
  bytes: { B: Buffer.from([0, 255, 7]) },
  many: { BS: [Buffer.from('a'), Buffer.from('b')] },
  words: { SS: ['a', 'b'] },
  nothing: { NULL: true },
  yes: { BOOL: true },
  list: { L: [{ S: 'x' }, { B: Buffer.from('y') }] },
  // Attributes named as types are.
  map: { M: { B: { S: 'a text' }, M: { M: { S: { N: '1' } } } } },
};

t.test('a line gives back the item with every type and digit, whatever its attributes are called', async (t) => {
  const line = wireLine(ITEM);
  t.strictSame(wireFromLine(line), ITEM);
  t.equal(wireLine(Object.fromEntries(Object.entries(ITEM).reverse())), line, 'the order of attributes is no matter');
  t.strictSame(wireFromLine('{"Item":{"id":{"S":"as exports write it"}}}'), { id: { S: 'as exports write it' } });
  t.throws(() => wireFromLine('{}'), { message: 'a line without an item' });
});

t.test('a digest of lines is that of the same lines in any order, and of no others', async (t) => {
  const of = (...lines: string[]): string => {
    const digest = lineDigest();
    for (const line of lines) digest.add(line);
    t.equal(digest.count, lines.length);
    return digest.hex();
  };
  t.equal(of('a', 'b', 'c'), of('c', 'a', 'b'));
  t.not(of('a', 'b'), of('a', 'c'));
  t.not(of('a'), of('a', 'a'), 'once is not twice');
  t.equal(of(), '0'.repeat(64));
});

t.test('a table is written and read in pages, number for number', async (t) => {
  const dynamo = await testDynamo(t);
  const name = `${dynamo.prefix}wire`;
  await dynamo.client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
    }),
  );
  t.teardown(() => dynamo.client.send(new DeleteTableCommand({ TableName: name })));
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const filler = 'x'.repeat(300_000);
  const items = Array.from({ length: 5 }, (_, at) => ({ ...ITEM, id: { S: `${at}` }, filler: { S: filler } }));
  await writeWire(client, name, items);
  await writeWire(client, name, []);
  const found: string[] = [];
  for await (const item of scanWire(client, name)) found.push(wireLine(item));
  t.strictSame(found.sort(), items.map(wireLine).sort(), 'over a megabyte, so over more than one page');
  let read = 0;
  for await (const item of scanItems(client, name)) {
    t.equal(item['exact'], '12345678901234567890.123456789');
    read += 1;
  }
  t.equal(read, items.length);
  const { value: part } = await scanItems(client, name, ['id', 'exact']).next();
  t.strictSame(Object.keys(part ?? {}).sort(), ['exact', 'id'], 'no more of each than was asked for');
  t.match(fromWire(ITEM), { id: 'one', nothing: null, yes: true, map: { B: 'a text' } });
});

t.test('what a busy table leaves is written again, and given up at last', async (t) => {
  let sent: number[] = [];
  const leaving = (left: number) =>
    ({
      async send({ input }: { input: { RequestItems: Record<string, unknown[]> } }) {
        await sleep(0);
        const requests = input.RequestItems['busy'] ?? [];
        sent.push(requests.length);
        const rest = requests.slice(0, Math.min(left, requests.length - (left === 1 ? 1 : 0)));
        return { UnprocessedItems: rest.length > 0 ? { busy: [...rest, { DeleteRequest: {} }] } : undefined };
      },
    }) as unknown as DocumentClient;
  await writeWire(leaving(1), 'busy', [ITEM, ITEM], 1);
  t.strictSame(sent, [2, 1]);
  sent = [];
  await t.rejects(writeWire(leaving(2), 'busy', [ITEM, ITEM], 0), {
    message: 'busy is too busy: 2 items could not be written',
  });
  t.equal(sent.length, 10);
});
