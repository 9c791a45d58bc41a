import t from 'tap';
import { type Loose, testApi } from '../../support/api.ts';
import { invoicing } from '../../support/invoices.ts';
import { activeVendor, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const buyer = await api.as('buyer');
const approver = await api.as('approver');
const vendor = await activeVendor(api);
const { ok, enter, matched } = await invoicing(t, api, vendor.id);

t.test('an invoice for a line that an amendment removed never matches another line', async (t) => {
  const ink = { ...LINE, description: 'Ink' };
  const order = await sentOrder(api, vendor.id, { match_type: 'two_way', line_items: [LINE, ink] });
  const path = `/purchase-orders/${order.id}`;
  const waiting = await enter(order.id, [{ quantity: '10', line: 2 }]);
  const paper = { ...LINE, line_number: 1 };
  const rule = async (line_items: readonly object[]): Promise<Loose> => {
    const { version } = ok(await buyer.post(`${path}/amend`, { line_items, reason: 'other goods' }));
    return ok(await approver.post(`${path}/approve`, {}, { version }));
  };
  const pen = { ...LINE, description: 'Gold pen' };
  const added = await rule([paper, pen]);
  t.same(
    added.line_items.map(({ line_number, description }: Loose) => [line_number, description]),
    [
      [1, LINE.description],
      [3, 'Gold pen'],
    ],
  );
  const exception = await matched(waiting);
  t.match(exception, { status: 'exception', match: { failed_checks: [{ kind: 'unmatched_line' }] } });
  const refused = await buyer.post(`${path}/amend`, {
    line_items: [paper, { ...pen, line_number: 2 }],
    reason: 'by its old number',
  });
  t.match(refused, { status: 422, body: { errors: [{ pointer: '#/line_items/1/line_number' }] } });
});
