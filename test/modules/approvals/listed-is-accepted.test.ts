/** What `/approvals` lists for a person is accepted when that person approves it, and what would be refused is not listed. */
import t from 'tap';
import { type Caller, type Loose, testApi } from '../../support/api.ts';
import { invoicing, receive } from '../../support/invoices.ts';
import { activeVendor, draftOrder, LINE, sentOrder } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';
import { verified } from '../../support/verified.ts';

const api = await testApi(t);
const store = payables(api);
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const treasurer = await api.as('treasurer');
const payer = await api.as('treasurer', 'payer');
const approver = await api.as('approver');
const buyer = await api.as('buyer');
const vendors = await api.as('vendor_manager', 'second');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, orderWith } = await invoicing(t, api, vendor.id);
const listed = async (person: Caller): Promise<Loose[]> => ok(await person.get('/approvals')).data;
const lists = async (person: Caller, { id }: Loose): Promise<boolean> =>
  (await listed(person)).some(({ entity_id }) => entity_id === id);

t.test('an invoice whose match has changed is not listed until it is matched again', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const receipt = await receive(api, order.id, '10');
  const invoice = await matched(await enter(order.id, [{ quantity: '20' }]));
  t.equal(invoice.status, 'exception');
  t.ok(await lists(manager, invoice));
  const more = await receive(api, order.id, '5');
  t.notOk(await lists(manager, invoice), 'other checks fail by now');
  t.match(await approve(manager, invoice, { reason: 'agreed' }), { status: 409 });
  const again = await matched(invoice);
  t.ok(await lists(manager, again));
  ok(await approve(manager, again, { reason: 'agreed' }));
  t.notOk(await lists(manager, again), 'who overrode does not approve');
  t.ok(await lists(second, again));
  t.ok(receipt.id !== more.id);
});

t.test('a payment of a vendor that is stopped is not listed', async (t) => {
  const { id } = await store.vendor();
  const invoice = await store.invoice(id);
  const payment = ok(await payer.post('/payments', { invoice_id: invoice.id }), 201);
  t.ok(await lists(treasurer, payment));
  for (const status of ['blocked', 'payment_hold', 'archived'] as const) {
    await store.changeVendor(id, { status });
    t.notOk(await lists(treasurer, payment), status);
    const refused = await treasurer.post(`/payments/${payment.id}/approve`, {}, { version: payment.version });
    t.equal(refused.status, 422, JSON.stringify(refused.body));
  }
  await store.changeVendor(id, { status: 'active' });
  t.ok(await lists(treasurer, payment));
});

t.test('whatever is listed for a person is accepted from that person', async (t) => {
  const proposed = ok(
    await (await api.as('vendor_manager')).post('/vendors', {
      name: 'Eastwind Paper BV',
      email: 'billing@eastwind.example',
      payment_terms: 'NET 30',
      currency: 'EUR',
    }),
    201,
  );
  await (await api.as('vendor_manager')).post(`/vendors/${vendor.id}/bank-accounts`, {
    holder_name: 'Northwind Paper BV',
    iban: 'DE89370400440532013000',
  });
  const draft = await draftOrder(api, vendor.id, { line_items: [LINE] });
  ok(await buyer.post(`/purchase-orders/${draft.id}/submit`));
  const order = await orderWith('100');
  await matched(await enter(order.id, [{ quantity: '10' }]));
  await matched(await enter(order.id, [{ quantity: '10', unit_price: '9.00' }]));
  await matched(await enter(undefined, [{ quantity: '10' }]));
  const voided = await matched(await enter(order.id, [{ quantity: '1' }]));
  ok(await act(manager, voided, 'void', { reason: 'in error' }));
  const payee = await store.vendor();
  ok(await payer.post('/payments', { invoice_id: (await store.invoice(payee.id)).id }), 201);
  const kinds = new Set<string>();
  for (const person of [approver, manager, second, treasurer, vendors])
    for (const { entity, path, version } of await listed(person)) {
      const body = entity === 'bank_account' ? verified('DE89370400440532013000') : { reason: 'seen' };
      const reply = await person.post(`${path.replace('/api/v1', '')}/approve`, body, { version });
      t.equal(reply.status, 200, `${entity}: ${JSON.stringify(reply.body)}`);
      kinds.add(entity);
    }
  t.same([...kinds].sort(), ['bank_account', 'invoice', 'payment', 'purchase_order', 'vendor']);
  t.match(ok(await vendors.get(`/vendors/${proposed.id}`)), { status: 'active' });
});
