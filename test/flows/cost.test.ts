/**
 * What the cycle costs in DynamoDB: the calls of every request from a vendor to a settled payment. A GET by id is one read, a page by one
 * filter one Query, a command its reads and one transaction; generating a payment file is a run, a transaction a step.
 */
import t from 'tap';
import { decisionMetrics } from '../../src/decision-metrics.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { costTable, readTwice, recordCosts, shapeOf, type Units, unitsOf } from '../support/costs.ts';
import { invoiceBody } from '../support/invoices.ts';
import { draftOrder, LINE } from '../support/orders.ts';
import { verified } from '../support/verified.ts';

const counted = new Map<string, number>();
const observer = decisionMetrics({
  count(name, more = 1, { state = '' } = {}) {
    const key = `${name} ${state}`.trim();
    counted.set(key, (counted.get(key) ?? 0) + more);
  },
});
const api = await testApi(t, {}, { observer });
const costs = recordCosts(api.infrastructure);
const [manager, second] = [await api.as('vendor_manager'), await api.as('vendor_manager', 'second')];
const [buyer, approver, receiver] = [await api.as('buyer'), await api.as('approver'), await api.as('receiver')];
const [clerk, apManager] = [await api.as('ap_clerk'), await api.as('ap_manager')];
const [treasurer, other, admin] = [
  await api.as('treasurer'),
  await api.as('treasurer', 'other'),
  await api.as('admin'),
];

// The first command of a process asks once whether its tables were restored.
await api.dependencies.recovery.requireCommands();
// And once in five minutes whether a person was read in their newest version.
for (const person of [manager, second, buyer, approver, receiver, clerk, apManager, treasurer, other, admin])
  await api.dependencies.identity.person(person.id, undefined);

const rows: (Units & { readonly route: string; readonly calls: string })[] = [];

/** Sends one request and holds it to these calls. */
async function holds(t: Tap, route: string, expected: string, send: () => Promise<TestReply>): Promise<Loose> {
  costs.take();
  const reply = await send();
  const { calls } = costs.take();
  t.ok(reply.status < 300, `${route} answers ${reply.status}${reply.status < 300 ? '' : JSON.stringify(reply.body)}`);
  t.equal(shapeOf(calls), expected, `${route} makes these calls and no others`);
  rows.push({ route, calls: shapeOf(calls), ...unitsOf(calls) });
  // A run reads its header and members again for each of its transactions.
  if (!route.endsWith('/generate')) t.same(readTwice(calls), [], `${route} reads nothing twice`);
  return reply.body;
}

interface Tap {
  ok(value: unknown, message: string): unknown;
  equal(found: unknown, wanted: unknown, message: string): unknown;
  same(found: unknown, wanted: unknown, message: string): unknown;
}

/** Every command reads the person who gives it; what else it reads is told by its name here. */
const ALONE = 'GetItem 1, TransactWriteItems 1';
const ENTITY = 'GetItem 2, TransactWriteItems 1';
const ORDER = 'BatchGetItem 1, GetItem 1, TransactWriteItems 1';
const ORDER_AND_ANOTHER = 'BatchGetItem 1, GetItem 2, TransactWriteItems 1';
const BATCH = 'GetItem 3, Query 2, TransactWriteItems 1';

const done: Record<string, Loose> = {};

t.test('A command is its reads and one transaction, over the whole cycle', async (t) => {
  const post = (route: string, expected: string, who: Caller, path: string, body: object = {}, version?: number) =>
    holds(t, `POST ${route}`, expected, () => who.post(path, body, version === undefined ? {} : { version }));

  const facts = { name: 'Northwind Paper BV', email: 'billing@northwind.example', payment_terms: 'NET 30' };
  const vendor = await post('/vendors', ALONE, manager, '/vendors', { ...facts, currency: 'EUR' });
  const ven = `/vendors/${vendor.id}`;
  await post('/vendors/{id}/approve', ENTITY, second, `${ven}/approve`, {}, vendor.version);
  const number = { holder_name: 'Northwind Paper BV', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A' };
  const account = await post('/vendors/{id}/bank-accounts', ENTITY, manager, `${ven}/bank-accounts`, number);
  // Vendor and account, and who made payments that are open.
  const ACCOUNT = 'GetItem 3, Query 1, TransactWriteItems 1';
  const acc = `${ven}/bank-accounts/${account.id}`;
  await post(
    '/vendors/{id}/bank-accounts/{id}/approve',
    ACCOUNT,
    second,
    `${acc}/approve`,
    verified(number.iban),
    account.version,
  );

  const draft = { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] };
  // User, vendor, and which orders it got of late.
  const NAMING = 'GetItem 3, TransactWriteItems 1';
  const order = await post('/purchase-orders', NAMING, buyer, '/purchase-orders', draft);
  const po = `/purchase-orders/${order.id}`;
  const { version } = await post('/purchase-orders/{id}/submit', ORDER_AND_ANOTHER, buyer, `${po}/submit`);
  await post('/purchase-orders/{id}/approve', ORDER, approver, `${po}/approve`, {}, version);
  await post('/purchase-orders/{id}/send', ORDER_AND_ANOTHER, buyer, `${po}/send`);
  const receive = (quantity: string) =>
    post('/purchase-orders/{id}/receipts', ORDER, receiver, `${po}/receipts`, {
      line_items: [{ line_number: 1, quantity }],
    });
  await receive('60');
  const receipt = await receive('40');

  // Vendor, order and the invoices that name it; and the vendor's accounts, who shares them, the numbers that look alike.
  const INVOICE = 'BatchGetItem 3, GetItem 4, TransactWriteItems 1';
  // The order with its counters, and the same again.
  const MATCH = 'BatchGetItem 4, GetItem 3, TransactWriteItems 1';
  const bill = invoiceBody(vendor.id, order.id, [{ quantity: '100' }]);
  const invoice = await post('/invoices', INVOICE, clerk, '/invoices', bill);
  const inv = `/invoices/${invoice.id}`;
  const matched = await post('/invoices/{id}/match', MATCH, clerk, `${inv}/match`);
  await post('/invoices/{id}/approve', ORDER_AND_ANOTHER, apManager, `${inv}/approve`, {}, matched.version);

  // Invoice, vendor and account; an approval reads the payment too, settling it the invoice, the batch and the bank's reference.
  const bought = { invoice_id: invoice.id };
  const payment = await post('/payments', 'GetItem 4, TransactWriteItems 1', treasurer, '/payments', bought);
  const pay = `/payments/${payment.id}`;
  const PAYMENT = 'GetItem 5, TransactWriteItems 1';
  await post('/payments/{id}/approve', PAYMENT, other, `${pay}/approve`, {}, payment.version);
  const debtor = await post('/settings/debtor-accounts', ALONE, admin, '/settings/debtor-accounts', {
    ...{ name: 'Main account', iban: 'NL02ABNA0123456789', bic: 'ABNANL2A' },
    ...{ currency: 'EUR', country: 'NL' },
  });
  // The debtor's account, and payment, invoice, vendor and account of the one member; and which vendors have open credit notes.
  const MADE = 'GetItem 6, Query 1, TransactWriteItems 1';
  const batch = await post('/payment-batches', MADE, treasurer, '/payment-batches', {
    debtor_account_id: debtor.id,
    execution_date: nextWeekday(),
    payment_ids: [payment.id],
  });
  const bat = `/payment-batches/${batch.id}`;
  // The debtor's account besides, since the file is made of it; and who could approve.
  const SUBMIT = 'GetItem 5, Query 3, TransactWriteItems 1';
  const waiting = await post('/payment-batches/{id}/submit', SUBMIT, treasurer, `${bat}/submit`);
  const APPROVE = 'GetItem 4, Query 2, TransactWriteItems 1';
  await post('/payment-batches/{id}/approve', APPROVE, other, `${bat}/approve`, {}, waiting.version);
  // Begun, leased, checked, and the file stored and named.
  const RUN = 'BatchGetItem 5, GetItem 13, Query 2, TransactWriteItems 4';
  await post('/payment-batches/{id}/generate', RUN, treasurer, `${bat}/generate`);
  await post('/payment-batches/{id}/send', BATCH, treasurer, `${bat}/send`, { channel: 'bank portal' });
  const booked = { booked_on: new Date().toISOString().slice(0, 10), bank_reference: 'STMT-1/1' };
  const SETTLE = 'GetItem 5, TransactWriteItems 1';
  const settled = await post('/payments/{id}/settle', SETTLE, other, `${pay}/settle`, booked);
  t.equal(settled.status, 'settled');
  Object.assign(done, { vendor, account, order, receipt, invoice, payment, debtor, batch });
  const total = { read: sum(rows.map(({ read }) => read)), write: sum(rows.map(({ write }) => write)) };
  rows.push({ route: 'the whole cycle', calls: `${rows.length} commands`, ...total });
});

t.test('A GET by id is one read', async (t) => {
  const get = (route: string, expected: string, who: Caller, path: string) =>
    holds(t, `GET ${route}`, expected, () => who.get(path));
  const { vendor, account, order, receipt, invoice, payment, debtor, batch } = done;
  await get('/vendors/{id}', 'GetItem 1', buyer, `/vendors/${vendor.id}`);
  const acc = `/vendors/${vendor.id}/bank-accounts/${account.id}`;
  await get('/vendors/{id}/bank-accounts/{id}', 'GetItem 1', manager, acc);
  await get('/purchase-orders/{id}', 'BatchGetItem 1', buyer, `/purchase-orders/${order.id}`);
  await get('/receipts/{id}', 'GetItem 1', receiver, `/receipts/${receipt.id}`);
  await get('/invoices/{id}', 'GetItem 1', clerk, `/invoices/${invoice.id}`);
  await get('/invoices/{id}/match', 'BatchGetItem 1', clerk, `/invoices/${invoice.id}/match`);
  await get('/payments/{id}', 'GetItem 1', clerk, `/payments/${payment.id}`);
  // Whoever may see bank details is read again with every request.
  await get('/payments/{id}, bank details', 'GetItem 2', treasurer, `/payments/${payment.id}`);
  // With its first members and what it left out.
  await get('/payment-batches/{id}', 'BatchGetItem 1, Query 2', clerk, `/payment-batches/${batch.id}`);
  await get('/users/{id}', 'GetItem 2', admin, `/users/${buyer.id}`);
  await get('/settings/debtor-accounts/{id}', 'GetItem 2', treasurer, `/settings/debtor-accounts/${debtor.id}`);
});

t.test('A page of 20 by one filter is one Query', async (t) => {
  const { vendor, order, invoice, batch } = done;
  for (let n = 0; n < 21; n += 1) await draftOrder(api, vendor.id);
  const list = (path: string, who: Caller, expected = 'Query 1') =>
    holds(t, `GET ${path.split('=')[0]}`, expected, () => who.get(path));
  const page = await list(`/purchase-orders?vendor_id=${vendor.id}`, buyer);
  t.equal(page.data.length, 20);
  t.type(page.next_cursor, 'string');
  await list('/purchase-orders?status=draft', buyer);
  await list('/purchase-orders?q=po-', buyer);
  await list('/purchase-orders', buyer);
  await list('/vendors?q=north', buyer);
  await list('/vendors?status=active', buyer);
  await list(`/receipts?po_id=${order.id}`, receiver);
  await list(`/invoices?po_id=${order.id}`, clerk);
  await list('/invoices?status=paid', clerk);
  await list(`/payments?invoice_id=${invoice.id}`, clerk);
  await list(`/payments?batch_id=${batch.id}`, clerk);
  await list('/payment-batches?status=completed', clerk);
  await list('/users?status=active', admin, 'GetItem 1, Query 1');
});

t.test('A refused command writes nothing, and a dry run reads its conditions instead of a transaction', async (t) => {
  costs.take();
  const refused = await buyer.post(`/purchase-orders/${done['order'].id}/submit`);
  t.equal(refused.status, 409);
  // A refusal stands only if what it was decided on still stands, so that is read once more.
  t.equal(shapeOf(costs.take().calls), 'BatchGetItem 2, GetItem 1');
  const draft = { vendor_id: done['vendor'].id, currency: 'EUR', line_items: [LINE] };
  t.equal((await buyer.post('/purchase-orders?dry_run=true', draft)).status, 201);
  t.equal(shapeOf(costs.take().calls), 'GetItem 3, TransactGetItems 1');
});

t.test('What was decided was counted once', async (t) => {
  t.same(Object.fromEntries(counted), {
    invoices_matched: 1,
    'payments pending_approval': 1,
    'payments approved': 1,
    'payments batched': 1,
    'payments settled': 1,
  });
});

t.test('What was consumed', async (t) => {
  for (const line of costTable(rows)) t.comment(line);
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

function nextWeekday(): string {
  const day = new Date();
  do day.setUTCDate(day.getUTCDate() + 1);
  while (day.getUTCDay() === 0 || day.getUTCDay() === 6);
  return day.toISOString().slice(0, 10);
}
