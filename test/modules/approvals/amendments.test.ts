import t from 'tap';
import { type Loose, testApi } from '../../support/api.ts';
import { receive } from '../../support/invoices.ts';
import { activeVendor, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);

t.test('an amendment below what arrived meanwhile is not listed, since its approval is refused', async (t) => {
  const approver = await api.as('approver');
  const { id } = await sentOrder(api, (await activeVendor(api)).id);
  const listed = async () =>
    (await approver.get('/approvals')).body.data.some(({ entity_id }: Loose) => entity_id === id);
  const line_items = [{ ...LINE, line_number: 1, quantity: '10' }];
  const amended = await (await api.as('buyer')).post(`/purchase-orders/${id}/amend`, { line_items, reason: 'less' });
  t.equal(amended.status, 200, JSON.stringify(amended.body));
  t.equal(await listed(), true);
  await receive(api, id, '20');
  t.equal(await listed(), false);
  const { version } = (await approver.get(`/purchase-orders/${id}`)).body;
  const refused = await approver.post(`/purchase-orders/${id}/approve`, {}, { version });
  t.match(refused.body, { status: 422, code: 'purchase_order.below-received' });
});
