/** Two Regions over the same tables, as replication shows them to both. */
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDependencies, type Dependencies } from '../../../src/dependencies.ts';
import type { Regions } from '../../../src/modules/settings/index.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Command, idSource } from '../../../src/shared/command.ts';
import { type Caller, caller, type Loose, TEST_PASSWORD, type TestReply, testApi } from '../../support/api.ts';
import { recordCosts, shapeOf } from '../../support/costs.ts';
import { payables } from '../../support/payables.ts';

const [WEST, CENTRAL] = ['eu-west-1', 'eu-central-1'];
const west: Regions = { here: WEST, writing: WEST };
const central: Regions = { here: CENTRAL, writing: CENTRAL };
const api = await testApi(t, {}, { regions: west });
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const manager = await api.as('vendor_manager');
const admin = await api.as('admin');
const store = payables(api);
const STANDBY = { status: 503, body: { code: 'service.standby-region' } };
let vendors = 0;

const at = (regions: Regions): Dependencies => createDependencies({ ...api.infrastructure, regions });
const command = (): Command => ({
  actor: { id: 'system_jobs', roles: [], permissions: new Set() },
  now: new Date(),
  request_id: 'test',
  dryRun: false,
  ids: idSource(),
});
const held = async (): Promise<Loose> =>
  (
    await api.client.send(
      new GetCommand({ TableName: api.dynamo.names.settings, Key: { id: 'writing_region' }, ConsistentRead: true }),
    )
  ).Item;
/** The same people before a server of that Region. */
async function server(regions: Regions) {
  const app = await api.another({ regions });
  const as = ({ id, token }: Caller): Caller => caller(app, id, token);
  return { app, as, newVendor: () => newVendor(as(manager)) };
}
function newVendor(who: Caller): Promise<TestReply> {
  vendors += 1;
  const facts = { email: 'billing@vendor.example', payment_terms: 'NET 30', currency: 'EUR' };
  return who.post('/vendors', { name: `Region ${vendors}`, ...facts });
}
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};

t.test('nobody claims writing until a server starts whose environment lets its Region write', async (t) => {
  t.equal(
    await at({ here: CENTRAL, writing: undefined }).writingRegion.begin(new Date()),
    true,
    'one of many, as ever',
  );
  t.equal(await at({ here: CENTRAL, writing: WEST }).writingRegion.begin(new Date()), false, 'a standby');
  t.equal(await held(), undefined);
  const starts = [west, west, west].map((regions) => at(regions).writingRegion.begin(new Date()));
  t.same(await Promise.all(starts), [true, true, true], 'servers that start at once');
  t.match(await held(), { region: WEST, created_by: 'system_server', version: '1' });
  t.equal(await at(central).writingRegion.begin(new Date()), false, 'the second Region that thinks it writes');
  t.equal(await at({ here: CENTRAL, writing: undefined }).writingRegion.begin(new Date()), false);
  t.match(await held(), { region: WEST, version: '1' });
});

t.test('a standby reads and takes no command, whether its environment says so or the tables do', async (t) => {
  const vendor = ok(await newVendor(manager), 201);
  for (const regions of [{ here: CENTRAL, writing: WEST }, central]) {
    const { as, newVendor } = await server(regions);
    t.match(await newVendor(), STANDBY, 'a command');
    t.match(
      (await newVendor()).body.detail,
      /only reads, for eu-west-1 writes.*p2p move-writing-region --to eu-central-1/,
    );
    const change = { current_password: TEST_PASSWORD, password: 'a sentence nobody else knows' };
    t.match(await as(admin).post('/auth/password', change), STANDBY, 'what needs no opened service is a command too');
    t.equal((await as(manager).get(`/vendors/${vendor.id}`)).status, 200, 'a GET');
  }
  const { writingRegion } = at({ here: CENTRAL, writing: WEST });
  t.throws(() => writingRegion.accompany([]), { code: 'service.standby-region' }, 'jobs neither');
});

const debtor_account_id = ok(
  await admin.post('/settings/debtor-accounts', {
    ...{ name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' },
    ...{ currency: 'EUR', country: 'NL' },
  }),
  201,
).id;
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));

const payment = async (): Promise<Loose> => {
  const invoice = await store.invoice((await store.vendor()).id, { amount_due: '10.00' });
  return ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
};
async function submittedBatch(): Promise<Loose> {
  const { id, version } = await payment();
  ok(await second.post(`/payments/${id}/approve`, {}, { version }));
  const body = { debtor_account_id, execution_date, payment_ids: [id] };
  const batch = ok(await treasurer.post('/payment-batches', body), 201);
  return ok(await treasurer.post(`/payment-batches/${batch.id}/submit`, {}));
}
const decide = (who: Caller, path: string, { id, version }: Loose, body: object = {}) =>
  who.post(`/${path.replace('{id}', id)}`, body, { version });

t.test('once writing was moved, a server that has not heard of it decides on no payment more', async (t) => {
  const batches = [await submittedBatch(), await submittedBatch(), await submittedBatch()];
  const [, toGenerate, toSend] = batches;
  const approve = 'payment-batches/{id}/approve';
  const approved = ok(await decide(second, approve, toGenerate));
  ok(await decide(second, approve, toSend));
  const generated = ok(await treasurer.post(`/payment-batches/${toSend.id}/generate`, {}));
  const sending = { channel: 'bank portal' };
  const decisions: readonly (readonly [string, (as: (who: Caller) => Caller) => Promise<TestReply>])[] = [
    ['approve a payment', async (as) => decide(as(second), 'payments/{id}/approve', waiting)],
    ['approve a batch', (as) => decide(as(second), approve, batches[0])],
    ['generate', (as) => decide(as(treasurer), 'payment-batches/{id}/generate', approved)],
    ['send', (as) => decide(as(treasurer), 'payment-batches/{id}/send', generated, sending)],
  ];
  const waiting = await payment();
  const stale: (Awaited<ReturnType<typeof server>> & { readonly decision: (typeof decisions)[number] })[] = [];
  for (const decision of decisions) stale.push({ ...(await server(west)), decision });
  for (const { newVendor } of stale) ok(await newVendor(), 201);

  const { writingRegion } = at(central);
  t.equal(await writingRegion.move(command()), WEST);
  t.equal(await writingRegion.move(command()), CENTRAL, 'moved once');
  t.match(await held(), { region: CENTRAL, version: '2' });
  for (const { as, newVendor, decision } of stale) {
    const [name, send] = decision;
    t.match(await newVendor(), { status: 201 }, 'what moves no money is refused within seconds');
    t.match(await send(as), STANDBY, name);
    t.match(await newVendor(), STANDBY, 'and from then on at once');
  }
  t.match(await treasurer.get(`/payments/${waiting.id}`), { body: { status: 'pending_approval' } });
  const statuses = await Promise.all(batches.map(({ id }) => treasurer.get(`/payment-batches/${id}`)));
  t.same(
    statuses.map(({ body }) => body.status),
    ['pending_approval', 'approved', 'generated'],
    'nothing of it is stored',
  );

  t.equal(await at(west).writingRegion.move(command()), CENTRAL);
  const { as, newVendor } = await server(west);
  ok(await newVendor(), 201);
  for (const [name, send] of decisions) t.equal((await send(as)).status, 200, `${name}, where writing is`);
});

t.test('the condition is part of the transaction: a decision makes no call more', async (t) => {
  const waiting = await payment();
  const costs = recordCosts(api.infrastructure);
  ok(await newVendor(manager), 201);
  costs.take();
  ok(await decide(second, 'payments/{id}/approve', waiting));
  t.equal(shapeOf(costs.take().calls), 'GetItem 5, TransactWriteItems 1');
});

t.test('restored tables belong to the Region in which they were restored', async (t) => {
  const { recovery } = at(central);
  await recovery.begin('a backup');
  await recovery.finish(command(), 'a backup');
  t.match(await held(), { region: CENTRAL });
  const again = at(central);
  await again.recovery.begin('another');
  await again.recovery.finish(command(), 'another');
  t.match(await held(), { region: CENTRAL, version: '4' }, 'and are not moved twice');
  const nowhere = createDependencies({ ...api.infrastructure, regions: undefined });
  t.equal(await nowhere.writingRegion.move(command()), undefined, 'where there are no Regions nothing moves');
});
