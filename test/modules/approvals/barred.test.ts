/** docs/rules.md#who: whom the history of an object bars is barred whatever happened to it since. Over HTTP, as people would try it. */
import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { invoicing, receive } from '../../support/invoices.ts';
import { activeVendor, draftOrder } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const store = payables(api);
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const both = await api.as(['ap_manager', 'treasurer'], 'both');
const treasurer = await api.as('treasurer');
const other = await api.as('treasurer', 'other');
const keeper = await api.as(['vendor_manager', 'treasurer'], 'keeper');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, orderWith } = await invoicing(t, api, vendor.id);

const refused = (t: Tap, reply: TestReply, code: string): void => {
  t.match(reply.body, { status: 403, code });
};
type Tap = Pick<typeof t, 'match'>;
const listed = async (who: Caller, id: string): Promise<boolean> =>
  (await who.get('/approvals?limit=100')).body.data.some(({ entity_id }: Loose) => entity_id === id);
const resolved = async (invoice: Loose): Promise<Loose> => {
  ok(await act(manager, invoice, 'dispute', { reason: 'the quantity' }));
  return matched(ok(await act(manager, invoice, 'resolve', {})));
};

t.test('who overrode an invoice in an earlier round does not approve it, also where it matches by then', async (t) => {
  const order = await orderWith('5');
  const exception = await matched(await enter(order.id, [{ quantity: '10' }]));
  ok(await approve(second, exception, { reason: 'on its way' }));
  await receive(api, order.id, '5');
  const clean = await resolved(exception);
  t.match(clean, { status: 'matched', approvals: [] });
  t.equal(await listed(second, clean.id), false);
  t.equal(await listed(manager, clean.id), true);
  refused(t, await approve(second, clean), 'invoice.segregation-of-duties');
  t.match(ok(await approve(manager, clean)), { status: 'approved' });
});

t.test('who overrode an invoice before it was changed may override it again, and never approves it', async (t) => {
  const order = await orderWith('0');
  const exception = await matched(await enter(order.id, [{ quantity: '10' }]));
  ok(await approve(second, exception, { reason: 'on its way' }));
  const disputed = ok(await act(manager, exception, 'dispute', { reason: 'the number' }));
  const changed = await clerk.patch(`/invoices/${exception.id}`, { notes: 'agreed' }, { version: disputed.version });
  const again = await matched(ok(changed));
  const overridden = ok(await approve(second, again, { reason: 'still on its way' }));
  t.match(overridden, { status: 'pending_approval', approvals: [{ step: 'override' }] });
  refused(t, await approve(second, overridden), 'invoice.segregation-of-duties');
  ok(await approve(manager, overridden));
});

t.test(
  'who approved an invoice in an earlier round approves neither its payment nor a batch that makes one',
  async (t) => {
    const invoice = await store.invoice((await store.vendor()).id, {
      approvals: [{ step: 'ap_manager', approved_by: both.id, approved_at: '2026-01-31T10:00:00.000Z', reason: null }],
      approved_by: both.id,
    });
    ok(await act(manager, invoice, 'dispute', { reason: 'the price' }));
    t.same((await read(invoice)).approvals, [], 'the round is over');
    ok(await act(manager, invoice, 'resolve', {}));
    const { version } = await read(invoice);
    await store.changeInvoice(invoice.id, { status: 'approved', approved_by: manager.id });
    t.equal(version, 3);

    const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '40.00' }), 201);
    t.equal(await listed(both, payment.id), false);
    refused(t, await both.post(`/payments/${payment.id}/approve`, {}, { version: 1 }), 'payment.segregation-of-duties');
    ok(await other.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));

    const batch = await submittedBatch([invoice]);
    t.equal(batch.count, 2, 'the payment that was approved alone, and one that the batch made');
    t.equal(await listed(both, batch.id), false);
    refused(t, await approveBatch(both, batch), 'payment_batch.segregation-of-duties');
    ok(await approveBatch(other, batch));
  },
);

t.test('a run makes no payment of an invoice that its maker approved in an earlier round', async (t) => {
  const due = nextDay();
  const invoice = await store.invoice((await store.vendor()).id, {
    due_date: due,
    history: [{ by: both.id, act: 'approved' }],
  });
  const batch = ok(await both.post('/payment-batches', await batchBody({ due_on_or_before: due })), 201);
  const { data } = ok(await both.get(`/payment-batches/${batch.id}/skipped`));
  t.match(
    data.filter(({ invoice_id }: Loose) => invoice_id === invoice.id),
    [{ code: 'approved_by_releaser' }],
  );
});

t.test('who proposed an account approves neither a payment to it nor a batch that makes one', async (t) => {
  const { id: vendorId } = await store.vendor({}, { created_by: keeper.id });
  const invoice = await store.invoice(vendorId);
  const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id, payment_amount: '40.00' }), 201);
  t.equal(await listed(keeper, payment.id), false);
  refused(t, await keeper.post(`/payments/${payment.id}/approve`, {}, { version: 1 }), 'payment.segregation-of-duties');
  ok(await other.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));
  const batch = await submittedBatch([invoice]);
  t.equal(await listed(keeper, batch.id), false);
  refused(t, await approveBatch(keeper, batch), 'payment_batch.segregation-of-duties');
  ok(await approveBatch(other, batch));
});

t.test(
  'a batch of a payment that was approved alone may be approved by who proposed the account: two people decided on it',
  async () => {
    const { id: vendorId } = await store.vendor({}, { created_by: keeper.id });
    const invoice = await store.invoice(vendorId);
    const payment = ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
    ok(await other.post(`/payments/${payment.id}/approve`, {}, { version: 1 }));
    const made = ok(await treasurer.post('/payment-batches', await batchBody({ payment_ids: [payment.id] })), 201);
    ok(await approveBatch(keeper, ok(await treasurer.post(`/payment-batches/${made.id}/submit`))));
  },
);

t.test(
  'an account that was rejected and proposed again by another is not approved by who proposed it first',
  async (t) => {
    const [first, next, last] = [
      await api.as('vendor_manager', 'a'),
      await api.as('vendor_manager', 'b'),
      await api.as('vendor_manager', 'c'),
    ];
    const path = `/vendors/${(await activeVendor(api)).id}/bank-accounts`;
    const body = { holder_name: 'Northwind Paper BV', iban: 'NL91ABNA0417164300' };
    const one = ok(await first.post(path, body), 201);
    ok(await next.post(`${path}/${one.id}/reject`, { reason: 'a wrong holder?' }));
    const again = ok(await next.post(path, { ...body, iban: 'NL91 ABNA 0417 1643 00' }), 201);
    t.equal(await listed(first, again.id), false);
    refused(
      t,
      await first.post(`${path}/${again.id}/approve`, verified(body.iban), { version: 1 }),
      'bank_account.segregation-of-duties',
    );
    const different = ok(await next.post(path, { ...body, iban: 'NL20INGB0001234567' }), 201);
    ok(await first.post(`${path}/${different.id}/approve`, verified('NL20INGB0001234567'), { version: 1 }));
    ok(await last.post(`${path}/${again.id}/approve`, verified(body.iban), { version: 1 }));
  },
);

t.test('who requested an order does not approve it, also after the request was put in another name', async (t) => {
  const [buyer, approver, another] = [await api.as('buyer'), await api.as('approver'), await api.as('approver', 'x')];
  const order = await draftOrder(api, vendor.id, { requested_by: approver.id });
  const path = `/purchase-orders/${order.id}`;
  ok(await buyer.patch(path, { requested_by: clerk.id }, { version: 1 }));
  const { version } = ok(await buyer.post(`${path}/submit`));
  t.equal(await listed(approver, order.id), false);
  refused(t, await approver.post(`${path}/approve`, {}, { version }), 'purchase_order.segregation-of-duties');
  ok(await another.post(`${path}/approve`, {}, { version }));
});

t.test('who proposed a change of the settings does not approve the proposal that replaced it', async (t) => {
  const guarded = await testApi(t, {}, { secondAdmin: true });
  const [a, b, c] = [await guarded.as('admin', 'a'), await guarded.as('admin', 'b'), await guarded.as('admin', 'c')];
  const body = { bank_account_cooling_hours: 1 };
  const version = async () => (await a.get('/settings/company')).body.version;
  ok(await a.patch('/settings/company', body, { version: await version() }));
  const replaced = ok(await b.patch('/settings/company', body, { version: await version() }));
  t.match(replaced.proposed, { proposed_by: b.id, also_proposed_by: [a.id] });
  for (const person of [a, b])
    refused(
      t,
      await person.post('/settings/company/approve', {}, { version: replaced.version }),
      'settings.segregation-of-duties',
    );
  ok(await c.post('/settings/company/approve', {}, { version: replaced.version }));
});

t.test('who proposed rights does not approve the proposal that replaced them', async (t) => {
  const guarded = await testApi(t, {}, { secondAdmin: true });
  const [a, b, c] = [await guarded.as('admin', 'a'), await guarded.as('admin', 'b'), await guarded.as('admin', 'c')];
  const { id } = await guarded.as('buyer');
  ok(await a.patch(`/users/${id}`, { roles: ['treasurer'] }, { version: 1 }));
  ok(await b.patch(`/users/${id}`, { roles: ['treasurer', 'buyer'] }, { version: 2 }));
  const waiting = (await a.get('/approvals?limit=100')).body.data;
  t.notOk(waiting.some(({ entity_id }: Loose) => entity_id === id));
  refused(t, await a.post(`/users/${id}/approve`, {}, { version: 3 }), 'user.segregation-of-duties');
  t.match(ok(await c.post(`/users/${id}/approve`, {}, { version: 3 })), { roles: ['treasurer', 'buyer'] });
});

let day = 0;
function nextDay(): string {
  day += 1;
  return addDays('2020-01-01', -day);
}

let debtor: Promise<string> | undefined;
async function batchBody(members: object): Promise<object> {
  debtor ??= (async () => {
    const body = { name: 'Example Company BV', iban: 'NL91ABNA0417164300', currency: 'EUR', country: 'NL' };
    return ok(await (await api.as('admin')).post('/settings/debtor-accounts', body), 201).id;
  })();
  const execution_date = nextBankingDay(addDays(calendarDay(new Date(), 'UTC'), 3));
  return { debtor_account_id: await debtor, execution_date, ...members };
}

/** A batch that makes payments of these invoices alone, waiting for its approval. */
async function submittedBatch(invoices: readonly Loose[]): Promise<Loose> {
  const due_on_or_before = nextDay();
  for (const { id } of invoices) await store.changeInvoice(id, { due_date: due_on_or_before });
  const { id } = ok(await treasurer.post('/payment-batches', await batchBody({ due_on_or_before })), 201);
  return ok(await treasurer.post(`/payment-batches/${id}/submit`));
}

const approveBatch = (who: Caller, batch: Loose): Promise<TestReply> =>
  who.post(`/payment-batches/${batch.id}/approve`, {}, { version: batch.version });
