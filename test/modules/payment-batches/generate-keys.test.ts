/** The Idempotency-Key of commands whose work goes on after their first transaction, and of commands that change nothing. */
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const admin = await api.as('admin');
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));
const debtor = await admin.post('/settings/debtor-accounts', {
  name: 'Example Company BV',
  iban: 'NL91ABNA0417164300',
  bic: 'ABNANL2A',
  currency: 'EUR',
  country: 'NL',
});
const debtor_account_id = debtor.body.id;
/** A run takes all that is due by its day: each test's is before those of the tests before it. */
let days = 0;

/** A batch of so many payments, approved. */
async function approvedBatch(payments: number): Promise<Loose> {
  days += 1;
  const due_on_or_before = addDays('1999-12-31', -days);
  const vendor = await store.vendor();
  await Promise.all(
    Array.from({ length: payments }, () =>
      store.invoice(vendor.id, { due_date: due_on_or_before, amount_due: '1.00' }),
    ),
  );
  const body = { debtor_account_id, execution_date, due_on_or_before };
  const { body: batch } = await treasurer.post('/payment-batches', body);
  await api.dependencies.paymentBatches.idle();
  const submitted = await treasurer.post(`/payment-batches/${batch.id}/submit`);
  const approved = await second.post(`/payment-batches/${batch.id}/approve`, {}, { version: submitted.body.version });
  t.equal(approved.status, 200, JSON.stringify(approved.body));
  return approved.body;
}

const generate = (id: string, key: string): Promise<TestReply> =>
  treasurer.post(`/payment-batches/${id}/generate`, {}, { headers: { 'idempotency-key': key } });
const replayed = ({ headers }: TestReply): boolean => headers['idempotency-replayed'] === 'true';

/** The status of the treasurer's generation at a server that loses its database once a transaction with this text is committed. */
async function killed(text: string, id: string, key: string): Promise<number> {
  let dead = false;
  const client = Object.create(api.client, {
    send: {
      value: async (command: object, ...rest: unknown[]) => {
        if (dead) throw new Error('killed');
        const reply = await Reflect.apply(api.client.send, api.client, [command, ...rest]);
        dead = command instanceof TransactWriteCommand && JSON.stringify(command.input).includes(text);
        return reply;
      },
    },
  });
  const server = await api.another({ client, runLeaseMs: 0 });
  const { statusCode } = await server.inject({
    method: 'POST',
    url: `/api/v1/payment-batches/${id}/generate`,
    headers: { authorization: `Bearer ${treasurer.token}`, 'content-type': 'application/json', 'idempotency-key': key },
    payload: '{}',
  });
  return statusCode;
}

t.test('a generation that was killed and taken up by another server answers its key with the file', async (t) => {
  const batch = await approvedBatch(2);
  t.equal(await killed('"generating"', batch.id, 'killed'), 500);
  await api.dependencies.paymentBatches.resumeBatches();
  const first = await generate(batch.id, 'killed');
  t.match(first, { status: 200, body: { status: 'generated', count: 2 } }, JSON.stringify(first.body));
  const again = await generate(batch.id, 'killed');
  t.same([again.status, again.body, replayed(again)], [200, first.body, true]);
  const other = await generate(batch.id, 'another key');
  t.match(other, { status: 409, body: { code: 'payment_batch.wrong-status' } });
});

t.test('a generation that was killed goes on with the same request', async (t) => {
  const batch = await approvedBatch(2);
  t.equal(await killed('"generating"', batch.id, 'goes on'), 500);
  const reused = await treasurer.post(
    `/payment-batches/${batch.id}/generate`,
    { reason: 'another request' },
    { headers: { 'idempotency-key': 'goes on' } },
  );
  t.match(reused, { status: 422, body: { code: 'idempotency.key-reused' } });
  const recall = await second.post(`/payment-batches/${batch.id}/recall`, { reason: 'too late' });
  t.match(recall, { status: 409, body: { code: 'payment_batch.wrong-status' } }, 'its file is being made');
  const first = await generate(batch.id, 'goes on');
  t.match(first, { status: 200, body: { status: 'generated', count: 2 } }, JSON.stringify(first.body));
  t.ok(replayed(await generate(batch.id, 'goes on')));
});

t.test('a generation that was killed and then cancelled by another says so to its key', async (t) => {
  const batch = await approvedBatch(1);
  t.equal(await killed('"generating"', batch.id, 'overtaken'), 500);
  const cancelled = await second.post(`/payment-batches/${batch.id}/cancel`, { reason: 'wrong day' });
  t.equal(cancelled.status, 200, JSON.stringify(cancelled.body));
  t.match(await generate(batch.id, 'overtaken'), { status: 200, body: { status: 'cancelled', files: [] } });
  t.ok(replayed(await generate(batch.id, 'overtaken')));
});

t.test('of parallel generations with one key every one is answered with the same file', async (t) => {
  const batch = await approvedBatch(3);
  const replies = await Promise.all(Array.from({ length: 6 }, () => generate(batch.id, 'parallel')));
  t.same(
    replies.map(({ status }) => status),
    [200, 200, 200, 200, 200, 200],
    JSON.stringify(replies.map(({ body }) => body)),
  );
  t.equal(new Set(replies.map(({ body }) => JSON.stringify(body))).size, 1, 'one reply');
  t.equal(replies.filter((reply) => !replayed(reply)).length, 1, 'which is the first of one of them');
  t.ok(replayed(await generate(batch.id, 'parallel')));
});

t.test('a key of a large generation tells how far it is, and then the file', async (t) => {
  const batch = await approvedBatch(25);
  const begun = await generate(batch.id, 'large');
  t.match(begun, { status: 202, body: { status: 'generating', progress: { total: 25 } } });
  await api.dependencies.paymentBatches.idle();
  const first = await generate(batch.id, 'large');
  t.match(first, { status: 200, body: { status: 'generated', count: 25 } });
  const again = await generate(batch.id, 'large');
  t.same([again.body, replayed(again)], [first.body, true]);
});

t.test('a command that changes nothing keeps its reply', async (t) => {
  const batch = await approvedBatch(25);
  const cancel = (key: string) =>
    treasurer.post(
      `/payment-batches/${batch.id}/cancel`,
      { reason: 'wrong day' },
      { headers: { 'idempotency-key': key } },
    );
  t.match(await cancel('first'), { status: 200, body: { status: 'cancelling' } });
  const second = await cancel('second');
  t.match(second, { status: 200, body: { status: 'cancelling' } });
  await api.dependencies.paymentBatches.idle();
  t.equal((await treasurer.get(`/payment-batches/${batch.id}`)).body.status, 'cancelled');
  const again = await cancel('second');
  t.same([again.status, again.body, replayed(again)], [200, second.body, true]);
  t.equal((await cancel('third')).status, 409);
});
