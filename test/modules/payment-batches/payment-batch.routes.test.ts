import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDependencies, type Dependencies } from '../../../src/dependencies.ts';
import type { Invoice } from '../../../src/modules/invoices/index.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { idSource } from '../../../src/shared/command.ts';
import { add, amount } from '../../../src/shared/money.ts';
import { permissionsOf, ROLES } from '../../../src/shared/permissions.ts';
import { readAll, sha256Hex } from '../../../src/shared/storage/storage.ts';
import { type Caller, type Loose, testApi } from '../../support/api.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const treasurer = await api.as('treasurer');
const second = await api.as('treasurer', 'second');
const third = await api.as('treasurer', 'third');
const admin = await api.as('admin');
const today = calendarDay(new Date(), 'UTC');
const execution_date = nextBankingDay(addDays(today, 3));
const DUE = '2026-01-31';
/** A run takes all that is due by its day: each test's is before those of the tests before it. */
let day = 0;
const nextDay = (): string => {
  day += 1;
  return addDays('1999-12-31', -day);
};

const debtor = await admin.post('/settings/debtor-accounts', {
  name: 'Example Company BV',
  iban: 'NL91ABNA0417164300',
  bic: 'ABNANL2A',
  currency: 'EUR',
  country: 'NL',
});
t.equal(debtor.status, 201, JSON.stringify(debtor.body));
const debtor_account_id = debtor.body.id;

const approved = async (invoice: Pick<Invoice, 'id'>, body: object = {}): Promise<Loose> => {
  const made = await treasurer.post('/payments', { invoice_id: invoice.id, ...body });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const done = await second.post(`/payments/${made.body.id}/approve`, {}, { version: 1 });
  t.equal(done.status, 200, JSON.stringify(done.body));
  return done.body;
};
const batchOf = async (body: object, person: Caller = treasurer): Promise<Loose> => {
  const made = await person.post('/payment-batches', { debtor_account_id, execution_date, ...body });
  t.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};
const act = (person: Caller, id: string, action: string, body: object = {}, version?: number) =>
  person.post(`/payment-batches/${id}/${action}`, body, version === undefined ? {} : { version });
const done = async (person: Caller, id: string, action: string, body: object = {}, version?: number) => {
  const reply = await act(person, id, action, body, version);
  t.equal(reply.status, 200, `${action}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
const toApproved = async (batch: Loose): Promise<Loose> => {
  const submitted = await done(treasurer, batch.id, 'submit');
  return done(second, batch.id, 'approve', {}, submitted.version);
};
const generated = async (batch: Loose): Promise<Loose> => {
  await toApproved(batch);
  return done(treasurer, batch.id, 'generate');
};
const fileText = async (key: string): Promise<string> => {
  const object = await api.infrastructure.storage.payments.get(key);
  if (object === undefined) throw new Error(`no file ${key}`);
  return (await readAll(object)).toString('utf8');
};
const codes = (batch: Loose): Record<string, string> =>
  Object.fromEntries(batch.skipped.map((skip: Loose) => [skip.payment_id ?? skip.invoice_id, skip.code]));

t.test('a batch goes from draft to the bank, and its files lie in storage', async (t) => {
  const vendor = await store.vendor();
  const payments = [];
  for (const due of ['10.10', '20.20', '0.05'])
    payments.push(await approved(await store.invoice(vendor.id, { amount_due: due })));
  const made = await treasurer.post('/payment-batches', {
    debtor_account_id,
    execution_date,
    payment_ids: payments.map(({ id }) => id),
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const { id } = made.body;
  t.equal(made.headers.location, `/api/v1/payment-batches/${id}`);
  t.match(made.body, { status: 'draft', count: 3, control_sum: '30.35', skipped: [], progress: null, version: 1 });
  t.equal(made.body.payments.length, 3);
  t.same((await treasurer.get(`/payment-batches/${id}`)).body.count, 3);
  t.match((await treasurer.get(`/payments/${payments[0].id}`)).body, {
    status: 'batched',
    batch_id: id,
    payment_date: execution_date,
  });

  t.equal((await act(treasurer, id, 'generate')).body.code, 'payment_batch.wrong-status');
  const submitted = await done(treasurer, id, 'submit');
  t.equal(submitted.status, 'pending_approval');
  t.equal((await act(treasurer, id, 'approve', {}, 2)).body.code, 'payment_batch.segregation-of-duties');
  t.equal((await act(second, id, 'approve')).status, 428);
  t.equal((await act(second, id, 'approve', {}, 1)).status, 412);
  t.match(await done(second, id, 'approve', {}, 2), { status: 'approved', approved_by: second.id });
  t.equal((await treasurer.post(`/payment-batches/${id}/generate?dry_run=true`)).status, 400);

  const ready = await done(treasurer, id, 'generate');
  t.match(ready, { status: 'generated', count: 3, control_sum: '30.35', progress: null, profile_version: '001.09' });
  t.match(ready.message_id, /^BAT[0-9A-F]{32}$/);
  t.same(
    ready.files.map(({ format }: Loose) => format),
    ['xml', 'json'],
  );
  for (const { key, sha256, size } of ready.files) {
    const text = await fileText(key);
    t.ok(key.includes(ready.message_id));
    t.equal(sha256Hex(text), sha256);
    t.equal(Buffer.byteLength(text), size);
  }
  const xml = await fileText(ready.files[0].key);
  t.match(xml, '<CtrlSum>30.35</CtrlSum>');
  t.match(xml, 'pain.001.001.09');
  for (const { reference_number } of payments) t.match(xml, `<EndToEndId>${reference_number}</EndToEndId>`);
  const json = JSON.parse(await fileText(ready.files[1].key));
  t.match(json, { message_id: ready.message_id, count: 3, control_sum: '30.35' });
  t.match((await treasurer.get(`/payments/${payments[0].id}`)).body, {
    integration_status: 'exported',
    processed_by: treasurer.id,
  });
  const read = (await treasurer.get(`/payment-batches/${id}`)).body;
  const byId = (body: Loose) => ({
    ...body,
    payments: [...body.payments].sort((a: Loose, b: Loose) => (a.id < b.id ? -1 : 1)),
  });
  t.same(byId(read), byId(ready));
  t.equal((await act(treasurer, id, 'generate')).body.code, 'payment_batch.wrong-status');
  t.notHas(ready, 'fixed');

  t.match(await done(treasurer, id, 'send', { channel: 'bank portal' }), {
    status: 'sent',
    sent: { channel: 'bank portal', sent_by: treasurer.id },
  });
  const [first, other, last] = payments;
  const booked = { booked_on: today, bank_reference: 'B1' };
  t.equal((await treasurer.post(`/payments/${first.id}/settle`, booked)).status, 403);
  t.equal((await second.post(`/payments/${first.id}/settle`, { ...booked, booked_on: '2999-01-01' })).status, 422);
  t.match((await second.post(`/payments/${first.id}/settle`, booked)).body, { status: 'settled', booked_on: today });
  t.match(await store.stored(first.invoice_id), { open_amount: '0.00', status: 'paid' });
  t.match((await second.post(`/payments/${other.id}/fail`, { reason_code: 'AC04' })).body, {
    status: 'failed',
    reason_code: 'AC04',
  });
  t.match(await store.stored(other.invoice_id), { open_amount: '20.20', payable_amount: '20.20', status: 'approved' });
  t.equal((await treasurer.get(`/payment-batches/${id}`)).body.status, 'partially_accepted');
  await second.post(`/payments/${last.id}/settle`, booked);
  t.equal((await treasurer.get(`/payment-batches/${id}`)).body.status, 'completed');
  t.match((await second.post(`/payments/${first.id}/return`, { reason_code: 'AC06' })).body, { status: 'returned' });
  t.match(await store.stored(first.invoice_id), { open_amount: '10.10', payable_amount: '10.10', status: 'approved' });
  t.match((await second.post(`/payments/${other.id}/void`)).body, { status: 'voided' });
  t.equal((await act(second, id, 'cancel', { reason: 'no', not_transmitted: true })).status, 409);
});

t.test('a file carries the address that the vendor had when the payment was made, as the bank takes it', async (t) => {
  const fileOf = async (account: object, invoices: readonly { id: string }[]): Promise<string> => {
    const payer = await admin.post('/settings/debtor-accounts', {
      ...{ name: 'Payer', iban: 'NL91ABNA0417164300', currency: 'EUR', country: 'NL' },
      ...account,
    });
    t.equal(payer.status, 201, JSON.stringify(payer.body));
    const payments = [];
    for (const invoice of invoices) payments.push(await approved(invoice));
    for (const { vendor_id } of payments)
      await store.changeVendor(vendor_id, { address: { line1: 'Moved 9', city: 'Elsewhere', country: 'BE' } });
    const ready = await generated(
      await batchOf({ debtor_account_id: payer.body.id, payment_ids: payments.map(({ id }) => id) }),
    );
    t.equal(ready.count, invoices.length, JSON.stringify(ready.skipped));
    return fileText(ready.files[0].key);
  };
  const address = {
    line1: 'Keizersgracht',
    building_number: '1',
    city: 'Amsterdam',
    postal_code: '1015 CJ',
    country: 'NL',
  };
  const invoiceOf = async (given: typeof address | null) => store.invoice((await store.vendor({ address: given })).id);
  for (const bank_profile of ['001.09', '001.03']) {
    const structured = await fileOf({ bank_profile }, [await invoiceOf(address)]);
    t.match(
      structured,
      /<StrtNm>Keizersgracht<.*\s*<BldgNb>1<.*\s*<PstCd>1015 CJ<.*\s*<TwnNm>Amsterdam<.*\s*<Ctry>NL</,
    );
    t.notMatch(structured, /AdrLine|Elsewhere/);
    const hybrid = await fileOf({ bank_profile, creditor_address: 'hybrid' }, [await invoiceOf(address)]);
    t.match(hybrid, /<TwnNm>Amsterdam<.*\s*<Ctry>NL<.*\s*<AdrLine>Keizersgracht 1</);
    t.notMatch(hybrid, /StrtNm|BldgNb/);
    t.notMatch(await fileOf({ bank_profile, creditor_address: 'none' }, [await invoiceOf(address)]), /PstlAdr/);
  }
  t.notMatch(await fileOf({}, [await invoiceOf(null)]), /PstlAdr/, 'a vendor without an address is paid without one');
});

t.test('an address that is too long for the bank’s form is told and never cut', async (t) => {
  const payer = await admin.post('/settings/debtor-accounts', {
    ...{ name: 'Payer', iban: 'NL91ABNA0417164300', currency: 'EUR', country: 'NL' },
    creditor_address: 'hybrid',
  });
  const address = { line1: 'x'.repeat(70), building_number: '12', city: 'Amsterdam', country: 'NL' };
  const payment = await approved(await store.invoice((await store.vendor({ address })).id));
  const batch = await batchOf({ debtor_account_id: payer.body.id, payment_ids: [payment.id] });
  t.match(batch.skipped, [{ payment_id: payment.id, code: 'no_format', reason: /73 characters.*70/ }]);
  const cancelled = await treasurer.post(`/payments/${payment.id}/cancel`, { reason: 'address to be corrected' });
  t.equal(cancelled.status, 200, JSON.stringify(cancelled.body));
});

t.test('a run makes a payment of every invoice due, takes those waiting, and says what it leaves out', async (t) => {
  const due = nextDay();
  const vendor = await store.vendor();
  const blocked = await store.vendor({ status: 'blocked' });
  const stopped = await store.vendor({ status: 'payment_hold' });
  const american = await store.vendor(
    {},
    { iban: null, bic: null, routing_number: '021000021', account_number: '12345678' },
  );
  const none = await store.vendor({}, { status: 'revoked' });
  const late = await store.vendor({}, { payable_from: '2999-01-01T00:00:00.000Z' });
  const hold = {
    id: 'hld_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
    kind: 'manual' as const,
    reason: 'ask',
    placed_by: second.id,
    placed_at: `${DUE}T00:00:00.000Z`,
  };
  const own = { step: 'ap_manager' as const, approved_by: treasurer.id, approved_at: hold.placed_at, reason: null };
  const invoices = {
    paid: await store.invoice(vendor.id, { due_date: due, amount_due: '100.00' }),
    discounted: await store.invoice(vendor.id, {
      due_date: due,
      discount_date: '2999-01-01',
      discount_amount: '2.00',
    }),
    held: await store.invoice(vendor.id, { due_date: due, holds: [hold] }),
    disputed: await store.invoice(vendor.id, { due_date: due, status: 'disputed' }),
    vendor_not_active: await store.invoice(blocked.id, { due_date: due }),
    stopped: await store.invoice(stopped.id, { due_date: due }),
    no_format: await store.invoice(american.id, { due_date: due }),
    no_account: await store.invoice(none.id, { due_date: due }),
    cooling: await store.invoice(late.id, { due_date: due }),
    below_minimum: await store.invoice(vendor.id, { due_date: due, amount_due: '0.99' }),
    approved_by_releaser: await store.invoice(vendor.id, { due_date: due, approvals: [own] }),
    dollars: await store.invoice(vendor.id, { due_date: due, currency: 'USD' }),
  };
  const waiting = await approved(await store.invoice(vendor.id, { due_date: '2999-01-01', amount_due: '7.00' }));
  const later = await approved(await store.invoice(vendor.id, { due_date: '2999-01-01' }), {
    payment_date: addDays(execution_date, 30),
  });
  const body = { debtor_account_id, execution_date, due_on_or_before: due, minimum_amount: '1' };
  const dry = await treasurer.post('/payment-batches?dry_run=true', body);
  t.match(dry.body, { id: null, status: 'draft', count: 3 });
  t.equal((await store.stored(invoices.paid.id)).payable_amount, '100.00');
  const batch = await batchOf(body);
  t.match(batch, { count: 3, control_sum: '205.00', minimum_amount: '1.00', due_on_or_before: due });
  t.match(codes(batch), {
    [invoices.held.id]: 'held',
    [invoices.disputed.id]: 'disputed',
    [invoices.vendor_not_active.id]: 'vendor_not_active',
    [invoices.stopped.id]: 'held',
    [invoices.no_format.id]: 'no_format',
    [invoices.no_account.id]: 'no_account',
    [invoices.cooling.id]: 'no_account',
    [invoices.below_minimum.id]: 'below_minimum',
    [invoices.approved_by_releaser.id]: 'approved_by_releaser',
    [invoices.dollars.id]: 'no_format',
    [later.id]: 'not_due',
  });
  t.match((await treasurer.get(`/payments/${waiting.id}`)).body, { batch_id: batch.id });
  const members = (await treasurer.get(`/payment-batches/${batch.id}/payments`)).body.data;
  t.same(members.map((payment: Loose) => [payment.payment_amount, payment.discount_taken]).sort(), [
    ['100.00', '0.00'],
    ['7.00', '0.00'],
    ['98.00', '2.00'],
  ]);
  t.equal((await treasurer.get(`/payment-batches/${batch.id}/skipped?limit=5`)).body.data.length, 5);
  await done(treasurer, batch.id, 'cancel', { reason: 'wrong day' });
  t.match(await store.stored(invoices.discounted.id), { payable_amount: '100.00' });
  t.match((await treasurer.get(`/payments/${waiting.id}`)).body, { status: 'approved', batch_id: null });
  for (const payment of [waiting, later])
    t.equal((await treasurer.post(`/payments/${payment.id}/cancel`, { reason: 'over' })).status, 200);
});

t.test('open credit notes are applied first, the oldest first, and what nets to nothing is skipped', async (t) => {
  const [due, earlier] = [nextDay(), nextDay()];
  const vendor = await store.vendor();
  const note = (amount_due: string, invoice_date: string) =>
    store.invoice(vendor.id, { type: 'credit_note', amount_due, invoice_date, due_date: '2999-01-01' });
  const younger = await note('50.00', '2026-01-20');
  const older = await note('130.00', '2026-01-10');
  const covered = await store.invoice(vendor.id, { due_date: earlier });
  const rest = await store.invoice(vendor.id, { due_date: due, amount_due: '100.01' });
  const made = await treasurer.post('/payment-batches', { debtor_account_id, execution_date, due_on_or_before: due });
  t.equal(made.status, 201, 'two invoices share a credit note, which the transaction writes once');
  const batch = made.body;
  const read = (await treasurer.get(`/payment-batches/${batch.id}`)).body;
  t.match(read, { status: 'draft', count: 1, control_sum: '20.01' });
  t.equal(codes(read)[covered.id], 'credit_exceeds');
  t.match(await store.stored(covered.id), { status: 'paid', open_amount: '0.00' });
  t.match(await store.stored(older.id), { status: 'applied', open_amount: '0.00' });
  t.match(await store.stored(younger.id), { status: 'applied', open_amount: '0.00' });
  t.match(await store.stored(rest.id), { open_amount: '20.01', payable_amount: '0.00' });
});

t.test('what a batch needs is said at once', async (t) => {
  const saturday = '2999-01-05';
  const refused = await treasurer.post('/payment-batches', { debtor_account_id, execution_date: saturday });
  t.match(refused.body, {
    status: 422,
    code: 'payment_batch.invalid',
    errors: [{ pointer: '#/payment_ids' }, { pointer: '#/due_on_or_before' }, { pointer: '#/execution_date' }],
  });
  t.match(refused.body.detail, '2999-01-07');
  t.equal(refused.body.detail.split('give either').length, 2, 'the same is said once');
  const nobody = 'deb_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d';
  const unknown = await treasurer.post('/payment-batches', { debtor_account_id: nobody, execution_date: saturday });
  t.match(unknown.body, { status: 422, errors: [{ pointer: '#/debtor_account_id' }] });
  const past = await treasurer.post('/payment-batches', {
    debtor_account_id,
    execution_date: '2020-01-02',
    due_on_or_before: '1980-01-01',
  });
  t.match(past.body, { code: 'payment_batch.invalid', errors: [{ pointer: '#/execution_date' }] });
  const dollars = await admin.post('/settings/debtor-accounts', {
    name: 'Example Company BV',
    iban: 'NL91ABNA0417164300',
    currency: 'USD',
    country: 'NL',
  });
  const other = await treasurer.post('/payment-batches', {
    debtor_account_id: dollars.body.id,
    execution_date,
    due_on_or_before: '1980-01-01',
  });
  t.match(other.body, { status: 422, errors: [{ pointer: '#/debtor_account_id' }] });
  t.equal(
    (await treasurer.post('/payment-batches', { debtor_account_id, execution_date, payment_ids: [] })).status,
    400,
  );
  const empty = await batchOf({ payment_ids: ['pay_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d'] });
  t.match(empty, { count: 0, skipped: [{ code: 'not_found' }] });
  t.equal((await act(treasurer, empty.id, 'submit')).body.code, 'payment_batch.empty');
  t.equal((await treasurer.get('/payment-batches/bat_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d')).status, 404);
});

t.test('a discount lapses with a later execution date', async (t) => {
  const vendor = await store.vendor();
  const invoice = await store.invoice(vendor.id, { discount_date: today, discount_amount: '2.00' });
  const payment = await approved(invoice, { payment_date: today });
  t.match(payment, { payment_amount: '98.00', discount_taken: '2.00' });
  const batch = await batchOf({ payment_ids: [payment.id] });
  t.match(batch, { control_sum: '98.00', payments: [{ discount_taken: '0.00' }] });
  t.match(await store.stored(invoice.id), { payable_amount: '2.00', open_amount: '100.00' });
});

t.test('nobody approves a batch who made it or approved an invoice that it pays', async (t) => {
  const due = nextDay();
  const vendor = await store.vendor();
  const approvals = [second, third].map(({ id }) => ({
    step: 'ap_manager' as const,
    approved_by: id,
    approved_at: `${DUE}T00:00:00.000Z`,
    reason: null,
  }));
  await store.invoice(vendor.id, { due_date: due, approvals: approvals.slice(0, 1) });
  const batch = await batchOf({ due_on_or_before: due });
  const submitted = await done(treasurer, batch.id, 'submit');
  const refused = await act(second, batch.id, 'approve', {}, submitted.version);
  t.equal(refused.body.code, 'payment_batch.segregation-of-duties');
  t.match(await done(third, batch.id, 'approve', {}, submitted.version), { approved_by: third.id });

  const all = nextDay();
  await store.invoice(vendor.id, { due_date: all, approvals });
  const lonely = await batchOf({ due_on_or_before: all });
  t.equal((await act(treasurer, lonely.id, 'submit')).body.code, 'payment_batch.no-eligible-approver');
});

t.test('a rejected batch gives its payments back, and a cancelled one too', async (t) => {
  const vendor = await store.vendor();
  for (const action of ['reject', 'cancel'] as const) {
    const due = nextDay();
    const invoice = await store.invoice(vendor.id, { due_date: due });
    const waiting = await approved(await store.invoice(vendor.id, { amount_due: '3.00', due_date: '2999-01-01' }));
    const batch = await batchOf({ due_on_or_before: due });
    await done(treasurer, batch.id, 'submit');
    const made = batch.payments.find((payment: Loose) => payment.invoice_id === invoice.id);
    t.equal((await act(second, batch.id, action, {})).status, 400, 'a reason is required');
    const after = await done(second, batch.id, action, { reason: 'wrong' });
    t.match(after, { status: action === 'reject' ? 'rejected' : 'cancelled', count: 0, payments: [] });
    t.equal((await treasurer.get(`/payments/${made.id}`)).body.status, 'cancelled');
    t.match((await treasurer.get(`/payments/${waiting.id}`)).body, { status: 'approved', batch_id: null });
    t.match(await store.stored(invoice.id), { payable_amount: '100.00' });
    t.equal((await treasurer.post(`/payments/${waiting.id}/cancel`, { reason: 'over' })).status, 200);
  }
});

t.test('a file that was downloaded is taken back by two persons, one that was sent by none', async (t) => {
  const vendor = await store.vendor();
  const payment = await approved(await store.invoice(vendor.id));
  const batch = await generated(await batchOf({ payment_ids: [payment.id] }));
  const cancel = (person: Caller, body: object) => act(person, batch.id, 'cancel', { reason: 'wrong', ...body });
  t.equal((await cancel(treasurer, {})).body.code, 'payment_batch.file-exists');
  const { paymentBatches } = api.dependencies;
  const { file } = await paymentBatches.download(commandOf(treasurer), batch.id, 'xml', async () => undefined);
  t.equal(file.sha256, batch.files[0].sha256);
  const read = (await treasurer.get(`/payment-batches/${batch.id}`)).body;
  t.ok(read.first_downloaded_at);
  t.match((await cancel(treasurer, { not_transmitted: true })).body, {
    status: 'generated',
    cancellation: { requested_by: treasurer.id },
  });
  t.equal((await cancel(treasurer, { not_transmitted: true })).body.code, 'payment_batch.segregation-of-duties');
  t.match((await cancel(second, { not_transmitted: true })).body, { status: 'cancelled' });
  t.match((await treasurer.get(`/payments/${payment.id}`)).body, {
    status: 'approved',
    integration_status: 'not_exported',
  });
  await t.rejects(
    paymentBatches.download(commandOf(treasurer), batch.id, 'xml', async () => undefined),
    { code: 'payment_batch.no-file' },
  );

  const again = await generated(await batchOf({ payment_ids: [payment.id] }));
  t.not(again.message_id, batch.message_id);
  await done(treasurer, again.id, 'send', { channel: 'host to host', bank_reference: 'R7' });
  t.equal((await act(second, again.id, 'cancel', { reason: 'no', not_transmitted: true })).status, 409);
  t.equal((await act(second, again.id, 'send', { channel: 'portal' })).status, 409);
});

t.test('a member is held, released and cancelled until its file is made', async (t) => {
  const vendor = await store.vendor();
  const payments = [];
  for (const due of ['1.00', '2.00', '4.00'])
    payments.push(await approved(await store.invoice(vendor.id, { amount_due: due })));
  const [one, two, four] = payments;
  const batch = await batchOf({ payment_ids: payments.map(({ id }) => id) });
  const on = (payment: Loose, action: string) => second.post(`/payments/${payment.id}/${action}`, { reason: 'ask' });
  t.equal((await on(one, 'hold')).status, 200);
  t.match((await on(two, 'cancel')).body, { status: 'cancelled', batch_id: null });
  t.match((await treasurer.get(`/payment-batches/${batch.id}`)).body, { count: 2, control_sum: '5.00' });
  const ready = await generated(batch);
  t.match(ready, { count: 1, control_sum: '4.00', skipped: [{ payment_id: one.id, code: 'held' }] });
  t.match((await treasurer.get(`/payments/${one.id}`)).body, { status: 'approved', batch_id: null });
  for (const action of ['hold', 'cancel']) t.equal((await on(four, action)).body.code, 'payment.in-batch');
});

const commandOf = (person: Caller) => ({
  actor: { id: person.id, roles: ['treasurer' as const], permissions: permissionsOf(['treasurer']) },
  now: new Date(),
  request_id: 'test',
  dryRun: false,
  ids: idSource(),
});

/** Another task over the same store, whose transactions pass through `before` and `after`. */
function task(
  { before, after }: { before?: (text: string) => Promise<void>; after?: (text: string) => Promise<void> } = {},
  runLeaseMs = 0,
): Dependencies {
  const client = Object.create(api.client, {
    send: {
      value: async (command: object, ...rest: unknown[]) => {
        const text = command instanceof TransactWriteCommand ? JSON.stringify(command.input) : undefined;
        if (text !== undefined) await before?.(text);
        const reply = await Reflect.apply(api.client.send, api.client, [command, ...rest]);
        if (text !== undefined) await after?.(text);
        return reply;
      },
    },
  });
  return createDependencies({ ...api.infrastructure, client, runLeaseMs });
}

t.test('a vendor, account or invoice that is stopped when the file is being made is not paid', async (t) => {
  const cases: [string, (ids: { vendor: string; account: string; invoice: string }) => Promise<unknown>, string][] = [
    ['vendor', ({ vendor }) => store.changeVendor(vendor, { status: 'blocked' }), 'vendor_not_active'],
    ['account', ({ account }) => store.changeAccount(account, { status: 'revoked' }), 'no_account'],
    ['invoice', ({ invoice }) => store.changeInvoice(invoice, { status: 'disputed' }), 'disputed'],
  ];
  for (const [title, stop, code] of cases) {
    const due = nextDay();
    const [fine, vendor] = await Promise.all([store.vendor(), store.vendor()]);
    const kept = await store.invoice(fine.id, { due_date: due, amount_due: '1.00' });
    const invoice = await store.invoice(vendor.id, { due_date: due });
    const batch = await batchOf({ due_on_or_before: due });
    await toApproved(batch);
    let stopped = false;
    const { paymentBatches } = task({
      after: async (text) => {
        if (stopped || !text.includes('"generating"')) return;
        stopped = true;
        await stop({ vendor: vendor.id, account: vendor.accountId, invoice: invoice.id });
      },
    });
    const view = await paymentBatches.generate(commandOf(treasurer), batch.id);
    t.ok(stopped);
    t.match(view, { status: 'generated', count: 1, control_sum: '1.00', skipped: [{ code }] }, title);
    const xml = await fileText(view.files[0]?.key ?? '');
    t.notMatch(xml, invoice.invoice_number);
    t.match(xml, kept.invoice_number);
    t.match(await store.stored(invoice.id), { payable_amount: '100.00' }, 'it gave back what it reserved');
  }
});

t.test('a batch whose every payment is dropped is over without a file', async (t) => {
  const vendor = await store.vendor();
  const payment = await approved(await store.invoice(vendor.id));
  const batch = await batchOf({ payment_ids: [payment.id] });
  await toApproved(batch);
  await store.changeVendor(vendor.id, { status: 'blocked' });
  t.match(await done(treasurer, batch.id, 'generate'), {
    status: 'cancelled',
    count: 0,
    control_sum: '0.00',
    files: [],
  });
  t.match((await treasurer.get(`/payments/${payment.id}`)).body, { status: 'approved', batch_id: null });
});

t.test('many generations at once make one file', async (t) => {
  const vendor = await store.vendor();
  const payment = await approved(await store.invoice(vendor.id));
  const batch = await batchOf({ payment_ids: [payment.id] });
  await toApproved(batch);
  const tasks = Array.from({ length: 6 }, () => task());
  const views = await Promise.allSettled(
    tasks.map(({ paymentBatches }) => paymentBatches.generate(commandOf(treasurer), batch.id)),
  );
  for (const view of views)
    if (view.status === 'rejected') t.match(view.reason.code, /wrong-status|store\.busy/, String(view.reason));
  await task().paymentBatches.resumeBatches();
  const read = (await treasurer.get(`/payment-batches/${batch.id}`)).body;
  t.match(read, { status: 'generated', count: 1 });
  const { objects } = await api.infrastructure.storage.payments.list(`${batch.id}/`);
  t.equal(objects.length, 2);
  const events = (await task().paymentBatches.get(batch.id)).audit;
  t.equal(events.seq, 5, 'created, submitted, approved, generating, generated');
});

t.test('of many batches of the same payments each payment goes into one', async (t) => {
  const vendor = await store.vendor();
  const payments = await Promise.all(
    Array.from({ length: 10 }, async () => approved(await store.invoice(vendor.id, { amount_due: '1.00' }))),
  );
  const payment_ids = payments.map(({ id }) => id);
  const replies = await Promise.all(
    Array.from({ length: 5 }, (_, index) =>
      (index % 2 === 0 ? treasurer : second).post('/payment-batches', {
        debtor_account_id,
        execution_date,
        payment_ids: index % 2 === 0 ? payment_ids : [...payment_ids].reverse(),
      }),
    ),
  );
  t.ok(
    replies.every(({ status }) => status === 201),
    JSON.stringify(replies.map(({ status }) => status)),
  );
  const counts = replies.map(({ body }) => body.count);
  t.equal(
    counts.reduce((sum, count) => sum + count, 0),
    10,
  );
  for (const { body } of replies) {
    const read = (await treasurer.get(`/payment-batches/${body.id}`)).body;
    t.equal(read.payments.length, read.count);
    t.equal(read.count + read.skipped.length, 10);
  }
});

t.test('one key makes one batch, and one generation', async (t) => {
  const vendor = await store.vendor();
  const payment = await approved(await store.invoice(vendor.id));
  const body = { debtor_account_id, execution_date, payment_ids: [payment.id] };
  const send = () =>
    treasurer.post('/payment-batches', body, { headers: { 'idempotency-key': `batch ${payment.id}` } });
  const replies = await Promise.all([send(), send(), send()]);
  t.equal(new Set(replies.map((reply) => reply.body.id)).size, 1, JSON.stringify(replies.map(({ body }) => body)));
  const [{ body: batch } = { body: undefined }] = replies;
  await toApproved(batch);
  const generate = () =>
    treasurer.post(`/payment-batches/${batch.id}/generate`, {}, { headers: { 'idempotency-key': 'generate' } });
  const first = await generate();
  t.match(first.body, { status: 'generated' });
  const replayed = await generate();
  t.same(replayed.body, first.body);
  t.equal(replayed.headers['idempotency-replayed'], 'true');
});

t.test('each role may do with batches what it may, and no more', async (t) => {
  const vendor = await store.vendor();
  const payment = await approved(await store.invoice(vendor.id));
  const batch = await batchOf({ payment_ids: [payment.id] });
  const actions: Record<string, object> = {
    submit: {},
    approve: {},
    reject: { reason: 'no' },
    generate: {},
    send: { channel: 'portal' },
    cancel: { reason: 'no' },
  };
  for (const role of ROLES) {
    const person = await api.as(role, 'of every kind');
    const reads = role === 'integration' ? 403 : 200;
    for (const path of ['', `/${batch.id}`, `/${batch.id}/payments`, `/${batch.id}/skipped`])
      t.equal((await person.get(`/payment-batches${path}`)).status, reads, `${role} reads ${path}`);
    const body = { debtor_account_id, execution_date, payment_ids: [payment.id] };
    const made = await person.post('/payment-batches?dry_run=true', body);
    t.equal(made.status, role === 'treasurer' ? 201 : 403, `${role} makes`);
    for (const [action, content] of Object.entries(actions)) {
      const dry = action === 'generate' ? '' : '?dry_run=true';
      const { status } = await person.post(`/payment-batches/${batch.id}/${action}${dry}`, content, { version: 1 });
      t.equal(status === 403, role !== 'treasurer', `${role} ${action}: ${status}`);
    }
  }
  t.equal((await treasurer.get('/payment-batches?status=draft&limit=1')).body.data.length, 1);
  t.notHas((await treasurer.get('/payment-batches?limit=1')).body.data[0], 'payments');
  t.equal((await treasurer.get('/payment-batches?vendor_id=ven_1')).status, 400);
});

t.test('a run of 500 payments that is killed at every step comes to one file with every payment once', async (t) => {
  const due = nextDay();
  const vendors = await Promise.all(Array.from({ length: 10 }, () => store.vendor()));
  const invoices: Invoice[] = [];
  for (let start = 0; start < 500; start += 50)
    invoices.push(
      ...(await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          store.invoice(vendors[index % 10]?.id ?? '', { due_date: due, amount_due: `${start + index + 1}.01` }),
        ),
      )),
    );
  let kills = 0;
  const killed = () => {
    kills += 1;
    return new Error('killed');
  };
  /** Dies at its second transaction, before or just after it is committed. */
  const dying = (afterCommit: boolean): Dependencies => {
    let seen = 0;
    const die = async (): Promise<void> => {
      seen += 1;
      if (seen > 1) throw killed();
    };
    return task(afterCommit ? { after: die } : { before: die });
  };
  const step = async (work: (dependencies: Dependencies) => Promise<unknown>, until: string): Promise<void> => {
    for (let attempt = 0; attempt < 400; attempt += 1) {
      const dependencies = dying(attempt % 2 === 0);
      await work(dependencies).catch(() => undefined);
      await dependencies.paymentBatches.idle();
      const found = await api.dependencies.paymentBatches.get(id);
      if (found.status === until && found.progress === null) return;
    }
    t.fail(`never ${until}`);
  };
  const made = await task().paymentBatches.create(commandOf(treasurer), {
    debtor_account_id,
    execution_date,
    due_on_or_before: due,
  });
  const { id } = made;
  t.match(made, { status: 'building', progress: { step: 'join', done: 0 } });
  t.equal((await act(treasurer, id, 'submit')).status, 409);
  await step(({ paymentBatches }) => paymentBatches.resumeBatches(), 'draft');
  const total = amount(add(...invoices.map(({ amount_due }) => amount_due)), 'EUR');
  const built = (await treasurer.get(`/payment-batches/${id}`)).body;
  t.match(built, { status: 'draft', count: 500, control_sum: total });
  t.equal(built.payments.length, 20);
  await toApproved(built);
  const { paymentBatches } = dying(true);
  await paymentBatches.generate(commandOf(treasurer), id).catch(() => undefined);
  await paymentBatches.idle();
  await step((dependencies) => dependencies.paymentBatches.resumeBatches(), 'generated');
  t.ok(kills > 60, `killed ${kills} times`);

  const ready = (await treasurer.get(`/payment-batches/${id}`)).body;
  t.match(ready, { count: 500, control_sum: total });
  t.notOk(ready.skipped.some((skip: Loose) => skip.invoice_id !== null));
  const { objects } = await api.infrastructure.storage.payments.list(`${id}/`);
  t.equal(objects.length, 2);
  const file = JSON.parse(await fileText(ready.files[1].key));
  t.equal(file.control_sum, total);
  t.same(
    file.payments.map((payment: Loose) => payment.remittance).sort(),
    invoices.map(({ invoice_number }) => invoice_number).sort(),
  );
  t.equal(new Set(file.payments.map((payment: Loose) => payment.end_to_end_id)).size, 500);
  const members = await task().payments.list(
    { batch_id: id, limit: 100 },
    {
      limit: 100,
      binding: { principal: '', query: '' },
    },
  );
  t.ok(members.data.every(({ integration_status }) => integration_status === 'exported'));
  for (const invoice of invoices.slice(0, 50)) t.equal((await store.stored(invoice.id)).payable_amount, '0.00');
});

t.test('a large run goes on after the reply, and a large batch is cancelled in the background', async (t) => {
  const due = nextDay();
  const vendor = await store.vendor();
  const invoices = await Promise.all(Array.from({ length: 45 }, () => store.invoice(vendor.id, { due_date: due })));
  const body = { debtor_account_id, execution_date, due_on_or_before: due };
  const made = await treasurer.post('/payment-batches', body);
  t.equal(made.status, 202, JSON.stringify(made.body));
  t.match(made.body, { status: 'building', progress: { step: 'join' } });
  await api.dependencies.paymentBatches.idle();
  const built = (await treasurer.get(`/payment-batches/${made.body.id}`)).body;
  t.match(built, { status: 'draft', count: 45, control_sum: '4500.00', progress: null });
  await toApproved(built);
  const generating = await act(treasurer, built.id, 'generate');
  t.equal(generating.status, 202, JSON.stringify(generating.body));
  await api.dependencies.paymentBatches.idle();
  const ready = (await treasurer.get(`/payment-batches/${built.id}`)).body;
  t.match(ready, { status: 'generated', count: 45 });
  t.match(await done(treasurer, built.id, 'cancel', { reason: 'no', not_transmitted: true }), { status: 'cancelling' });
  await api.dependencies.paymentBatches.idle();
  t.match((await treasurer.get(`/payment-batches/${built.id}`)).body, { status: 'cancelled', count: 0, payments: [] });
  for (const { id } of invoices) t.equal((await store.stored(id)).payable_amount, '100.00');
});

t.test('a batch is cancelled while it is being built', async (t) => {
  const due = nextDay();
  const vendor = await store.vendor();
  const invoices = await Promise.all(Array.from({ length: 30 }, () => store.invoice(vendor.id, { due_date: due })));
  let chunks = 0;
  const first = task({
    before: async (text) => {
      if (text.includes('joined_batch') || text.includes('payment_reserved')) chunks += 1;
      if (chunks >= 2) throw new Error('killed');
    },
  });
  const made = await first.paymentBatches.create(commandOf(treasurer), {
    debtor_account_id,
    execution_date,
    due_on_or_before: due,
  });
  await first.paymentBatches.idle();
  t.equal((await treasurer.get(`/payment-batches/${made.id}`)).body.progress.done, 20);
  await done(treasurer, made.id, 'cancel', { reason: 'wrong day' });
  await api.dependencies.paymentBatches.idle();
  t.match((await treasurer.get(`/payment-batches/${made.id}`)).body, { status: 'cancelled', progress: null });
  for (const { id } of invoices) t.equal((await store.stored(id)).payable_amount, '100.00');
});

t.test('a server that starts takes up what another left', async (t) => {
  const due = nextDay();
  const vendor = await store.vendor();
  await Promise.all(Array.from({ length: 25 }, () => store.invoice(vendor.id, { due_date: due })));
  let seen = 0;
  const dead = task({
    before: async () => {
      seen += 1;
      if (seen > 2) throw new Error('killed');
    },
  });
  const made = await dead.paymentBatches.create(commandOf(treasurer), {
    debtor_account_id,
    execution_date,
    due_on_or_before: due,
  });
  await dead.paymentBatches.idle();
  t.equal((await treasurer.get(`/payment-batches/${made.id}`)).body.status, 'building');
  const server = await api.another();
  await server.listen({ host: '127.0.0.1', port: 0 });
  const read = async (): Promise<Loose> => (await treasurer.get(`/payment-batches/${made.id}`)).body;
  for (let tries = 0; tries < 300 && (await read()).status === 'building'; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.match(await read(), { status: 'draft', progress: null });
});
