import t from 'tap';
import { createDependencies } from '../../src/dependencies.ts';
import { backup } from '../../src/jobs/backup.ts';
import { BACKED_UP } from '../../src/jobs/manifest.ts';
import { markRestored, restore } from '../../src/jobs/restore.ts';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import { createTables } from '../../src/shared/dynamo/create-tables.ts';
import { tableNames } from '../../src/shared/dynamo/tables.ts';
import { scanWire, wireLine } from '../../src/shared/dynamo/wire.ts';
import { readAll, sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Caller, caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { commandOf, invoiceBody, receive } from '../support/invoices.ts';
import { jobOver } from '../support/jobs.ts';
import { activeVendor, sentOrder } from '../support/orders.ts';
import { payables } from '../support/payables.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const admin = await api.as('admin');
const { storage } = api.infrastructure;
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));

const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
const debtor_account_id = ok(
  await admin.post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    bic: 'ABNANL2A',
    currency: 'EUR',
    country: 'NL',
  }),
  201,
).id;

/** An approved batch over one new payment. */
async function approvedBatch(amount_due: string): Promise<Loose> {
  const store = payables(api);
  const invoice = await store.invoice((await store.vendor()).id, { amount_due });
  const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
  ok(await second.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));
  const body = { debtor_account_id, execution_date, payment_ids: [payment.id] };
  const batch = ok(await treasurer.post('/payment-batches', body), 201);
  const submitted = ok(await treasurer.post(`/payment-batches/${batch.id}/submit`, {}));
  return ok(await second.post(`/payment-batches/${batch.id}/approve`, {}, { version: submitted.version }));
}
const generate = (who: Caller, { id }: Loose) => who.post(`/payment-batches/${id}/generate`, {});

/** The same people before a server over the restored tables. */
async function restoredServer(prefix: string) {
  const infrastructure = { ...api.infrastructure, tableNames: tableNames(prefix) };
  const app = await api.another({ tableNames: infrastructure.tableNames });
  const as = ({ id, token }: Caller): Caller => caller(app, id, token);
  return { infrastructure, dependencies: createDependencies(infrastructure), as };
}

const vendor = await activeVendor(api);
const order = await sentOrder(api, vendor.id);
await receive(api, order.id, '60');
const clerk = await api.as('ap_clerk');
const entered = ok(await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity: '60' }])), 201);
const matched = ok(await clerk.post(`/invoices/${entered.id}/match`, {}));
const known = ok(await generate(treasurer, await approvedBatch('250.10')));
const waiting = await approvedBatch('99.99');

const backedUp = await backup.run(jobOver(api).context);
const folder = String(backedUp.facts['backup']);
const lost = ok(await generate(treasurer, await approvedBatch('1234.56')));
const prefix = `${api.dynamo.prefix}restored_`;

t.test('a backup says what it holds, item by item', async (t) => {
  t.match(backedUp, { result: 'ok', sentence: /^\d+ items of 17 tables are in backups\/[\dT-]+Z\.$/ });
  const object = await storage.backups.get(`${folder}/manifest.json`);
  const manifest = JSON.parse((await readAll(object ?? (t.fail('no manifest') as never))).toString('utf8'));
  t.strictSame(Object.keys(manifest.tables), [...BACKED_UP]);
  for (const { parts, items } of Object.values<Loose>(manifest.tables)) {
    let sum = 0;
    for (const part of parts) {
      t.equal((await storage.backups.head(part.key))?.sha256, part.sha256, part.key);
      sum += part.items;
    }
    t.equal(sum, items);
  }
  t.notOk('idempotency' in manifest.tables || 'sessions' in manifest.tables, 'replies and sessions are in no backup');
  const before = (await storage.backups.list('backups/')).objects.length;
  const dry = await backup.run(jobOver(api, { dryRun: true }).context);
  t.match(dry.sentence, /would be in/);
  t.equal((await storage.backups.list('backups/')).objects.length, before, 'a dry run stores nothing');
});

t.test('what cannot be restored is refused with a sentence', async (t) => {
  const { context } = jobOver(api);
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['backups/2001-01-01T00-00-00-000Z', prefix, /^There is no backup backups\/2001/],
    ['elsewhere', prefix, /^'elsewhere' is no backup/],
    [folder, 'a/b', /^'a\/b' is no prefix/],
    [folder, api.dynamo.prefix, /is the prefix of the service that runs/],
  ];
  for (const [from, to, sentence] of cases)
    await t.rejects(restore(context, { from, prefix: to }), { name: 'UsageError', message: sentence });
  const used = `${api.dynamo.prefix}used_`;
  const created = await createTables(api.dynamo.client, used, { only: ['settings'] });
  t.equal(created.length, 1);
  const other = createDependencies({ ...api.infrastructure, tableNames: tableNames(used) });
  await other.recovery.begin('backups/another');
  await t.rejects(restore(context, { from: folder, prefix: used }), { message: /settings holds data already/ });
});

t.test('a backup that was altered is not restored', async (t) => {
  const { objects } = await storage.backups.list(`${folder}/vendors/`);
  const key = objects[0]?.key ?? '';
  const bytes = await readAll((await storage.backups.get(key)) ?? (t.fail('no part') as never));
  const wrong = Buffer.from('not what it was');
  await storage.backups.put(key, wrong, { content_type: 'application/gzip', sha256: sha256Hex(wrong) });
  const dry = jobOver(api, { dryRun: true }).context;
  await t.rejects(restore(dry, { from: folder, prefix }), { message: /is not what the manifest says/ });
  await storage.backups.put(key, bytes, { content_type: 'application/gzip', sha256: sha256Hex(bytes) });
  t.match(await restore(dry, { from: folder, prefix }), { result: 'ok', sentence: /are sound and would be restored/ });
});

t.test('a restore into a new prefix holds what was backed up, number for number, and only reads', async (t) => {
  const { context } = jobOver(api);
  t.match(await restore(context, { from: 'latest', prefix }), { result: 'ok', facts: { backup: folder } });
  const { as } = await restoredServer(prefix);
  const [reader, payer] = [as(admin), as(treasurer)];
  t.strictSame(
    ok(await reader.get(`/purchase-orders/${order.id}`)),
    ok(await admin.get(`/purchase-orders/${order.id}`)),
  );
  t.strictSame(ok(await reader.get(`/invoices/${matched.id}`)), ok(await admin.get(`/invoices/${matched.id}`)));
  t.equal(ok(await reader.get(`/payment-batches/${known.id}`)).status, 'generated');
  t.equal((await reader.get(`/payment-batches/${lost.id}`)).status, 404, 'the lost hour is lost');
  const refused = await payer.post('/payments', { invoice_id: matched.id });
  t.match(refused, { status: 503, body: { code: 'service.read-only' } });
  t.ok(Number(refused.headers['retry-after']) > 0);
  t.match(ok(await payer.get('/settings/recovery')), { status: 'read_only', restored_from: folder });
  t.not((await payer.post('/auth/token', { email: 'a@example.com', password: 'wrong' })).status, 503);
});

t.test('restoring again is refused once done, and the same once more goes on where it stopped', async (t) => {
  const { context } = jobOver(api);
  await t.rejects(restore(context, { from: folder, prefix }), { message: /holds data already/ });
  const again = `${api.dynamo.prefix}again_`;
  await createTables(api.dynamo.client, again);
  const { dependencies, as } = await restoredServer(again);
  await dependencies.recovery.begin(folder);
  await t.rejects(dependencies.recovery.begin('backups/another'), { code: 'recovery.restoring' });
  t.match(await dependencies.recovery.get(), { status: 'read_only', version: 0, restored_from: folder });
  t.equal(await dependencies.recovery.paymentsReleased(), false);
  await t.rejects(dependencies.recovery.paymentsReleasedCheck(), { code: 'payment_batch.held-after-restore' });
  t.match(await restore(context, { from: folder, prefix: again }), { result: 'ok' }, 'the first had stopped half-way');
  t.match(ok(await as(treasurer).get('/settings/recovery')), { status: 'read_only', version: 1 });
});

t.test('commands come back with an administrator, payments with a treasurer alone', async (t) => {
  const { as, dependencies } = await restoredServer(prefix);
  const [administrator, payer] = [as(admin), as(treasurer)];
  const reason = { reason: 'Compared with the statement of the bank' };
  t.match(await payer.post('/settings/recovery/release', reason), {
    status: 409,
    body: { code: 'recovery.wrong-status' },
  });
  t.equal((await as(clerk).post('/settings/recovery/open', reason)).status, 403);
  t.match(ok(await administrator.post('/settings/recovery/open', reason)), {
    status: 'payments_held',
    opened_by: admin.id,
  });
  t.match(await generate(payer, waiting), { status: 409, body: { code: 'payment_batch.held-after-restore' } });
  t.match(await payer.post(`/payment-batches/${known.id}/send`, { channel: 'portal' }), {
    status: 409,
    body: { code: 'payment_batch.held-after-restore' },
  });
  t.strictSame(await dependencies.paymentBatches.resumeBatches(), { resumed: 0, failed: 0 });
  t.equal((await administrator.post('/settings/recovery/release', reason)).status, 403);
  t.match(ok(await payer.post('/settings/recovery/release', reason)), {
    status: 'released',
    released_by: treasurer.id,
  });
  t.equal(ok(await generate(payer, waiting)).status, 'generated');
  const { events } = await dependencies.trail.verify({ entity: 'settings', entity_id: 'recovery' });
  t.equal(events, 3, 'restored, opened and released are on record');
});

t.test('tables that AWS restored are marked, so that the service starts read-only on them', async (t) => {
  const names = `${api.dynamo.prefix}pitr_`;
  await createTables(api.dynamo.client, names);
  const { infrastructure, dependencies } = await restoredServer(names);
  const dry = jobOver({ infrastructure, dependencies }, { dryRun: true });
  await markRestored(dry.context, '2026-02-01T10:00:00Z');
  t.match(await dependencies.recovery.get(), { version: 0, status: 'released' });
  const check = await dependencies.recovery.paymentsReleasedCheck();
  t.equal(check.condition?.kind, 'absent', 'where nothing was restored a decision holds to that');
  t.match(check.refuse?.(undefined), { code: 'payment_batch.held-after-restore' }, 'and is refused once something was');
  const { context } = jobOver({ infrastructure, dependencies });
  t.match(await markRestored(context, '2026-02-01T10:00:00Z'), { result: 'ok' });
  const started = createDependencies(infrastructure).recovery;
  await t.rejects(started.requireCommands(), { code: 'service.read-only' });
  await t.rejects(started.requireCommands(), { code: 'service.read-only' }, 'and again, without a read');
  await started.open(commandOf(admin), 'Compared');
  await started.requireCommands();
});

t.test('a backup of restored tables restores like any other', async (t) => {
  const { infrastructure, dependencies } = await restoredServer(prefix);
  const source = { infrastructure, dependencies };
  const from = String((await backup.run(jobOver(source).context)).facts['backup']);
  const third = `${api.dynamo.prefix}third_`;
  t.match(await restore(jobOver(source).context, { from, prefix: third }), { result: 'ok' });
  const lines = async (name: string): Promise<string[]> => {
    const found: string[] = [];
    for await (const item of scanWire(api.client, name)) found.push(wireLine(item));
    return found.sort();
  };
  t.strictSame(await lines(tableNames(third).invoices), await lines(tableNames(prefix).invoices));
  const server = await restoredServer(third);
  t.match(ok(await server.as(treasurer).get('/settings/recovery')), { status: 'read_only', restored_from: from });
});
