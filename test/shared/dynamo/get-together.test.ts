import { type BatchGetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDocumentClient } from '../../../src/shared/dynamo/client.ts';
import { getEach, getTogether } from '../../../src/shared/dynamo/get-together.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const dynamo = await testDynamo(t);
await dynamo.createTables('keys', 'sessions');

/** DynamoDB Local never leaves a key unread: what a throttled table answers is put in its place. */
function throttled(times: number) {
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  let sent = 0;
  client.middlewareStack.add(
    (next) => async (args) => {
      const { RequestItems } = args.input as BatchGetCommand['input'];
      sent += 1;
      if (RequestItems === undefined || sent > times) return next(args);
      return { response: {}, output: { Responses: {}, UnprocessedKeys: RequestItems, $metadata: {} } };
    },
    { step: 'initialize', name: 'throttle' },
  );
  return { deps: { client, tableNames: dynamo.names }, sent: () => sent };
}

t.test('items are read in one round trip, and what is not there is absent', async (t) => {
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  for (const Item of [
    { id: 'a', owner: '1' },
    { id: 'b', owner: '2' },
  ])
    await client.send(new PutCommand({ TableName: dynamo.names.keys, Item }));
  const { deps, sent } = throttled(0);
  const found = await getTogether(deps, 'keys', ['a', 'b', 'c']);
  t.same([...found.keys()].sort(), ['a', 'b']);
  t.match(found.get('b'), { owner: '2' });
  t.equal(sent(), 1);
  t.same(await getTogether(deps, 'keys', ['c']), new Map());
  t.same([...(await getTogether(deps, 'keys', ['a', 'a'])).keys()], ['a'], 'one that is asked twice');
});

t.test('keys that a busy table left unread are read again, and a table that stays busy is told', async (t) => {
  const { deps, sent } = throttled(2);
  t.match((await getTogether(deps, 'keys', ['a'])).get('a'), { owner: '1' });
  t.equal(sent(), 3);
  const refused = await getTogether(throttled(100).deps, 'keys', ['a']).catch((error: unknown) => error);
  t.match(refused, { kind: 'unavailable', code: 'store.busy', retryAfter: 1 });
});

t.test('items of several tables are read in one round trip, in the order in which they were asked for', async (t) => {
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  await client.send(new PutCommand({ TableName: dynamo.names.keys, Item: { id: 'x', owner: 'in keys' } }));
  await client.send(new PutCommand({ TableName: dynamo.names.sessions, Item: { id: 'x', owner: 'in sessions' } }));
  const { deps, sent } = throttled(0);
  const [session, none, key, again] = await getEach(deps, [
    { table: 'sessions', id: 'x' },
    { table: 'sessions', id: 'none' },
    { table: 'keys', id: 'x' },
    { table: 'keys', id: 'x' },
  ]);
  t.match([session, key, again], [{ owner: 'in sessions' }, { owner: 'in keys' }, { owner: 'in keys' }]);
  t.equal(none, undefined);
  t.equal(sent(), 1);
});
