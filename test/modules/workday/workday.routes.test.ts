import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createBatchRepository } from '../../../src/modules/payment-batches/index.ts';
import { newBatch } from '../../../src/modules/payment-batches/payment-batch.ts';
import { createPaymentRepository, type Payment } from '../../../src/modules/payments/index.ts';
import { signatureOf } from '../../../src/modules/workday/signature.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { idSource } from '../../../src/shared/command.ts';
import type { Draft } from '../../../src/shared/dynamo/entity-store.ts';
import { newId } from '../../../src/shared/ids.ts';
import { permissionsOf, ROLES } from '../../../src/shared/permissions.ts';
import { type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const SECRET = 'a webhook secret that only this test knows';
const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const { payments } = createPaymentRepository(api.infrastructure);
const vendor = await store.vendor();

const { batches } = createBatchRepository(api.infrastructure);
const debtorWith = async (settlement_source: 'bank' | 'workday'): Promise<string> => {
  const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
  const body = { ...account, currency: 'EUR', country: 'NL', settlement_source };
  return (await (await api.as('admin')).post('/settings/debtor-accounts', body)).body.id;
};
const [workdays, banks] = [await debtorWith('workday'), await debtorWith('bank')];

/** A payment in a file that was downloaded, as a batch leaves it. */
async function exported(changes: Partial<Draft<Payment>> = {}, debtor_account_id = workdays): Promise<Payment> {
  const invoice = await store.invoice(vendor.id);
  const made = await treasurer.post('/payments', { invoice_id: invoice.id });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const before = await payments.require(made.body.id);
  const command = {
    actor: { id: newId('user'), roles: [], permissions: permissionsOf([]) },
    now: new Date(),
    request_id: 'test',
    dryRun: false,
    ids: idSource(),
  };
  const header = {
    ...newBatch({
      id: newId('payment_batch'),
      created_by: treasurer.id,
      debtor_account_id,
      execution_date: '2030-01-02',
      creditor_address: 'none',
      currency: 'EUR',
    }),
    status: 'generated' as const,
    count: 1,
    control_sum: '100.00',
    first_downloaded_at: command.now.toISOString(),
  };
  return api.dependencies.unitOfWork.run(command, async () => {
    const inFile = { status: 'batched', batch_id: header.id, integration_status: 'exported' } as const;
    const { entity, writes } = payments.update(
      command,
      before,
      { ...before, ...inFile, ...changes },
      {
        action: 'exported',
      },
    );
    return { result: entity, writes: [...writes, ...batches.create(command, header).writes] };
  });
}

interface Signing {
  readonly secret?: string;
  readonly at?: number;
  readonly header?: string;
}

function call(
  body: object | string,
  { secret = SECRET, at = Date.now() / 1000, header }: Signing = {},
): Promise<TestReply> {
  const payload = typeof body === 'string' ? body : JSON.stringify(body);
  const seconds = String(Math.floor(at));
  const signature = header ?? `t=${seconds},v1=${signatureOf(secret, seconds, payload)}`;
  return api.raw('POST', '/api/v1/workday/callback', {
    headers: { 'content-type': 'application/json', 'x-signature': signature },
    payload,
  });
}

t.test('Workday accepts a payment, and says it again without effect', async (t) => {
  const payment = await exported();
  const reply = await call({ payment_id: payment.id, status: 'accepted', message: 'taken over' });
  t.equal(reply.status, 200, JSON.stringify(reply.body));
  t.same(reply.body, {
    payment_id: payment.id,
    current_status: 'accepted',
    workday_callback_received: true,
    xml_file_available: false,
    json_file_available: false,
    integration_status: 'accepted',
  });
  const stored = await payments.require(payment.id);
  t.match(stored, { status: 'accepted', version: payment.version + 1, audit: { seq: payment.audit.seq + 1 } });
  const again = await call({ payment_id: payment.id, status: 'accepted', message: 'taken over' });
  t.same([again.status, again.body], [200, reply.body]);
  const at = Date.now() / 1000;
  const replays = await Promise.all([1, 2, 3].map(() => call({ payment_id: payment.id, status: 'accepted' }, { at })));
  t.same(
    replays.map(({ status }) => status),
    [200, 200, 200],
  );
  t.same(await payments.require(payment.id), stored, 'nothing was written again');
  t.same((await treasurer.get(`/workday/status/${payment.id}`)).body, reply.body);
});

t.test(
  'a failure is Workday’s word too where the debtor account says so; what comes later is recorded alone',
  async (t) => {
    const payment = await exported();
    t.equal((await store.stored(payment.invoice_id)).payable_amount, '0.00');
    const reply = await call({ payment_id: payment.id, status: 'failed', message: 'no such account' });
    t.match(reply.body, { current_status: 'failed', integration_status: 'failed' });
    t.equal((await store.stored(payment.invoice_id)).payable_amount, '100.00');
    const late = await call({ payment_id: payment.id, status: 'accepted' });
    t.match(late.body, { current_status: 'failed', integration_status: 'failed' }, 'an earlier status is not applied');
    const stored = await payments.require(payment.id);
    t.match(stored.workday_callbacks, [
      { status: 'failed', message: 'no such account', applied: true },
      { status: 'accepted', message: null, applied: false },
    ]);
    await call({ payment_id: payment.id, status: 'accepted' });
    t.equal((await payments.require(payment.id)).version, stored.version, 'nor recorded twice');
  },
);

t.test('a settlement moves nothing where the bank’s word is the one that counts', async (t) => {
  const payment = await exported({}, banks);
  const reply = await call({ payment_id: payment.id, status: 'settled' });
  t.match(reply.body, { current_status: 'batched', integration_status: 'settled', workday_callback_received: true });
  t.equal((await store.stored(payment.invoice_id)).open_amount, '100.00');
});

t.test('a settlement is Workday’s word where the debtor account says so', async (t) => {
  const [admin, second] = [await api.as('admin'), await api.as('treasurer', 'second')];
  const account = await admin.post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    bic: 'ABNANL2A',
    currency: 'EUR',
    country: 'NL',
    settlement_source: 'workday',
  });
  t.equal(account.status, 201, JSON.stringify(account.body));
  const invoice = await store.invoice(vendor.id);
  const payment = (await treasurer.post('/payments', { invoice_id: invoice.id })).body;
  await second.post(`/payments/${payment.id}/approve`, {}, { version: 1 });
  const batch = await treasurer.post('/payment-batches', {
    debtor_account_id: account.body.id,
    execution_date: nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3)),
    payment_ids: [payment.id],
  });
  const path = `/payment-batches/${batch.body.id}`;
  const { version } = (await treasurer.post(`${path}/submit`)).body;
  t.equal((await second.post(`${path}/approve`, {}, { version })).status, 200);
  const generated = await treasurer.post(`${path}/generate`);
  t.match(generated.body, { status: 'generated' }, JSON.stringify(generated.body));
  t.match((await treasurer.get(`/workday/status/${payment.id}`)).body, {
    current_status: 'batched',
    xml_file_available: true,
    json_file_available: true,
    workday_callback_received: false,
  });
  t.equal((await treasurer.post(`${path}/send`, { channel: 'bank portal' })).status, 200);
  t.match((await call({ payment_id: payment.id, status: 'accepted' })).body, { current_status: 'accepted' });
  const settled = await call({ payment_id: payment.id, status: 'settled' });
  t.match(settled.body, { current_status: 'settled', integration_status: 'settled' }, JSON.stringify(settled.body));
  t.match(await store.stored(invoice.id), { status: 'paid', open_amount: '0.00' });
  t.match((await treasurer.get(path)).body, { status: 'completed' });
});

t.test('callbacks that arrive together are each decided on what the other left', async (t) => {
  const payment = await exported();
  const replies = await Promise.all(
    (['accepted', 'failed', 'accepted', 'failed'] as const).map((status) => call({ payment_id: payment.id, status })),
  );
  t.same(
    replies.map(({ status }) => status),
    [200, 200, 200, 200],
  );
  const stored = await payments.require(payment.id);
  t.equal(stored.status, 'failed');
  t.same(stored.workday_callbacks.map(({ status }) => status).sort(), ['accepted', 'failed']);
  t.equal((await store.stored(payment.invoice_id)).payable_amount, '100.00', 'given back once');
});

t.test('what is not signed, or not lately, is 401 and changes nothing', async (t) => {
  const payment = await exported();
  const body = { payment_id: payment.id, status: 'failed' };
  const now = Date.now() / 1000;
  const payload = JSON.stringify(body);
  const seconds = String(Math.floor(now));
  const valid = `t=${seconds},v1=${signatureOf(SECRET, seconds, payload)}`;
  const refused: readonly [string, Promise<TestReply>][] = [
    ['forged', call(body, { secret: 'another secret of thirty-two characters' })],
    ['expired', call(body, { at: now - 310 })],
    ['from ahead', call(body, { at: now + 310 })],
    ['of another body', call({ ...body, status: 'settled' }, { header: valid })],
    ['the same body in other words', call(`${payload} `, { header: valid })],
    ['with a later time', call(body, { header: valid.replace(seconds, String(Number(seconds) + 1)) })],
    ['garbage', call(body, { header: 'v1=abc' })],
    ['of a malformed body', call({ nothing: true }, { header: valid })],
    ['missing', api.raw('POST', '/api/v1/workday/callback', { payload: body })],
    ['a token instead', treasurer.post('/workday/callback', body)],
  ];
  for (const [title, pending] of refused) {
    const reply = await pending;
    t.match(reply.body, { status: 401, code: 'workday.signature-invalid' }, title);
  }
  t.equal((await payments.require(payment.id)).version, payment.version);
  t.notOk(
    api.log.some((line) => line.includes(SECRET) || line.includes(valid)),
    'no signature in the log',
  );
  t.equal((await call(body, { header: valid })).status, 200, 'the right one is taken');
});

t.test('a signed callback is checked as any body is', async (t) => {
  const wrong = await call({ payment_id: 'inv_1', status: 'lost', more: 1, message: 'x'.repeat(501) });
  t.equal(wrong.status, 400);
  t.ok(wrong.body.errors.length >= 4);
  t.equal((await call({ payment_id: newId('payment'), status: 'accepted' })).body.code, 'payment.not-found');
  const path = '/api/v1/workday/callback?dry_run=true';
  t.equal((await api.raw('POST', path, { payload: {} })).status, 400);
});

t.test('the trail names Workday, and treasurer, admin and auditor see the status', async (t) => {
  const payment = await exported();
  await call({ payment_id: payment.id, status: 'accepted', message: 'batch 7' });
  const { Items: events = [] } = await api.client.send(
    new QueryCommand({
      TableName: api.dynamo.names.audit_log,
      KeyConditionExpression: 'entity_id = :id',
      ExpressionAttributeValues: { ':id': payment.id },
      ScanIndexForward: false,
    }),
  );
  t.match(events[0], { action: 'accept', actor: 'workday', reason: 'batch 7', entity: 'payment' });
  const readers = ['treasurer', 'admin', 'auditor'];
  for (const role of ROLES) {
    const reply = await (await api.as(role, 'asking')).get(`/workday/status/${payment.id}`);
    t.equal(reply.status, readers.includes(role) ? 200 : 403, role);
  }
  t.equal((await treasurer.get(`/workday/status/${newId('payment')}`)).status, 404);
  t.match(
    (await treasurer.get(`/workday/status/${(await exported({ integration_status: 'not_exported' })).id}`)).body,
    {
      workday_callback_received: false,
      integration_status: 'not_exported',
    },
  );
});
