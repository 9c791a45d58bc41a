import { PutCommand } from '@aws-sdk/lib-dynamodb';
import t from 'tap';
import { cleanup } from '../../src/jobs/cleanup.ts';
import { exportMonitor } from '../../src/jobs/export-monitor.ts';
import { matchReceived } from '../../src/jobs/match-received.ts';
import { reportOverdue } from '../../src/jobs/report-overdue.ts';
import { resumeBatches } from '../../src/jobs/resume-batches.ts';
import { nextBankingDay } from '../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../src/shared/clock.ts';
import { newId } from '../../src/shared/ids.ts';
import { sha256Hex } from '../../src/shared/storage/storage.ts';
import { type Json, type Loose, type TestReply, testApi } from '../support/api.ts';
import { invoiceBody, receive } from '../support/invoices.ts';
import { jobOver } from '../support/jobs.ts';
import { activeVendor, sentOrder } from '../support/orders.ts';
import { payables } from '../support/payables.ts';

t.setTimeout(300_000);
const api = await testApi(t);
const store = payables(api);
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};
const HOUR = 3_600_000;
const later = (hours: number) => ({ now: () => new Date(Date.now() + hours * HOUR) });
const metrics = (said: readonly Json[]): Json[] =>
  said.filter((line) => '_aws' in line).map(({ _aws, ...rest }) => rest);

t.test('received invoices are matched once, clean or not, and a dry run leaves them', async (t) => {
  const clerk = await api.as('ap_clerk');
  const vendor = await activeVendor(api);
  const order = await sentOrder(api, vendor.id);
  await receive(api, order.id, '60');
  const enter = async (quantity: string): Promise<string> =>
    ok(await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity }])), 201).id;
  const [clean, exceeding] = [await enter('60'), await enter('90')];
  const status = async (id: string): Promise<string> => ok(await clerk.get(`/invoices/${id}`)).status;

  const dry = jobOver(api, { dryRun: true });
  t.match(await matchReceived.run(dry.context), { facts: { matched: 1, exceptions: 1, refused: 0 } });
  t.strictSame([await status(clean), await status(exceeding), metrics(dry.said)], ['received', 'received', []]);

  const both = await Promise.all([matchReceived.run(jobOver(api).context), matchReceived.run(jobOver(api).context)]);
  const sum = (name: string): number => both.reduce((total, { facts }) => total + Number(facts[name]), 0);
  t.ok(sum('matched') >= 1 && sum('exceptions') >= 1, 'two at once');
  t.strictSame([await status(clean), await status(exceeding)], ['matched', 'exception']);
  const again = jobOver(api);
  t.match(await matchReceived.run(again.context), { facts: { matched: 0, exceptions: 0, refused: 0 } });
  t.match(metrics(again.said), [{ queue: 'invoices_received', queue_age_seconds: 0 }]);
});

t.test('overdue invoices are listed and counted on the company’s day', async (t) => {
  const { id } = await store.vendor();
  const today = calendarDay(new Date(), 'UTC');
  const overdue = await store.invoice(id, { due_date: addDays(today, -1) });
  const due = await store.invoice(id, { due_date: today });
  const { context, said } = jobOver(api);
  const { facts } = await reportOverdue.run(context);
  const listed = said.filter(({ msg }) => msg === 'overdue').map(({ invoice_id }) => invoice_id);
  t.ok(listed.includes(overdue.id));
  t.notOk(listed.includes(due.id), 'due today is not overdue');
  t.strictSame(metrics(said), [{ overdue_invoices: facts['overdue'] }]);
  const dry = jobOver(api, { dryRun: true });
  await reportOverdue.run(dry.context);
  t.strictSame(metrics(dry.said), []);
});

t.test('files that wait too long are told: first unsent, then unanswered', async (t) => {
  const [treasurer, second, admin] = [await api.as('treasurer'), await api.as('treasurer', '2'), await api.as('admin')];
  const account = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
  const debtor = ok(await admin.post('/settings/debtor-accounts', { ...account, currency: 'EUR', country: 'NL' }), 201);
  const invoice = await store.invoice((await store.vendor()).id);
  const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
  ok(await second.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));
  const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 14));
  const body = { debtor_account_id: debtor.id, execution_date, payment_ids: [payment.id] };
  const { id } = ok(await treasurer.post('/payment-batches', body), 201);
  const { version } = ok(await treasurer.post(`/payment-batches/${id}/submit`, {}));
  ok(await second.post(`/payment-batches/${id}/approve`, {}, { version }));
  ok(await treasurer.post(`/payment-batches/${id}/generate`, {}));

  t.match(
    await exportMonitor.run(jobOver(api).context),
    { facts: { unsent: 0, unanswered: 0 } },
    'it was made just now',
  );
  const unsent = jobOver(api, later(25));
  t.match(await exportMonitor.run(unsent.context), { facts: { unsent: 1, unanswered: 0 } });
  t.match(unsent.said[0], { msg: 'a payment file was not sent', batch_id: id });
  ok(await treasurer.post(`/payment-batches/${id}/send`, { channel: 'bank portal' }));
  const unanswered = jobOver(api, later(49));
  t.match(await exportMonitor.run(unanswered.context), { facts: { unsent: 0, unanswered: 1 } });
  t.match(metrics(unanswered.said), [
    { queue: 'batches_unsent', queue_age_seconds: 0 },
    { queue: 'batches_unanswered' },
  ]);
  const dry = jobOver(api, { ...later(49), dryRun: true });
  await exportMonitor.run(dry.context);
  t.strictSame(metrics(dry.said), []);
});

t.test('a run that nobody works on is taken up, and a dry run says which', async (t) => {
  t.match(await resumeBatches.run(jobOver(api, { dryRun: true }).context), { facts: { waiting: 0 } });
  t.match(await resumeBatches.run(jobOver(api).context), { result: 'ok', facts: { resumed: 0, failed: 0 } });
});

t.test('clean-up removes what expired and what no document names, and no payment file', async (t) => {
  const { client, tableNames, storage } = api.infrastructure;
  const seconds = Math.floor(Date.now() / 1000);
  const record = (id: string, expires_at: number) =>
    client.send(new PutCommand({ TableName: tableNames.idempotency, Item: { id, expires_at } }));
  // What expired more than five years ago DynamoDB itself leaves alone, DynamoDB Local too.
  await record('long ago', seconds - 6 * 365 * 24 * 3600);
  await record('just now', seconds - 60);
  const put = async (bucket: 'documents' | 'payments', key: string): Promise<string> => {
    const bytes = Buffer.from(key);
    await storage[bucket].put(key, bytes, { content_type: 'text/plain', sha256: sha256Hex(bytes) });
    return key;
  };
  const abandoned = await put('documents', `invoice/${newId('invoice')}/${newId('document')}`);
  const file = await put('payments', `${newId('payment_batch')}/MSG.xml`);
  const vendor = await activeVendor(api, { name: 'Documented BV' });
  const content = Buffer.from('%PDF-1.7');
  const described = {
    entity: 'vendor',
    entity_id: vendor.id,
    filename: 'terms.pdf',
    content_type: 'application/pdf',
    size: content.length,
    sha256: sha256Hex(content),
  };
  const manager = await api.as('ap_clerk');
  const document = ok(await manager.post('/documents', described), 201);
  const kept = `vendor/${vendor.id}/${document.id}`;
  await storage.documents.put(kept, content, { content_type: 'application/pdf', sha256: sha256Hex(content) });

  t.match(await cleanup.run(jobOver(api).context), { facts: { expired: 1, uploads: 0 } }, 'an upload may be under way');
  const dry = jobOver(api, { ...later(25), dryRun: true });
  t.match(await cleanup.run(dry.context), { facts: { uploads: 1 } });
  t.match(dry.said.at(-1), { key: abandoned });
  t.match(await cleanup.run(jobOver(api, later(25)).context), { facts: { uploads: 1 } });
  t.match(await cleanup.run(jobOver(api, later(25)).context), { facts: { expired: 0, uploads: 0 } }, 'once');
  t.strictSame(
    [
      await storage.documents.head(abandoned),
      (await storage.documents.head(kept)) !== undefined,
      (await storage.payments.head(file)) !== undefined,
    ],
    [undefined, true, true],
  );
});
