import t from 'tap';
import { markRestored } from '../../src/jobs/restore.ts';
import { repair } from '../../src/jobs/verification/repair.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import type { TableName } from '../../src/shared/dynamo/tables.ts';
import { scanWire, type WireItem, writeWire } from '../../src/shared/dynamo/wire.ts';
import { type Loose, type TestReply, testApi } from '../support/api.ts';
import { jobOver } from '../support/jobs.ts';
import { payables } from '../support/payables.ts';

t.setTimeout(120_000);
const api = await testApi(t);
const store = payables(api);
const [treasurer, second, admin] = [await api.as('treasurer'), await api.as('treasurer', '2'), await api.as('admin')];
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
/** Items of a table by their id, number for number. */
async function items(table: TableName): Promise<ReadonlyMap<string, WireItem>> {
  const found = new Map<string, WireItem>();
  for await (const item of scanWire(api.client, api.dynamo.names[table])) found.set(item['id']?.S ?? '', item);
  return found;
}
/** What the shortened way of making invoices leaves out is no matter here. */
async function disagreeing(): Promise<Loose[]> {
  const { context, said } = jobOver(api);
  await verify(context);
  return said.filter(({ kind }) => kind !== undefined && kind !== 'claim');
}

t.test('payments that a torn restore left in a cancelled batch leave it, and invoices are payable again', async (t) => {
  const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
  const debtor = ok(await admin.post('/settings/debtor-accounts', { ...account, currency: 'EUR', country: 'NL' }), 201);
  const { id: vendorId } = await store.vendor();
  const [joining, made] = [await store.invoice(vendorId), await store.invoice(vendorId)];
  const waiting = ok(await treasurer.post('/payments', { invoice_id: joining.id }), 201);
  ok(await second.post(`/payments/${waiting.id}/approve`, {}, { version: 1 }));
  const today = calendarDay(new Date(), 'UTC');
  const batch = ok(
    await treasurer.post('/payment-batches', {
      debtor_account_id: debtor.id,
      execution_date: nextBankingDay(addDays(today, 3)),
      due_on_or_before: today,
    }),
    201,
  );
  t.equal(batch.count, 2);
  const members: Loose[] = batch.payments;
  const before = { payments: await items('payments'), invoices: await items('invoices') };
  ok(await treasurer.post(`/payment-batches/${batch.id}/cancel`, { reason: 'another day' }));
  t.strictSame(await disagreeing(), []);

  for (const table of ['payments', 'invoices'] as const)
    await writeWire(api.client, api.dynamo.names[table], [...before[table].values()]);
  await markRestored(jobOver(api).context, 'a moment');
  const told = (await disagreeing()).filter(({ kind }) => kind !== 'audit_head');
  t.same(
    told.map(({ id, mendable }) => [id, mendable]).sort(),
    [...members.map(({ id }) => [id, true]), [made.id, true]].sort(),
    'both payments, and the invoice of the one that the batch made',
  );
  t.match(await repair(jobOver(api).context), { result: 'ok', facts: { failed: 0, left: 0 } });
  t.match(await repair(jobOver(api).context), { result: 'ok', facts: { mended: 0 } });
  t.strictSame(await disagreeing(), []);

  const own = members.find(({ invoice_id }) => invoice_id === made.id);
  t.match(ok(await treasurer.get(`/payments/${waiting.id}`)), { status: 'approved', batch_id: null });
  t.match(ok(await treasurer.get(`/payments/${own?.id}`)), { status: 'cancelled', batch_id: null });
  t.equal((await store.stored(made.id)).payable_amount, '100.00');
  t.equal((await store.stored(joining.id)).payable_amount, '0.00', 'what waits for a batch is still reserved');
  for (const [entity, id] of [
    ['payment', waiting.id],
    ['invoice', made.id],
  ] as const)
    t.match(await api.dependencies.trail.verify({ entity, entity_id: id }), { valid: true });
});
