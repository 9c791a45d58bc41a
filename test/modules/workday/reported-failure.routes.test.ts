/** A failure that Workday reports where the bank's word counts, over HTTP: a person decides it, and nothing is paid again before. */
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';
import { type SignedCallback, signedCallback } from '../../support/workday.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const store = payables(api);
const [maker, second, third] = [
  await api.as('treasurer', 'maker'),
  await api.as('treasurer', 'second'),
  await api.as('treasurer', 'third'),
];
const vendor = await store.vendor();
const today = calendarDay(new Date(), 'UTC');
const execution_date = nextBankingDay(addDays(today, 3));
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};
const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A', currency: 'EUR' };
const { id: debtor_account_id } = ok(
  await (await api.as('admin')).post('/settings/debtor-accounts', { ...account, country: 'NL' }),
);

const approved = async (): Promise<Loose> => {
  const { id } = ok(await maker.post('/payments', { invoice_id: (await store.invoice(vendor.id)).id }));
  return ok(await second.post(`/payments/${id}/approve`, {}, { version: 1 }));
};
/** The file of a batch that another than the payment's maker made. */
async function fileWith(payment: Loose): Promise<Loose> {
  const { id } = ok(
    await second.post('/payment-batches', { debtor_account_id, execution_date, payment_ids: [payment.id] }),
  );
  const { version } = ok(await second.post(`/payment-batches/${id}/submit`));
  ok(await maker.post(`/payment-batches/${id}/approve`, {}, { version }));
  return ok(await second.post(`/payment-batches/${id}/generate`));
}
const download = (batch: Loose) => second.get(`/exports/${batch.id}/xml`);
async function withBank(): Promise<{ payment: Loose; batch: Loose }> {
  const payment = await approved();
  const batch = await fileWith(payment);
  ok(await download(batch));
  return { payment, batch };
}
const signed = (payment: Loose, status: string): SignedCallback =>
  signedCallback(api, { payment_id: payment.id, status, message: 'account closed' });
const send = (request: SignedCallback) => api.raw('POST', '/api/v1/workday/callback', request);
const callback = (payment: Loose, status: string) => send(signed(payment, status));
const read = async ({ id }: Loose): Promise<Loose> => ok(await maker.get(`/payments/${id}`));
const payable = async ({ invoice_id }: Loose): Promise<string> => (await store.stored(invoice_id)).payable_amount;
const decide = (payment: Loose, outcome: 'confirm' | 'dismiss', by: Caller = third) =>
  by.post(`/payments/${payment.id}/${outcome}-failure`, { reason: 'as the bank says' });

t.test('a failure that Workday reports releases nothing by itself, and is listed as a hold', async (t) => {
  const { payment } = await withBank();
  t.match((await callback(payment, 'failed')).body, { current_status: 'batched', integration_status: 'failed' });
  t.match(await read(payment), { status: 'batched', reported_failure: { message: 'account closed', decision: null } });
  t.equal(await payable(payment), '0.00', 'the invoice is not payable again');
  t.match(ok(await maker.get(`/payments?invoice_id=${payment.invoice_id}`)).data, [{ held: true }]);
  const twice = await maker.post('/payments', { invoice_id: payment.invoice_id });
  t.equal(twice.status, 422);
});

t.test('another treasurer than the maker confirms it with a reason, and only then it is payable again', async (t) => {
  const { payment } = await withBank();
  await callback(payment, 'failed');
  t.equal((await decide(payment, 'confirm', maker)).body.code, 'payment.segregation-of-duties');
  t.equal((await third.post(`/payments/${payment.id}/confirm-failure`, {})).status, 400);
  t.match(ok(await decide(payment, 'confirm')), {
    status: 'failed',
    reported_failure: { decision: { outcome: 'confirmed', decided_by: third.id, reason: 'as the bank says' } },
    bank_answers: [{ action: 'fail', recorded_by: third.id }],
  });
  t.equal(await payable(payment), '100.00');
  t.equal((await decide(payment, 'confirm')).body.code, 'payment.no-reported-failure', 'once');
});

t.test(
  'a dismissed report leaves the payment with the bank, and the same callback does not raise it again',
  async (t) => {
    const { payment } = await withBank();
    const request = signed(payment, 'failed');
    ok(await send(request));
    t.equal((await decide(payment, 'dismiss', maker)).body.code, 'payment.segregation-of-duties');
    t.match(ok(await decide(payment, 'dismiss')), { status: 'batched', integration_status: 'exported' });
    const { version } = await read(payment);
    for (const again of [request, request, signed(payment, 'failed')]) ok(await send(again));
    t.match(await read(payment), { version, reported_failure: { decision: { outcome: 'dismissed' } } });
    t.equal((await decide(payment, 'confirm')).body.code, 'payment.no-reported-failure');
    t.equal(await payable(payment), '0.00');
    ok(await third.post(`/payments/${payment.id}/settle`, { booked_on: today, bank_reference: 'B-1' }));
  },
);

t.test('the one who made the batch confirms no failure of a payment that the batch made', async (t) => {
  const invoice = await store.invoice(vendor.id, { due_date: '2020-01-01' });
  const body = { debtor_account_id, execution_date, due_on_or_before: '2020-01-01' };
  const batch = ok(await maker.post('/payment-batches', body));
  const { version } = ok(await maker.post(`/payment-batches/${batch.id}/submit`));
  ok(await second.post(`/payment-batches/${batch.id}/approve`, {}, { version }));
  ok(await download(ok(await maker.post(`/payment-batches/${batch.id}/generate`))));
  const [payment] = ok(await maker.get(`/payments?invoice_id=${invoice.id}`)).data;
  await callback(payment, 'failed');
  t.equal((await decide(payment, 'confirm', maker)).body.code, 'payment.segregation-of-duties');
  t.match(ok(await decide(payment, 'confirm', second)), { status: 'failed' });
});

t.test('what Workday says before the download, after the settlement or late raises nothing', async (t) => {
  const early = await approved();
  const batch = await fileWith(early);
  t.match((await callback(early, 'failed')).body, { current_status: 'batched', integration_status: 'exported' });
  t.notOk((await read(early)).reported_failure, 'before the file was downloaded');
  t.equal((await decide(early, 'confirm')).body.code, 'payment.no-reported-failure');
  ok(await download(batch));
  ok(await callback(early, 'failed'));
  t.ok((await read(early)).reported_failure, 'said again after the download');
  t.match((await callback(early, 'accepted')).body, { current_status: 'batched', integration_status: 'failed' });
  t.match((await callback(early, 'settled')).body, { current_status: 'batched', integration_status: 'failed' });

  const { payment } = await withBank();
  ok(await third.post(`/payments/${payment.id}/settle`, { booked_on: today, bank_reference: 'B-2' }));
  t.match((await callback(payment, 'failed')).body, { current_status: 'settled', integration_status: 'settled' });
  t.notOk((await read(payment)).reported_failure);
});

t.test('what the bank says meanwhile settles the matter, either way', async (t) => {
  const { payment } = await withBank();
  await callback(payment, 'failed');
  ok(await third.post(`/payments/${payment.id}/settle`, { booked_on: today, bank_reference: 'B-3' }));
  t.equal((await decide(payment, 'confirm')).body.code, 'payment.no-reported-failure');
  t.match(ok(await maker.get(`/payments?invoice_id=${payment.invoice_id}`)).data, [{ held: false }]);

  const refused = await withBank();
  await callback(refused.payment, 'failed');
  ok(await third.post(`/payments/${refused.payment.id}/fail`, { reason_code: 'AC04' }));
  t.match(await read(refused.payment), { reported_failure: { decision: { outcome: 'confirmed' } } });
  ok(await second.post(`/payments/${refused.payment.id}/correct`, { reason: 'the wrong line' }));
  await callback(refused.payment, 'failed');
  t.match(await read(refused.payment), { status: 'batched', reported_failure: { decision: { outcome: 'confirmed' } } });
});

t.test('a report belongs to its file: in another file the payment is reported anew', async (t) => {
  const { payment, batch } = await withBank();
  await callback(payment, 'failed');
  const cancel = { reason: 'not transmitted', not_transmitted: true };
  ok(await second.post(`/payment-batches/${batch.id}/cancel`, cancel));
  ok(await third.post(`/payment-batches/${batch.id}/cancel`, cancel));
  t.equal((await decide(payment, 'confirm')).body.code, 'payment.no-reported-failure', 'it is in no file');
  ok(await download(await fileWith(payment)));
  t.equal((await decide(payment, 'confirm')).body.code, 'payment.no-reported-failure', 'that was of the other file');
  await callback(payment, 'failed');
  t.match(ok(await decide(payment, 'confirm')), { status: 'failed' });
});
