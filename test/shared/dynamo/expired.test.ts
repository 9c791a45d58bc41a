import { PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDocumentClient } from '../../../src/shared/dynamo/client.ts';
import { deleteExpired, EXPIRING } from '../../../src/shared/dynamo/expired.ts';
import { writeWire } from '../../../src/shared/dynamo/wire.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

t.test('what expired goes, what was renewed meanwhile stays', async (t) => {
  t.strictSame(EXPIRING.map(({ table }) => table).sort(), ['idempotency', 'sessions', 'throttles']);
  const dynamo = await testDynamo(t);
  await dynamo.createTables('throttles');
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const throttles = EXPIRING.find(({ table }) => table === 'throttles');
  if (throttles === undefined) throw new Error('throttles expire');
  const deps = { client, tableNames: dynamo.names };
  for (let from = 0; from < 110; from += 22)
    await writeWire(
      client,
      dynamo.names.throttles,
      Array.from({ length: 22 }, (_, at) => ({ id: { S: `old ${from + at}` }, expires_at: { N: '100' } })),
    );
  const put = (id: string, expires_at: number) =>
    client.send(new PutCommand({ TableName: dynamo.names.throttles, Item: { id, expires_at } }));
  await put('fresh', 200);
  t.equal(await deleteExpired(deps, throttles, 150, true), 110, 'a dry run counts');
  t.equal(await deleteExpired(deps, throttles, 150, false), 110);
  t.equal(await deleteExpired(deps, throttles, 150, false), 0);

  await put('renewed', 100);
  const send = client.send.bind(client);
  const racing = Object.create(client) as typeof client;
  racing.send = (async (command: { constructor: { name: string } }) => {
    if (command.constructor.name === 'DeleteCommand') await put('renewed', 300);
    return send(command as never);
  }) as never;
  t.equal(await deleteExpired({ ...deps, client: racing }, throttles, 150, false), 1, 'found, then left alone');
  t.equal(await deleteExpired(deps, throttles, 400, true), 2, 'both are there');
  const failing = Object.create(client) as typeof client;
  await put('renewed', 100);
  failing.send = (async (command: { constructor: { name: string } }) => {
    if (command.constructor.name === 'DeleteCommand') throw new Error('out of reach');
    return send(command as never);
  }) as never;
  await t.rejects(deleteExpired({ ...deps, client: failing }, throttles, 150, false), { message: 'out of reach' });
});
