import t from 'tap';
import { type Movement, moveCounters } from '../../../src/modules/purchase-orders/index.ts';
import { idSource } from '../../../src/shared/command.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { caller, type Loose, testApi } from '../../support/api.ts';
import { activeVendor, approvedOrder, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const buyer = await api.as('buyer');
const receiver = await api.as('receiver');
const approver = await api.as('approver');
const vendor = await activeVendor(api);
const pointers = (body: Loose) => body.errors.map(({ pointer }: Loose) => pointer).sort();
const line = async (id: string, index = 0) => (await buyer.get(`/purchase-orders/${id}`)).body.line_items[index];

const receive = (orderId: string, quantity: string, more: object = {}) =>
  receiver.post(`/purchase-orders/${orderId}/receipts`, { line_items: [{ line_number: 1, quantity, ...more }] });

/** What a matched invoice does to the order, in a transaction of its own. */
async function bill(orderId: string, movements: readonly Movement[]): Promise<void> {
  const { purchaseOrderRepository: orders, unitOfWork } = api.dependencies;
  const actor = { id: buyer.id, roles: [], permissions: new Set<never>() };
  const command = { actor, now: new Date(), request_id: 'bill', dryRun: false, ids: idSource() };
  await unitOfWork.run(command, async () => {
    const { order, counters } = await orders.loadOrderForDecision(orderId);
    const after = moveCounters(counters, movements);
    const { writes } = orders.orderStatusWrites(command, order, after);
    return { result: undefined, writes: [...orders.counterWrites(counters, after), ...writes] };
  });
}

t.test('what is accepted is received, until the order is complete', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const first = await receive(order.id, '60', { rejected_quantity: '10' });
  t.equal(first.status, 201, JSON.stringify(first.body));
  t.equal(first.headers.location, `/api/v1/receipts/${first.body.id}`);
  t.equal(first.headers.etag, '"1"');
  t.match(first.body, {
    status: 'posted',
    po_id: order.id,
    po_number: order.po_number,
    vendor_id: vendor.id,
    received_by: receiver.id,
    notes: null,
    returns: [],
    line_items: [{ line_number: 1, quantity: '60', rejected_quantity: '10', accepted_quantity: '50' }],
  });
  t.notHas(first.body, 'audit');
  t.same((await receiver.get(`/receipts/${first.body.id}`)).body, first.body);
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, {
    receipt_status: 'partial',
    invoice_status: 'none',
    line_items: [{ received_quantity: '50', returned_quantity: '0', credit_expected: '0' }],
  });
  const { version } = (await buyer.get(`/purchase-orders/${order.id}`)).body;
  t.equal((await receive(order.id, '25.5')).status, 201);
  t.equal((await buyer.get(`/purchase-orders/${order.id}`)).body.version, version, 'still partial: the order rests');
  t.equal((await receive(order.id, '24.5')).status, 201);
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, {
    receipt_status: 'complete',
    line_items: [{ received_quantity: '100' }],
  });
});

t.test('each role may do what the contract says and no more', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const { body: receipt } = await receive(order.id, '1');
  for (const role of ROLES) {
    const person = await api.as(role);
    const receives = role === 'receiver';
    const reads = role === 'integration' ? 403 : 200;
    t.equal((await person.get(`/receipts/${receipt.id}`)).status, reads, `${role} reads`);
    t.equal((await person.get('/receipts')).status, reads, `${role} lists`);
    t.equal((await person.get(`/purchase-orders/${order.id}/receipts`)).status, reads, `${role} lists an order's`);
    const lines = { line_items: [{ line_number: 1, quantity: '1' }] };
    t.equal(
      (await person.post(`/purchase-orders/${order.id}/receipts`, lines)).status,
      receives ? 201 : 403,
      `${role} receives`,
    );
    for (const action of ['reverse', 'return']) {
      const path = `/receipts/${receipt.id}/${action}`;
      const reply = await person.post(path, { reason: 'x', ...(action === 'return' ? lines : {}) }, { version: 99 });
      t.equal(reply.status, receives ? 412 : 403, `${role} ${action}`);
    }
  }
});

t.test('only an order that was sent and is not closed takes goods', async (t) => {
  const approved = await approvedOrder(api, vendor.id);
  t.match((await receive(approved.id, '1')).body, { status: 409, code: 'purchase_order.not-sent' });
  const closed = await sentOrder(api, vendor.id);
  await buyer.post(`/purchase-orders/${closed.id}/close`);
  t.equal((await receive(closed.id, '1')).status, 409);
  t.equal((await receive('po_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d', '1')).status, 404);
  t.equal((await receive(vendor.id, '1')).status, 404, 'an id of another kind');
  t.equal((await buyer.get('/purchase-orders/po_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d/receipts')).status, 404);
});

t.test('more than is open is refused, with every line at once', async (t) => {
  const order = await sentOrder(api, vendor.id, { line_items: [LINE, { ...LINE, quantity: '5' }, LINE] });
  const over = await receiver.post(`/purchase-orders/${order.id}/receipts`, {
    line_items: [
      { line_number: 1, quantity: '101' },
      { line_number: 2, quantity: '6', rejected_quantity: '1' },
      { line_number: 3, quantity: '100.000001' },
    ],
  });
  t.match(over.body, { status: 422, code: 'receipt.over-receipt' });
  t.same(pointers(over.body), ['#/line_items/0/quantity', '#/line_items/2/quantity']);
  const invalid = await receiver.post(`/purchase-orders/${order.id}/receipts`, {
    line_items: [
      { line_number: 4, quantity: '1' },
      { line_number: 2, quantity: '0' },
      { line_number: 2, quantity: '1', rejected_quantity: '2' },
      { line_number: 1, quantity: '101' },
    ],
  });
  t.match(invalid.body, { status: 422, code: 'receipt.invalid' });
  t.same(pointers(invalid.body), [
    '#/line_items/0/line_number',
    '#/line_items/1/quantity',
    '#/line_items/2/line_number',
    '#/line_items/2/rejected_quantity',
    '#/line_items/3/quantity',
  ]);
  t.equal((await receive(order.id, '-1')).status, 400);
  t.equal((await receiver.post(`/purchase-orders/${order.id}/receipts`, { line_items: [] })).status, 400);
  t.same((await receiver.get(`/purchase-orders/${order.id}/receipts`)).body.data, []);
});

t.test('of 50 receipts at once on one order, at two servers, all land and none is lost', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const other = caller(await api.another(), receiver.id, receiver.token);
  const body = { line_items: [{ line_number: 1, quantity: '2' }] };
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      (n % 2 === 0 ? receiver : other).post(`/purchase-orders/${order.id}/receipts`, body),
    ),
  );
  t.same(new Set(replies.map(({ status }) => status)), new Set([201]));
  t.equal(new Set(replies.map(({ body }) => body.id)).size, 50);
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, {
    receipt_status: 'complete',
    line_items: [{ received_quantity: '100' }],
  });
});

t.test('of receipts that together are too much, only what was ordered lands', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const other = caller(await api.another(), receiver.id, receiver.token);
  const body = { line_items: [{ line_number: 1, quantity: '30' }] };
  const replies = await Promise.all(
    Array.from({ length: 10 }, (_, n) =>
      (n % 2 === 0 ? receiver : other).post(`/purchase-orders/${order.id}/receipts`, body),
    ),
  );
  t.equal(replies.filter(({ status }) => status === 201).length, 3);
  t.equal(replies.filter(({ status }) => status === 422).length, 7);
  t.equal((await line(order.id)).received_quantity, '90');
});

t.test('of a receipt and a cancellation at once exactly one wins', async (t) => {
  for (let n = 0; n < 5; n += 1) {
    const order = await sentOrder(api, vendor.id);
    const [received, cancelled] = await Promise.all([
      receive(order.id, '1'),
      buyer.post(`/purchase-orders/${order.id}/cancel`, { reason: 'not needed' }),
    ]);
    t.same([received.status, cancelled.status].sort(), received.status === 201 ? [201, 409] : [200, 409]);
  }
});

t.test('a receipt entered in error is reversed, once, and never when it is billed', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const { body: wrong } = await receive(order.id, '40');
  const { body: right } = await receive(order.id, '60');
  t.equal((await receiver.post(`/receipts/${wrong.id}/reverse`, {})).status, 400);
  await bill(order.id, [{ line_number: 1, invoiced_quantity: '50' }]);
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, { invoice_status: 'partial' });
  const refused = await receiver.post(`/receipts/${right.id}/reverse`, { reason: 'typo' });
  t.match(refused.body, { status: 409, code: 'receipt.billed', errors: [{ pointer: '#/line_items/0' }] });
  const reversed = await receiver.post(`/receipts/${wrong.id}/reverse`, { reason: 'typo' });
  t.match(reversed.body, { status: 'reversed', version: 2 });
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, {
    receipt_status: 'partial',
    line_items: [{ received_quantity: '60' }],
  });
  const again = await receiver.post(`/receipts/${wrong.id}/reverse`, { reason: 'typo' });
  t.match(again.body, { status: 409, code: 'receipt.wrong-status' });
  const back = { line_items: [{ line_number: 1, quantity: '1' }], reason: 'wet' };
  t.equal((await receiver.post(`/receipts/${wrong.id}/return`, back)).body.code, 'receipt.wrong-status');
});

t.test('a wrong receipt on a two-way order billed ahead is reversed, and expects no credit', async (t) => {
  const order = await sentOrder(api, vendor.id, { match_type: 'two_way' });
  await bill(order.id, [{ line_number: 1, invoiced_quantity: '100' }]);
  const { body: wrong } = await receive(order.id, '40');
  t.match((await receiver.post(`/receipts/${wrong.id}/reverse`, { reason: 'typo' })).body, { status: 'reversed' });
  t.match((await buyer.get(`/purchase-orders/${order.id}`)).body, {
    line_items: [{ received_quantity: '0', invoiced_quantity: '100', credit_expected: '0' }],
  });
  const { body: second } = await receive(order.id, '30');
  const back = { line_items: [{ line_number: 1, quantity: '30' }], reason: 'never came' };
  t.equal((await receiver.post(`/receipts/${second.id}/return`, back)).status, 200);
  t.match(await line(order.id), { returned_quantity: '30', credit_expected: '30' });
  const reversed = await receiver.post(`/receipts/${second.id}/reverse`, { reason: 'they never came' });
  t.match(reversed.body, { status: 'reversed', returns: [{ reason: 'never came' }] });
  t.match(await line(order.id), { received_quantity: '0', returned_quantity: '0', credit_expected: '0' });
  t.equal((await receive(order.id, '100')).status, 201, 'all that was ordered may still come');
});

t.test('an order whose receipts were all reversed can be cancelled, one that was billed cannot', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const { body: receipt } = await receive(order.id, '40');
  const cancel = () => buyer.post(`/purchase-orders/${order.id}/cancel`, { reason: 'not needed' });
  t.match((await cancel()).body, { status: 409, code: 'purchase_order.in-use' });
  await receiver.post(`/receipts/${receipt.id}/reverse`, { reason: 'another order' });
  t.equal((await cancel()).status, 200);
  const billed = await sentOrder(api, vendor.id, { match_type: 'two_way' });
  await bill(billed.id, [{ line_number: 1, invoiced_quantity: '1' }]);
  t.equal(
    (await buyer.post(`/purchase-orders/${billed.id}/cancel`, { reason: 'x' })).body.code,
    'purchase_order.in-use',
  );
});

t.test(
  'goods go back also after billing: then a credit is expected until a replacement or a credit note',
  async (t) => {
    const order = await sentOrder(api, vendor.id);
    const { body: receipt } = await receive(order.id, '100', { rejected_quantity: '0' });
    await bill(order.id, [{ line_number: 1, invoiced_quantity: '90' }]);
    const path = `/receipts/${receipt.id}/return`;
    t.equal((await receiver.post(path, { line_items: [{ line_number: 1, quantity: '1' }] })).status, 400);
    const wrong = await receiver.post(path, {
      line_items: [
        { line_number: 1, quantity: '101' },
        { line_number: 1, quantity: '0' },
        { line_number: 7, quantity: '1' },
      ],
      reason: 'wet',
    });
    t.match(wrong.body, { status: 422, code: 'receipt.invalid-return' });
    t.same(pointers(wrong.body), [
      '#/line_items/0/quantity',
      '#/line_items/1/line_number',
      '#/line_items/1/quantity',
      '#/line_items/2/line_number',
    ]);
    const returned = await receiver.post(path, { line_items: [{ line_number: 1, quantity: '15' }], reason: 'wet' });
    t.match(returned.body, {
      status: 'posted',
      version: 2,
      line_items: [{ accepted_quantity: '100', returned_quantity: '15' }],
      returns: [{ returned_by: receiver.id, reason: 'wet', line_items: [{ line_number: 1, quantity: '15' }] }],
    });
    t.match(await line(order.id), { received_quantity: '85', returned_quantity: '15', credit_expected: '5' });
    t.equal(
      (await receiver.post(`/receipts/${receipt.id}/reverse`, { reason: 'typo' })).body.code,
      'receipt.has-returns',
    );
    t.equal((await receive(order.id, '3')).status, 201, 'what went back may be replaced');
    t.match(await line(order.id), { received_quantity: '88', credit_expected: '2' });
    await bill(order.id, [{ line_number: 1, invoiced_quantity: '-2' }]);
    t.match(await line(order.id), { invoiced_quantity: '88', credit_expected: '0' });
    await buyer.post(`/purchase-orders/${order.id}/close`);
    const late = await receiver.post(path, { line_items: [{ line_number: 1, quantity: '1' }], reason: 'broken' });
    t.equal(late.status, 200, 'also after the order is closed');
  },
);

t.test('while an amendment waits the last approved revision rules, and it falls below nothing received', async (t) => {
  const order = await sentOrder(api, vendor.id);
  await receive(order.id, '50');
  await bill(order.id, [{ line_number: 1, invoiced_quantity: '40' }]);
  const path = `/purchase-orders/${order.id}`;
  const amend = (line_items: Loose[]) => buyer.post(`${path}/amend`, { line_items, reason: 'less' });
  const low = await amend([{ ...LINE, line_number: 1, quantity: '49' }]);
  t.match(low.body, {
    status: 422,
    code: 'purchase_order.below-received',
    errors: [{ pointer: '#/line_items/0/quantity' }],
  });
  t.same(pointers((await amend([{ ...LINE, line_number: 2 }])).body), ['#/line_items']);
  t.same(pointers((await amend([{ ...LINE, line_number: 1, unit: 'BOX' }])).body), ['#/line_items/0/unit']);

  const amended = await amend([{ ...LINE, line_number: 1, quantity: '60' }]);
  t.match(amended.body, { status: 'pending_approval', line_items: [{ received_quantity: '50' }] });
  t.equal((await receive(order.id, '30')).status, 201, 'up to the 100 of the approved revision');
  const late = await approver.post(`${path}/approve`, {}, { version: amended.body.version });
  t.match(late.body, { status: 422, code: 'purchase_order.below-received' }, 'goods went on arriving');
  await buyer.post(`${path}/recall`);
  const fitting = await amend([{ ...LINE, line_number: 1, quantity: '80' }]);
  const approved = await approver.post(`${path}/approve`, {}, { version: fitting.body.version });
  t.match(approved.body, { status: 'approved', receipt_status: 'complete', invoice_status: 'partial' });
  t.equal((await receive(order.id, '1')).body.code, 'receipt.over-receipt', 'the new revision rules');
  const { body: receipts } = await receiver.get(`${path}/receipts`);
  const back = { line_items: [{ line_number: 1, quantity: '1' }], reason: 'wet' };
  t.equal((await receiver.post(`/receipts/${receipts.data[0].id}/return`, back)).status, 200);
  t.equal((await receive(order.id, '1')).status, 201, 'an order yet to be sent again goes on');
});

t.test('where the company says so, the receiver is not the approver of the order', async (t) => {
  const both = await api.as(['approver', 'receiver'], 'both');
  const admin = await api.as('admin');
  const draft = await buyer.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] });
  const path = `/purchase-orders/${draft.body.id}`;
  await buyer.post(`${path}/submit`);
  await both.post(`${path}/approve`, {}, { version: 2 });
  await buyer.post(`${path}/send`);
  const body = { line_items: [{ line_number: 1, quantity: '1' }] };
  t.equal((await both.post(`${path}/receipts`, body)).status, 201, 'off as shipped');
  const { body: company } = await admin.get('/settings/company');
  const changed = await admin.patch(
    '/settings/company',
    { receiver_may_not_be_approver: true },
    { version: company.version },
  );
  t.equal(changed.status, 200, JSON.stringify(changed.body));
  const barred = await both.post(`${path}/receipts`, body);
  t.match(barred.body, { status: 403, code: 'receipt.segregation-of-duties' });
  t.equal((await receiver.post(`${path}/receipts`, body)).status, 201);
});

t.test('lists are of an order, a vendor, a status and days', async (t) => {
  const other = await activeVendor(api);
  const order = await sentOrder(api, other.id);
  const ids: string[] = [];
  for (let n = 0; n < 3; n += 1) ids.unshift((await receive(order.id, '1')).body.id);
  await receiver.post(`/receipts/${ids[0]}/reverse`, { reason: 'typo' });
  const listed = async (query: string) =>
    (await receiver.get(`/receipts?${query}`)).body.data.map(({ id }: Loose) => id);
  t.same(await listed(`po_id=${order.id}`), ids);
  t.same(await listed(`vendor_id=${other.id}&status=posted`), ids.slice(1));
  t.same(await listed(`po_id=${order.id}&created_to=2020-01-01`), []);
  t.equal((await receiver.get('/receipts?q=a')).status, 400);
  const page = await receiver.get(`/purchase-orders/${order.id}/receipts?limit=2`);
  t.equal(page.body.data.length, 2);
  t.notHas(page.body.data[0], 'line_items');
  const rest = await receiver.get(`/purchase-orders/${order.id}/receipts?limit=2&cursor=${page.body.next_cursor}`);
  t.equal(rest.body.data[0].id, ids[2]);
});

t.test('a dry run and an Idempotency-Key hold for receipts', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const body = { line_items: [{ line_number: 1, quantity: '60' }] };
  const dry = await receiver.post(`/purchase-orders/${order.id}/receipts?dry_run=true`, body);
  t.match(dry.body, { id: null, status: 'posted' });
  t.equal((await line(order.id)).received_quantity, '0');
  const headers = { 'idempotency-key': 'receipt-1' };
  const replies = await Promise.all(
    [1, 2, 3].map(() => receiver.post(`/purchase-orders/${order.id}/receipts`, body, { headers })),
  );
  t.same(new Set(replies.map(({ status }) => status)), new Set([201]));
  t.equal(new Set(replies.map(({ body }) => body.id)).size, 1);
  t.equal((await line(order.id)).received_quantity, '60');
});
