import { GetCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { createDependencies } from '../../../src/dependencies.ts';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { readAll } from '../../../src/shared/storage/storage.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { commandOf } from '../../support/invoices.ts';
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
const run = (due: string) =>
  treasurer.post('/payment-batches', { debtor_account_id, execution_date, due_on_or_before: due });
const placed = { placed_by: second.id, placed_at: '2026-01-31T00:00:00.000Z' };
const hold = { id: 'hld_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', kind: 'manual' as const, reason: 'ask', ...placed };
const note = (vendorId: string, changes: object): Promise<Loose> =>
  store.invoice(vendorId, { type: 'credit_note', due_date: '2999-01-01', ...changes });

t.test('held credit notes hide no open one from a run, however many they are', async (t) => {
  const vendor = await store.vendor();
  for (let index = 0; index < 21; index += 1)
    await note(vendor.id, { holds: [hold], amount_due: '1.00', invoice_date: '2026-01-01' });
  const open = await note(vendor.id, { amount_due: '30.00', invoice_date: '2026-01-20' });
  await store.invoice(vendor.id, { due_date: '1990-01-01' });
  const batch = await run('1990-01-01');
  t.match(batch.body, { status: 'draft', count: 1, control_sum: '70.00' });
  t.equal((await store.stored(open.id)).status, 'applied');
});

t.test('the bank file names the credits and the discount that a payment is less by', async (t) => {
  const vendor = await store.vendor();
  await note(vendor.id, { amount_due: '30.00', invoice_number: 'CN-7', invoice_date: '2026-01-20' });
  await store.invoice(vendor.id, {
    invoice_number: 'INV-9',
    due_date: '1989-01-01',
    discount_amount: '2.00',
    discount_date: '2999-01-01',
  });
  const { body: batch } = await run('1989-01-01');
  t.match(batch, { status: 'draft', control_sum: '68.60' });
  const [member] = batch.payments;
  const payment = await treasurer.get(`/payments/${member.id}`);
  t.match(payment.body.netted_credits, [{ invoice_number: 'CN-7', amount: '30.00' }]);
  const submitted = await treasurer.post(`/payment-batches/${batch.id}/submit`);
  await second.post(`/payment-batches/${batch.id}/approve`, {}, { version: submitted.body.version });
  const generated = await treasurer.post(`/payment-batches/${batch.id}/generate`);
  t.match(generated.body, { status: 'generated' });
  for (const { key } of generated.body.files) {
    const file = await api.infrastructure.storage.payments.get(key);
    if (file === undefined) throw new Error(`no file ${key}`);
    t.match((await readAll(file)).toString('utf8'), 'INV-9 100.00 less CN-7 30.00, discount 1.40');
  }
});

t.test('few invoices that share credit notes are one transaction, which writes each note once', async (t) => {
  const vendor = await store.vendor();
  const first = await note(vendor.id, { amount_due: '15.00', invoice_date: '2026-01-01' });
  const last = await note(vendor.id, { amount_due: '10.00', invoice_date: '2026-01-02' });
  const invoices: Loose[] = [];
  for (let index = 0; index < 4; index += 1)
    invoices.push(await store.invoice(vendor.id, { amount_due: '8.00', due_date: '1988-01-01' }));
  const dry = await treasurer.post('/payment-batches?dry_run=true', {
    debtor_account_id,
    execution_date,
    due_on_or_before: '1988-01-01',
  });
  t.match(dry, { status: 201, body: { count: 1, control_sum: '7.00' } });
  const made = await run('1988-01-01');
  t.match(made, { status: 201, body: { status: 'draft', count: 1, control_sum: '7.00' } }, JSON.stringify(made.body));
  t.equal(made.body.skipped.length, 3, 'three are covered');
  t.match(await store.stored(first.id), { status: 'applied', open_amount: '0.00' });
  t.match(await store.stored(last.id), { status: 'applied', open_amount: '0.00' });
  const stored = await Promise.all(invoices.map(({ id }) => store.stored(id)));
  t.same(
    stored.map(({ payable_amount }) => payable_amount),
    ['0.00', '0.00', '0.00', '0.00'],
  );
  t.same(stored.map(({ open_amount }) => open_amount).sort(), ['0.00', '0.00', '0.00', '7.00']);
  const auditor = await api.as('auditor');
  for (const { id, version } of await Promise.all([first, last, ...invoices].map(({ id }) => store.stored(id)))) {
    const verified = await auditor.get(`/audit/verify?entity=invoice&entity_id=${id}`);
    t.match(verified.body, { valid: true, events: version }, 'each application has its event');
  }
});

t.test('two payments of one invoice leave their batch in one transaction', async (t) => {
  const vendor = await store.vendor();
  const invoice = await store.invoice(vendor.id, { due_date: '2999-01-01' });
  const payment_ids: string[] = [];
  for (const payment_amount of ['40.00', '60.00']) {
    const made = await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount });
    await second.post(`/payments/${made.body.id}/approve`, {}, { version: 1 });
    payment_ids.push(made.body.id);
  }
  const { body: batch } = await treasurer.post('/payment-batches', { debtor_account_id, execution_date, payment_ids });
  t.match(batch, { count: 2, control_sum: '100.00' });
  const cancelled = await treasurer.post(`/payment-batches/${batch.id}/cancel`, { reason: 'wrong day' });
  t.match(cancelled, { status: 200, body: { status: 'cancelled' } });
  for (const id of payment_ids) {
    t.match((await treasurer.get(`/payments/${id}`)).body, { status: 'approved', batch_id: null });
    t.equal((await treasurer.post(`/payments/${id}/cancel`, { reason: 'over' })).status, 200);
  }
});

t.test('a run reads no credit note again of which nothing is left', async (t) => {
  const vendor = await store.vendor();
  const notes: string[] = [];
  for (let index = 0; index < 5; index += 1)
    notes.push((await note(vendor.id, { amount_due: '10.00', invoice_date: `2026-01-0${index + 1}` })).id);
  await Promise.all(Array.from({ length: 45 }, () => store.invoice(vendor.id, { due_date: '1987-01-01' })));
  const reads = new Map<string, number>();
  const client = Object.create(api.client, {
    send: {
      value: (command: object, ...rest: unknown[]) => {
        const id = command instanceof GetCommand ? String(command.input.Key?.['id']) : '';
        if (notes.includes(id)) reads.set(id, (reads.get(id) ?? 0) + 1);
        return Reflect.apply(api.client.send, api.client, [command, ...rest]);
      },
    },
  });
  const { paymentBatches } = createDependencies({ ...api.infrastructure, client });
  const body = { debtor_account_id, execution_date, due_on_or_before: '1987-01-01' };
  const { id } = await paymentBatches.create(commandOf(treasurer), body);
  await paymentBatches.idle();
  t.match(await paymentBatches.get(id), { status: 'draft', count: 45, control_sum: '4450.00' });
  t.same(
    notes.map((each) => reads.get(each)),
    [1, 1, 1, 1, 1],
  );
});

/** A payment that was approved before any run, at the full amount. */
const waiting = async (vendorId: string): Promise<Loose> => {
  const invoice = await store.invoice(vendorId, { due_date: '2999-01-01' });
  const made = await treasurer.post('/payments', { invoice_id: invoice.id });
  return (await second.post(`/payments/${made.body.id}/approve`, {}, { version: 1 })).body;
};
const batchOf = async (...payments: Loose[]): Promise<Loose> => {
  const payment_ids = payments.map(({ id }) => id);
  const made = await treasurer.post('/payment-batches', { debtor_account_id, execution_date, payment_ids });
  t.equal(made.status, 201, JSON.stringify(made.body));
  return made.body;
};

t.test('a batch says which vendors it pays in full although they have open credit notes', async (t) => {
  const [vendor, other, held] = [await store.vendor(), await store.vendor(), await store.vendor()];
  const notes = [
    await note(vendor.id, { amount_due: '30.00', invoice_date: '2026-01-01' }),
    await note(vendor.id, { amount_due: '12.50', invoice_date: '2026-01-02' }),
  ];
  await note(held.id, { amount_due: '5.00', holds: [hold] });
  const batch = await batchOf(await waiting(vendor.id), await waiting(other.id), await waiting(held.id));
  t.match(batch, { control_sum: '300.00' });
  t.equal(batch.notices.length, 1, JSON.stringify(batch.notices));
  t.match(batch.notices[0], {
    code: 'open_credit',
    vendor_id: vendor.id,
    credit_note_ids: notes.map(({ id }) => id),
    amount: '42.50',
    detail: /42\.50 EUR/,
  });
  const submitted = await treasurer.post(`/payment-batches/${batch.id}/submit`);
  t.same(submitted.body.notices, batch.notices);
  t.same((await second.get(`/payment-batches/${batch.id}`)).body.notices, batch.notices, 'the approver sees it');
  const none = await batchOf(await waiting(other.id));
  t.same(none.notices, []);
});

t.test('a notice follows the credit when the batch is submitted, also again after a recall', async (t) => {
  const vendor = await store.vendor();
  const credit = await note(vendor.id, { amount_due: '30.00' });
  const invoice = await store.invoice(vendor.id, { due_date: '2999-01-01' });
  const batch = await batchOf(await waiting(vendor.id));
  const manager = await api.as('ap_manager');
  const apply = async (amount: string) => {
    const reply = await manager.post(`/invoices/${credit.id}/apply`, { invoice_id: invoice.id, amount });
    t.equal(reply.status, 200, JSON.stringify(reply.body));
  };
  await apply('20.00');
  t.match((await treasurer.get(`/payment-batches/${batch.id}`)).body.notices, [{ amount: '30.00' }]);
  const submitted = await treasurer.post(`/payment-batches/${batch.id}/submit`);
  t.match(submitted.body.notices, [{ amount: '10.00', credit_note_ids: [credit.id] }]);
  const unseen = await second.post(`/payment-batches/${batch.id}/approve`, {}, { version: batch.version });
  t.equal(unseen.status, 412, 'who saw the former notice does not approve this one');
  await apply('10.00');
  await treasurer.post(`/payment-batches/${batch.id}/recall`, { reason: 'credit used' });
  t.same((await treasurer.post(`/payment-batches/${batch.id}/submit`)).body.notices, []);
});

t.test('a notice tells what a run leaves of the credits that it nets itself, also of a large one', async (t) => {
  for (const [due, many] of [
    ['1986-01-01', 0],
    ['1985-01-01', 24],
  ] as const) {
    const vendor = await store.vendor();
    const payment = await waiting(vendor.id);
    const credit = await note(vendor.id, { amount_due: '130.00' });
    await store.invoice(vendor.id, { due_date: due });
    const others = await store.vendor();
    await Promise.all(Array.from({ length: many }, () => store.invoice(others.id, { due_date: due })));
    const made = await run(due);
    t.equal(made.status, many === 0 ? 201 : 202, JSON.stringify(made.body));
    await api.dependencies.paymentBatches.idle();
    const batch = (await treasurer.get(`/payment-batches/${made.body.id}`)).body;
    t.match(batch, { status: 'draft', count: many + 1, control_sum: `${(many + 1) * 100}.00` });
    t.match(batch.notices, [{ vendor_id: vendor.id, credit_note_ids: [credit.id], amount: '30.00' }]);
    t.equal((await treasurer.get(`/payments/${payment.id}`)).body.batch_id, batch.id);
    await treasurer.post(`/payment-batches/${batch.id}/cancel`, { reason: 'over' });
    await api.dependencies.paymentBatches.idle();
    t.equal((await treasurer.post(`/payments/${payment.id}/cancel`, { reason: 'over' })).status, 200);
  }
});
