/** The prices that a credit note may name: what is billed of the order line at them, and not credited yet. */
import t from 'tap';
import { verify } from '../../../src/jobs/verification/verify.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { invoicing } from '../../support/invoices.ts';
import { jobOver } from '../../support/jobs.ts';
import { activeVendor, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const buyer = await api.as('buyer');
const approver = await api.as('approver');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const admin = await api.as('admin');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, lineOf } = await invoicing(t, api, vendor.id);

const ordered = (line: object = {}): Promise<Loose> =>
  sentOrder(api, vendor.id, { match_type: 'two_way', line_items: [{ ...LINE, ...line }] });
/** Approved, where the match is an exception by two people. */
const billed = async (orderId: string, quantity: string, unit_price = '2.50', more: object = {}): Promise<Loose> => {
  const invoice = await matched(await enter(orderId, [{ quantity, unit_price, more }]));
  if (invoice.status === 'matched') return ok(await approve(manager, invoice));
  return ok(await approve(second, ok(await approve(manager, invoice, { reason: 'agreed' }))));
};
const crediting = async (orderId: string, quantity: string, unit_price: string, more: object = {}): Promise<Loose> =>
  matched(await enter(orderId, [{ quantity, unit_price }], { type: 'credit_note', ...more }));
const failedKinds = ({ match }: Loose): string[] => match.failed_checks.map(({ kind }: Loose) => kind);
const credited = async (orderId: string, quantity: string, unit_price: string): Promise<Loose> => {
  const note = await crediting(orderId, quantity, unit_price);
  t.same(failedKinds(note), [], `${quantity} at ${unit_price}`);
  return ok(await approve(manager, note));
};
const refused = async (orderId: string, quantity: string, unit_price: string, kind = 'price'): Promise<void> => {
  const note = await crediting(orderId, quantity, unit_price);
  t.ok(failedKinds(note).includes(kind), `${quantity} at ${unit_price}: ${failedKinds(note).join()}`);
  ok(await act(manager, note, 'reject', { reason: 'no such price' }));
};
const repriced = async (order: Loose, unit_price: string): Promise<void> => {
  const path = `/purchase-orders/${order.id}`;
  const line_items = [{ ...LINE, line_number: 1, unit_price }];
  const { version } = ok(await buyer.post(`${path}/amend`, { line_items, reason: 'another price' }));
  ok(await approver.post(`${path}/approve`, {}, { version }));
  ok(await buyer.post(`${path}/send`));
};
const booksAgree = async (): Promise<void> => {
  const job = jobOver(api);
  const { result } = await verify(job.context);
  t.equal(result, 'ok', JSON.stringify(job.said.filter(({ kind }) => kind !== undefined)));
};

t.test('after an amendment of the price each invoice is credited at the price it billed, and not beyond', async () => {
  const order = await ordered({ unit_price: '1.00' });
  await billed(order.id, '10', '1.00');
  await repriced(order, '2.00');
  await refused(order.id, '1', '2.00');
  await billed(order.id, '5', '2.00');
  await credited(order.id, '4', '1.00');
  await credited(order.id, '5', '2.00');
  await refused(order.id, '1', '2.00');
  await refused(order.id, '6.5', '1.00', 'quantity_ordered');
  await credited(order.id, '6', '1.00');
  await refused(order.id, '1', '1.00', 'quantity_ordered');
  await booksAgree();
});

t.test('a price is not credited that only a voided invoice had, and stays creditable beside one', async (t) => {
  const order = await ordered();
  const first = await billed(order.id, '10', '3.00');
  const other = await billed(order.id, '10', '4.00');
  ok(await act(manager, other, 'void', { reason: 'in error' }));
  await refused(order.id, '1', '4.00');
  await refused(order.id, '1', '2.50');
  await credited(order.id, '10', '3.00');
  t.match(await lineOf(order.id), { invoiced_quantity: '0' });
  const again = await billed(order.id, '10', '4.00');
  t.match((await act(manager, first, 'void', { reason: 'x' })).body, { status: 409, code: 'invoice.credited' });
  ok(await act(manager, again, 'void', { reason: 'in error' }));
  await booksAgree();
});

t.test('what was credited at a price stays billed at it, until the credit note is voided', async (t) => {
  const order = await ordered();
  const first = await billed(order.id, '10', '3.00');
  await billed(order.id, '20', '4.00');
  const note = await credited(order.id, '5', '3.00');
  const refusal = await act(manager, first, 'void', { reason: 'in error' });
  t.match(refusal.body, { status: 409, code: 'invoice.credited', detail: /5 at 3 are left/ });
  t.equal((await act(manager, first, 'dispute', { reason: 'x' })).status, 409);
  await refused(order.id, '6', '3.00');
  ok(await act(manager, note, 'void', { reason: 'in error' }));
  await credited(order.id, '10', '3.00');
  await booksAgree();
});

t.test('a note that names its invoice credits what that one billed, at its prices', async () => {
  const order = await ordered();
  const first = await billed(order.id, '10', '3.00');
  await billed(order.id, '10', '4.00');
  const named = { credited_invoice_id: first.id };
  for (const [quantity, unit_price, kinds] of [
    ['1', '4.00', ['price', 'tax', 'total']],
    ['10', '3.00', []],
  ] as const) {
    const note = await crediting(order.id, quantity, unit_price, named);
    t.same(failedKinds(note), kinds);
    ok(await act(manager, note, 'reject', { reason: 'next' }));
  }
  await credited(order.id, '8', '3.00');
  const left = await crediting(order.id, '3', '3.00', named);
  t.match(left.match.failed_checks, [{ kind: 'quantity_ordered', invoiced: '3', ordered: '2' }]);
  await booksAgree();
});

t.test('a quantity billed in another unit is credited at its price in the unit of the order', async () => {
  const { version } = ok(await admin.get('/settings/unit-conversions'));
  const conversions = [{ from_unit: 'XBX', to_unit: 'EA', factor: '10' }];
  ok(await admin.patch('/settings/unit-conversions', { conversions }, { version }));
  const order = await ordered();
  const boxes = await billed(order.id, '2', '30.00', { unit: 'XBX' });
  await billed(order.id, '5');
  await refused(order.id, '20.5', '3.00');
  await credited(order.id, '4', '3.00');
  await credited(order.id, '5', '2.50');
  const note = await matched(
    await enter(order.id, [{ quantity: '1.6', unit_price: '30.00', more: { unit: 'XBX' } }], {
      type: 'credit_note',
      credited_invoice_id: boxes.id,
    }),
  );
  t.same(failedKinds(note), []);
  ok(await approve(manager, note));
  t.match(await lineOf(order.id), { invoiced_quantity: '0' });
  await booksAgree();
});

t.test(
  'an override bills at the price of the invoice, and an override of a credit note credits the nearest',
  async () => {
    const order = await ordered();
    await billed(order.id, '10');
    await billed(order.id, '10', '9.00');
    const note = await crediting(order.id, '12', '8.00');
    const approved = ok(await approve(second, ok(await approve(manager, note, { reason: 'agreed' }))));
    t.match(await lineOf(order.id), { invoiced_quantity: '8' });
    await refused(order.id, '1', '9.00');
    await credited(order.id, '8', '2.50');
    t.match(await read(approved), { status: 'approved' });
    await booksAgree();
  },
);

t.test('two credit notes at once do not credit a price twice', async (t) => {
  const order = await ordered();
  await billed(order.id, '10', '3.00');
  await billed(order.id, '10', '4.00');
  const notes = await Promise.all([crediting(order.id, '8', '4.00'), crediting(order.id, '8', '4.00')]);
  t.same(
    notes.map(({ status }) => status),
    ['matched', 'matched'],
  );
  const replies = await Promise.all(notes.map((note) => approve(manager, note)));
  t.same(replies.map(({ status }) => status).sort(), [200, 409]);
  await booksAgree();
});
