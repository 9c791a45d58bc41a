import t from 'tap';
import { createPaymentRepository } from '../../../src/modules/payments/index.ts';
import { signatureOf } from '../../../src/modules/workday/signature.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

t.setTimeout(120_000);
const api = await testApi(t);
const store = payables(api);
const [treasurer, second, third] = [
  await api.as('treasurer'),
  await api.as('treasurer', 'second'),
  await api.as('treasurer', 'third'),
];
const admin = await api.as('admin');
const vendor = await store.vendor();
const today = calendarDay(new Date(), 'UTC');
const execution_date = nextBankingDay(addDays(today, 3));
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(`${status}: ${JSON.stringify(body)}`);
  return body;
};
const code = ({ status, body }: TestReply): string => (status < 300 ? 'done' : body.code);
const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A', currency: 'EUR' };
const debtorOf = async (body: object = {}): Promise<string> =>
  ok(await admin.post('/settings/debtor-accounts', { ...account, country: 'NL', ...body })).id;
const debtor = await debtorOf();

const approved = async (invoiceId: string, body: object = {}): Promise<Loose> => {
  const { id } = ok(await treasurer.post('/payments', { invoice_id: invoiceId, ...body }));
  return ok(await second.post(`/payments/${id}/approve`, {}, { version: 1 }));
};
/** A batch with its file, and its payments, one an invoice. */
async function generated(payments: readonly Loose[], debtor_account_id = debtor): Promise<Loose> {
  const payment_ids = payments.map(({ id }) => id);
  const { id } = ok(await treasurer.post('/payment-batches', { debtor_account_id, execution_date, payment_ids }));
  const { version } = ok(await treasurer.post(`/payment-batches/${id}/submit`));
  ok(await second.post(`/payment-batches/${id}/approve`, {}, { version }));
  return ok(await treasurer.post(`/payment-batches/${id}/generate`));
}
async function paying(count = 1, debtor_account_id = debtor) {
  const payments = [];
  for (let made = 0; made < count; made += 1) payments.push(await approved((await store.invoice(vendor.id)).id));
  return { payments, batch: await generated(payments, debtor_account_id) };
}
const download = (batch: Loose, who = treasurer) => who.get(`/exports/${batch.id}/xml`);
const send = (batch: Loose) => treasurer.post(`/payment-batches/${batch.id}/send`, { channel: 'bank portal' });
const on = (payment: Loose, action: string, body: object = {}, who: Caller = second) =>
  who.post(`/payments/${payment.id}/${action}`, body);
const failed = { reason_code: 'AC04' };
let bookings = 0;
const booked = (changes: object = {}) => {
  bookings += 1;
  return { booked_on: today, bank_reference: `B-${bookings}`, ...changes };
};
const correct = (payment: Loose, who: Caller) => on(payment, 'correct', { reason: 'the wrong line' }, who);
const read = async (what: Loose): Promise<Loose> =>
  ok(await treasurer.get(`/${what.id.startsWith('pay_') ? 'payments' : 'payment-batches'}/${what.id}`));
const callback = (payment: Loose, status: string): Promise<TestReply> => {
  const payload = JSON.stringify({ payment_id: payment.id, status });
  const seconds = String(Math.floor(Date.now() / 1000));
  const signature = signatureOf('a webhook secret that only this test knows', seconds, payload);
  return api.raw('POST', '/api/v1/workday/callback', {
    headers: { 'content-type': 'application/json', 'x-signature': `t=${seconds},v1=${signature}` },
    payload,
  });
};

t.test('the bank cannot answer before its file was downloaded or sent', async (t) => {
  const { batch, payments } = await paying();
  const [payment] = payments;
  const answers: [string, object][] = [
    ['fail', failed],
    ['return', failed],
    ['settle', booked()],
  ];
  for (const [action, body] of answers) t.equal(code(await on(payment, action, body)), 'payment.file-not-with-bank');
  t.match((await callback(payment, 'failed')).body, { current_status: 'batched', integration_status: 'exported' });
  t.equal((await store.stored(payment.invoice_id)).payable_amount, '0.00', 'the invoice is not payable again');
  ok(await download(batch));
  t.equal(code(await on(payment, 'fail', failed)), 'done');

  const sent = await paying();
  ok(await send(sent.batch));
  t.equal(code(await on(sent.payments[0], 'settle', booked())), 'done');
});

t.test('a file is not handed out any more once a payment failed before it was sent', async (t) => {
  const { batch, payments } = await paying(2);
  const [payment] = payments;
  ok(await download(batch));
  ok(await on(payment, 'fail', failed));
  for (const format of ['xml', 'json'])
    t.match((await treasurer.get(`/exports/${batch.id}/${format}`)).body, {
      status: 409,
      code: 'payment_batch.file-withheld',
    });
  const other = await generated([await approved(payment.invoice_id)]);
  ok(await download(other));
  t.equal(code(await send(batch)), 'done', 'that the bank had it may still be recorded');
  t.match(await read(batch), { status: 'partially_accepted', sent: { failed_before: 1 } });
  t.equal(code(await send(batch)), 'payment_batch.sent-already');
  t.equal(code(await download(batch)), 'payment_batch.file-withheld', 'nor after that');

  const sent = await paying(2);
  ok(await send(sent.batch));
  ok(await on(sent.payments[0], 'return', failed));
  t.equal((await download(sent.batch)).status, 200, 'the bank had it before the payment failed');
});

t.test('a wrong answer is corrected by a treasurer who neither made the payment nor recorded it', async (t) => {
  const { batch, payments } = await paying(2);
  const [payment] = payments;
  ok(await download(batch));
  t.equal(code(await correct(payment, third)), 'payment.wrong-status');
  ok(await on(payment, 'fail', failed));
  t.equal((await store.stored(payment.invoice_id)).payable_amount, '100.00');
  t.equal((await on(payment, 'correct', {}, third)).status, 400, 'a reason is required');
  for (const who of [treasurer, second]) t.equal(code(await correct(payment, who)), 'payment.segregation-of-duties');
  const back = ok(await correct(payment, third));
  t.match(back, {
    status: 'batched',
    reason_code: null,
    integration_status: 'exported',
    bank_answers: [
      { action: 'fail', recorded_by: second.id, correction: { corrected_by: third.id, reason: 'the wrong line' } },
    ],
  });
  t.equal((await store.stored(payment.invoice_id)).payable_amount, '0.00');
  t.match(await read(batch), { status: 'generated' });
  t.equal((await download(batch)).status, 200, 'the file holds nothing that may be paid twice');
  ok(await send(batch));
  ok(await on(payment, 'settle', booked()));
  t.match(await read(batch), { status: 'sent' });
  ok(await on(payment, 'return', { reason_code: 'AC06' }));
  t.match(await store.stored(payment.invoice_id), { status: 'approved', open_amount: '100.00' });
  ok(await on(payment, 'void'));
  t.match(ok(await correct(payment, third)), { status: 'settled', booked_on: today, reason_code: null });
  t.match(await store.stored(payment.invoice_id), { status: 'paid', open_amount: '0.00', payable_amount: '0.00' });
  t.match(ok(await correct(payment, third)), { status: 'batched', booked_on: null, bank_reference: null });
  t.match(await store.stored(payment.invoice_id), {
    status: 'approved',
    open_amount: '100.00',
    payable_amount: '0.00',
  });
  t.match(await read(batch), { status: 'sent' });
  const { data } = (await (await api.as('auditor')).get(`/audit?entity=payment&entity_id=${payment.id}`)).body;
  const actions = data.map(({ action }: Loose) => action);
  for (const action of ['fail', 'settle', 'return', 'correct']) t.ok(actions.includes(action), action);
});

t.test('an answer is not corrected once its invoice was paid otherwise, disputed or voided', async (t) => {
  const cases: [string, (payment: Loose) => Promise<unknown>, string][] = [
    ['paid otherwise', (payment) => approved(payment.invoice_id), 'invoice.amount-not-available'],
    [
      'a part of it',
      (payment) => approved(payment.invoice_id, { payment_amount: '0.01' }),
      'invoice.amount-not-available',
    ],
    [
      'disputed',
      (payment) => store.changeInvoice(payment.invoice_id, { status: 'disputed' }),
      'invoice.amount-not-available',
    ],
    [
      'voided',
      (payment) =>
        store.changeInvoice(payment.invoice_id, { status: 'voided', open_amount: '0.00', payable_amount: '0.00' }),
      'invoice.amount-not-available',
    ],
  ];
  for (const [title, happens, refusal] of cases) {
    const { batch, payments } = await paying();
    ok(await download(batch));
    ok(await on(payments[0], 'fail', failed));
    await happens(payments[0]);
    const refused = await correct(payments[0], third);
    t.match([refused.status, code(refused)], [409, refusal], title);
  }
  const hold = {
    id: 'hld_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
    kind: 'manual' as const,
    reason: 'ask',
    placed_by: second.id,
    placed_at: `${today}T00:00:00.000Z`,
  };
  const { batch, payments } = await paying();
  ok(await download(batch));
  ok(await on(payments[0], 'fail', failed));
  await store.changeInvoice(payments[0].invoice_id, { holds: [hold] });
  t.match(ok(await correct(payments[0], third)), { status: 'batched' }, 'a hold does not call the bank back');
});

t.test('many corrections at once reserve the amount once', async (t) => {
  const { batch, payments } = await paying();
  ok(await download(batch));
  ok(await on(payments[0], 'fail', failed));
  const people = await Promise.all(['a', 'b', 'c', 'd'].map((name) => api.as('treasurer', name)));
  const replies = await Promise.all(people.map((who) => correct(payments[0], who)));
  t.same(replies.map(({ status }) => status).sort(), [200, 409, 409, 409], replies.map(code).join());
  t.match(await store.stored(payments[0].invoice_id), { open_amount: '100.00', payable_amount: '0.00' });
});

t.test('a payment is booked between the first download of its file and today', async (t) => {
  const { batch, payments } = await paying();
  ok(await download(batch));
  const refused = async (changes: object): Promise<Loose> => (await on(payments[0], 'settle', booked(changes))).body;
  const pointers = [{ pointer: '#/booked_on' }];
  for (const day of ['1990-01-01', addDays(today, -1)])
    t.match(await refused({ booked_on: day }), { status: 422, code: 'payment.booked-before-file', errors: pointers });
  t.match(await refused({ booked_on: addDays(today, 1) }), { code: 'payment.not-booked-yet', errors: pointers });
  t.equal(code(await on(payments[0], 'settle', booked())), 'done');
});

t.test('one reference of the bank settles payments of one batch only', async (t) => {
  const [one, other] = [await paying(2), await paying(2)];
  for (const { batch } of [one, other]) ok(await send(batch));
  const bank_reference = 'STMT 7/1';
  ok(await on(one.payments[0], 'settle', booked({ bank_reference })));
  ok(await on(one.payments[1], 'settle', booked({ bank_reference })));
  const again = await on(other.payments[0], 'settle', booked({ bank_reference: 'stmt  7/1', booked_on: '1990-01-01' }));
  t.match(again.body, {
    status: 422,
    code: 'payment.settlement-invalid',
    errors: [
      { pointer: '#/booked_on', rule: 'payment.booked-before-file' },
      { pointer: '#/bank_reference', rule: 'payment.bank-reference-used' },
    ],
  });
  t.equal(code(await on(other.payments[0], 'settle', booked({ bank_reference }))), 'payment.bank-reference-used');
  ok(await correct(one.payments[0], third));
  t.equal(code(await on(other.payments[0], 'settle', booked({ bank_reference }))), 'payment.bank-reference-used');
  ok(await correct(one.payments[1], third));
  t.equal(code(await on(other.payments[0], 'settle', booked({ bank_reference }))), 'done', 'it was given back');
  const elsewhere = await paying(1, await debtorOf({ iban: 'NL02ABNA0123456789' }));
  ok(await send(elsewhere.batch));
  t.equal(code(await on(elsewhere.payments[0], 'settle', booked({ bank_reference }))), 'done', 'at another bank');
  const twin = await paying(1, await debtorOf());
  ok(await send(twin.batch));
  t.equal(
    code(await on(twin.payments[0], 'settle', booked({ bank_reference }))),
    'payment.bank-reference-used',
    'the same account under another record',
  );
});

t.test('a download between the two halves of a cancellation undoes the first half', async (t) => {
  const { batch, payments } = await paying();
  ok(await download(batch));
  const cancel = (who: Caller, headers = {}) =>
    who.post(`/payment-batches/${batch.id}/cancel`, { reason: 'wrong day', not_transmitted: true }, headers);
  const asked = ok(await cancel(treasurer));
  t.match(asked, { status: 'generated', cancellation: { requested_by: treasurer.id } });
  ok(await download(batch, third));
  t.match((await read(batch)).cancellation, { requested_by: treasurer.id, undone_by: 'download' });
  t.equal((await cancel(second, { version: asked.version })).status, 412);
  t.match(ok(await cancel(second)), {
    status: 'generated',
    cancellation: { requested_by: second.id },
    previous_cancellation: { requested_by: treasurer.id, undone_by: 'download' },
  });
  t.match(await read(payments[0]), { status: 'batched', batch_id: batch.id });
  t.equal(code(await cancel(second)), 'payment_batch.segregation-of-duties');
  t.match(ok(await cancel(third)), { status: 'cancelled' });
  t.equal(code(await download(batch)), 'payment_batch.no-file');
});

t.test('an answer that is corrected undoes the first half of a cancellation too', async (t) => {
  const { batch, payments } = await paying();
  ok(await download(batch));
  const body = { reason: 'wrong day', not_transmitted: true };
  ok(await treasurer.post(`/payment-batches/${batch.id}/cancel`, body));
  ok(await on(payments[0], 'fail', failed));
  t.equal(code(await second.post(`/payment-batches/${batch.id}/cancel`, body)), 'payment_batch.wrong-status');
  ok(await correct(payments[0], third));
  t.match(ok(await second.post(`/payment-batches/${batch.id}/cancel`, body)), {
    status: 'generated',
    previous_cancellation: { undone_by: 'answer' },
  });
});

t.test('a callback that comes too early is recorded and blocks no later one', async (t) => {
  const workday = await debtorOf({ settlement_source: 'workday' });
  const payment = await approved((await store.invoice(vendor.id)).id);
  t.match((await callback(payment, 'failed')).body, { current_status: 'approved', workday_callback_received: true });
  t.match((await callback(payment, 'accepted')).body, { integration_status: 'not_exported' });
  const batch = await generated([payment], workday);
  t.match(await read(payment), { status: 'batched', integration_status: 'exported' });
  t.match((await callback(payment, 'settled')).body, { current_status: 'batched', integration_status: 'exported' });
  ok(await download(batch));
  t.match((await read(payment)).status, 'batched', 'nothing is applied by itself');
  t.match((await callback(payment, 'accepted')).body, { current_status: 'accepted' });
  t.match((await callback(payment, 'settled')).body, { current_status: 'settled', integration_status: 'settled' });
  t.match((await callback(payment, 'failed')).body, { current_status: 'settled' }, 'settled is final');
  const { payments } = createPaymentRepository(api.infrastructure);
  t.match((await payments.require(payment.id)).workday_callbacks, [
    { status: 'failed', applied: false },
    { status: 'accepted', applied: false },
    { status: 'settled', applied: false },
    { status: 'accepted', applied: true },
    { status: 'settled', applied: true },
  ]);
  t.match((await read(payment)).bank_answers, [
    { action: 'accept', recorded_by: 'workday' },
    { action: 'settle', recorded_by: 'workday' },
  ]);
});

t.test('what Workday said failed is corrected by a person, and does not fail again when it is repeated', async (t) => {
  const { batch, payments } = await paying(1, await debtorOf({ settlement_source: 'workday' }));
  ok(await send(batch));
  t.match((await callback(payments[0], 'failed')).body, { current_status: 'failed' });
  t.equal(code(await correct(payments[0], treasurer)), 'payment.segregation-of-duties', 'the maker');
  ok(await correct(payments[0], second));
  t.match((await callback(payments[0], 'failed')).body, { current_status: 'batched' });
  t.equal((await store.stored(payments[0].invoice_id)).payable_amount, '0.00');
  t.match((await callback(payments[0], 'accepted')).body, { current_status: 'accepted' });
});

t.test('a payment that leaves a batch has its maker’s date again', async (t) => {
  const held = await approved((await store.invoice(vendor.id)).id);
  const [rejected, dropped, alone] = [
    await approved((await store.invoice(vendor.id)).id),
    await approved((await store.invoice(vendor.id)).id),
    await approved((await store.invoice(vendor.id)).id),
  ];
  const batchOf = async (payments: Loose[]): Promise<Loose> => {
    const payment_ids = payments.map(({ id }) => id);
    const body = { debtor_account_id: debtor, execution_date, payment_ids };
    const batch = ok(await treasurer.post('/payment-batches', body));
    for (const payment of payments) t.match(await read(payment), { payment_date: execution_date });
    return ok(await treasurer.post(`/payment-batches/${batch.id}/submit`));
  };
  const cancelled = await batchOf([held]);
  ok(await treasurer.post(`/payment-batches/${cancelled.id}/cancel`, { reason: 'wrong day' }));
  const refused = await batchOf([rejected]);
  ok(await second.post(`/payment-batches/${refused.id}/reject`, { reason: 'wrong day' }));
  const kept = await approved((await store.invoice(vendor.id)).id);
  const made = await batchOf([dropped, alone, kept]);
  ok(await on(alone, 'cancel', { reason: 'not this one' }));
  ok(await on(dropped, 'hold', { reason: 'ask' }));
  ok(await second.post(`/payment-batches/${made.id}/approve`, {}, { version: (await read(made)).version }));
  ok(await treasurer.post(`/payment-batches/${made.id}/generate`));
  for (const payment of [held, rejected, dropped, alone])
    t.match(await read(payment), { payment_date: today, batch_id: null });
  t.match(await read(kept), { payment_date: execution_date });
});
