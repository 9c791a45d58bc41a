import { Readable } from 'node:stream';
import { DeleteCommand, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDependencies } from '../../src/dependencies.ts';
import { type Anchor, anchorKeys } from '../../src/jobs/anchor.ts';
import { anchorAudit } from '../../src/jobs/anchor-audit.ts';
import { backup } from '../../src/jobs/backup.ts';
import { restore } from '../../src/jobs/restore.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { type AuditEvent, eventFromItem, eventToItem, hashOf } from '../../src/shared/audit/event.ts';
import { tableNames } from '../../src/shared/dynamo/tables.ts';
import { newId } from '../../src/shared/ids.ts';
import { type ObjectStorage, readAll, sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Json, type Loose, type TestReply, testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { activeVendor } from '../support/orders.ts';
import { changeItem } from '../support/stored-items.ts';

t.setTimeout(120_000);
const api = await testApi(t);
const manager = await api.as('vendor_manager');
const { backups } = api.infrastructure.storage;
const { audit_log, vendors } = api.dynamo.names;

const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
/** A vendor with a chain of four events. */
async function vendor(): Promise<string> {
  const { id } = await activeVendor(api);
  for (const action of ['hold', 'release'])
    ok(await manager.post(`/vendors/${id}/${action}`, { reason: 'a check' }), 200);
  return id;
}
const anchored = () => anchorAudit.run(jobOver(api).context);

async function verified(over: Pick<typeof api, 'infrastructure' | 'dependencies'> = api) {
  const { context, said } = jobOver(over);
  const outcome = await verifyAudit(context);
  const told = said.filter(({ msg }) => msg !== undefined && msg !== 'progress');
  const findings = told.map(({ level, time, command, ...finding }) => finding);
  return { ...outcome, findings };
}
const about = (findings: readonly Json[], id: string): Json[] => findings.filter(({ entity_id }) => entity_id === id);

const read = async (entity_id: string, seq: number): Promise<AuditEvent> => {
  const { Item } = await api.client.send(new GetCommand({ TableName: audit_log, Key: { entity_id, seq } }));
  if (Item === undefined) throw new Error(`no event ${seq}`);
  return eventFromItem(Item);
};
const write = (event: AuditEvent) =>
  api.client.send(new PutCommand({ TableName: audit_log, Item: eventToItem(event) }));
const remove = (entity_id: string, seq: number) =>
  api.client.send(new DeleteCommand({ TableName: audit_log, Key: { entity_id, seq } }));
const removeVendor = (id: string) => api.client.send(new DeleteCommand({ TableName: vendors, Key: { id } }));
const setHead = (id: string, head: { seq: number; hash: string } | undefined, table = vendors) =>
  changeItem(api.client, table, id, ({ audit, ...item }) => (head === undefined ? item : { ...item, audit: head }));
/** As somebody would who can write every table: the chain is sound in itself, and its entity agrees. */
async function recompute(id: string, from: number, changes: Partial<AuditEvent>): Promise<void> {
  let previous = from === 1 ? undefined : await read(id, from - 1);
  for (let seq = from; seq <= 4; seq += 1) {
    const event = { ...(await read(id, seq)), ...(seq === from ? changes : {}) };
    const linked = previous === undefined ? event : { ...event, prev_hash: previous.hash };
    previous = { ...linked, hash: hashOf(linked) };
    await write(previous);
  }
  if (previous !== undefined) await setHead(id, { seq: previous.seq, hash: previous.hash });
}

const stands = await vendor();

t.test('without anchors chains are held against themselves, and that is said', async (t) => {
  const { result, sentence, findings, facts } = await verified();
  t.strictSame({ result, findings }, { result: 'ok', findings: [] });
  t.match(sentence, /all are whole\. Without anchors a cut tail is not found\.$/);
  t.ok(Number(facts['chains']) >= 2 && Number(facts['events']) >= 5);
});

t.test('what people decide while chains are read is no finding', async (t) => {
  let reading = true;
  const deciding = (async () => {
    for (let held = true; reading; held = !held)
      ok(await manager.post(`/vendors/${stands}/${held ? 'hold' : 'release'}`, { reason: 'busy' }));
  })();
  for (let n = 0; n < 5; n += 1) t.strictSame((await verified()).findings, []);
  reading = false;
  await deciding;
  if (ok(await manager.get(`/vendors/${stands}`)).status === 'payment_hold')
    ok(await manager.post(`/vendors/${stands}/release`, { reason: 'calm' }));
});

t.test('what was done to a chain is found where it begins', async (t) => {
  const cases: Record<string, { tamper: (id: string) => Promise<unknown>; found: Loose }> = {
    'a changed event': {
      tamper: async (id) => write({ ...(await read(id, 2)), actor: newId('user') }),
      found: { seq: 2, reason: 'its content was changed' },
    },
    'a missing event': { tamper: (id) => remove(id, 2), found: { seq: 2, reason: 'event 2 is missing' } },
    'two events in each other’s place': {
      tamper: async (id) => {
        const [second, third] = [await read(id, 2), await read(id, 3)];
        await write({ ...second, seq: 3 });
        await write({ ...third, seq: 2 });
      },
      found: { seq: 2, reason: 'it does not follow the event before it' },
    },
    'a cut tail': {
      tamper: (id) => remove(id, 4),
      found: { seq: 4, reason: 'the chain does not end at the head the entity holds' },
    },
    'an entity without a head': {
      tamper: (id) => setHead(id, undefined),
      found: { seq: 5, reason: 'the entity holds no head' },
    },
    'an entity that is gone': {
      tamper: removeVendor,
      found: { seq: 5, reason: 'the entity is missing, and no event tells of its deletion' },
    },
    'an entity without any event': {
      tamper: async (id) => {
        for (const seq of [1, 2, 3, 4]) await remove(id, seq);
      },
      found: { seq: 1, reason: 'the chain does not end at the head the entity holds' },
    },
  };
  const ids = new Map<string, string>();
  for (const [title, { tamper }] of Object.entries(cases)) {
    const id = await vendor();
    ids.set(title, id);
    await tamper(id);
  }
  const { result, findings } = await verified();
  t.equal(result, 'findings');
  for (const [title, { found }] of Object.entries(cases))
    t.strictSame(
      about(findings, ids.get(title) ?? ''),
      [{ entity: 'vendor', entity_id: ids.get(title), ...found, msg: 'a chain is not whole' }],
      title,
    );
  t.equal(findings.length, ids.size, 'and nothing else');

  await write({ ...(await read(stands, 1)), entity_id: 'Somewhere 1' });
  t.match(about((await verified()).findings, 'Somewhere 1'), [{ reason: 'its id is that of no entity' }]);
  await remove('Somewhere 1', 1);
  for (const id of ids.values()) {
    for (const seq of [1, 2, 3, 4]) await remove(id, seq);
    await removeVendor(id);
  }
  t.match(await verified(), { result: 'ok' });
});

t.test('what is sound in itself is found by the anchors: a cut tail, a chain made anew, all of one gone', async (t) => {
  const [cut, anew, gone, grown, drawnBack] = [
    await vendor(),
    await vendor(),
    await vendor(),
    await vendor(),
    ok(
      await manager.post('/vendors', { name: 'P', email: 'p@example.com', payment_terms: 'EOM', currency: 'EUR' }),
      201,
    ).id,
  ];
  await anchored();
  ok(await manager.post(`/vendors/${grown}/hold`, { reason: 'another check' }));
  t.equal((await manager.delete(`/vendors/${drawnBack}`, { version: 1 })).status, 204);
  const before = await verified();
  t.strictSame(before.findings, [], 'chains that grew, or ended with their entity, are whole');
  await anchored();

  await remove(cut, 4);
  await setHead(cut, { seq: 3, hash: (await read(cut, 3)).hash });
  await recompute(anew, 2, { reason: 'never' });
  for (const seq of [1, 2, 3, 4]) await remove(gone, seq);
  await removeVendor(gone);
  const [first] = (await anchorKeys(backups)).map((_, index) => index + 1);
  const { result, findings, facts } = await verified();
  t.equal(result, 'findings');
  const vendorFinding = (entity_id: string, reason: string): Json => ({
    entity: 'vendor',
    entity_id,
    seq: 4,
    reason,
    anchor: first,
    msg: 'a chain is not whole',
  });
  t.strictSame(about(findings, cut), [vendorFinding(cut, 'the chain ends at 3, where an anchor holds event 4')]);
  t.strictSame(about(findings, anew), [vendorFinding(anew, 'event 4 is another one than an anchor holds')]);
  t.strictSame(about(findings, gone), [vendorFinding(gone, 'the chain ends at 0, where an anchor holds event 4')]);
  t.match({ facts, count: findings.length }, { facts: { findings: 3 }, count: 3 });

  await anchored();
  const later = await verified();
  t.strictSame(later.findings, findings, 'anchors taken afterwards do not heal it');
});

const bytes = async (key: string): Promise<Buffer> => {
  const object = await backups.get(key);
  if (object === undefined) throw new Error(`no ${key}`);
  return readAll(object);
};
const replace = async (key: string, content: Buffer): Promise<void> =>
  backups.put(key, content, { content_type: 'application/json', sha256: sha256Hex(content) });
const anchorAt = async (key: string): Promise<Anchor> => JSON.parse((await bytes(key)).toString('utf8'));

t.test('an anchor that was put again or hidden is read as it was first, and that is a finding', async (t) => {
  const keys = await anchorKeys(backups);
  const [first = '', second = ''] = keys;
  const kept = new Map<string, Buffer>();
  for (const key of [first, second]) kept.set(key, await bytes(key));
  // A bucket with versions, as S3 keeps them: what lies there now beside what was there first.
  const versioned: ObjectStorage = {
    ...backups,
    async get(key, version) {
      const was = version === 'first' ? kept.get(key) : undefined;
      return was === undefined
        ? backups.get(key)
        : { body: Readable.from([was]), size: was.length, content_type: 'application/json' };
    },
    history: async () => new Map([...kept.keys()].map((key) => [key, { first: 'first', changes: 2 }])),
  };
  const infrastructure = { ...api.infrastructure, storage: { ...api.infrastructure.storage, backups: versioned } };
  const forged = { ...(await anchorAt(first)), root: '0'.repeat(64) };
  const before = await verified();
  await replace(first, Buffer.from(JSON.stringify(forged)));
  await backups.delete(second);
  const { findings } = await verified({ infrastructure, dependencies: api.dependencies });
  for (const [key, content] of kept) await replace(key, content);
  const told = findings.filter(({ msg }) => msg === 'an anchor is not whole');
  const again = (anchor: string) => ({ anchor, reason: 'it was put or deleted 2 times; what was first counts' });
  t.match(told, [again(first), again(second)]);
  t.equal(told.length, 2 + before.findings.filter(({ msg }) => msg === 'an anchor is not whole').length);
});

t.test('an anchor that was changed, left out or does not hold is found', async (t) => {
  ok(await manager.post(`/vendors/${stands}/hold`, { reason: 'yet another check' }));
  await anchored();
  const keys = await anchorKeys(backups);
  const [first = '', second = '', third = ''] = keys;
  const last = keys.at(-1) ?? '';
  const reasons = async (): Promise<Record<string, unknown[]>> => {
    const told: Record<string, unknown[]> = {};
    for (const { anchor, reason, msg } of (await verified()).findings)
      if (msg === 'an anchor is not whole') told[String(anchor)] = [...(told[String(anchor)] ?? []), reason];
    return told;
  };
  t.strictSame(await reasons(), {});
  const broken = async (key: string, content: Buffer | undefined) => {
    const good = await bytes(key);
    if (content === undefined) await backups.delete(key);
    else await replace(key, content);
    const told = await reasons();
    await replace(key, good);
    return told;
  };
  const altered = async (key: string, changes: Partial<Anchor>) =>
    broken(key, Buffer.from(JSON.stringify({ ...(await anchorAt(key)), ...changes }, undefined, 2)));
  const follows = 'it does not follow the anchor before it';

  t.strictSame(await altered(first, { taken_at: '2020-01-01T00:00:00.000Z' }), { [second]: [follows] });
  t.strictSame(await altered(first, { root: 'a'.repeat(64) }), {
    [first]: ['its root is not that of its heads'],
    [second]: [follows],
  });
  t.strictSame(await altered(last, { root: 'a'.repeat(64) }), {
    [last]: ['its root is not that of the heads up to it'],
  });
  t.strictSame(await altered(last, { number: 77 }), { [last]: ['it says that it is anchor 77'] });
  t.strictSame(await broken(second, Buffer.from('[]')), { [second]: [`${second} is no anchor`] });
  t.strictSame(await broken(second, undefined), { [third]: ['anchor 2 is missing before it'] });
  const lines = (await anchorAt(second)).lines?.key ?? '';
  t.strictSame(await broken(lines, Buffer.from('x')), { [second]: [`${lines} is not what its anchor says`] });
  t.strictSame(await broken(lines, undefined), { [second]: [`${lines} is missing`] });
  t.strictSame(await reasons(), {});
});

t.test('what was anchored and lost by a restore is told apart', async (t) => {
  const lost = await vendor();
  const from = String((await backup.run(jobOver(api).context)).facts['backup']);
  ok(await manager.post(`/vendors/${lost}/hold`, { reason: 'in the lost hour' }));
  const unknown = await vendor();
  await anchored();
  const prefix = `${api.dynamo.prefix}restored_`;
  await restore(jobOver(api).context, { from, prefix });
  const infrastructure = { ...api.infrastructure, tableNames: tableNames(prefix) };
  const restored = { infrastructure, dependencies: createDependencies(infrastructure) };
  const before = (await verified()).findings.length;
  const { findings, sentence, facts } = await verified(restored);
  t.match(about(findings, lost), [{ seq: 5, msg: 'what a restore lost', reason: /ends at 4/ }]);
  t.match(about(findings, unknown), [{ seq: 4, msg: 'what a restore lost', reason: /ends at 0/ }]);
  t.equal(facts['findings'], 0, 'chains that disagree with anchors from before the restore are no findings now');
  t.equal(facts['lost'], before + 2);
  t.match(sentence, /stood further on before the restore of/);

  await anchorAudit.run(jobOver(restored).context);
  await setHead('recovery', { seq: 9, hash: 'f'.repeat(64) }, infrastructure.tableNames.settings);
  t.match(about((await verified(restored)).findings, 'recovery'), [{ entity: 'settings', seq: 2 }]);
});
