/** A rehearsal: payment files went to the bank in the hour that a restore lost, and nothing is paid twice. */
import t from 'tap';
import { createDependencies } from '../../src/dependencies.ts';
import { anchorAudit } from '../../src/jobs/anchor-audit.ts';
import { backup } from '../../src/jobs/backup.ts';
import { restore } from '../../src/jobs/restore.ts';
import { repair } from '../../src/jobs/verification/repair.ts';
import { verify } from '../../src/jobs/verification/verify.ts';
import { verifyAudit } from '../../src/jobs/verify-audit.ts';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import { tableNames } from '../../src/shared/dynamo/tables.ts';
import { type Caller, caller, type Json, type Loose, type TestReply, testApi } from '../support/api.ts';
import { invoiceBody, receive } from '../support/invoices.ts';
import { jobOver } from '../support/jobs.ts';
import { activeVendor, sentOrder } from '../support/orders.ts';
import { verified } from '../support/verified.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const [treasurer, second, admin] = [await api.as('treasurer'), await api.as('treasurer', '2'), await api.as('admin')];
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));
const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
const debtor = ok(await admin.post('/settings/debtor-accounts', { ...account, currency: 'EUR', country: 'NL' }), 201);

/** A vendor with an active account, an order, its receipt and an approved invoice. */
async function approvedInvoice(): Promise<Loose> {
  const vendor = await activeVendor(api);
  const [manager, other] = [await api.as('vendor_manager'), await api.as('vendor_manager', 'second')];
  const bank = { holder_name: 'Northwind Paper BV', iban: 'DE89370400440532013000', country: 'DE' };
  const { id } = ok(await manager.post(`/vendors/${vendor.id}/bank-accounts`, bank), 201);
  ok(await other.post(`/vendors/${vendor.id}/bank-accounts/${id}/approve`, verified(bank.iban), { version: 1 }));
  const order = await sentOrder(api, vendor.id);
  await receive(api, order.id, '60');
  const clerk = await api.as('ap_clerk');
  const entered = ok(await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity: '60' }])), 201);
  const matched = ok(await clerk.post(`/invoices/${entered.id}/match`, {}));
  return ok(
    await (await api.as('ap_manager')).post(`/invoices/${entered.id}/approve`, {}, { version: matched.version }),
  );
}

/** An approved batch with one payment, by these two. */
async function approvedBatch(maker: Caller, checker: Caller, invoiceId: string): Promise<Loose> {
  const payment = ok(await maker.post('/payments', { invoice_id: invoiceId }), 201);
  ok(await checker.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [payment.id] };
  const { id } = ok(await maker.post('/payment-batches', body), 201);
  const { version } = ok(await maker.post(`/payment-batches/${id}/submit`, {}));
  return ok(await checker.post(`/payment-batches/${id}/approve`, {}, { version }));
}
const generate = (who: Caller, id: string) => who.post(`/payment-batches/${id}/generate`, {});
const send = (who: Caller, id: string) => who.post(`/payment-batches/${id}/send`, { channel: 'bank portal' });
const told = (said: readonly Json[], kind: string): Loose[] => said.filter((line) => line['kind'] === kind);

t.test('files of the lost hour are named, held and never made twice', async (t) => {
  const [paidInLostHour, approvedBefore] = [await approvedInvoice(), await approvedInvoice()];
  const waiting = await approvedBatch(treasurer, second, approvedBefore.id);
  const { facts } = await backup.run(jobOver(api).context);

  const lost = await approvedBatch(treasurer, second, paidInLostHour.id);
  for (const { id } of [lost, waiting]) {
    ok(await generate(treasurer, id));
    ok(await send(treasurer, id));
  }
  await anchorAudit.run(jobOver(api).context);
  t.match(await verify(jobOver(api).context), { result: 'ok' }, 'before the tables are lost everything agrees');

  const prefix = `${api.dynamo.prefix}restored_`;
  await restore(jobOver(api).context, { from: String(facts['backup']), prefix });
  const infrastructure = { ...api.infrastructure, tableNames: tableNames(prefix) };
  const app = await api.another({ tableNames: infrastructure.tableNames });
  const [payer, checker, opener] = [treasurer, second, admin].map(({ id, token }) => caller(app, id, token));
  if (payer === undefined || checker === undefined || opener === undefined) throw new Error('nobody');
  const restored = { infrastructure, dependencies: createDependencies(infrastructure) };

  const files = async (): Promise<Record<string, string>> => {
    const { context, said } = jobOver(restored);
    t.equal((await verify(context)).result, 'findings');
    t.equal(said.filter(({ kind }) => kind !== undefined && kind !== 'file').length, 0, 'only files disagree');
    return Object.fromEntries(told(said, 'file').map(({ id, msg }) => [id, msg]));
  };
  const key = ({ id }: Loose, format: string): string => `${id}/${id.replace(/[_-]/g, '').toUpperCase()}.${format}`;
  const found = await files();
  t.strictSame(
    Object.keys(found).sort(),
    [lost, waiting].flatMap((batch) => ['json', 'xml'].map((format) => key(batch, format))).sort(),
  );
  t.match(
    found[key(lost, 'xml')],
    /^No batch names this payment file, and its batch is not there\. The bank may have it/,
  );
  t.match(found[key(waiting, 'xml')], /^No batch names this payment file; its batch is approved here\./);

  const audited = jobOver(restored);
  t.match(await verifyAudit(audited.context), { result: 'ok' });
  const behind = audited.said.filter(({ msg }) => msg === 'what a restore lost').map(({ entity_id }) => entity_id);
  for (const id of [lost.id, waiting.id, paidInLostHour.id]) t.ok(behind.includes(id), `${id} stood further on`);
  t.notOk(behind.includes(approvedBefore.vendor_id), 'what the lost hour left alone did not');

  for (const _ of [1, 2])
    t.match(await repair(jobOver(restored).context), { result: 'findings', facts: { mended: 0, left: 4 } });
  t.match(await generate(payer, waiting.id), { status: 503, body: { code: 'service.read-only' } });
  const reason = { reason: 'The bank was asked for both files' };
  ok(await opener.post('/settings/recovery/open', reason));
  t.match(await generate(payer, waiting.id), { status: 409, body: { code: 'payment_batch.held-after-restore' } });
  ok(await payer.post('/settings/recovery/release', reason));

  const again = await generate(payer, waiting.id);
  t.match(again, { status: 409, body: { code: 'storage.object-differs' } }, 'a file that lies there is not replaced');
  ok(await payer.post(`/payment-batches/${waiting.id}/cancel`, { reason: 'The bank has its file' }));

  const anew = await approvedBatch(payer, checker, paidInLostHour.id);
  ok(await generate(payer, anew.id));
  const sent = ok(await send(payer, anew.id));
  t.not(sent.message_id, key(lost, 'xml').split(/[/.]/)[1], 'what is paid now is another order to the bank');
  t.strictSame(Object.keys(await files()).sort(), Object.keys(found).sort(), 'and the old files stay told');
});
