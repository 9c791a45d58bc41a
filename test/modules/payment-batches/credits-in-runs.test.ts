import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { readAll } from '../../../src/shared/storage/storage.ts';
import { type Loose, testApi } from '../../support/api.ts';
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
