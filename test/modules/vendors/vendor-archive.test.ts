/** A vendor with open orders is not archived, however close together the two are. */
import t from 'tap';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { activeVendor, approvedOrder, draftOrder, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const manager = await api.as('vendor_manager');
const buyer = await api.as('buyer');
const approver = await api.as('approver');
const archive = (vendorId: string) => manager.post(`/vendors/${vendorId}/archive`, { reason: 'not used any more' });
const told = ({ body }: TestReply): string[] => body.errors.map(({ detail }: Loose) => detail);

t.test('a vendor with open orders is not archived, and the refusal names them', async (t) => {
  const vendor = await activeVendor(api);
  const orders = [
    await draftOrder(api, vendor.id),
    await approvedOrder(api, vendor.id),
    await sentOrder(api, vendor.id),
  ];
  const refused = await archive(vendor.id);
  t.match(refused.body, { status: 409, code: 'vendor.open-orders' });
  t.same(
    told(refused).sort(),
    orders.map(({ po_number, id, status }) => `Order ${po_number} (${id}) is ${status}`).sort(),
  );
  const [draft, approved, sent] = orders as [Loose, Loose, Loose];
  const act = (order: Loose, action: string) =>
    buyer.post(`/purchase-orders/${order.id}/${action}`, { reason: 'over' });
  t.equal((await act(draft, 'cancel')).status, 200);
  t.equal((await act(approved, 'cancel')).status, 200);
  t.equal((await act(sent, 'close')).status, 200);
  t.equal((await approver.post(`/purchase-orders/${sent.id}/reopen`, { reason: 'more to come' })).status, 200);
  t.same(told(await archive(vendor.id)), [`Order ${sent.po_number} (${sent.id}) is sent`]);
  t.equal((await act(sent, 'close')).status, 200);
  t.match((await archive(vendor.id)).body, { status: 'archived' });
  t.match((await approver.post(`/purchase-orders/${sent.id}/reopen`, { reason: 'x' })).body, {
    code: 'vendor.not-active',
  });
});

t.test('an order that was moved to another vendor keeps that one from being archived', async (t) => {
  const [from, to] = [await activeVendor(api), await activeVendor(api)];
  const { id, version } = await draftOrder(api, from.id);
  const moved = await buyer.patch(`/purchase-orders/${id}`, { vendor_id: to.id }, { version });
  t.equal(moved.status, 200);
  t.equal((await archive(to.id)).status, 409);
  t.equal((await archive(from.id)).status, 200);
});

t.test('of an order and an archiving at the same moment one is refused', async (t) => {
  for (let round = 0; round < 6; round += 1) {
    const { id } = await activeVendor(api);
    const body = { vendor_id: id, currency: 'EUR', line_items: [LINE] };
    const [order, archived] = await Promise.all([buyer.post('/purchase-orders', body), archive(id)]);
    t.ok(
      (order.status === 201 && archived.status === 409) || (order.status === 422 && archived.status === 200),
      `${order.status} and ${archived.status}`,
    );
  }
});

t.test('a vendor that an order names is not deleted', async (t) => {
  const pending = (
    await manager.post('/vendors', {
      name: 'Eastwind Paper BV',
      email: 'billing@eastwind.example',
      payment_terms: 'NET 30',
      currency: 'EUR',
    })
  ).body;
  await draftOrder(api, pending.id);
  const removed = await manager.delete(`/vendors/${pending.id}`, { version: pending.version });
  t.match(removed.body, { status: 409, code: 'vendor.in-use' });
});
