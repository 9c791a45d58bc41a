import t from 'tap';
import { caller, type Loose, testApi } from '../../support/api.ts';
import { invoicing } from '../../support/invoices.ts';
import { activeVendor, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const production = await api.another({ secondAdmin: true });
const admin = await api.as('admin');
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const vendor = await activeVendor(api);
const { ok, enter, matched, approve, read, lineOf } = await invoicing(t, api, vendor.id);
const PATH = '/settings/unit-conversions';

const ordered = (line: object = {}): Promise<Loose> =>
  sentOrder(api, vendor.id, { match_type: 'two_way', line_items: [{ ...LINE, sku: 'PAPER', ...line }] });
const set = async (conversions: readonly object[]) => {
  const { version } = ok(await admin.get(PATH));
  return admin.patch(PATH, { conversions }, { version });
};
const failedKinds = ({ match }: Loose): string[] => match.failed_checks.map(({ kind }: Loose) => kind);

t.test('one piece has many names, and each takes the same quantity', async (t) => {
  const order = await ordered();
  const first = await matched(await enter(order.id, [{ quantity: '100', more: { unit: 'PCE' } }]));
  t.match(first, { status: 'matched', line_items: [{ unit: 'PCE' }] }, 'what was stated stays');
  const again = await matched(await enter(order.id, [{ quantity: '100', more: { unit: 'C62' } }]));
  t.match(again, { status: 'exception', match: { failed_checks: [{ kind: 'quantity_ordered', invoiced: '200' }] } });
});

t.test('a unit that nobody can convert is not overridden until the quantity of the order is stated', async (t) => {
  const order = await ordered();
  const box = { quantity: '20', unit_price: '12.50', more: { unit: 'Reel' } };
  const unknown = await matched(await enter(order.id, [box]));
  t.match(failedKinds(unknown), ['missing_information', 'missing_information']);
  t.match((await approve(manager, unknown, { reason: 'because' })).body, {
    status: 422,
    code: 'invoice.quantity-unknown',
    errors: [{ pointer: '#/line_items/0/po_quantity' }],
  });
  t.match(await lineOf(order.id), { invoiced_quantity: '0' });
  const line_items = unknown.line_items.map((line: Loose) => ({ ...line, po_quantity: '100' }));
  const stated = ok(await clerk.patch(`/invoices/${unknown.id}`, { line_items }, { version: unknown.version }));
  t.match(stated, { status: 'received', line_items: [{ quantity: '20', unit: 'Reel', po_quantity: '100' }] });
  const clean = await matched(stated);
  t.equal(clean.status, 'matched', 'twenty reels at 12.50 are a hundred pieces at 2.50');
  t.match(await lineOf(order.id), { invoiced_quantity: '100' });
  ok(await approve(second, clean));
  const again = await matched(await enter(order.id, [{ quantity: '100' }]));
  t.equal(again.status, 'exception');
});

t.test('a stated quantity is compared at its price, and does not replace a conversion that is known', async (t) => {
  const order = await ordered();
  const low = await matched(await enter(order.id, [{ quantity: '100', more: { unit: 'Reel', po_quantity: '1' } }]));
  t.ok(failedKinds(low).includes('price'));
  const same = await matched(await enter(order.id, [{ quantity: '101', more: { unit: 'Stk', po_quantity: '1' } }]));
  t.match(same.match.failed_checks, [{ kind: 'quantity_ordered', invoiced: '101' }]);
});

t.test('a quantity of the order is more than 0 and of a line of it', async (t) => {
  const { line_items: _none, ...order } = await ordered();
  const body = { ...(await enter(order.id, [{ quantity: '1' }])) };
  const patched = await clerk.patch(
    `/invoices/${body.id}`,
    { line_items: [{ ...body.line_items[0], po_quantity: '0' }] },
    { version: body.version },
  );
  t.match(patched.body, { status: 422, errors: [{ pointer: '#/line_items/0/po_quantity' }] });
});

t.test('the item’s conversion rules before the vendor’s, the vendor’s before the company’s', async (t) => {
  const bill = async (line: object = {}, unit_price = '12.5') => {
    const order = await ordered(line);
    const more = { unit: 'Box' };
    await matched(await enter(order.id, [{ quantity: '2', unit_price, more }]));
    return order.id;
  };
  const company = { from_unit: 'BX', to_unit: 'pce', factor: '5' };
  const ofVendor = { ...company, vendor_id: vendor.id, factor: '10' };
  const ofItem = { from_unit: 'EA', to_unit: 'XBX', factor: '0.05', sku: 'PAPER' };
  const other = {
    ...company,
    vendor_id: vendor.id.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
    factor: '7',
  };
  ok(await set([other, company]));
  t.match(await lineOf(await bill()), { invoiced_quantity: '10' });
  ok(await set([other, company, ofVendor]));
  t.match(await lineOf(await bill({}, '25')), { invoiced_quantity: '20' });
  ok(await set([other, company, ofVendor, ofItem]));
  t.match(await lineOf(await bill({}, '50')), { invoiced_quantity: '40' });
  t.match(await lineOf(await bill({ sku: 'OTHER' }, '25')), { invoiced_quantity: '20' });
  const last = ok(await clerk.get('/invoices')).data[0];
  t.equal((await read(last)).match.verdict, 'matched');
});

t.test('all that is wrong with conversions is told at once', async (t) => {
  const refused = await set([
    { from_unit: 'EA', to_unit: 'PCE', factor: '2' },
    { from_unit: 'BX', to_unit: 'EA', factor: '0' },
    { from_unit: 'Stk', to_unit: 'Box', factor: '3' },
  ]);
  t.equal(refused.status, 422);
  t.same(refused.body.errors.map(({ pointer }: Loose) => pointer).sort(), [
    '#/conversions/0/to_unit',
    '#/conversions/1/factor',
    '#/conversions/2',
  ]);
});

t.test('in production conversions take a second admin', async (t) => {
  const otherAdmin = await api.as('admin', 'second');
  const [one, two] = [caller(production, admin.id, admin.token), caller(production, otherAdmin.id, otherAdmin.token)];
  const { version, conversions } = ok(await one.get(PATH));
  const proposed = ok(await one.patch(PATH, { conversions: [] }, { version }));
  t.match(proposed, { conversions, proposed: { proposed_by: one.id } });
  t.equal((await one.post(`${PATH}/approve`, {}, { version: proposed.version })).status, 403);
  const shown = ok(await two.get('/approvals')).data.map(({ path }: Loose) => path);
  t.ok(shown.includes(`/api/v1${PATH}`));
  t.match(ok(await two.post(`${PATH}/approve`, {}, { version: proposed.version })), {
    conversions: [],
    proposed: null,
  });
  t.equal((await clerk.patch(PATH, { conversions: [] }, { version: 0 })).status, 403);
});
