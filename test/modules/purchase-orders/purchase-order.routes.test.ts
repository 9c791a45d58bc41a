import t from 'tap';
import { idSource } from '../../../src/shared/command.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Loose, testApi } from '../../support/api.ts';
import { activeVendor, approvedOrder, draftOrder, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const buyer = await api.as('buyer');
const approver = await api.as('approver');
const vendor = await activeVendor(api);
const pointers = (body: Loose) => body.errors.map(({ pointer }: Loose) => pointer).sort();

t.test('an order goes from draft to its vendor by two people', async (t) => {
  const created = await buyer.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] });
  t.equal(created.status, 201, JSON.stringify(created.body));
  t.equal(created.headers.location, `/api/v1/purchase-orders/${created.body.id}`);
  t.equal(created.headers.etag, '"1"');
  t.match(created.body, {
    status: 'draft',
    revision: 1,
    match_type: 'three_way',
    requested_by: buyer.id,
    subtotal: '250.00',
    tax_amount: '52.50',
    total_amount: '302.50',
    receipt_status: 'none',
    invoice_status: 'none',
    approved_by: null,
    approvals: [],
    po_number: /^PO-\d{8}-[0-9A-Z]{8}$/,
    line_items: [
      {
        line_number: 1,
        unit_price: '2.5',
        amount: '250.00',
        received_quantity: '0',
        invoiced_quantity: '0',
        override_quantity: '0',
      },
    ],
  });
  t.notHas(created.body, 'audit');
  t.notHas(created.body, 'changed_by');
  const path = `/purchase-orders/${created.body.id}`;
  t.match((await buyer.post(`${path}/submit`)).body, { status: 'pending_approval', version: 2 });
  t.equal((await approver.post(`${path}/approve`)).status, 428);
  t.equal((await approver.post(`${path}/approve`, {}, { version: 1 })).status, 412);
  const approved = await approver.post(`${path}/approve`, { reason: 'in budget' }, { version: 2 });
  t.match(approved.body, {
    status: 'approved',
    approved_by: approver.id,
    approvals: [{ revision: 1, decision: 'approved', decided_by: approver.id, reason: 'in budget' }],
  });
  const sent = await buyer.post(`${path}/send`);
  t.match(sent.body, { status: 'sent', sent_revision: 1 });
  t.same((await buyer.get(path)).body, sent.body);
  t.match((await buyer.post(`${path}/close`, { reason: 'done' })).body, { status: 'closed' });
});

t.test('each role may do what the contract says and no more', async (t) => {
  const mayNot: Loose[] = [];
  for (const role of ROLES) {
    const person = await api.as(role);
    const order = await draftOrder(api, vendor.id);
    const path = `/purchase-orders/${order.id}`;
    const buys = role === 'buyer';
    t.equal((await person.get(path)).status, role === 'integration' ? 403 : 200, `${role} reads`);
    const body = { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] };
    t.equal((await person.post('/purchase-orders', body)).status, buys ? 201 : 403, `${role} creates`);
    t.equal(
      (await person.patch(path, { description: 'x' }, { version: 1 })).status,
      buys ? 200 : 403,
      `${role} patches`,
    );
    for (const action of ['submit', 'recall', 'send', 'cancel', 'close', 'amend', 'approve', 'reject', 'reopen']) {
      const reply = await person.post(`${path}/${action}`, { reason: 'because' }, { version: 99 });
      const decides = ['approve', 'reject', 'reopen'].includes(action);
      const may = decides ? role === 'approver' : buys;
      if (may === (reply.status === 403)) mayNot.push({ role, action, status: reply.status });
    }
  }
  t.same(mayNot, []);
});

t.test('who made, requested, changed or submitted an order does not approve it', async (t) => {
  const both = await api.as(['buyer', 'approver'], 'both');
  const made = await both.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] });
  await buyer.post(`/purchase-orders/${made.body.id}/submit`);
  const own = await both.post(`/purchase-orders/${made.body.id}/approve`, {}, { version: 2 });
  t.match(own.body, { status: 403, code: 'purchase_order.segregation-of-duties' });

  const requested = await buyer.post('/purchase-orders', {
    vendor_id: vendor.id,
    currency: 'EUR',
    requested_by: both.id,
    line_items: [LINE],
  });
  await buyer.post(`/purchase-orders/${requested.body.id}/submit`);
  t.equal((await both.post(`/purchase-orders/${requested.body.id}/approve`, {}, { version: 2 })).status, 403);

  const changed = await draftOrder(api, vendor.id);
  t.equal((await both.patch(`/purchase-orders/${changed.id}`, { description: 'dearer' }, { version: 1 })).status, 200);
  await buyer.post(`/purchase-orders/${changed.id}/submit`);
  t.equal((await both.post(`/purchase-orders/${changed.id}/approve`, {}, { version: 3 })).status, 403);

  const submitted = await draftOrder(api, vendor.id);
  await both.post(`/purchase-orders/${submitted.id}/submit`);
  t.equal((await both.post(`/purchase-orders/${submitted.id}/approve`, {}, { version: 2 })).status, 403);
  t.equal((await approver.post(`/purchase-orders/${submitted.id}/approve`, {}, { version: 2 })).status, 200);
});

t.test('a rejected order needs a reason, is changed and becomes a draft again', async (t) => {
  const { id } = await draftOrder(api, vendor.id);
  const path = `/purchase-orders/${id}`;
  await buyer.post(`${path}/submit`);
  t.equal((await buyer.patch(path, { description: 'x' }, { version: 2 })).body.code, 'purchase_order.wrong-status');
  t.match((await approver.post(`${path}/reject`, {})).body, { status: 400, errors: [{ pointer: '#/reason' }] });
  t.match((await approver.post(`${path}/reject`, { reason: 'too dear' })).body, {
    status: 'rejected',
    approvals: [{ decision: 'rejected', reason: 'too dear' }],
  });
  const changed = await buyer.patch(path, { line_items: [{ ...LINE, quantity: '10' }] }, { version: 3 });
  t.match(changed.body, { status: 'draft', subtotal: '25.00', version: 4 });
  t.equal((await buyer.patch(path, { description: 'x' })).status, 428);
  t.equal((await buyer.patch(path, {}, { version: 4 })).status, 400);
  await buyer.post(`${path}/submit`);
  t.match((await buyer.post(`${path}/recall`)).body, { status: 'draft' });
});

t.test('an order is cancelled with a reason, and a state it does not leave refuses', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const path = `/purchase-orders/${order.id}`;
  t.equal((await buyer.post(`${path}/submit`)).status, 409);
  t.equal((await buyer.post(`${path}/cancel`)).status, 400);
  t.match((await buyer.post(`${path}/cancel`, { reason: 'not needed' })).body, { status: 'cancelled' });
  t.equal((await buyer.post(`${path}/close`)).status, 409);
  const unsent = await approvedOrder(api, vendor.id);
  t.match((await buyer.post(`/purchase-orders/${unsent.id}/close`)).body, { code: 'purchase_order.wrong-status' });
});

t.test('all that is wrong with an order is told at once, and nothing is written', async (t) => {
  const malformed = await buyer.post('/purchase-orders', {
    vendor_id: 'ven_1',
    currency: 'eur',
    status: 'approved',
    line_items: [{ ...LINE, quantity: 5, unit_price: '-1', amount: '1' }],
  });
  t.equal(malformed.status, 400);
  t.same(pointers(malformed.body), [
    '#/currency',
    '#/line_items/0/amount',
    '#/line_items/0/quantity',
    '#/line_items/0/unit_price',
    '#/status',
    '#/vendor_id',
  ]);
  const refused = await buyer.post('/purchase-orders', {
    vendor_id: vendor.id,
    po_number: 'NEVER-1',
    currency: 'ZZZ',
    payment_terms: 'SOON',
    line_items: [
      { ...LINE, line_number: 2, quantity: '0' },
      { ...LINE, line_number: 2, price_base_quantity: '0', tax_rate: '100.01' },
    ],
  });
  t.equal(refused.status, 422);
  t.same(pointers(refused.body), [
    '#/currency',
    '#/line_items/0/quantity',
    '#/line_items/1/line_number',
    '#/line_items/1/price_base_quantity',
    '#/line_items/1/tax_rate',
    '#/payment_terms',
  ]);
  const lines = Array.from({ length: 1001 }, () => LINE);
  const many = await buyer.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: lines });
  t.equal(many.status, 400);
  t.same((await buyer.get('/purchase-orders?q=never')).body.data, []);
  const huge = { ...LINE, quantity: '999999999999999', unit_price: '999999999999999' };
  t.same(
    pointers(
      (await buyer.post('/purchase-orders', { vendor_id: vendor.id, currency: 'EUR', line_items: [huge] })).body,
    ),
    ['#/line_items/0'],
  );
});

t.test('an order needs a vendor and a requester that exist, and a vendor that may be ordered from', async (t) => {
  const nobody = 'ven_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d';
  const body = { vendor_id: nobody, currency: 'EUR', line_items: [LINE] };
  t.match((await buyer.post('/purchase-orders', body)).body, { code: 'purchase_order.unknown-vendor', status: 422 });
  const requester = { ...body, vendor_id: vendor.id, requested_by: 'usr_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d' };
  t.match((await buyer.post('/purchase-orders', requester)).body, { code: 'purchase_order.unknown-requester' });

  const manager = await api.as('vendor_manager');
  const pending = await manager.post('/vendors', {
    name: 'Later',
    email: 'a@example.com',
    payment_terms: 'EOM',
    currency: 'EUR',
  });
  const draft = await draftOrder(api, pending.body.id);
  const early = await buyer.post(`/purchase-orders/${draft.id}/submit`);
  t.match(early.body, { status: 422, code: 'vendor.not-active', errors: [{ pointer: '#/vendor_id' }] });
  t.equal((await manager.delete(`/vendors/${pending.body.id}`, { version: 1 })).body.code, 'vendor.in-use');

  const other = await activeVendor(api);
  const approved = await approvedOrder(api, other.id);
  await manager.post(`/vendors/${other.id}/block`, { reason: 'dispute' });
  t.equal((await buyer.post(`/purchase-orders/${approved.id}/send`)).body.code, 'vendor.not-active');
  t.equal(
    (await buyer.post('/purchase-orders', { ...body, vendor_id: other.id })).body.code,
    'vendor.not-active',
    'no new order of a blocked vendor',
  );
});

t.test('an approver with a limit approves up to it, in its currency', async (t) => {
  const limited = await api.as('approver', 'limited');
  const { userRepository, unitOfWork } = api.dependencies;
  const actor = { id: limited.id, roles: [], permissions: new Set<never>() };
  const command = { actor, now: new Date(), request_id: 'limit', dryRun: false, ids: idSource() };
  await unitOfWork.run(command, async () => {
    const user = await userRepository.users.require(limited.id);
    const after = { ...user, approval_limit: { amount: '302.49', currency: 'EUR' } };
    const { writes } = userRepository.users.update(command, user, after, { action: 'updated' });
    return { result: undefined, writes };
  });
  const over = await draftOrder(api, vendor.id);
  await buyer.post(`/purchase-orders/${over.id}/submit`);
  const refused = await limited.post(`/purchase-orders/${over.id}/approve`, {}, { version: 2 });
  t.match(refused.body, { status: 403, code: 'purchase_order.beyond-approval-limit', detail: /302\.50 EUR.*302\.49/ });
  const dollars = await draftOrder(api, vendor.id, { currency: 'USD', line_items: [{ ...LINE, quantity: '1' }] });
  await buyer.post(`/purchase-orders/${dollars.id}/submit`);
  const foreign = await limited.post(`/purchase-orders/${dollars.id}/approve`, {}, { version: 2 });
  t.match(foreign.body, { status: 403, code: 'purchase_order.beyond-approval-limit', detail: /no rate/ });
  const within = await draftOrder(api, vendor.id, { line_items: [{ ...LINE, quantity: '99' }] });
  await buyer.post(`/purchase-orders/${within.id}/submit`);
  t.equal((await limited.post(`/purchase-orders/${within.id}/approve`, {}, { version: 2 })).status, 200);
});

t.test('what waits is shown to whoever may approve it, with the amount it commits to', async (t) => {
  const fellow = await api.as(['buyer', 'approver'], 'fellow');
  const order = await sentOrder(api, vendor.id);
  const amended = await fellow.post(`/purchase-orders/${order.id}/amend`, {
    line_items: [{ ...LINE, line_number: 1, quantity: '200' }],
    reason: 'more',
  });
  const waiting = async (person: typeof approver) => {
    const { body } = await person.get('/approvals?limit=100');
    return body.data.filter(({ entity_id }: Loose) => entity_id === order.id);
  };
  t.match(await waiting(approver), [
    {
      entity: 'purchase_order',
      version: amended.body.version,
      title: `Order ${order.po_number}, an amendment`,
      amount: '605.00',
      currency: 'EUR',
      path: `/purchase-orders/${order.id}`,
    },
  ]);
  for (const person of [fellow, await api.as('approver', 'limited')]) t.same(await waiting(person), []);
  const version = amended.body.version;
  t.equal((await approver.post(`/purchase-orders/${order.id}/approve`, {}, { version })).status, 200);
  t.same(await waiting(approver), []);
});

t.test('a PO number belongs to one order and moves with it', async (t) => {
  const first = await draftOrder(api, vendor.id, { po_number: 'Berlin 7' });
  t.equal(first.po_number, 'Berlin 7');
  const again = await buyer.post('/purchase-orders', {
    vendor_id: vendor.id,
    po_number: 'BERLIN  7',
    currency: 'EUR',
    line_items: [LINE],
  });
  t.match(again.body, { status: 409, code: 'purchase_order.number-taken', detail: new RegExp(first.id) });
  const moved = await buyer.patch(`/purchase-orders/${first.id}`, { po_number: 'Berlin 8' }, { version: 1 });
  t.equal(moved.status, 200, JSON.stringify(moved.body));
  await draftOrder(api, vendor.id, { po_number: 'berlin 7' });
  t.same(
    (await buyer.get('/purchase-orders?q=berlin')).body.data.map(({ po_number }: Loose) => po_number),
    ['berlin 7', 'Berlin 8'],
  );
});

t.test('lists show summaries by vendor, status, day and number', async (t) => {
  const other = await activeVendor(api);
  for (let n = 0; n < 3; n += 1) await draftOrder(api, other.id, { po_number: `List-${n}` });
  const sent = await sentOrder(api, other.id);
  const page = await buyer.get(`/purchase-orders?vendor_id=${other.id}&limit=3`);
  t.equal(page.body.data[0].id, sent.id);
  t.equal(page.body.data.length, 3);
  t.notHas(page.body.data[0], 'line_items');
  t.match(page.body.data[0], { total_amount: '302.50', status: 'sent', receipt_status: 'none' });
  const rest = await buyer.get(`/purchase-orders?vendor_id=${other.id}&limit=3&cursor=${page.body.next_cursor}`);
  t.same(
    rest.body.data.map(({ po_number }: Loose) => po_number),
    ['List-0'],
  );
  t.same(
    (await buyer.get(`/purchase-orders?vendor_id=${other.id}&status=sent`)).body.data.map(({ id }: Loose) => id),
    [sent.id],
  );
  t.equal((await buyer.get('/purchase-orders?q=list&status=draft')).body.data.length, 3);
  t.same((await buyer.get('/purchase-orders?created_to=2020-01-01')).body.data, []);
  t.equal((await buyer.get('/purchase-orders?po_id=x')).status, 400);
});

t.test('a change of vendor refers to the new one, and every field can be changed in draft', async (t) => {
  const manager = await api.as('vendor_manager');
  const order = await draftOrder(api, vendor.id);
  const other = await activeVendor(api);
  const body = {
    vendor_id: other.id,
    currency: 'JPY',
    description: 'Chairs',
    match_type: 'two_way',
    payment_terms: 'net 10',
    delivery_date: '2026-12-01',
  };
  const changed = await buyer.patch(`/purchase-orders/${order.id}`, body, { version: 1 });
  t.match(changed.body, { ...body, payment_terms: 'NET 10', subtotal: '250', tax_amount: '53' });
  t.equal((await manager.delete(`/vendors/${other.id}`, { version: 2 })).body.code, 'vendor.in-use');
});

t.test('dry runs and Idempotency-Keys hold on creation and actions', async (t) => {
  const body = { vendor_id: vendor.id, po_number: 'DRY-1', currency: 'EUR', line_items: [LINE] };
  const dry = await buyer.post('/purchase-orders?dry_run=true', body);
  t.match(dry.body, { id: null, status: 'draft', total_amount: '302.50' });
  t.same((await buyer.get('/purchase-orders?q=dry-1')).body.data, []);
  const headers = { 'idempotency-key': 'po-1' };
  const [one, two] = [
    await buyer.post('/purchase-orders', body, { headers }),
    await buyer.post('/purchase-orders', body, { headers }),
  ];
  t.equal(two.headers['idempotency-replayed'], 'true');
  t.same(two.body, one.body);
  t.match((await buyer.post(`/purchase-orders/${one.body.id}/submit?dry_run=true`)).body, {
    status: 'pending_approval',
  });
  t.equal((await buyer.get(`/purchase-orders/${one.body.id}`)).body.status, 'draft');
});

t.test('an amendment is a revision that rules once another person approved it', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const path = `/purchase-orders/${order.id}`;
  const body = { line_items: [{ ...LINE, line_number: 1, quantity: '120' }, LINE], reason: 'More is needed' };
  t.equal((await buyer.post(`${path}/amend`, { line_items: body.line_items })).status, 400);
  const amended = await buyer.post(`${path}/amend`, body);
  t.match(amended.body, {
    status: 'pending_approval',
    revision: 2,
    approved_revision: 1,
    total_amount: '302.50',
    line_items: [{ quantity: '100' }],
    pending_amendment: { revision: 2, total_amount: '665.50', line_items: [{ line_number: 1 }, { line_number: 2 }] },
  });
  t.equal((await buyer.post(`${path}/amend`, body)).status, 409, 'one amendment at a time');
  const both = await api.as(['buyer', 'approver'], 'both');
  const rejected = await approver.post(`${path}/reject`, { reason: 'no budget' });
  t.match(rejected.body, { status: 'sent', revision: 1, pending_amendment: null, total_amount: '302.50' });
  await both.post(`${path}/amend`, body);
  t.match((await buyer.post(`${path}/recall`)).body, { status: 'sent', revision: 1, pending_amendment: null });
  const again = await both.post(`${path}/amend`, { ...body, delivery_date: '2026-12-24', payment_terms: 'EOM' });
  const version = again.body.version;
  const own = await both.post(`${path}/approve`, {}, { version });
  t.equal(own.body.code, 'purchase_order.segregation-of-duties');
  const approved = await approver.post(`${path}/approve`, {}, { version });
  t.match(approved.body, {
    status: 'approved',
    revision: 2,
    approved_revision: 2,
    sent_revision: 1,
    total_amount: '665.50',
    delivery_date: '2026-12-24',
    payment_terms: 'EOM',
    pending_amendment: null,
  });
  t.match((await buyer.post(`${path}/send`)).body, { status: 'sent', sent_revision: 2 });
  t.match((await buyer.post(`${path}/amend`, { payment_terms: null, reason: 'as usual' })).body.pending_amendment, {
    payment_terms: null,
    delivery_date: '2026-12-24',
    total_amount: '665.50',
  });
  t.match((await buyer.post(`${path}/cancel`, { reason: 'gone' })).body, { status: 'cancelled', revision: 2 });
});

t.test('an order of 1,000 long lines is kept, and one too large is refused with its size', async (t) => {
  const lines = Array.from({ length: 1000 }, (_, n) => ({
    ...LINE,
    description: `Line ${n} `.padEnd(300, 'abcdefghij'),
    sku: `SKU-${n}`,
  }));
  const created = await draftOrder(api, vendor.id, { line_items: lines });
  const read = await buyer.get(`/purchase-orders/${created.id}`);
  t.same(read.body, created);
  t.equal(read.body.line_items.length, 1000);
  t.equal(read.body.total_amount, '302500.00');
  const noise = () =>
    Array.from({ length: 500 }, () => String.fromCodePoint(0x4e00 + Math.floor(Math.random() * 20000))).join('');
  const incompressible = lines.map((line) => ({ ...line, description: noise() }));
  const large = await buyer.post('/purchase-orders', {
    vendor_id: vendor.id,
    currency: 'EUR',
    line_items: incompressible,
  });
  t.match(large.body, { status: 422, code: 'purchase_order.too-large', detail: /of the 380 KB/ });
});
