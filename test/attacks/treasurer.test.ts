/** A treasurer, alone or with a second role, against a server with the rules of production. */
import t from 'tap';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import type { Role } from '../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { camt053, detailXml, entryXml, statementXml } from '../support/bank-messages.ts';
import { payables } from '../support/payables.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';
import { verified } from '../support/verified.ts';
import { workdayCallback } from '../support/workday.ts';

t.setTimeout(300_000);
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES);
const store = payables(api);
const ok = ({ status, body }: TestReply): Loose => {
  if (status >= 300) throw new Error(JSON.stringify(body));
  return body;
};
const code = ({ status, body }: TestReply): string => (status < 300 ? 'done' : body.code);
const [attacker, honest, third] = [
  await api.as('treasurer', 'attacker'),
  await api.as('treasurer', 'honest'),
  await api.as('treasurer', 'third'),
];
const [admin, second] = [await api.as('admin', 'a'), await api.as('admin', 'b')];
const today = calendarDay(new Date(), 'UTC');
const execution_date = nextBankingDay(addDays(today, 3));
const IBAN = 'NL02ABNA0123456789';
async function debtorAccount(): Promise<Loose> {
  const account = { name: 'Example Company BV', iban: IBAN, currency: 'EUR', country: 'NL' };
  const made = ok(await admin.post('/settings/debtor-accounts', account));
  return ok(
    await second.post(`/settings/debtor-accounts/${made.id}/approve`, verified(IBAN), { version: made.version }),
  );
}
const debtor = await debtorAccount();
const vendor = await store.vendor();
let people = 0;
const alsoA = (...roles: Role[]): Promise<Caller> => {
  people += 1;
  return api.as(['treasurer', ...roles], `two hats ${people}`);
};
const pay = async (by = attacker, invoiceId?: string): Promise<Loose> =>
  ok(await by.post('/payments', { invoice_id: invoiceId ?? (await store.invoice(vendor.id)).id }));
const on = (payment: Loose, action: string, by: Caller, body: object = {}, version?: number) =>
  by.post(`/payments/${payment.id}/${action}`, body, version === undefined ? {} : { version });
const approvedPayment = async (by = attacker, checker = honest): Promise<Loose> => {
  const { id, version } = await pay(by);
  return ok(await checker.post(`/payments/${id}/approve`, {}, { version }));
};
const batchOf = async (members: object, by = attacker, account = debtor): Promise<Loose> =>
  ok(await by.post('/payment-batches', { debtor_account_id: account.id, execution_date, ...members }));
const act = (batch: Loose, action: string, by: Caller, body: object = {}, version?: number) =>
  by.post(`/payment-batches/${batch.id}/${action}`, body, version === undefined ? {} : { version });
const released = async (members: object, by = attacker, checker = honest, account = debtor): Promise<Loose> => {
  const { id, version } = ok(await act(await batchOf(members, by, account), 'submit', by));
  return ok(await checker.post(`/payment-batches/${id}/approve`, {}, { version }));
};
/** A file of one payment that the attacker made, approved by another. */
async function fileOf(payment: Loose, by = attacker): Promise<Loose> {
  return ok(await act(await released({ payment_ids: [payment.id] }, by), 'generate', by));
}
const download = (batch: Loose, by = attacker) => by.get(`/exports/${batch.id}/xml`);
async function withBank(): Promise<{ payment: Loose; batch: Loose }> {
  const payment = await approvedPayment();
  const batch = await fileOf(payment);
  ok(await download(batch));
  return { payment, batch };
}
const read = async ({ id }: Loose): Promise<Loose> =>
  ok(await honest.get(`/${id.startsWith('pay_') ? 'payments' : 'payment-batches'}/${id}`));
const payable = async ({ invoice_id }: Loose): Promise<string> => (await store.stored(invoice_id)).payable_amount;
const failed = { reason_code: 'AC04' };
let bookings = 0;
const booked = (changes: object = {}) => {
  bookings += 1;
  return { booked_on: today, bank_reference: `B-${bookings}`, ...changes };
};
const statement = (payment: Loose, by: Caller, changes: { amount?: string; iban?: string } = {}) => {
  const { amount = '100.00', iban = IBAN } = changes;
  bookings += 1;
  const details = detailXml(payment.reference_number);
  const entries = entryXml({ amount, booked: today, servicer: `S-${bookings}`, details });
  const payload = camt053(statementXml({ id: `STMT-${bookings}`, iban, entries }));
  const headers = { authorization: `Bearer ${by.token}`, 'content-type': 'application/xml' };
  return api.raw('POST', '/api/v1/bank-messages', { headers, payload });
};

t.test('a treasurer approves neither their own payment nor their own batch, nor one that they submitted', async (t) => {
  const payment = await pay();
  t.equal(code(await on(payment, 'approve', attacker, {}, 1)), 'payment.segregation-of-duties');
  ok(await on(payment, 'approve', honest, {}, 1));
  const own = ok(await act(await batchOf({ payment_ids: [payment.id] }), 'submit', attacker));
  t.equal(code(await act(own, 'approve', attacker, {}, own.version)), 'payment_batch.segregation-of-duties');
  ok(await act(own, 'recall', attacker, { reason: 'a trick' }));
  const again = ok(await act(own, 'submit', honest));
  for (const by of [attacker, honest])
    t.equal(code(await act(again, 'approve', by, {}, again.version)), 'payment_batch.segregation-of-duties');
  ok(await act(again, 'approve', third, {}, again.version));
});

t.test('a treasurer who approved the invoice or proposed the account pays it with no hand of theirs', async (t) => {
  const both = await alsoA('vendor_manager', 'ap_manager');
  const approval = { step: 'ap_manager' as const, approved_at: `${today}T10:00:00.000Z`, reason: null };
  const seen = await store.invoice(vendor.id, { approvals: [{ ...approval, approved_by: both.id }] });
  t.equal(code(await on(await pay(honest, seen.id), 'approve', both, {}, 1)), 'payment.segregation-of-duties');
  const { id: own } = await store.vendor({}, { created_by: both.id });
  const proposed = await pay(honest, (await store.invoice(own)).id);
  t.equal(code(await on(proposed, 'approve', both, {}, 1)), 'payment.segregation-of-duties');
  const due = { due_date: '2020-02-02', approvals: [{ ...approval, approved_by: both.id }] };
  const invoice = await store.invoice(vendor.id, due);
  const batch = await batchOf({ due_on_or_before: '2020-02-02' }, both);
  t.match(await read(batch), { count: 0 }, 'nor does a run of theirs take it');
  t.equal((await store.stored(invoice.id)).payable_amount, '100.00');
});

t.test('an invoice is not paid twice, at the same moment or in parts', async (t) => {
  const { id: invoice_id } = await store.invoice(vendor.id);
  const replies = await Promise.all([1, 2, 3, 4].map(() => attacker.post('/payments', { invoice_id })));
  t.equal(replies.filter(({ status }) => status === 201).length, 1);
  const other = await store.invoice(vendor.id);
  ok(await attacker.post('/payments', { invoice_id: other.id, payment_amount: '60.00' }));
  const rest = await attacker.post('/payments', { invoice_id: other.id, payment_amount: '40.01' });
  t.equal(rest.status, 422, code(rest));
});

t.test('payments below an approval limit are not a batch above it', async (t) => {
  const limited = await api.as('treasurer', 'limited');
  const body = { approval_limit: { amount: '150.00', currency: 'EUR' } };
  const waiting = ok(await admin.patch(`/users/${limited.id}`, body, { version: 1 }));
  ok(await second.post(`/users/${limited.id}/approve`, {}, { version: waiting.version }));
  const payments = [await approvedPayment(attacker, limited), await approvedPayment(attacker, limited)];
  const batch = ok(await act(await batchOf({ payment_ids: payments.map(({ id }) => id) }), 'submit', attacker));
  t.equal(code(await act(batch, 'approve', limited, {}, batch.version)), 'payment_batch.over-approval-limit');
});

t.test('what the file is made of is not changed between approval and file', async (t) => {
  const account = await debtorAccount();
  const batch = await released({ payment_ids: [(await approvedPayment()).id] }, attacker, honest, account);
  const path = `/settings/debtor-accounts/${account.id}`;
  const iban = 'NL20INGB0001234567';
  const moved = ok(await admin.patch(path, { iban }, { version: account.version }));
  ok(await second.post(`${path}/approve`, verified(iban), { version: moved.version }));
  t.equal(code(await act(batch, 'generate', attacker)), 'payment_batch.changed-since-submit');
});

t.test('an account that was revoked or swapped between approval and file is not paid', async (t) => {
  const { id: own, accountId } = await store.vendor();
  const payment = await pay(attacker, (await store.invoice(own)).id);
  ok(await on(payment, 'approve', honest, {}, 1));
  const batch = await released({ payment_ids: [payment.id] });
  const manager = await api.as('vendor_manager');
  ok(await manager.post(`/vendors/${own}/bank-accounts/${accountId}/revoke`, { reason: 'stolen' }));
  const file = await act(batch, 'generate', attacker);
  t.match(await read(batch), { status: 'cancelled' }, code(file));
  t.equal((await download(batch)).status, 409);
  t.equal(await payable(payment), '0.00', 'the payment waits, and is approved');
});

t.test('a payment or batch that was approved is not altered', async (t) => {
  const payment = await approvedPayment();
  for (const path of [
    `/payments/${payment.id}`,
    `/payment-batches/${(await released({ payment_ids: [payment.id] })).id}`,
  ])
    t.equal(
      (await attacker.patch(path, { payment_amount: '9999.00' }, { version: 1 })).status,
      404,
      'there is no such route',
    );
  const { status } = await attacker.post('/payments', {
    invoice_id: (await store.invoice(vendor.id)).id,
    creditor: { iban: 'DE89370400440532013000' },
  });
  t.equal(status, 400, 'and the account is not the maker’s to give');
});

t.test(
  'a file that was downloaded is not disowned by one person, nor by a download after the first half',
  async (t) => {
    const { batch } = await withBank();
    const cancel = { reason: 'a trick', not_transmitted: true };
    t.match(ok(await act(batch, 'cancel', attacker, cancel)), { status: 'generated' });
    t.equal(code(await act(batch, 'cancel', attacker, cancel)), 'payment_batch.segregation-of-duties');
    ok(await download(batch, third));
    t.match(ok(await act(batch, 'cancel', honest, cancel)), {
      status: 'generated',
      previous_cancellation: { undone_by: 'download' },
    });
    const trail = ok(await (await api.as('auditor')).get(`/audit?entity=payment_batch&entity_id=${batch.id}`)).data;
    t.equal(trail.filter(({ action }: Loose) => action === 'downloaded_xml').length, 2, 'each download is on record');
  },
);

t.test('a payment that the bank refused is not in a second file while the first can still leave', async (t) => {
  const { payment, batch } = await withBank();
  ok(await on(payment, 'fail', honest, failed));
  t.equal(await payable(payment), '100.00');
  t.equal(code(await download(batch)), 'payment_batch.file-withheld');
  ok(await act(batch, 'send', attacker, { channel: 'portal' }));
  t.equal(code(await download(batch)), 'payment_batch.file-withheld', 'nor after a send that is said later');
});

t.test('the maker of a payment records nothing that the bank did, nor corrects it', async (t) => {
  const { payment } = await withBank();
  for (const [action, body] of [
    ['settle', booked()],
    ['fail', failed],
    ['return', failed],
  ] as const)
    t.equal(code(await on(payment, action, attacker, body)), 'payment.segregation-of-duties', action);
  ok(await on(payment, 'settle', honest, booked()));
  for (const by of [attacker, honest])
    t.equal(code(await on(payment, 'correct', by, { reason: 'a trick' })), 'payment.segregation-of-duties');
  t.match(ok(await on(payment, 'correct', third, { reason: 'the wrong line' })), { status: 'batched' });
  t.equal(await payable(payment), '0.00', 'a correction reserves the amount again');
});

t.test('a forged statement settles nothing: by the maker, of another amount, or of another account', async (t) => {
  const { payment } = await withBank();
  const lines = async (reply: TestReply): Promise<Loose[]> =>
    ok(await honest.get(`/bank-messages/${ok(reply).id}/lines`)).data;
  t.match(await lines(await statement(payment, attacker)), [{ outcome: 'refused' }]);
  t.match(await lines(await statement(payment, honest, { amount: '100.01' })), [{ outcome: 'listed' }]);
  t.match(await lines(await statement(payment, honest, { iban: 'NL91ABNA0417164300' })), [{ outcome: 'listed' }]);
  t.match(await read(payment), { status: 'batched' });
  const { id } = ok(await statement(payment, attacker));
  const confirm = await attacker.post(`/bank-messages/${id}/confirm`, { line: 1, reason: 'a trick' });
  t.equal(confirm.status, 403, code(confirm));
});

t.test(
  'one booking of the bank does not settle two files, and none before the file left or ahead of time',
  async (t) => {
    const [one, two] = [await withBank(), await withBank()];
    const bank_reference = 'ONE-BOOKING';
    ok(await on(one.payment, 'settle', honest, booked({ bank_reference })));
    const again = await on(two.payment, 'settle', honest, booked({ bank_reference: ' one-booking ' }));
    t.equal(code(again), 'payment.bank-reference-used');
    t.equal(
      code(await on(two.payment, 'settle', honest, booked({ booked_on: addDays(today, 1) }))),
      'payment.not-booked-yet',
    );
    t.equal(
      code(await on(two.payment, 'settle', honest, booked({ booked_on: '2020-01-01' }))),
      'payment.booked-before-file',
    );
    const early = await approvedPayment();
    await fileOf(early);
    t.equal(code(await on(early, 'settle', honest, booked())), 'payment.file-not-with-bank');
  },
);

t.test('who holds the secret of Workday pays nothing twice by reporting failures', async (t) => {
  const { payment } = await withBank();
  for (const status of ['failed', 'failed', 'settled', 'accepted'])
    ok(await workdayCallback(api, { payment_id: payment.id, status }));
  t.match(await read(payment), { status: 'batched' });
  t.equal(await payable(payment), '0.00');
  t.equal((await attacker.post('/payments', { invoice_id: payment.invoice_id })).status, 422);
  const decision = { reason: 'a trick' };
  t.equal(code(await on(payment, 'confirm-failure', attacker, decision)), 'payment.segregation-of-duties');
  t.equal(code(await on(payment, 'dismiss-failure', attacker, decision)), 'payment.segregation-of-duties');
});

t.test('a hold is not passed by a batch, nor a block of the vendor by an approval that stands', async (t) => {
  const { id: own } = await store.vendor();
  const payment = await pay(attacker, (await store.invoice(own)).id);
  ok(await on(payment, 'approve', honest, {}, 1));
  ok(await on(payment, 'hold', honest, { reason: 'a question' }));
  t.match(await read(await batchOf({ payment_ids: [payment.id] })), { count: 0 });
  ok(await on(payment, 'release', honest));
  const batch = await released({ payment_ids: [payment.id] });
  ok(await (await api.as('vendor_manager')).post(`/vendors/${own}/block`, { reason: 'fraud' }));
  await act(batch, 'generate', attacker);
  t.match(await read(batch), { status: 'cancelled' });
});

t.test('account numbers are read whole by nobody unseen', async (t) => {
  const payment = await pay();
  for (const path of [`/payments/${payment.id}`, `/payments/${payment.id}/json`, `/payments/${payment.id}/xml`])
    t.notMatch(JSON.stringify((await attacker.get(path)).body), '0417164300', path);
  const { version } = ok(await on(payment, 'reveal', attacker, { reason: 'curious' }));
  t.equal(version, payment.version + 1);
  const [event] = ok(await (await api.as('auditor')).get(`/audit?entity=payment&entity_id=${payment.id}`)).data;
  t.match(event, { action: 'revealed', actor: attacker.id, reason: 'curious' });
});
