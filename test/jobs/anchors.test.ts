import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import t from 'tap';
import { type Anchor, anchorKeys } from '../../src/jobs/anchor.ts';
import { anchorAudit } from '../../src/jobs/anchor-audit.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { canonicalJson } from '../../src/shared/audit/canonical.ts';
import { merkleRoot } from '../../src/shared/audit/merkle.ts';
import { folderStorage } from '../../src/shared/storage/folder-storage.ts';
import { readAll, sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Loose, type TestReply, testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { activeVendor } from '../support/orders.ts';

const api = await testApi(t);
const manager = await api.as('vendor_manager');
const { backups } = api.infrastructure.storage;
const at = (text: string) => ({ now: () => new Date(text) });

const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
const VENDOR = { name: 'Example Paper BV', email: 'v@example.com', payment_terms: 'EOM', currency: 'EUR' };
const vendor = async (): Promise<Loose> => ok(await manager.post('/vendors', VENDOR), 201);

const bytes = async (key: string): Promise<Buffer> => {
  const object = await backups.get(key);
  if (object === undefined) throw new Error(`no ${key}`);
  return readAll(object);
};
const anchorAt = async (key: unknown): Promise<Anchor> => JSON.parse((await bytes(String(key))).toString('utf8'));
const linesOf = async ({ lines }: Anchor): Promise<string[]> =>
  lines === null
    ? []
    : gunzipSync(await bytes(lines.key))
        .toString('utf8')
        .trimEnd()
        .split('\n');
const replace = async (key: string, content: Buffer): Promise<void> =>
  backups.put(key, content, { content_type: 'application/gzip', sha256: sha256Hex(content) });

const [kept, drawnBack] = [await activeVendor(api), await vendor()];

t.test('a dry run anchors nothing', async (t) => {
  const { context } = jobOver(api, { ...at('2026-01-31T22:10:00.000Z'), dryRun: true });
  t.match(await anchorAudit.run(context), { result: 'ok', sentence: /would be anchored in anchors\/2026\/01\// });
  t.strictSame(await anchorKeys(backups), []);
});

t.test('the first anchor holds the head of every chain, and its root is over them', async (t) => {
  const { result, facts } = await anchorAudit.run(jobOver(api, at('2026-01-31T22:10:00.000Z')).context);
  const anchor = await anchorAt(facts['anchor']);
  const lines = await linesOf(anchor);
  t.match(anchor, { number: 1, whole: true, previous: null, heads: lines.length, table_prefix: api.dynamo.prefix });
  t.match({ result, key: facts['anchor'] }, { result: 'ok', key: 'anchors/2026/01/00000001.json' });
  t.equal(anchor.root, merkleRoot(lines));
  const subjects = lines.map((line) => {
    const { entity, id }: Loose = JSON.parse(line);
    return `${entity} ${id}`;
  });
  t.strictSame(subjects, [...new Set(subjects)].sort(), 'each once, in an order that anyone can repeat');
  const { head_hash } = await api.dependencies.trail.verify({ entity: 'vendor', entity_id: kept.id });
  t.ok(lines.includes(canonicalJson({ entity: 'vendor', id: kept.id, seq: 2, hash: head_hash })));
  t.equal(lines.filter((line) => line.includes(`"id":"${manager.id}"`)).length, 1, 'people have one too');
});

t.test('one of the same day holds what changed since, and is chained to the one before', async (t) => {
  const before = await anchorAt('anchors/2026/01/00000001.json');
  const quiet = await anchorAudit.run(jobOver(api, at('2026-01-31T22:40:00.000Z')).context);
  t.match(await anchorAt(quiet.facts['anchor']), { number: 2, lines: null, root: before.root });

  const made = await vendor();
  ok(await manager.post(`/vendors/${kept.id}/hold`, { reason: 'a check' }));
  t.equal((await manager.delete(`/vendors/${drawnBack.id}`, { version: 1 })).status, 204);
  const { facts } = await anchorAudit.run(jobOver(api, at('2026-01-31T23:10:00.000Z')).context);
  const anchor = await anchorAt(facts['anchor']);
  t.match(anchor, { number: 3, whole: false, heads: before.heads });
  t.strictSame(anchor.previous, {
    key: String(quiet.facts['anchor']),
    sha256: sha256Hex(await bytes(String(quiet.facts['anchor']))),
  });
  const changed = (await linesOf(anchor)).map((line): Loose => JSON.parse(line));
  t.strictSame(
    new Map(changed.map(({ id, seq }) => [id, seq])),
    new Map([
      [kept.id, 3],
      [drawnBack.id, 0],
      [made.id, 1],
    ]),
  );
});

t.test('of two runs at once one anchors, also where a month ends between them', async (t) => {
  const [before, after] = [at('2026-01-31T23:59:59.999Z'), at('2026-02-01T00:00:00.000Z')];
  ok(await manager.post(`/vendors/${kept.id}/release`, { reason: 'checked' }));
  const both = await Promise.all([before, after].map((when) => anchorAudit.run(jobOver(api, when).context)));
  t.strictSame(
    both.map(({ result }) => result),
    ['ok', 'ok'],
  );
  const keys = await anchorKeys(backups);
  t.equal(new Set(keys).size, keys.length);
  const numbers = await Promise.all(keys.map(async (key) => (await anchorAt(key)).number));
  t.strictSame(
    numbers,
    numbers.map((_, index) => index + 1),
    'no number twice and none left out',
  );
});

t.test('the first of a day is whole again, and a clock that went back does not go before the last', async (t) => {
  const { facts } = await anchorAudit.run(jobOver(api, at('2026-02-03T00:10:00.000Z')).context);
  const anchor = await anchorAt(facts['anchor']);
  t.match(anchor, { whole: true });
  t.equal(merkleRoot(await linesOf(anchor)), anchor.root);
  const { facts: earlier } = await anchorAudit.run(jobOver(api, at('2026-02-02T23:00:00.000Z')).context);
  t.match(await anchorAt(earlier['anchor']), { number: anchor.number + 1, taken_at: anchor.taken_at });
});

t.test('where the anchors before are damaged everything is anchored again, and somebody is told', async (t) => {
  ok(await manager.post(`/vendors/${kept.id}/hold`, { reason: 'another check' }));
  const { facts } = await anchorAudit.run(jobOver(api, at('2026-02-03T01:10:00.000Z')).context);
  const { lines, number } = await anchorAt(facts['anchor']);
  const good = await bytes(lines?.key ?? '');
  await replace(lines?.key ?? '', Buffer.from('something else'));
  const damaged = await anchorAudit.run(jobOver(api, at('2026-02-03T02:10:00.000Z')).context);
  t.match(damaged, { result: 'findings', sentence: /not whole; run p2p verify-audit/ });
  t.match(damaged.facts['damage'], /is not what its anchor says/);
  t.match(await anchorAt(damaged.facts['anchor']), { number: number + 1, whole: true });
  await replace(lines?.key ?? '', good);
  t.match(await anchorAudit.run(jobOver(api, at('2026-02-03T03:10:00.000Z')).context), { result: 'ok' });
});

t.test('the last anchor is found however long ago it was', async (t) => {
  const last = (await anchorKeys(backups)).at(-1);
  const { facts } = await anchorAudit.run(jobOver(api, at('2027-06-01T00:00:00.000Z')).context);
  t.equal((await anchorAt(facts['anchor'])).previous?.key, last);
});

t.test('with a bucket of their own anchors begin there, and those from before still count', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'p2p-anchors-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  const anchors = folderStorage({ root, bucket: 'anchors', baseUrl: () => 'http://127.0.0.1', secret: 'of a test' });
  const before = await anchorKeys(backups);
  const { infrastructure, dependencies } = api;
  const apart = {
    dependencies,
    infrastructure: { ...infrastructure, storage: { ...infrastructure.storage, anchors } },
  };

  const anchored = await anchorAudit.run(jobOver(apart, at('2027-06-02T00:00:00.000Z')).context);
  t.match(anchored, { result: 'ok', facts: { anchor: 'anchors/2027/06/00000001.json', number: 1 } });
  t.strictSame(await anchorKeys(anchors), [anchored.facts['anchor']]);
  t.strictSame(await anchorKeys(backups), before, 'nothing more among the backups');

  const verified = await verifyAudit(jobOver(apart).context);
  t.match(verified.facts, { anchors: before.length + 1, anchored_at: '2027-06-02T00:00:00.000Z' });
  const { facts } = await verifyAudit(jobOver(api).context);
  t.equal(facts['anchors'], before.length);
});

t.test('a last anchor that is none ends the run with its name', async (t) => {
  const last = (await anchorKeys(backups)).at(-1) ?? '';
  for (const content of ['{}', 'not even JSON']) {
    await replace(last, Buffer.from(content));
    await t.rejects(anchorAudit.run(jobOver(api).context), { message: `${last} is no anchor` });
  }
});
