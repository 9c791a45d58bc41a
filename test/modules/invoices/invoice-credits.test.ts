import fc from 'fast-check';
import t from 'tap';
import { verify } from '../../../src/jobs/verification/verify.ts';
import { reservePayment } from '../../../src/modules/invoices/index.ts';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { commandOf, invoiceBody, invoicing, receive } from '../../support/invoices.ts';
import { jobOver } from '../../support/jobs.ts';
import { activeVendor, sentOrder } from '../../support/orders.ts';

const api = await testApi(t);
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const second = await api.as('ap_manager', 'second');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, lineOf, orderWith, approvedInvoice } = await invoicing(
  t,
  api,
  vendor.id,
);
const pointers = ({ body }: TestReply): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();

const creditNote = (poId: string | undefined, quantity: string, more: object = {}, unit_price = '2.50') =>
  enter(poId, [{ quantity, unit_price }], { type: 'credit_note', ...more });

t.test('a credit note is matched with what was billed and gives it back when approved', async (t) => {
  const invoice = await approvedInvoice('10');
  const { po_id } = invoice;
  const over = await matched(await creditNote(po_id, '11'));
  t.match(over, {
    status: 'exception',
    match: { failed_checks: [{ kind: 'quantity_ordered', invoiced: '11', ordered: '10' }] },
  });
  const credit = await matched(await creditNote(po_id, '4', { credited_invoice_id: invoice.id }));
  t.match(credit, { status: 'matched', due_date: '2026-07-01', overdue: false, open_amount: '12.10' });
  t.equal((await lineOf(po_id)).invoiced_quantity, '10', 'not before it is approved');
  const approved = ok(await approve(manager, credit));
  t.match(approved, { status: 'approved', credited_invoice_id: invoice.id });
  t.equal((await lineOf(po_id)).invoiced_quantity, '6');

  const voided = ok(await act(manager, approved, 'void', { reason: 'credited twice' }));
  t.equal(voided.status, 'voided');
  t.equal((await lineOf(po_id)).invoiced_quantity, '10');
});

t.test('an invoice that was credited is not taken back before its credit note', async (t) => {
  const invoice = await approvedInvoice('10');
  const credit = ok(await approve(manager, await matched(await creditNote(invoice.po_id, '4'))));
  const refused = await act(manager, invoice, 'void', { reason: 'in error' });
  t.match(refused.body, { status: 409, code: 'invoice.credited' });
  ok(await act(manager, credit, 'void', { reason: 'in error' }));
  ok(await act(manager, invoice, 'void', { reason: 'in error' }));
  t.match(await lineOf(invoice.po_id), { invoiced_quantity: '0' });
});

t.test('what was overridden is credited first, and given back once', async (t) => {
  const order = await orderWith('10');
  ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '10' }]))));
  const over = await matched(await enter(order.id, [{ quantity: '5' }]));
  const overridden = ok(await approve(manager, over, { reason: 'on its way' }));
  t.match(await lineOf(order.id), { invoiced_quantity: '15', override_quantity: '5' });
  ok(await approve(manager, await matched(await creditNote(order.id, '2'))));
  t.match(await lineOf(order.id), { invoiced_quantity: '13', override_quantity: '3' });
  ok(await act(manager, overridden, 'reject', { reason: 'it never came' }));
  t.match(await lineOf(order.id), { invoiced_quantity: '8', override_quantity: '0' });
});

t.test('of two credit notes for the same goods the second is refused', async (t) => {
  const { po_id } = await approvedInvoice('10');
  const [one, two] = [await matched(await creditNote(po_id, '10')), await matched(await creditNote(po_id, '10'))];
  const replies = await Promise.all([approve(manager, one), approve(second, two)]);
  t.same(replies.map(({ status }) => status).sort(), [200, 409]);
  t.equal((await lineOf(po_id)).invoiced_quantity, '0');
});

t.test('a credit note names the billed price, also where an override let another through', async (t) => {
  const order = await orderWith('100');
  const dear = await matched(await enter(order.id, [{ quantity: '10', unit_price: '3' }]));
  const overridden = ok(await approve(manager, dear, { reason: 'agreed by phone' }));
  const invoice = ok(await approve(second, overridden));
  const at = (unit_price: string, more: object = {}) => creditNote(order.id, '2', more, unit_price);
  t.equal((await matched(await at('2.50'))).status, 'exception');
  t.equal((await matched(await at('3'))).status, 'matched');
  t.equal((await matched(await at('3', { credited_invoice_id: invoice.id }))).status, 'matched');
  const cheap = await matched(await enter(order.id, [{ quantity: '1' }]));
  t.equal(cheap.status, 'matched');
  t.equal((await matched(await at('3', { credited_invoice_id: invoice.id }))).status, 'matched', 'not the last price');
});

t.test('a credit note whose goods were billed again stays', async (t) => {
  const order = await orderWith('10');
  ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '10' }]))));
  const credit = ok(await approve(manager, await matched(await creditNote(order.id, '5'))));
  t.equal((await matched(await enter(order.id, [{ quantity: '5' }]))).status, 'matched');
  const refused = await act(manager, credit, 'void', { reason: 'in error' });
  t.match(refused.body, { status: 409, code: 'invoice.credited-billed-again' });
  t.equal((await act(manager, credit, 'dispute', { reason: 'x' })).status, 409);
});

t.test('what a credit note credits must be an invoice of the same vendor and currency', async (t) => {
  const invoice = await approvedInvoice();
  const other = await activeVendor(api);
  const body = invoiceBody(other.id, undefined, [{ quantity: '1' }], {
    currency: 'USD',
    credited_invoice_id: invoice.id,
  });
  const reply = await clerk.post('/invoices', body);
  t.same(reply.body.errors.length, 3, JSON.stringify(reply.body));
  const credit = await creditNote(undefined, '1');
  const circular = invoiceBody(vendor.id, invoice.po_id, [{ quantity: '1' }], { type: 'credit_note' });
  const second = await clerk.post('/invoices', { ...circular, credited_invoice_id: credit.id });
  t.same(pointers(second), ['#/credited_invoice_id', '#/po_id']);
  ok(await act(manager, credit, 'void', { reason: 'x' }));
  const gone = await clerk.post('/invoices', {
    ...circular,
    invoice_number: 'NOT-USED-YET',
    credited_invoice_id: credit.id,
  });
  t.equal(gone.body.errors.length, 3);
});

t.test('a credit note lowers an invoice, and can be taken back', async (t) => {
  const invoice = await approvedInvoice('10');
  const credit = ok(await approve(manager, await matched(await creditNote(invoice.po_id, '4'))));
  t.equal(credit.open_amount, '12.10');
  const apply = (body: object) => act(manager, credit, 'apply', body);
  const over = await apply({ invoice_id: invoice.id, amount: '12.11' });
  t.match(over.body, { status: 422, code: 'invoice.credit-not-applicable', errors: [{ pointer: '#/amount' }] });
  t.equal((await apply({ invoice_id: credit.id })).status, 422);
  const nothing = credit.id.replace(/.{4}$/, '0000');
  t.match((await apply({ invoice_id: nothing })).body, { status: 422, errors: [{ pointer: '#/invoice_id' }] });
  for (const action of ['apply', 'unapply'])
    for (const invoice_id of [invoice.id, nothing])
      t.equal((await act(manager, { id: nothing }, action, { invoice_id })).status, 404, `${action} nothing`);
  const part = ok(await apply({ invoice_id: invoice.id, amount: '2.1' }));
  t.match(part, {
    status: 'partially_applied',
    open_amount: '10.00',
    credits: [{ amount: '2.10', invoice_id: invoice.id }],
  });
  t.match(await read(invoice), { status: 'partially_paid', open_amount: '28.15', payable_amount: '28.15' });
  const rest = ok(await apply({ invoice_id: invoice.id }));
  t.match(rest, { status: 'applied', open_amount: '0.00' });
  t.match(await read(invoice), { open_amount: '18.15', credits: [{}, {}] });
  t.equal((await act(manager, await read(invoice), 'void', { reason: 'x' })).body.code, 'invoice.credited');
  const back = ok(await act(manager, credit, 'unapply', { invoice_id: invoice.id, reason: 'wrong invoice' }));
  t.match(back, { status: 'approved', open_amount: '12.10', credits: [] });
  t.match(await read(invoice), { status: 'approved', open_amount: '30.25', credits: [] });
  t.equal((await act(manager, credit, 'unapply', { invoice_id: invoice.id })).body.code, 'invoice.credit-not-applied');
  ok(await act(clerk, credit, 'hold', { reason: 'doubtful' }));
  t.equal((await apply({ invoice_id: invoice.id })).body.code, 'invoice.credit-not-applicable');
});

t.test('an invoice of which a payment reserved something is not voided or disputed', async (t) => {
  const invoice = await approvedInvoice('10');
  const { invoices, unitOfWork } = api.dependencies;
  const command = commandOf(manager);
  await unitOfWork.run(command, async () => {
    const before = await invoices.requireForDecision(invoice.id);
    const after = reservePayment(before, { payment_amount: '10.25', discount_taken: '0.00' });
    return { result: undefined, writes: invoices.updateWrites(command, before, after, { action: 'reserved' }).writes };
  });
  t.match(await read(invoice), { status: 'approved', open_amount: '30.25', payable_amount: '20.00' });
  for (const action of ['void', 'dispute'])
    t.equal((await act(manager, invoice, action, { reason: 'x' })).body.code, 'invoice.in-use');
});

t.test('goods that went back on an order billed ahead expect a credit until a credit note comes', async (t) => {
  const receiver = await api.as('receiver');
  const order = await sentOrder(api, vendor.id, { match_type: 'two_way' });
  const invoice = ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '60' }]))));
  // Of goods that were never delivered.
  const early = await matched(await creditNote(order.id, '5', { credited_invoice_id: invoice.id }));
  ok(await approve(manager, early));
  const receipt = await receive(api, order.id, '20');
  const back = { line_items: [{ line_number: 1, quantity: '8' }], reason: 'Broken' };
  ok(await receiver.post(`/receipts/${receipt.id}/return`, back));
  t.match(await lineOf(order.id), { invoiced_quantity: '55', credit_expected: '8' });
  const first = await matched(await creditNote(order.id, '3', { credited_invoice_id: invoice.id }));
  const second = await matched(await creditNote(order.id, '6', { credited_invoice_id: invoice.id }));
  ok(await approve(manager, first));
  t.match(await lineOf(order.id), { credit_expected: '5' });
  ok(await approve(manager, second));
  t.match(await lineOf(order.id), { invoiced_quantity: '46', credit_expected: '0' });
  ok(await act(manager, first, 'void', { reason: 'in error' }));
  t.match(await lineOf(order.id), { credit_expected: '3' }, 'what it had credited of the goods');
  ok(await act(manager, early, 'void', { reason: 'in error' }));
  t.match(await lineOf(order.id), { invoiced_quantity: '54', credit_expected: '3' });
  ok(await receiver.post(`/receipts/${receipt.id}/reverse`, { reason: 'of another order' }));
  t.match(await lineOf(order.id), { received_quantity: '0', credit_expected: '0' });
  const job = jobOver(api);
  await verify(job.context);
  t.same(
    job.said.filter(({ kind }) => kind === 'counter'),
    [],
  );
});

t.test('goods that go back after billing hold what is unpaid of them', async (t) => {
  const receiver = await api.as('receiver');
  const order = await sentOrder(api, vendor.id);
  const receipt = await receive(api, order.id, '20');
  const invoice = ok(await approve(manager, await matched(await enter(order.id, [{ quantity: '15' }]))));
  const voided = await enter(order.id, [{ quantity: '1' }]);
  ok(await act(manager, voided, 'void', { reason: 'entered twice' }));
  const goBack = (quantity: string) =>
    receiver.post(`/receipts/${receipt.id}/return`, { line_items: [{ line_number: 1, quantity }], reason: 'Broken' });

  ok(await goBack('5'));
  t.same((await read(invoice)).holds, [], 'only what was never billed went back');
  ok(await goBack('4'));
  t.match(await lineOf(order.id), { invoiced_quantity: '15', credit_expected: '4' });
  t.match((await read(invoice)).holds, [{ kind: 'goods_returned', reason: 'Broken', placed_by: receiver.id }]);
  t.same((await read(voided)).holds, []);

  const credit = await creditNote(order.id, '4', { credited_invoice_id: invoice.id });
  ok(await approve(manager, await matched(credit)));
  t.match(await lineOf(order.id), { invoiced_quantity: '11', credit_expected: '0' });
  ok(await act(manager, credit, 'apply', { invoice_id: invoice.id }));
  const { holds } = await read(invoice);
  t.match(ok(await act(manager, invoice, 'release', { hold_id: holds[0].id })), {
    status: 'partially_paid',
    payable_amount: '33.28',
    holds: [],
  });
});

t.test('what can be paid is found by its due date, disputed and held invoices too', async (t) => {
  const due = async (day: string) => {
    const found = new Set<string>();
    for await (const { id } of api.dependencies.invoices.payable('invoice', day)) found.add(id);
    return found;
  };
  const invoice = await approvedInvoice('10', { due_date: '2026-07-15' });
  const open = await enter(undefined, [{ quantity: '1' }], { due_date: '2026-07-15' });
  t.ok((await due('2026-07-15')).has(invoice.id));
  t.notOk((await due('2026-07-14')).has(invoice.id));
  t.notOk((await due('2026-07-15')).has(open.id));
  ok(await act(clerk, invoice, 'dispute', { reason: 'broken' }));
  t.ok((await due('2026-07-15')).has(invoice.id));
  ok(await act(manager, invoice, 'void', { reason: 'sent back' }));
  t.notOk((await due('2026-07-15')).has(invoice.id));
});

/** What each action may make of an invoice; a refusal leaves it as it is. */
const NEXT: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  match: {
    received: ['matched', 'exception'],
    matched: ['matched', 'exception'],
    exception: ['matched', 'exception'],
  },
  approve: {
    matched: ['approved'],
    exception: ['approved', 'pending_approval'],
    pending_approval: ['approved'],
  },
  change: { received: ['received'], matched: ['received'], exception: ['received'], disputed: ['received'] },
  reject: {
    received: ['rejected'],
    matched: ['rejected'],
    exception: ['rejected'],
    pending_approval: ['rejected'],
    disputed: ['rejected'],
  },
  dispute: {
    received: ['disputed'],
    matched: ['disputed'],
    exception: ['disputed'],
    pending_approval: ['disputed'],
    approved: ['disputed'],
  },
  resolve: { disputed: ['received'] },
  void: {
    received: ['voided'],
    matched: ['voided'],
    exception: ['voided'],
    pending_approval: ['voided'],
    disputed: ['voided'],
    approved: ['voided'],
  },
};
const HOLDING = new Set(['matched', 'pending_approval', 'approved']);
const REFUSALS = new Set([403, 409, 422]);

t.test(
  'whatever people do, an order is never billed beyond what was ordered and received, unless overridden',
  async (t) => {
    const people = [manager, second];
    const step = fc.record({
      action: fc.constantFrom(
        'match',
        'match',
        'approve',
        'approve',
        'change',
        'reject',
        'dispute',
        'resolve',
        'void',
        'receive',
      ),
      target: fc.nat({ max: 3 }),
      person: fc.nat({ max: 1 }),
      withReason: fc.boolean(),
    });
    const quantities = fc.tuple(
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 80 }),
      fc.integer({ min: 1, max: 80 }),
    );
    await fc.assert(
      fc.asyncProperty(quantities, fc.array(step, { minLength: 10, maxLength: 25 }), async (billed, steps) => {
        const order = await orderWith('60');
        const entered = await Promise.all(billed.map((quantity) => enter(order.id, [{ quantity: String(quantity) }])));
        const credit = await enter(order.id, [{ quantity: '5' }], { type: 'credit_note' });
        const all = [...entered, credit];
        let received = 60;
        for (const { action, target, person, withReason } of steps) {
          if (action === 'receive') {
            if (received < 100) {
              await receive(api, order.id, '10');
              received += 10;
            }
            continue;
          }
          const before = await read(all[target]);
          const who = people[person] ?? manager;
          const body = withReason || action !== 'approve' ? { reason: 'because' } : {};
          const reply =
            action === 'change'
              ? await clerk.patch(`/invoices/${before.id}`, { notes: 'seen' }, { version: before.version })
              : await act(who, before, action, body, before.version);
          const after = await read(before);
          if (reply.status === 200)
            t.ok(
              NEXT[action]?.[before.status]?.includes(after.status),
              `${action}: ${before.status} -> ${after.status}`,
            );
          else {
            t.ok(REFUSALS.has(reply.status), `${action} of ${before.status}: ${reply.status} ${reply.body.code}`);
            t.same(after, before, 'a refusal changes nothing');
          }
        }
        const line = await lineOf(order.id);
        let held = 0;
        for (const { id } of all) {
          const { status, type, takes, line_items } = await api.dependencies.invoices.requireForDecision(id);
          const taken = takes.reduce((sum, { quantity }) => sum + Number(quantity), 0);
          held += taken;
          if (type === 'invoice') t.equal(taken, HOLDING.has(status) ? Number(line_items[0]?.quantity) : 0, status);
          else if (status !== 'approved') t.equal(taken, 0, status);
        }
        t.equal(Number(line.invoiced_quantity), held, 'the counters hold what the invoices hold');
        t.ok(Number(line.invoiced_quantity) - Number(line.override_quantity) <= received);
      }),
      { numRuns: 6 },
    );
  },
);
