import t from 'tap';
import { type Caller, type Loose, testApi } from '../../support/api.ts';
import { invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor, LINE, sentOrder } from '../../support/orders.ts';
import { changeItem } from '../../support/stored-items.ts';

const api = await testApi(t);
const buyer = await api.as('buyer');
const approver = await api.as('approver');
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, lineOf, orderWith } = await invoicing(t, api, vendor.id);
const twoWay = (): Promise<Loose> => sentOrder(api, vendor.id, { match_type: 'two_way' });
const onOrder = (who: Caller, { id }: Loose, action: string, body: object = {}, options = {}) =>
  who.post(`/purchase-orders/${id}/${action}`, body, options);
const failedKinds = ({ match }: Loose): string[] => match.failed_checks.map(({ kind }: Loose) => kind);

/** Runs `first` just before the next transaction that `path` sends. */
function before(first: () => Promise<unknown>): () => void {
  let armed = true;
  const name = `before${Math.random()}`;
  api.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (armed && String(context['commandName']).startsWith('TransactWrite')) {
        armed = false;
        await first();
      }
      return next(args);
    },
    { step: 'initialize', name },
  );
  return () => void api.client.middlewareStack.remove(name);
}

t.test('an order with a live invoice is not cancelled, and the refusal names the invoice', async (t) => {
  const order = await twoWay();
  const invoice = await enter(order.id, [{ quantity: '10' }]);
  const refused = await onOrder(buyer, order, 'cancel', { reason: 'no need' });
  t.match(refused, { status: 409, body: { code: 'purchase_order.in-use' } });
  t.match(refused.body.errors, [{ detail: new RegExp(`${invoice.invoice_number}.*${invoice.id}.*received`) }]);
  ok(await act(manager, invoice, 'reject', { reason: 'not ours' }));
  t.equal(ok(await onOrder(buyer, order, 'cancel', { reason: 'no need' })).status, 'cancelled');
});

t.test('an invoice that was moved to another order holds that one, and frees the first', async () => {
  const [one, other] = [await twoWay(), await twoWay()];
  const invoice = await enter(one.id, [{ quantity: '10' }]);
  ok(await clerk.patch(`/invoices/${invoice.id}`, { po_id: other.id }, { version: 1 }));
  ok(await onOrder(buyer, other, 'cancel', { reason: 'no need' }), 409);
  ok(await onOrder(buyer, one, 'cancel', { reason: 'no need' }));
});

t.test('of a cancellation and an invoice at once one loses, whichever comes first', async (t) => {
  const one = await twoWay();
  const stop = before(async () => ok(await onOrder(buyer, one, 'cancel', { reason: 'no need' })));
  const late = await clerk.post('/invoices', invoiceBody(vendor.id, one.id, [{ quantity: '10' }]));
  stop();
  t.match(late, { status: 409, body: { code: 'purchase_order.not-sent' } });

  const other = await twoWay();
  const stopAgain = before(async () => void (await enter(other.id, [{ quantity: '10' }])));
  const refused = await onOrder(buyer, other, 'cancel', { reason: 'no need' });
  stopAgain();
  t.match(refused, { status: 409, body: { code: 'purchase_order.in-use' } });
});

t.test('invoices entered on one order at once all stand', async (t) => {
  const order = await twoWay();
  const bodies = Array.from({ length: 20 }, () => invoiceBody(vendor.id, order.id, [{ quantity: '1' }]));
  const replies = await Promise.all(bodies.map((body) => clerk.post('/invoices', body)));
  t.same(new Set(replies.map(({ status }) => status)), new Set([201]));
  const refused = await onOrder(buyer, order, 'cancel', { reason: 'no need' });
  t.equal(refused.body.errors.length, 20);
});

t.test('closing an order says which invoices wait, and none of them is approved', async (t) => {
  const order = await twoWay();
  const clean = await matched(await enter(order.id, [{ quantity: '10' }]));
  const exception = await matched(await enter(order.id, [{ quantity: '5', unit_price: '2.60' }]));
  const overridden = ok(await approve(manager, exception, { reason: 'agreed' }));
  const paid = ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '1' }]))));
  const closed = ok(await onOrder(buyer, order, 'close'));
  t.same(
    new Set(closed.notices.map(({ invoice_id }: Loose) => invoice_id)),
    new Set([clean.id, exception.id]),
    'an approved invoice waits for nothing',
  );
  t.notHas(ok(await buyer.get(`/purchase-orders/${order.id}`)), 'notices');
  t.match((await approve(manager, clean)).body, {
    status: 409,
    code: 'invoice.order-not-open',
    errors: [{ pointer: '#/po_id' }],
  });
  t.match((await approve(second, overridden)).body, { status: 409, code: 'invoice.order-not-open' });
  t.equal((await read(paid)).status, 'approved');
  const shown = ok(await manager.get('/approvals')).data.map(({ id }: Loose) => id);
  t.notOk(shown.includes(clean.id), 'what cannot be approved is not shown as waiting');
  ok(await act(manager, overridden, 'reject', { reason: 'closed' }));
  t.match(await lineOf(order.id), { invoiced_quantity: '11' });
});

t.test('a change is no way to raise an invoice on a closed order', async (t) => {
  const order = await twoWay();
  const waiting = await matched(await enter(order.id, [{ quantity: '1' }]));
  ok(await onOrder(buyer, order, 'close'));
  const { line_items, subtotal, tax_amount, total_amount } = invoiceBody(vendor.id, order.id, [{ quantity: '40' }]);
  const raised = await clerk.patch(
    `/invoices/${waiting.id}`,
    { line_items, subtotal, tax_amount, total_amount },
    { version: waiting.version },
  );
  const again = await matched(ok(raised));
  t.equal(again.status, 'exception');
  t.same(failedKinds(again), ['order_status']);
  t.match((await approve(manager, again, { reason: 'because' })).body, { code: 'invoice.order-not-open' });
  t.match(await lineOf(order.id), { invoiced_quantity: '0' });
});

t.test('an order that was cancelled before this rule bills nothing', async (t) => {
  const order = await twoWay();
  const clean = await matched(await enter(order.id, [{ quantity: '1' }]));
  const { orders } = api.dependencies.purchaseOrderRepository;
  const stored = await orders.require(order.id);
  const table = api.infrastructure.tableNames.purchase_orders;
  await changeItem(api.client, table, stored.id, (item) => ({ ...item, status: 'cancelled' }));
  t.match((await approve(manager, clean)).body, { status: 409, code: 'invoice.order-not-open' });
});

t.test('a closed order is reopened by another approver than who closed it, and bills again', async (t) => {
  const both = await api.as(['buyer', 'approver'], 'both');
  const order = await orderWith('50');
  const waiting = await matched(await enter(order.id, [{ quantity: '50' }]));
  ok(await onOrder(both, order, 'close'));
  t.match((await onOrder(both, order, 'reopen', { reason: 'late invoice' })).body, {
    status: 403,
    code: 'purchase_order.segregation-of-duties',
  });
  ok(await onOrder(buyer, order, 'reopen', { reason: 'late invoice' }), 403);
  ok(await onOrder(approver, order, 'reopen'), 400);
  const open = ok(await onOrder(approver, order, 'reopen', { reason: 'late invoice' }));
  t.match(open, { status: 'sent', closed_by: both.id });
  ok(await onOrder(approver, order, 'reopen', { reason: 'late invoice' }), 409);
  ok(await approve(manager, waiting));
  ok(await onOrder(both, order, 'close'));
  ok(await onOrder(both, order, 'reopen', { reason: 'again' }), 403);
});

t.test('an exception of the order alone is none once the order is open again', async (t) => {
  const order = await orderWith('50');
  const invoice = await enter(order.id, [{ quantity: '50' }]);
  ok(await onOrder(buyer, order, 'close'));
  const exception = await matched(invoice);
  t.same(failedKinds(exception), ['order_status']);
  ok(await onOrder(approver, order, 'reopen', { reason: 'late invoice' }));
  const clean = await matched(exception);
  t.equal(ok(await approve(manager, clean)).status, 'approved');
});

t.test('an order reopens with a revision still to be sent, and not for a vendor that was put away', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const line_items = [{ ...LINE, line_number: 1, quantity: '120' }];
  const amended = ok(await onOrder(buyer, order, 'amend', { line_items, reason: 'more' }));
  ok(await onOrder(approver, order, 'approve', {}, { version: amended.version }));
  ok(await onOrder(buyer, order, 'close'));
  t.match(ok(await onOrder(approver, order, 'reopen', { reason: 'early' })), { status: 'approved', sent_revision: 1 });

  const away = await activeVendor(api);
  const old = await sentOrder(api, away.id);
  ok(await onOrder(buyer, old, 'close'));
  ok(await (await api.as('vendor_manager')).post(`/vendors/${away.id}/archive`));
  t.match((await onOrder(approver, old, 'reopen', { reason: 'late' })).body, { code: 'vendor.not-active' });
});

t.test('a credit note may name a closed order, and is approved', async (t) => {
  const order = await orderWith('50');
  const invoice = ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '50' }]))));
  ok(await onOrder(buyer, order, 'close'));
  const credit = { type: 'credit_note', credited_invoice_id: invoice.id };
  const note = await matched(await enter(order.id, [{ quantity: '5' }], credit));
  t.equal(note.status, 'matched');
  t.equal(ok(await approve(manager, note)).status, 'approved');
});
