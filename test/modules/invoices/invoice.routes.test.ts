import t from 'tap';
import { matchInvoice } from '../../../src/modules/invoices/domain/match.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { ROLES } from '../../../src/shared/permissions.ts';
import { type Caller, type Loose, type TestReply, testApi } from '../../support/api.ts';
import { commandOf, invoiceBody, invoicing, receive } from '../../support/invoices.ts';
import { activeVendor, approvedOrder, LINE, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const approver = await api.as('approver');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, lineOf, orderWith, approvedInvoice } = await invoicing(
  t,
  api,
  vendor.id,
);
const pointers = ({ body }: TestReply): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();

t.test('an invoice is entered, matched and approved by two people', async (t) => {
  const order = await orderWith('60');
  const body = invoiceBody(vendor.id, order.id, [{ quantity: '60' }]);
  const created = await clerk.post('/invoices', body);
  const invoice = ok(created, 201);
  t.equal(created.headers.location, `/api/v1/invoices/${invoice.id}`);
  t.equal(created.headers.etag, '"1"');
  t.match(invoice, {
    status: 'received',
    type: 'invoice',
    po_id: order.id,
    due_date: '2026-07-31',
    accounting_date: '2026-07-01',
    payment_terms: 'NET 30',
    discount_date: null,
    subtotal: '150.00',
    total_amount: '181.50',
    prepaid_amount: '0.00',
    amount_due: '181.50',
    open_amount: '181.50',
    payable_amount: '181.50',
    approved_by: null,
    match: null,
    holds: [],
    line_items: [{ line_number: 1, po_line_number: 1, quantity: '60', unit_price: '2.5', amount: '150.00' }],
  });
  for (const inside of ['audit', 'takes', 'given', 'number_claim', 'changed_by']) t.notHas(invoice, inside);
  t.same(await read(invoice), invoice, 'the reply of a create is the entity as it is read');

  const early = await approve(manager, invoice);
  t.match(early.body, { status: 409, code: 'invoice.wrong-status', detail: /Match it first/ });
  const after = await matched(invoice);
  t.match(after, { status: 'matched', version: 2, match: { verdict: 'matched', failed_count: 0, po_revision: 1 } });
  t.match(await lineOf(order.id), { invoiced_quantity: '60', override_quantity: '0' });
  t.equal(ok(await clerk.get(`/purchase-orders/${order.id}`)).invoice_status, 'partial');

  t.equal((await act(manager, invoice, 'approve')).status, 428);
  t.equal((await act(manager, invoice, 'approve', {}, 1)).status, 412);
  const approved = ok(await approve(manager, after));
  t.match(approved, { status: 'approved', approved_by: manager.id, approvals: [{ step: 'ap_manager' }] });
  t.same(await read(invoice), approved);
});

t.test('a match tells why, line by line, and its stored facts give the same verdict again', async (t) => {
  const order = await orderWith('60');
  const invoice = await enter(order.id, [{ quantity: '70', unit_price: '2.60' }]);
  t.equal((await clerk.get(`/invoices/${invoice.id}/match`)).body.code, 'invoice.not-matched');
  const exception = ok(await act(clerk, invoice, 'reconcile'));
  t.match(exception, { status: 'exception', match: { verdict: 'exception', line_count: 1 } });
  const failed = exception.match.failed_checks.map(({ kind }: Loose) => kind).sort();
  t.same(failed, ['price', 'quantity_received', 'tax', 'total']);
  const match = ok(await clerk.get(`/invoices/${invoice.id}/match`));
  t.match(match.lines[0].checks, [
    { kind: 'quantity_ordered', invoiced: '70', ordered: '100', verdict: 'matched', tolerance_source: 'shipped' },
    { kind: 'quantity_received', invoiced: '70', received: '60', difference: '10', verdict: 'exception' },
    { kind: 'price', invoiced: '2.6', ordered: '2.5', verdict: 'exception' },
    { kind: 'line_amount', invoiced: '182.00', verdict: 'matched' },
  ]);
  t.equal(match.hash, exception.match.hash);
  const { verdict, rule_version, lines, totals } = matchInvoice(match.inputs);
  t.same(
    { verdict, rule_version, lines, totals },
    {
      verdict: match.verdict,
      rule_version: match.rule_version,
      lines: match.lines,
      totals: match.totals,
    },
  );
  t.match(await lineOf(order.id), { invoiced_quantity: '0' }, 'an exception takes nothing');
});

t.test('an exception takes a reason, an override and another person', async (t) => {
  const order = await orderWith('60');
  const exception = await matched(await enter(order.id, [{ quantity: '70' }]));
  t.match((await approve(manager, exception)).body, {
    status: 422,
    code: 'invoice.reason-required',
    errors: [{ pointer: '#/reason' }],
  });
  t.equal((await approve(approver, exception, { reason: 'x' })).status, 403);
  const overridden = ok(await approve(manager, exception, { reason: 'ten are on their way' }));
  t.match(overridden, {
    status: 'pending_approval',
    approved_by: null,
    approvals: [{ step: 'override', approved_by: manager.id, reason: 'ten are on their way' }],
  });
  t.match(await lineOf(order.id), { invoiced_quantity: '70', override_quantity: '10' });
  t.equal((await approve(manager, overridden)).body.code, 'invoice.segregation-of-duties');
  t.match(ok(await approve(second, overridden)), { status: 'approved', approved_by: second.id });
  t.match(await lineOf(order.id), { invoiced_quantity: '70', override_quantity: '10' });
});

t.test('who approves an exception approves what they saw', async (t) => {
  const order = await orderWith('60');
  const exception = await matched(await enter(order.id, [{ quantity: '70' }]));
  await receive(api, order.id, '5');
  const reply = await approve(manager, exception, { reason: 'ten are on their way' });
  t.match(reply.body, { status: 409, code: 'invoice.match-changed' });
  t.match(await lineOf(order.id), { invoiced_quantity: '0' });
  await receive(api, order.id, '5');
  t.match(ok(await approve(manager, exception, { reason: 'they came' })), {
    status: 'approved',
    match: { verdict: 'matched' },
    approvals: [{ step: 'ap_manager' }],
  });
  t.match(await lineOf(order.id), { invoiced_quantity: '70', override_quantity: '0' });
});

t.test('an order that was amended is matched with again before approval', async (t) => {
  const [buyer, decider] = [await api.as('buyer'), await api.as('approver')];
  const order = await orderWith('60');
  const invoice = await matched(await enter(order.id, [{ quantity: '60' }]));
  const amended = ok(
    await buyer.post(`/purchase-orders/${order.id}/amend`, {
      line_items: [{ ...LINE, line_number: 1, unit_price: '2.40' }],
      reason: 'a better price',
    }),
  );
  ok(await decider.post(`/purchase-orders/${order.id}/approve`, {}, { version: amended.version }));
  const refused = await approve(manager, invoice);
  t.match(refused.body, { status: 409, code: 'invoice.match-changed' });
  t.match(await matched(invoice), { status: 'exception', match: { po_revision: 2 } });
  t.match(await lineOf(order.id), { invoiced_quantity: '0' }, 'what it held is given back');
});

t.test('an invoice without an order is approved by an approver, then by an AP manager', async (t) => {
  const invoice = await enter(undefined, [{ quantity: '1' }]);
  const after = await matched(invoice);
  t.match(after, { status: 'matched', match: { verdict: 'not_applicable', po_revision: null } });
  t.equal((await approve(manager, after)).status, 403);
  const first = ok(await approve(approver, after, { reason: 'as agreed' }));
  t.match(first, { status: 'pending_approval', approvals: [{ step: 'approver', reason: 'as agreed' }] });
  t.equal((await approve(approver, first)).status, 403);
  t.match(ok(await approve(manager, first)), { status: 'approved', approved_by: manager.id });
  const both = await api.as(['approver', 'ap_manager']);
  const other = await matched(await enter(undefined, [{ quantity: '2' }]));
  const step = ok(await approve(both, other));
  t.equal((await approve(both, step)).body.code, 'invoice.segregation-of-duties', 'each step is another person’s');
});

t.test('nobody approves what they entered or changed, nor beyond their limit', async (t) => {
  const order = await orderWith('100');
  const own = ok(await manager.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity: '1' }])), 201);
  t.equal((await approve(manager, await matched(own))).body.code, 'invoice.segregation-of-duties');
  const changed = await enter(order.id, [{ quantity: '2' }]);
  ok(await manager.patch(`/invoices/${changed.id}`, { notes: 'seen' }, { version: 1 }));
  t.equal((await approve(manager, await matched(changed))).body.code, 'invoice.segregation-of-duties');
  const limited = await api.as('ap_manager', 'limited');
  const { userRepository, unitOfWork } = api.dependencies;
  const limit = (limitAmount: string, currency: string) => {
    const command = commandOf(limited);
    return unitOfWork.run(command, async () => {
      const before = await userRepository.users.require(limited.id);
      const after = { ...before, approval_limit: { amount: limitAmount, currency } };
      const { writes } = userRepository.users.update(command, before, after, { action: 'limited' });
      return { result: undefined, writes };
    });
  };
  const invoice = await matched(await enter(order.id, [{ quantity: '20' }]));
  await limit('60.49', 'EUR');
  t.match((await approve(limited, invoice)).body, { status: 403, code: 'invoice.beyond-approval-limit' });
  await limit('1000.00', 'USD');
  t.match((await approve(limited, invoice)).body, { status: 403, code: 'invoice.beyond-approval-limit' });
  await limit('60.50', 'EUR');
  t.equal(ok(await approve(limited, invoice)).status, 'approved');
});

t.test('what waits for a person’s approval is shown to them, and to nobody else', async (t) => {
  const order = await orderWith('100');
  const [goods, dear, credit, rent] = [
    await enter(order.id, [{ quantity: '1' }]),
    await enter(order.id, [{ quantity: '1', unit_price: '9' }]),
    await enter(undefined, [{ quantity: '1' }], { type: 'credit_note' }),
    await enter(undefined, [{ quantity: '1' }]),
  ];
  for (const invoice of [goods, dear, credit, rent]) await matched(invoice);
  const waiting = async (who: Caller): Promise<Map<string, Loose>> => {
    const found = new Map<string, Loose>();
    let cursor = '';
    do {
      const page = ok(await who.get(`/approvals?limit=100${cursor && `&cursor=${cursor}`}`));
      for (const approval of page.data) found.set(approval.entity_id, approval);
      cursor = page.next_cursor;
    } while (cursor);
    return found;
  };
  const [managers, approvers, clerks] = [await waiting(manager), await waiting(approver), await waiting(clerk)];
  t.match(managers.get(goods.id), { entity: 'invoice', title: `Invoice ${goods.invoice_number}`, amount: '3.03' });
  t.match(managers.get(dear.id), { title: `Invoice ${dear.invoice_number}, an exception` });
  t.notOk(managers.has(rent.id));
  t.match(approvers.get(credit.id), { title: `Credit note ${credit.invoice_number}` });
  t.ok(approvers.has(rent.id));
  t.notOk(approvers.has(goods.id));
  t.equal(clerks.size, 0);
});

t.test('each role may do what the contract says and no more', async (t) => {
  const clerks = ['ap_clerk', 'ap_manager'];
  const may: Record<string, readonly string[]> = {
    match: clerks,
    reconcile: clerks,
    dispute: clerks,
    resolve: clerks,
    hold: clerks,
    approve: ['ap_manager', 'approver'],
    reject: ['ap_manager'],
    void: ['ap_manager'],
    release: ['ap_manager'],
    'free-number': ['ap_manager'],
    apply: ['ap_manager'],
    unapply: ['ap_manager'],
  };
  const invoice = await enter(undefined, [{ quantity: '1' }]);
  const body: Record<string, object> = {
    release: { hold_id: invoice.id.replace('inv_', 'hld_') },
    apply: { invoice_id: invoice.id },
    unapply: { invoice_id: invoice.id },
  };
  for (const role of ROLES) {
    const person = await api.as(role);
    const reads = role !== 'integration';
    t.equal((await person.get(`/invoices/${invoice.id}`)).status === 200, reads, `${role} reads`);
    t.equal((await person.get('/invoices')).status === 200, reads, `${role} lists`);
    t.equal((await person.get(`/invoices/${invoice.id}/match`)).status === 404, reads, `${role} reads the match`);
    const enters = clerks.includes(role);
    const made = await person.post('/invoices', invoiceBody(vendor.id, undefined, [{ quantity: '1' }]));
    t.equal(made.status, enters ? 201 : 403, `${role} creates`);
    const patched = await person.patch(`/invoices/${invoice.id}`, { notes: 'x' }, { version: 99 });
    t.equal(patched.status, enters ? 412 : 403, `${role} changes`);
    for (const [action, roles] of Object.entries(may)) {
      const reply = await act(person, invoice, action, body[action] ?? { reason: 'because' }, 99);
      t.equal(reply.status, roles.includes(role) ? 412 : 403, `${role} ${action} ${JSON.stringify(reply.body)}`);
    }
  }
});

t.test('all that is wrong with an invoice is told at once, and nothing is written', async (t) => {
  const good = invoiceBody(vendor.id, undefined, [{ quantity: '1' }]);
  const malformed = await clerk.post('/invoices', {
    ...good,
    status: 'approved',
    currency: 978,
    invoice_date: '2026-02-30',
    total_amount: 3.03,
    line_items: [{ description: 'x', quantity: '1e2', unit_price: '1e3', tax_rate: '21', amount: '1.00' }],
  });
  t.equal(malformed.status, 400);
  t.same(pointers(malformed), [
    '#/currency',
    '#/invoice_date',
    '#/line_items/0/quantity',
    '#/line_items/0/unit_price',
    '#/status',
    '#/total_amount',
  ]);
  const unknown = (id: string) => id.replace(/.{4}$/, '0000');
  const order = await orderWith('0');
  const refused = await clerk.post('/invoices', {
    ...good,
    vendor_id: unknown(vendor.id),
    po_id: unknown(order.id),
    credited_invoice_id: unknown(order.id).replace('po_', 'inv_'),
    invoice_number: '---',
    due_date: '2026-06-30',
    payment_terms: 'SOON',
    line_items: [
      { description: 'a', quantity: '0', unit_price: '1', tax_rate: '101', amount: '0.00', line_number: 2 },
      { description: 'b', quantity: '1', unit_price: '2.50', tax_rate: '21', amount: '2.50', price_base_quantity: '0' },
    ],
    total_amount: '9.99',
  });
  t.equal(refused.status, 422);
  t.equal(refused.body.code, 'invoice.invalid');
  t.same(pointers(refused), [
    '#/credited_invoice_id',
    '#/due_date',
    '#/invoice_number',
    '#/line_items/0/quantity',
    '#/line_items/0/tax_rate',
    '#/line_items/1/line_number',
    '#/line_items/1/price_base_quantity',
    '#/payment_terms',
    '#/po_id',
    '#/total_amount',
    '#/vendor_id',
  ]);
  const draft = await approvedOrder(api, vendor.id);
  const pending = ok(
    await (await api.as('vendor_manager')).post('/vendors', {
      name: 'Unapproved',
      email: 'x@example.com',
      payment_terms: 'NET 30',
      currency: 'EUR',
    }),
    201,
  );
  const two = await clerk.post('/invoices', invoiceBody(pending.id, draft.id, [{ quantity: '1' }]));
  t.equal(two.body.code, 'invoice.invalid');
  t.same(pointers(two), ['#/po_id', '#/vendor_id']);
  const one = await clerk.post('/invoices', invoiceBody(vendor.id, draft.id, [{ quantity: '1' }]));
  t.match(one.body, { status: 409, code: 'purchase_order.not-sent' });
  t.equal((await clerk.post('/invoices', { ...good, currency: 'ZZZ' })).body.errors[0].pointer, '#/currency');
  const lost = await clerk.post('/invoices', {
    ...good,
    line_items: [{ ...good.line_items[0], po_line_number: 1 }],
  });
  t.same(pointers(lost), ['#/line_items/0/po_line_number']);
  const many = await clerk.post('/invoices', invoiceBody(vendor.id, undefined, Array(1001).fill({ quantity: '1' })));
  t.equal(many.status, 400);
  t.same(ok(await clerk.get(`/invoices?q=${good.invoice_number}`)).data, []);
});

t.test("a supplier's odd figures are kept, and the difference beside them", async (t) => {
  const body = invoiceBody(vendor.id, undefined, [{ quantity: '3', unit_price: '1.00' }]);
  const odd = ok(
    await clerk.post('/invoices', { ...body, tax_amount: '0.64', total_amount: '3.64', rounding_amount: '-0.04' }),
    201,
  );
  t.match(odd, {
    tax_amount: '0.64',
    amount_due: '3.60',
    differences: [{ rule: 'BR-CO-17', stated: '0.64', derived: '0.63', difference: '0.01' }],
  });
});

t.test('dates and discount come from the nearest terms', async (t) => {
  const granting = await activeVendor(api, { payment_terms: '2/10 NET 30' });
  const order = await sentOrder(api, granting.id, { payment_terms: 'EOM' });
  const bodyOf = (poId: string | undefined, more: object = {}) =>
    clerk.post('/invoices', invoiceBody(granting.id, poId, [{ quantity: '10' }], more)).then((reply) => ok(reply, 201));
  t.match(await bodyOf(undefined), {
    payment_terms: '2/10 NET 30',
    due_date: '2026-07-31',
    discount_date: '2026-07-11',
    discount_amount: '0.60',
  });
  t.match(await bodyOf(order.id), { payment_terms: 'EOM', due_date: '2026-07-31', discount_date: null });
  const own = await bodyOf(order.id, { payment_terms: 'net-10', accounting_date: '2026-06-30' });
  t.match(own, { payment_terms: 'NET 10', due_date: '2026-07-11', accounting_date: '2026-06-30' });
  const fixed = await bodyOf(undefined, { due_date: '2026-09-01' });
  t.match(fixed, { due_date: '2026-09-01', discount_date: '2026-07-11' });
  const patch = (invoice: Loose, body: object) =>
    clerk.patch(`/invoices/${invoice.id}`, body, { version: invoice.version }).then((reply) => ok(reply));
  const later = await patch(fixed, { invoice_date: '2026-08-01' });
  t.match(later, { due_date: '2026-09-01', discount_date: '2026-08-11', accounting_date: '2026-08-01' });
  t.match(await patch(later, { due_date: null }), { due_date: '2026-08-31' });
});

t.test('overdue follows the due date and what is open', async (t) => {
  const late = await enter(undefined, [{ quantity: '1' }], { invoice_date: '2020-01-01' });
  t.equal(late.overdue, true);
  const listed = ok(await clerk.get(`/invoices?q=${late.invoice_number}`)).data[0];
  t.match(listed, { id: late.id, overdue: true, on_hold: false });
  for (const detail of ['line_items', 'match', 'holds', 'approvals', 'notes']) t.notHas(listed, detail);
  const future = await enter(undefined, [{ quantity: '1' }], { due_date: addDays(calendarDay(new Date(), 'UTC'), 30) });
  t.equal(future.overdue, false);
  ok(await act(manager, late, 'void', { reason: 'entered twice' }));
  t.match(await read(late), { overdue: false, status: 'voided', open_amount: '0.00' });
});

t.test('one number of a vendor stands on one invoice', async (t) => {
  const body = invoiceBody(vendor.id, undefined, [{ quantity: '1' }], { invoice_number: 'Dup/0042' });
  const first = ok(await clerk.post('/invoices', body), 201);
  for (const number of ['dup-42', 'DUP 0042', 'dup/42 ']) {
    const again = await clerk.post('/invoices', { ...body, invoice_number: number });
    t.match(again.body, { status: 409, code: 'invoice.duplicate-number', detail: new RegExp(first.id) }, number);
  }
  ok(await clerk.post('/invoices', { ...body, type: 'credit_note' }), 201);
  const other = await activeVendor(api);
  ok(await clerk.post('/invoices', { ...body, vendor_id: other.id }), 201);
  const racing = await Promise.all(
    [1, 2, 3, 4, 5].map(() => clerk.post('/invoices', { ...body, invoice_number: 'RACE-1' })),
  );
  t.same(racing.map(({ status }) => status).sort(), [201, 409, 409, 409, 409]);

  t.equal((await act(manager, first, 'free-number', { reason: 'x' })).body.code, 'invoice.wrong-status');
  ok(await act(manager, first, 'reject', { reason: 'not ours' }));
  t.equal((await clerk.post('/invoices', body)).status, 409, 'a rejected invoice keeps its number');
  t.equal((await act(manager, first, 'free-number')).status, 400);
  ok(await act(manager, first, 'free-number', { reason: 'the vendor sends it again' }));
  t.equal((await act(manager, first, 'free-number', { reason: 'x' })).body.code, 'invoice.number-free');
  t.match(ok(await clerk.post('/invoices', body), 201), { holds: [] });
});

t.test('a vendor who restarts numbering may use a number again in another year', async (t) => {
  const yearly = await activeVendor(api, { invoice_numbers_restart_yearly: true });
  const body = invoiceBody(yearly.id, undefined, [{ quantity: '1' }], { invoice_number: '7' });
  ok(await clerk.post('/invoices', body), 201);
  t.equal((await clerk.post('/invoices', body)).status, 409);
  ok(await clerk.post('/invoices', { ...body, invoice_date: '2025-07-01' }), 201);
});

t.test('a number that differs only in separators raises a hold, and a changed number takes it away', async (t) => {
  const number = (invoice_number: string) => ({ invoice_number });
  const first = await enter(undefined, [{ quantity: '1' }], number('AB-12-3'));
  const alike = await enter(undefined, [{ quantity: '1' }], number('AB-123'));
  t.match(alike.holds, [{ kind: 'similar_number', reason: new RegExp(first.id) }]);
  t.same((await read(first)).holds, []);
  const moved = ok(await clerk.patch(`/invoices/${alike.id}`, number('XY-9'), { version: 1 }));
  t.same(moved.holds, []);
  t.match(await enter(undefined, [{ quantity: '1' }], number('AB-123')), { holds: [{ kind: 'similar_number' }] });
  const back = await clerk.patch(`/invoices/${alike.id}`, number('AB 123'), { version: 2 });
  t.equal(back.body.code, 'invoice.duplicate-number', 'its old number was given back and taken');
});

t.test('a changed invoice is received again and holds nothing', async (t) => {
  const order = await orderWith('100');
  const invoice = await matched(await enter(order.id, [{ quantity: '40' }]));
  t.equal((await lineOf(order.id)).invoiced_quantity, '40');
  const path = `/invoices/${invoice.id}`;
  t.equal((await clerk.patch(path, { notes: 'x' })).status, 428);
  t.equal((await clerk.patch(path, {}, { version: 2 })).status, 400);
  const changed = ok(await clerk.patch(path, { notes: 'wrong crate' }, { version: 2 }));
  t.match(changed, { status: 'received', match: null, notes: 'wrong crate', line_items: invoice.line_items });
  t.equal((await lineOf(order.id)).invoiced_quantity, '0');
  const smaller = invoiceBody(vendor.id, order.id, [{ quantity: '30' }]);
  const { line_items, subtotal, tax_amount, total_amount } = smaller;
  const body = { line_items, subtotal, tax_amount, total_amount };
  t.same(pointers(await clerk.patch(path, { line_items }, { version: 3 })), ['#/subtotal', '#/tax_amount']);
  t.match(ok(await clerk.patch(path, body, { version: 3 })), { amount_due: '90.75', open_amount: '90.75' });
  const without = ok(
    await clerk.patch(
      path,
      { po_id: null, line_items: line_items.map(({ po_line_number: _gone, ...line }: Loose) => line) },
      { version: 4 },
    ),
  );
  t.match(without, { po_id: null });
  t.same(ok(await clerk.get(`/invoices?po_id=${order.id}`)).data, []);
  const approved = await approvedInvoice();
  const late = await clerk.patch(`/invoices/${approved.id}`, { notes: 'x' }, { version: approved.version });
  t.equal(late.body.code, 'invoice.wrong-status');
});

t.test('what is disputed, rejected or voided gives its quantity back', async (t) => {
  const order = await orderWith('100');
  for (const [action, status] of [
    ['dispute', 'disputed'],
    ['reject', 'rejected'],
    ['void', 'voided'],
  ] as const) {
    const invoice = await matched(await enter(order.id, [{ quantity: '100' }]));
    t.equal((await lineOf(order.id)).invoiced_quantity, '100');
    t.equal((await act(manager, invoice, action)).status, 400, `${action} takes a reason`);
    t.match(ok(await act(manager, invoice, action, { reason: 'not as agreed' })), { status });
    t.equal((await lineOf(order.id)).invoiced_quantity, '0', action);
    if (action !== 'dispute') continue;
    t.match(ok(await act(clerk, invoice, 'resolve')), { status: 'received', match: null });
  }
  const paid = await approvedInvoice();
  t.match(ok(await act(clerk, paid, 'dispute', { reason: 'broken' })), { status: 'disputed', approvals: [] });
  t.equal((await lineOf(paid.po_id)).invoiced_quantity, '0');
});

t.test('holds stand side by side and each is released by name', async (t) => {
  const invoice = await approvedInvoice();
  ok(await act(clerk, invoice, 'hold', { reason: 'bank details look odd' }));
  const held = ok(await act(clerk, invoice, 'hold', { reason: 'waiting for a call' }));
  t.equal(held.holds.length, 2);
  t.equal(ok(await clerk.get(`/invoices?q=${invoice.invoice_number}`)).data[0].on_hold, true);
  const { holds } = held;
  const released = ok(await act(manager, invoice, 'release', { hold_id: holds[0].id, reason: 'called' }));
  t.same(released.holds, [holds[1]]);
  const again = await act(manager, invoice, 'release', { hold_id: holds[0].id });
  t.match(again.body, { status: 422, code: 'invoice.no-such-hold', detail: new RegExp(holds[1].id) });
  const bad = await act(manager, invoice, 'release', { hold_id: invoice.id });
  t.equal(bad.status, 400);
  ok(await act(manager, invoice, 'release', { hold_id: holds[1].id }));
  const gone = await enter(undefined, [{ quantity: '1' }]);
  ok(await act(manager, gone, 'void', { reason: 'x' }));
  t.equal((await act(clerk, gone, 'hold', { reason: 'x' })).body.code, 'invoice.wrong-status');
});

t.test('a line without an order line is an exception that only its own permission overrides', async (t) => {
  const order = await orderWith('100');
  const freight = { quantity: '1', unit_price: '5', more: { description: 'Freight', po_line_number: 9 } };
  const exception = await matched(await enter(order.id, [{ quantity: '10' }, freight]));
  t.equal(exception.status, 'exception');
  t.ok(exception.match.failed_checks.some(({ kind }: Loose) => kind === 'unmatched_line'));
  t.equal(ok(await approve(manager, exception, { reason: 'freight was agreed' })).status, 'pending_approval');
  t.match(await lineOf(order.id), { invoiced_quantity: '10', override_quantity: '0' });
});

t.test('a blocked vendor may still bill its open orders', async () => {
  const other = await activeVendor(api);
  const order = await sentOrder(api, other.id);
  ok(await (await api.as('vendor_manager')).post(`/vendors/${other.id}/block`, { reason: 'fraud check' }));
  ok(await clerk.post('/invoices', invoiceBody(other.id, order.id, [{ quantity: '1' }])), 201);
});

t.test('a vendor with an invoice is not deleted', async (t) => {
  const other = await activeVendor(api);
  ok(await clerk.post('/invoices', invoiceBody(other.id, undefined, [{ quantity: '1' }])), 201);
  const reply = await (await api.as('vendor_manager')).delete(`/vendors/${other.id}`, { version: 2 });
  t.equal(reply.body.code, 'vendor.in-use');
});

t.test('lists are by vendor, order, status, number and day', async (t) => {
  const other = await activeVendor(api);
  const order = await sentOrder(api, other.id);
  const numbers = ['LIST-1', 'LIST-2', 'LIST-3'];
  for (const invoice_number of numbers)
    ok(await clerk.post('/invoices', invoiceBody(other.id, order.id, [{ quantity: '1' }], { invoice_number })), 201);
  const listed = async (query: string) =>
    ok(await clerk.get(`/invoices?${query}`)).data.map(({ invoice_number: number }: Loose) => number);
  t.same(await listed(`vendor_id=${other.id}`), [...numbers].reverse());
  t.same(await listed(`po_id=${order.id}&status=received`), [...numbers].reverse());
  t.same(await listed(`po_id=${order.id}&status=paid`), []);
  t.same(await listed('q=list-'), numbers);
  t.same(await listed(`q=LIST-&vendor_id=${vendor.id}`), []);
  t.same(await listed(`vendor_id=${other.id}&due_from=2026-07-31&due_to=2026-07-31`), [...numbers].reverse());
  t.same(await listed(`vendor_id=${other.id}&due_to=2026-07-30`), []);
  t.same(await listed(`vendor_id=${other.id}&created_to=2020-01-01`), []);
  const page = ok(await clerk.get(`/invoices?vendor_id=${other.id}&limit=2`));
  t.ok(page.next_cursor);
  t.same(await listed(`vendor_id=${other.id}&limit=2&cursor=${page.next_cursor}`), ['LIST-1']);
  t.equal((await clerk.get('/invoices?colour=red')).status, 400);
  t.equal((await clerk.get(`/invoices/${vendor.id}`)).status, 404);
  t.equal((await clerk.get(`/invoices/${vendor.id.replace('ven_', 'inv_')}`)).status, 404);
});

t.test('a dry run gives the reply without ids and writes nothing', async (t) => {
  const order = await orderWith('10');
  const body = invoiceBody(vendor.id, order.id, [{ quantity: '10' }]);
  t.match(ok(await clerk.post('/invoices?dry_run=true', body), 201), { id: null, status: 'received' });
  t.same(ok(await clerk.get(`/invoices?q=${body.invoice_number}`)).data, []);
  const invoice = ok(await clerk.post('/invoices', body), 201);
  t.match(ok(await clerk.post(`/invoices/${invoice.id}/match?dry_run=true`)), { status: 'matched' });
  t.equal((await read(invoice)).status, 'received');
  t.equal((await lineOf(order.id)).invoiced_quantity, '0');
});

t.test('an invoice of 1,000 lines is entered, matched and approved', async (t) => {
  const lines = Array.from({ length: 1000 }, (_, index) => ({
    ...LINE,
    description: `Article ${index + 1} of the catalogue`,
  }));
  const order = await sentOrder(api, vendor.id, { line_items: lines, match_type: 'two_way' });
  const body = invoiceBody(
    vendor.id,
    order.id,
    lines.map((_, index) => ({ quantity: '7', line: index + 1, more: { description: `Article ${index + 1}` } })),
  );
  const invoice = ok(await clerk.post('/invoices', body), 201);
  t.equal(invoice.line_items.length, 1000);
  t.same((await read(invoice)).line_items, invoice.line_items);
  const after = await matched(invoice);
  t.match(after, { status: 'matched', match: { line_count: 1000, failed_count: 0 } });
  t.equal(ok(await clerk.get(`/invoices/${invoice.id}/match`)).lines.length, 1000);
  t.equal((await lineOf(order.id, 1000)).invoiced_quantity, '7');
  t.equal(ok(await approve(manager, after)).status, 'approved');
  const dear = invoiceBody(
    vendor.id,
    order.id,
    lines.map((_, index) => ({ quantity: '7', unit_price: '2.51', line: index + 1 })),
  );
  const exception = await matched(ok(await clerk.post('/invoices', dear), 201));
  t.equal(exception.match.failed_count, 1002);
  t.equal(exception.match.failed_checks.length, 50);
});

t.test('invoices that race for one line never take more than was received', async (t) => {
  const order = await orderWith('50');
  const invoices = await Promise.all(Array.from({ length: 12 }, () => enter(order.id, [{ quantity: '10' }])));
  const another = await api.another();
  const replies = await Promise.all(
    invoices.map((invoice, index) => {
      const url = `/api/v1/invoices/${invoice.id}/match`;
      const headers = { authorization: `Bearer ${clerk.token}` };
      return (index % 2 === 0 ? api.app : another).inject({ method: 'POST', url, headers });
    }),
  );
  const statuses = replies.map((reply) => JSON.parse(reply.body).status);
  t.equal(statuses.filter((status) => status === 'matched').length, 5, statuses.join());
  t.equal(statuses.filter((status) => status === 'exception').length, 7, statuses.join());
  t.match(await lineOf(order.id), { invoiced_quantity: '50', override_quantity: '0' });
});
