import { PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDocumentClient } from '../../../src/shared/dynamo/client.ts';
import { createNewestRead } from '../../../src/shared/dynamo/newest-read.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const dynamo = await testDynamo(t);
await dynamo.createTables('audit_log');
const client = createDocumentClient(dynamo.config);
t.teardown(() => client.destroy());

const told: string[] = [];
const newest = createNewestRead({
  client,
  tableNames: dynamo.names,
  failed: ({ subject }) => void told.push(subject),
  most: 2,
});
const at = (id: string, seq: number) => ({ id, audit: { seq, hash: 'a' } });
const event = (entity_id: string, seq: number) =>
  client.send(new PutCommand({ TableName: dynamo.names.audit_log, Item: { entity_id, seq } }));
const never = async (): Promise<never> => {
  throw new Error('read again for nothing');
};

t.test('what an event follows is an older version, once it is read again and is the same', async (t) => {
  await newest.require('users', at('usr_a', 1), never, 0);
  await event('usr_a', 2);
  await newest.require('users', at('usr_a', 1), never, 299_999);
  await t.rejects(
    newest.require('users', at('usr_a', 1), async () => at('usr_a', 1), 300_000),
    { code: 'integrity.rolled-back', table: 'users', subject: 'usr_a' },
    'what was the newest is believed for five minutes',
  );
  t.same(told.splice(0), ['usr_a']);
});

t.test('somebody who was decided on, or deleted, between two reads is not one of an older version', async (t) => {
  await event('usr_b', 2);
  await newest.require('users', at('usr_b', 1), async () => at('usr_b', 2), 0);
  await newest.require('users', at('usr_b', 1), async () => undefined, 0);
  t.same(told, []);
});

t.test('no more are believed than there is room for, and the one believed longest goes first', async (t) => {
  for (const id of ['usr_1', 'usr_2', 'usr_3']) await newest.require('users', at(id, 1), never, 1_000_000);
  for (const id of ['usr_1', 'usr_3']) await event(id, 2);
  await newest.require('users', at('usr_3', 1), never, 1_000_001);
  await t.rejects(newest.require('users', at('usr_1', 1), async () => at('usr_1', 1), 1_000_001));
});
