import { gunzipSync } from 'node:zlib';
import { GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { Type } from '@sinclair/typebox';
import t from 'tap';
import { type Command, idSource } from '../../../src/shared/command.ts';
import { createVault } from '../../../src/shared/crypto.ts';
import { claimText, releaseClaim, takeClaim, taken } from '../../../src/shared/dynamo/claims.ts';
import { createDocumentClient, type DocumentClient } from '../../../src/shared/dynamo/client.ts';
import { compileCodec, type Item } from '../../../src/shared/dynamo/codec.ts';
import { type EntityRecord, entityStore } from '../../../src/shared/dynamo/entity-store.ts';
import {
  epochSeconds,
  idempotencyWrite,
  ReplayedReply,
  storedReply,
} from '../../../src/shared/dynamo/idempotency-record.ts';
import { queryAll, queryPage } from '../../../src/shared/dynamo/query.ts';
import { tableReady } from '../../../src/shared/dynamo/table-ready.ts';
import {
  createUnitOfWork,
  type PendingWrite,
  type UnitOfWorkOptions,
} from '../../../src/shared/dynamo/unit-of-work.ts';
import { conflictError, DomainError } from '../../../src/shared/errors.ts';
import { AuditHeadSchema, entityFields } from '../../../src/shared/http/schemas.ts';
import { newId } from '../../../src/shared/ids.ts';
import { testDynamo } from '../../support/dynamodb-local.ts';

const dynamo = await testDynamo(t);
await dynamo.createTables('vendors', 'keys', 'audit_log', 'idempotency', 'payments');
const client = createDocumentClient(dynamo.config);
t.teardown(() => client.destroy());
const vault = createVault(Buffer.alloc(32, 1).toString('base64'));
const deps = { client, tableNames: dynamo.names, vault };
const unitOfWork = createUnitOfWork({ ...deps, retryBaseMs: 1 });

interface Thing extends EntityRecord {
  readonly name: string;
  readonly iban?: string;
}
const ThingRecord = Type.Object({
  ...entityFields('vendor'),
  status: Type.String(),
  name: Type.String(),
  audit: AuditHeadSchema,
});
const options = {
  table: 'vendors',
  entity: 'vendor',
  codec: compileCodec<Thing>(ThingRecord),
  sealed: ['iban'],
  unaudited: ['hidden'],
  indexed: (thing: Thing) => ({ name_key: thing.name, summary: { id: thing.id, version: thing.version } }),
} as const;
const things = entityStore<Thing>(deps, options);
const command = (over: Partial<Command> = {}): Command => ({
  actor: { id: 'usr_1', roles: [], permissions: new Set() },
  now: new Date(),
  request_id: 'r',
  dryRun: false,
  ids: idSource(),
  ...over,
});
const draft = (over: Partial<Thing> = {}) => ({
  id: newId('vendor'),
  status: 'active',
  name: 'A',
  created_by: 'usr_1',
  ...over,
});
const created = (over: Partial<Thing> = {}): Promise<Thing> => {
  const creating = command();
  return unitOfWork.run(creating, async () => {
    const { entity, writes } = things.create(creating, draft(over));
    return { result: entity, writes };
  });
};
const rename = (renaming: Command, id: string, name: string, work = unitOfWork): Promise<Thing> =>
  work.run(renaming, async () => {
    const before = await things.require(id);
    const { entity, writes } = things.update(renaming, before, { ...before, name }, { action: 'renamed' });
    return { result: entity, writes };
  });
const claimed = async (key: string): Promise<Item | undefined> =>
  (await client.send(new GetCommand({ TableName: dynamo.names.keys, Key: { id: key } }))).Item;
const put = (id: string, over: Partial<PendingWrite> = {}): PendingWrite => ({
  action: 'put',
  table: 'keys',
  key: { id },
  item: { id, owner: 'me' },
  ...over,
});

/** Another client, whose transactions fail as DynamoDB's may and DynamoDB Local's never do. */
function failing(
  fail: (attempt: number) => Error | undefined,
  when: 'before' | 'after' = 'before',
  waits: Pick<UnitOfWorkOptions, 'retryBaseMs' | 'observer'> = { retryBaseMs: 1 },
) {
  const other = createDocumentClient({ ...dynamo.config, maxAttempts: 1 });
  t.teardown(() => other.destroy());
  let attempts = 0;
  other.middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== 'TransactWriteItemsCommand') return next(args);
      const error = fail(attempts++);
      if (when === 'before' && error !== undefined) throw error;
      const output = await next(args);
      if (error !== undefined) throw error;
      return output;
    },
    { step: 'initialize', name: 'failing' },
  );
  const work = createUnitOfWork({ client: other as DocumentClient, tableNames: dynamo.names, ...waits });
  return { work, attempts: () => attempts };
}
const awsError = (name: string, over: object = {}): Error => Object.assign(new Error(name), { name, ...over });
const cancelledFor = (...codes: readonly string[]): Error =>
  awsError('TransactionCanceledException', {
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

t.test('an entity and its event are written together, under the version that was decided on', async (t) => {
  const thing = await created({ iban: 'NL91ABNA0417164300' });
  t.match(thing, { version: 1, name: 'A', audit: { seq: 1 } });
  t.match(await things.require(thing.id), { id: thing.id, version: 1, audit: thing.audit });
  const renamed = await rename(command(), thing.id, 'B');
  t.match(renamed, { version: 2, created_at: thing.created_at, audit: { seq: 2 } });
  const { Item: event } = await client.send(
    new GetCommand({ TableName: dynamo.names.audit_log, Key: { entity_id: thing.id, seq: 1 } }),
  );
  t.notMatch(JSON.stringify(event), /0417164300/);
  t.match(event, { changes: /sealed:v2/ });
  await t.rejects(things.require('ven_none'), { kind: 'not_found', code: 'vendor.not-found' });
  t.equal(await things.get('ven_none'), undefined);
});

t.test('of many who decide on one entity at once all are heard, one after another', async (t) => {
  const thing = await created();
  await Promise.all(Array.from({ length: 6 }, (_, n) => rename(command(), thing.id, `name ${n}`)));
  t.equal((await things.require(thing.id)).version, 7);
});

t.test('a deleted entity is gone, and its chain ends with the deletion', async (t) => {
  const thing = await created();
  const removing = command();
  await unitOfWork.run(removing, async () => ({
    result: undefined,
    writes: things.remove(removing, await things.require(thing.id), { action: 'deleted', reason: 'twice' }),
  }));
  t.equal(await things.get(thing.id), undefined);
  const { Item: event } = await client.send(
    new GetCommand({ TableName: dynamo.names.audit_log, Key: { entity_id: thing.id, seq: 2 } }),
  );
  t.match(event, { action: 'deleted', reason: 'twice' });
});

t.test('what an item cannot hold is refused before anything is written; what is packed is unpacked', async (t) => {
  t.throws(() => things.create(command(), draft({ name: 'x'.repeat(390_000) })), {
    kind: 'rule',
    code: 'vendor.too-large',
  });
  const packed = entityStore<Thing>(deps, {
    ...options,
    pack: (item) => ({ ...item, name: `packed ${String(item['name'])}` }),
    unpack: (item) => ({ ...item, name: String(item['name']).replace('packed ', '') }),
  });
  const creating = command();
  const { id } = await unitOfWork.run(creating, async () => {
    const { entity, writes } = packed.create(creating, draft({ name: 'Box' }));
    return { result: entity, writes };
  });
  t.equal((await packed.require(id)).name, 'Box');
  t.equal((await things.require(id)).name, 'packed Box');
});

t.test('a decision is held to what it read but does not write', async (t) => {
  const thing = await created();
  const check = (version: number, refuse?: () => DomainError) =>
    things.check(thing.id, { kind: 'equals', attribute: 'version', value: version }, refuse);
  const run = (...writes: PendingWrite[]) => unitOfWork.run(command(), async () => ({ result: 'done', writes }));
  t.equal(await run(check(1), put('held')), 'done');
  const gone = () => conflictError('vendor.changed', 'It changed.');
  await t.rejects(run(check(2, gone), put('not held')), { code: 'vendor.changed' });
  t.equal(await claimed('not held'), undefined, 'nothing of it was written');
  await t.rejects(run(check(2)), { kind: 'unavailable', code: 'store.busy', retryAfter: 1 });
});

t.test('a key is taken by one, told to the next, and given back by its owner alone', async (t) => {
  const claim = { key: `tax#${claimText('  nl  12 ')}`, owner: 'ven_1' };
  t.equal(claim.key, 'tax#NL 12');
  const run = (write: PendingWrite) => unitOfWork.run(command(), async () => ({ result: undefined, writes: [write] }));
  const refuse = taken('vendor.tax-id-taken', 'This tax id', '/tax_id');
  await run(takeClaim(claim, refuse));
  await t.rejects(run(takeClaim({ ...claim, owner: 'ven_2' }, refuse)), {
    code: 'vendor.tax-id-taken',
    errors: [{ pointer: '/tax_id', detail: 'is taken by ven_1' }],
  });
  await t.rejects(run(releaseClaim({ ...claim, owner: 'ven_2' })), { code: 'store.busy' });
  await run(releaseClaim(claim));
  t.equal(await claimed(claim.key), undefined);
});

t.test('a dry run says what a commit would, and writes nothing', async (t) => {
  const thing = await created();
  const dry = command({ dryRun: true });
  t.match(await rename(dry, thing.id, 'Dry'), { version: 2, name: 'Dry' });
  t.equal((await things.require(thing.id)).name, 'A');
  const refuse = () => conflictError('keys.taken', 'Taken.');
  const write = put('dry', { condition: { kind: 'absent' }, refuse });
  await unitOfWork.run(command({ dryRun: true }), async () => ({ result: undefined, writes: [write] }));
  t.equal(await claimed('dry'), undefined);
  await client.send(new PutCommand({ TableName: dynamo.names.keys, Item: { id: 'dry', owner: 'x' } }));
  await t.rejects(
    unitOfWork.run(command({ dryRun: true }), async () => ({ result: undefined, writes: [write] })),
    { code: 'keys.taken' },
  );
});

t.test('two writes on one item are a defect, a check joins the write it goes with', async (t) => {
  const run = (...writes: PendingWrite[]) => unitOfWork.run(command(), async () => ({ result: undefined, writes }));
  await t.rejects(run(put('twice'), put('twice')), TypeError);
  const refuse = () => conflictError('keys.none', 'None.');
  const check: PendingWrite = {
    action: 'check',
    table: 'keys',
    key: { id: 'joined' },
    condition: { kind: 'exists' },
    refuse,
  };
  await t.rejects(run(check, put('joined')), { code: 'keys.none' });
  await run(put('joined', { condition: { kind: 'absent' } }));
  await run(put('joined', { item: { id: 'joined', owner: 'you' } }), check);
  const { refuse: _none, ...unexplained } = check;
  await t.rejects(run(unexplained, put('joined', { condition: { kind: 'absent' }, refuse })), { code: 'keys.none' });
  await run(unexplained, put('joined', { item: { id: 'joined', owner: 'you' } }));
  t.match(await claimed('joined'), { owner: 'you' });
  await t.rejects(run(...Array.from({ length: 101 }, (_, n) => put(`many ${n}`))), TypeError);
  t.equal(await unitOfWork.run(command(), async () => ({ result: 'nothing to do', writes: [] })), 'nothing to do');
});

t.test('conflicts and throttles are tried again with the same ids, and at last told as busy', async (t) => {
  const thing = await created();
  const passing = [
    cancelledFor('None', 'TransactionConflict'),
    cancelledFor('ProvisionedThroughputExceeded', 'None'),
    awsError('ThrottlingException', { $metadata: { httpStatusCode: 400 } }),
    awsError('TransactionInProgressException', { $metadata: { httpStatusCode: 400 } }),
  ];
  const { work, attempts } = failing((attempt) => passing[attempt]);
  const unnamed = awsError('TransactionCanceledException', {
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: [{}, { Code: 'TransactionConflict' }],
  });
  const renaming = command();
  const { audit } = await rename(renaming, thing.id, 'Through', work);
  t.equal(attempts(), 5);
  t.equal(audit.seq, 2);
  t.equal(renaming.ids.made().length, 1, 'one event id for all tries');
  const waiting = failing((attempt) => (attempt === 0 ? unnamed : undefined), 'before', {});
  t.equal((await rename(command(), thing.id, 'After a default wait', waiting.work)).audit.seq, 3);
  const never = failing(() => cancelledFor('TransactionConflict', 'None'));
  await t.rejects(rename(command(), thing.id, 'Never', never.work), { kind: 'unavailable', code: 'store.busy' });
  t.equal(never.attempts(), 12);
});

t.test('a refusal of DynamoDB itself is a defect and is not tried again', async (t) => {
  const thing = await created();
  for (const error of [
    awsError('ValidationException', { $metadata: { httpStatusCode: 400 } }),
    cancelledFor('ValidationError', 'None'),
    awsError('TransactionCanceledException', { $metadata: { httpStatusCode: 400 } }),
  ]) {
    const { work, attempts } = failing(() => error);
    await t.rejects(rename(command(), thing.id, 'X', work), { name: error.name });
    t.equal(attempts(), 1);
  }
});

t.test('after an unknown outcome the event tells whether it was committed', async (t) => {
  const reset = () => awsError('TimeoutError');
  const first = await created();
  const after = failing((attempt) => (attempt === 0 ? reset() : undefined), 'after');
  t.match(await rename(command(), first.id, 'Once', after.work), { version: 2 });
  t.equal(after.attempts(), 1, 'it was: not decided again');
  t.equal((await things.require(first.id)).version, 2);
  const second = await created();
  const before = failing((attempt) =>
    attempt === 0 ? awsError('InternalServerError', { $metadata: { httpStatusCode: 500 } }) : undefined,
  );
  t.match(await rename(command(), second.id, 'Once', before.work), { version: 2 });
  t.equal(before.attempts(), 2, 'it was not: decided again');
  const silent = failing(reset, 'after');
  await t.rejects(
    silent.work.run(command(), async () => ({ result: undefined, writes: [put('no event')] })),
    { code: 'store.busy' },
  );
});

t.test('a reply is stored with what made it true, and replayed', async (t) => {
  const rendered = { status: 201, headers: { etag: '"1"' }, body: '{"id":"x"}' };
  const claim = (id: string, fingerprint = 'f') => ({
    id,
    fingerprints: [fingerprint] as const,
    render: () => rendered,
  });
  const run = (id: string, over: Partial<Command> = {}, fingerprint = 'f') =>
    unitOfWork.run(command({ idempotency: claim(id, fingerprint), ...over }), async () => ({
      result: 'made',
      writes: [put(`idem ${id}`)],
    }));
  t.equal(await run('one'), 'made');
  const replay = await run('one').catch((error: unknown) => error);
  t.ok(replay instanceof ReplayedReply);
  t.match(replay, { reply: rendered });
  await t.rejects(run('one', {}, 'other'), { kind: 'rule', code: 'idempotency.key-reused' });
  const { Item: item } = await client.send(new GetCommand({ TableName: dynamo.names.idempotency, Key: { id: 'one' } }));
  t.equal(gunzipSync(item?.['body'] as Uint8Array).toString(), rendered.body);
  const later = new Date(Date.now() + 25 * 3_600_000);
  t.equal(await run('one', { now: later }), 'made', 'a key is forgotten after a day, deleted or not');
  t.equal(await run('dry', { dryRun: true }), 'made');
  t.equal(await run('dry'), 'made', 'a dry run uses no key');
  t.throws(() => storedReply({}, ['f']), DomainError);
  const gone = idempotencyWrite({ id: 'gone', fingerprints: ['f'], render: () => rendered }, 'x', new Date());
  t.throws(() => gone.refuse?.(undefined), DomainError);
  const rotated = (id: string, ...fingerprints: [string, ...string[]]) =>
    unitOfWork.run(command({ idempotency: { id, fingerprints, render: () => rendered } }), async () => ({
      result: 'made',
      writes: [],
    }));
  t.match(await rotated('one', 'new key', 'f').catch((error: unknown) => error), { reply: rendered });
});

t.test('a decision on money stands on the newest version of who is paid, and on none that was put back', async (t) => {
  const [one, other] = [await created(), await created()];
  const pays = (work: typeof unitOfWork, meanwhile: () => Promise<unknown> = async () => undefined) => {
    const id = newId('payment');
    return work.run(command(), async () => {
      const read = [await things.require(one.id), await things.require(other.id)];
      await meanwhile();
      return {
        result: read.map(({ name }) => name),
        writes: [{ action: 'put', table: 'payments', key: { id }, item: { id } }],
      };
    });
  };
  const changes = [() => rename(command(), one.id, 'B'), () => rename(command(), other.id, 'C')];
  t.same(await pays(unitOfWork, async () => changes.shift()?.()), ['B', 'C'], 'decided again after each change');

  const Key = { id: one.id };
  const { Item: older } = await client.send(new GetCommand({ TableName: dynamo.names.vendors, Key }));
  await rename(command(), one.id, 'D');
  await client.send(new PutCommand({ TableName: dynamo.names.vendors, Item: older }));
  const told: string[] = [];
  const integrityFailed = ({ subject }: { readonly subject: string }) => void told.push(subject);
  const rolledBack = { code: 'integrity.rolled-back', subject: one.id };
  await t.rejects(pays(unitOfWork), rolledBack);
  await t.rejects(pays(createUnitOfWork({ ...deps, retryBaseMs: 1, integrityFailed })), rolledBack);
  t.same(told, [one.id]);
});

t.test('an unfinished reply is replaced by a later one of the same request, and the last one stands', async (t) => {
  const run = (body: string, reply?: 'unfinished' | 'none', fingerprint = 'f') =>
    unitOfWork.run(
      command({
        idempotency: { id: 'long', fingerprints: [fingerprint], render: () => ({ status: 200, headers: {}, body }) },
      }),
      async () => ({ result: body, writes: [], ...(reply === undefined ? {} : { reply }) }),
    );
  const kept = async () => {
    const key = { TableName: dynamo.names.idempotency, Key: { id: 'long' } };
    const { Item: item } = await client.send(new GetCommand(key));
    if (item === undefined) return undefined;
    const { body, unfinished } = storedReply(item, ['f']);
    return { body, unfinished };
  };
  t.equal(await run('no reply', 'none'), 'no reply');
  t.equal(await kept(), undefined);
  t.equal(await run('begun', 'unfinished'), 'begun');
  t.equal(await run('half', 'unfinished'), 'half');
  t.same(await kept(), { body: 'half', unfinished: true });
  await t.rejects(run('other', undefined, 'g'), { code: 'idempotency.key-reused' });
  t.equal(await run('all'), 'all', 'what writes nothing else keeps its reply too');
  t.same(await kept(), { body: 'all', unfinished: false });
  await t.rejects(run('again'), { name: 'ReplayedReply', reply: { body: 'all' } });
  await t.rejects(run('late', 'unfinished'), { name: 'ReplayedReply', reply: { body: 'all' } });
  t.same(await kept(), { body: 'all', unfinished: false });
});

t.test('a refusal stands unless a twin with the same key has committed meanwhile', async (t) => {
  const rendered = { status: 200, headers: {}, body: '{}' };
  const idempotency = { id: 'twin', fingerprints: ['f'] as const, render: () => rendered };
  const refusing = (over: Partial<Command> = {}, error: Error = conflictError('vendor.changed', 'No.')) =>
    unitOfWork.run(command({ idempotency, ...over }), async () => {
      throw error;
    });
  await t.rejects(refusing(), { code: 'vendor.changed' });
  await t.rejects(refusing({}, new RangeError('defect')), RangeError);
  await unitOfWork.run(command({ idempotency }), async () => ({ result: 1, writes: [put('twin')] }));
  await t.rejects(refusing(), { name: 'ReplayedReply' });
  await t.rejects(refusing({ dryRun: true }), { code: 'vendor.changed' });
  await t.rejects(refusing({ idempotency: undefined }), { code: 'vendor.changed' });
  const later = new Date(Date.now() + 25 * 3_600_000);
  await t.rejects(refusing({ now: later }), { code: 'vendor.changed' });
  t.equal(epochSeconds(new Date(1999)), 1);
});

t.test('a list is pages over one index, filtered over at most 500 items a page', async (t) => {
  const chain = 'chain';
  const event = (seq: number): Item => ({ entity_id: chain, seq, even: seq % 2 === 0 });
  for (let from = 1; from <= 620; from += 20)
    await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        client.send(new PutCommand({ TableName: dynamo.names.audit_log, Item: event(from + n) })),
      ),
    );
  const plan = { table: 'audit_log', hash: { name: 'entity_id', value: chain } } as const;
  const binding = { principal: 'u', query: 'q' };
  const seqs = (item: Item) => Number(item['seq']);
  const first = await queryPage(deps, plan, { limit: 3, binding }, seqs);
  t.same(first.data, [620, 619, 618], 'newest first');
  const second = await queryPage(deps, plan, { limit: 3, cursor: first.next_cursor ?? '', binding }, seqs);
  t.same(second.data, [617, 616, 615]);
  const even = { ...plan, ascending: true, keep: (item: Item) => item['even'] === true };
  const evens = await queryPage(deps, even, { limit: 3, binding }, seqs);
  t.same(evens.data, [2, 4, 6]);
  t.same((await queryPage(deps, even, { limit: 3, cursor: evens.next_cursor ?? '', binding }, seqs)).data, [8, 10, 12]);
  const rare = { ...plan, ascending: true, keep: (item: Item) => Number(item['seq']) > 610 };
  const empty = await queryPage(deps, rare, { limit: 20, binding }, seqs);
  t.same(empty.data, [], 'a page may be empty');
  const rest = await queryPage(deps, rare, { limit: 20, cursor: empty.next_cursor ?? '', binding }, seqs);
  t.same(rest.data, [611, 612, 613, 614, 615, 616, 617, 618, 619, 620]);
  t.equal(rest.next_cursor, null);
  const last = { ...plan, keep: (item: Item) => Number(item['seq']) === 1 };
  let found = await queryPage(deps, last, { limit: 1, binding }, seqs);
  while (found.data.length === 0)
    found = await queryPage(deps, last, { limit: 1, cursor: found.next_cursor ?? '', binding }, seqs);
  t.same([found.data, found.next_cursor], [[1], null], 'the last item of all leaves no cursor');
  let all = 0;
  for await (const item of queryAll(deps, plan)) all += item['seq'] === undefined ? 0 : 1;
  t.equal(all, 620);
});

t.test('a range of the sort key narrows a list from either side', async (t) => {
  for (const name of ['alpha', 'beta', 'betamax', 'gamma']) await created({ name: `range ${name}` });
  const names = async (range: { from?: string; to?: string; prefix?: string }): Promise<number> => {
    const plan = {
      table: 'vendors',
      index: 'by_name',
      hash: { name: 'all', value: '1' },
      range: { name: 'name_key', ...range },
    } as const;
    const page = { limit: 1, binding: { principal: 'u', query: 'q' } };
    let count = 0;
    let cursor: string | null | undefined;
    do {
      const { data, next_cursor } = await queryPage(
        deps,
        plan,
        { ...page, cursor: cursor ?? undefined },
        (item) => item,
      );
      count += data.length;
      cursor = next_cursor;
    } while (cursor !== null);
    return count;
  };
  t.equal(await names({ prefix: 'range beta' }), 2);
  t.equal(await names({ from: 'range beta', to: 'range c' }), 2);
  t.equal(await names({ from: 'range beta' }), 3);
  t.equal(await names({ to: 'range betamax', from: 'range ' }), 3);
  t.ok((await names({ to: 'range alpha' })) >= 1);
  const kept = {
    table: 'vendors',
    index: 'by_name',
    hash: { name: 'all', value: '1' },
    range: { name: 'name_key', prefix: 'range' },
    keep: () => true,
  } as const;
  const page = await queryPage(
    deps,
    kept,
    { limit: 2, binding: { principal: 'u', query: 'k' } },
    ({ name_key }) => name_key,
  );
  t.equal(page.data.length, 2);
  t.ok(page.next_cursor, 'a cursor in the middle of what was read');
});

t.test('a table that answers is ready, one that is not there rejects', async (t) => {
  await tableReady(client, dynamo.names.vendors);
  await t.rejects(tableReady(client, `${dynamo.prefix}nothing`), { name: 'ResourceNotFoundException' });
});

t.test('an observer hears of what was committed and of what was tried again, and of nothing else', async (t) => {
  const heard: string[] = [];
  const observer = {
    committed: (writes: readonly PendingWrite[]) => void heard.push(writes.map(({ table }) => table).join()),
    retried: () => void heard.push('retried'),
  };
  const thing = await created();
  const watched = createUnitOfWork({ ...deps, retryBaseMs: 1, observer });
  await rename(command({ dryRun: true }), thing.id, 'tried', watched);
  t.same(heard, [], 'a dry run');
  const claim = {
    id: newId('event'),
    fingerprints: ['f'] as const,
    render: () => ({ status: 200, headers: {}, body: '{}' }),
  };
  await rename(command({ idempotency: claim }), thing.id, 'once', watched);
  await t.rejects(rename(command({ idempotency: claim }), thing.id, 'twice', watched), ReplayedReply);
  t.same(heard.splice(0), ['idempotency,vendors,audit_log'], 'a replay');
  const busy = failing(
    (attempt) =>
      [awsError('ThrottlingException', { $metadata: { httpStatusCode: 400 } }), cancelledFor('TransactionConflict')][
        attempt
      ],
    'before',
    { retryBaseMs: 1, observer },
  );
  await rename(command(), thing.id, 'later', busy.work);
  t.same(heard, ['retried', 'retried', 'vendors,audit_log']);
});

t.test('what accompanies a decision is a condition of it, also of a dry run', async (t) => {
  const accompany = (writes: readonly PendingWrite[]): readonly PendingWrite[] =>
    writes.some(({ table }) => table === 'vendors')
      ? [
          {
            action: 'check',
            table: 'keys',
            key: { id: 'here' },
            condition: { kind: 'exists' },
            refuse: () => conflictError('test.elsewhere', 'Not here.'),
          },
        ]
      : [];
  const work = createUnitOfWork({ ...deps, retryBaseMs: 1, accompany });
  const thing = await created();
  for (const dryRun of [true, false])
    await t.rejects(rename(command({ dryRun }), thing.id, 'B', work), { code: 'test.elsewhere' });
  await work.run(command(), async () => ({ result: undefined, writes: [put('here')] }));
  t.match(await rename(command(), thing.id, 'B', work), { name: 'B' });
});
