import t from 'tap';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor, sentOrder } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const store = payables(api);
const clerk = await api.as('ap_clerk');
const manager = await api.as('ap_manager');
const approver = await api.as('approver');
const vendor = await activeVendor(api);
const { ok, enter, act, matched, approve, read, orderWith, approvedInvoice } = await invoicing(t, api, vendor.id);
const pointers = ({ body }: TestReply): string[] => (body.errors ?? []).map(({ pointer }: Loose) => pointer).sort();

/** 3.03 each; without an order unless it credits an invoice that has one. */
const noteBody = (quantity: string, more: object = {}) =>
  invoiceBody(vendor.id, undefined, [{ quantity }], { type: 'credit_note', ...more });
const note = async (invoice: Loose, quantity: string, more: object = {}): Promise<Loose> => {
  const body = invoiceBody(vendor.id, invoice.po_id ?? undefined, [{ quantity }], {
    type: 'credit_note',
    credited_invoice_id: invoice.id,
    ...more,
  });
  return ok(await clerk.post('/invoices', body), 201);
};
const change = (invoice: Loose, body: object) =>
  clerk.patch(`/invoices/${invoice.id}`, body, { version: invoice.version });
/** As older versions stored it: the invoice knows nothing of its credit notes. */
const unlisted = (changes: object = {}): Loose => ({ ...changes, credit_notes: undefined });
/** Without an order an approver and a manager approve. */
const approvedFreely = async (document: Loose): Promise<Loose> => {
  const first = ok(await approve(approver, await matched(document)));
  return ok(await approve(manager, first));
};

t.test('an invoice that a live credit note names is not voided, disputed or rejected', async (t) => {
  const approved = await approvedInvoice('10');
  const received = await enter(undefined, [{ quantity: '10' }]);
  for (const [invoice, actions] of [
    [approved, ['void', 'dispute']],
    [received, ['void', 'dispute', 'reject']],
  ] as const) {
    const credit = await note(invoice, '1');
    t.match((await read(invoice)).credit_notes, [
      { id: credit.id, invoice_number: credit.invoice_number, amount: credit.total_amount },
    ]);
    for (const action of actions) {
      const refused = await act(manager, invoice, action, { reason: 'in error' });
      t.match(refused.body, { status: 409, code: 'invoice.credited' }, action);
      t.match(refused.body.detail, credit.id, 'it names the credit note');
    }
    ok(await act(manager, credit, 'reject', { reason: 'entered twice' }));
    t.same((await read(invoice)).credit_notes, []);
    ok(await act(manager, invoice, 'void', { reason: 'in error' }));
  }
});

t.test(
  'an invoice that a credit note lowered is not taken back, also where the credit note names no invoice',
  async (t) => {
    const invoice = await approvedInvoice('10');
    const credit = await approvedFreely(await enter(undefined, [{ quantity: '2' }], { type: 'credit_note' }));
    ok(await act(manager, credit, 'apply', { invoice_id: invoice.id }));
    for (const action of ['void', 'dispute']) {
      const refused = await act(manager, invoice, action, { reason: 'in error' });
      t.match(refused.body, { status: 409, code: 'invoice.credited' });
      t.match(refused.body.detail, credit.id);
    }
    ok(await act(manager, credit, 'unapply', { invoice_id: invoice.id }));
    ok(await act(manager, invoice, 'void', { reason: 'in error' }));
  },
);

t.test('a credit note names no invoice that was taken back, at entry and after', async (t) => {
  const voided = await approvedInvoice('10');
  ok(await act(manager, voided, 'void', { reason: 'in error' }));
  const body = noteBody('1', { credited_invoice_id: voided.id });
  t.same(pointers(await clerk.post('/invoices', body)), ['#/credited_invoice_id']);

  const old = await approvedInvoice('10');
  const credit = await note(old, '1');
  const ready = await matched(credit);
  await store.changeInvoice(old.id, unlisted({ status: 'voided' }));
  const refusals = [await act(clerk, credit, 'match'), await approve(manager, ready)];
  for (const refused of refusals) t.match(refused.body, { status: 409, code: 'invoice.nothing-to-credit' });
  await store.changeInvoice(old.id, { status: 'approved' });
  ok(await approve(manager, ready));
  await store.changeInvoice(old.id, { status: 'voided' });
  const other = await approvedInvoice('10');
  const applied = await act(manager, credit, 'apply', { invoice_id: other.id });
  t.match(applied.body, { status: 409, code: 'invoice.nothing-to-credit' });
});

t.test('the credit notes of an invoice stored before they were listed on it are found all the same', async (t) => {
  const invoice = await approvedInvoice('10');
  const credit = await note(invoice, '4');
  await store.changeInvoice(invoice.id, unlisted());
  const refused = await act(manager, invoice, 'void', { reason: 'in error' });
  t.match(refused.body, { status: 409, code: 'invoice.credited' });
  const tooMuch = invoiceBody(vendor.id, invoice.po_id, [{ quantity: '7' }], {
    type: 'credit_note',
    credited_invoice_id: invoice.id,
  });
  t.same(pointers(await clerk.post('/invoices', tooMuch)), ['#/total_amount']);
  const second = await note(invoice, '6');
  t.same(
    (await read(invoice)).credit_notes.map(({ id }: Loose) => id),
    [credit.id, second.id],
    'and listed with the next',
  );
});

t.test('all live credit notes of an invoice together credit at most what it bills', async (t) => {
  const invoice = await enter(undefined, [{ quantity: '100' }]);
  const over = await clerk.post('/invoices', noteBody('101', { credited_invoice_id: invoice.id }));
  t.match(over.body, { status: 422, code: 'invoice.invalid', errors: [{ pointer: '#/total_amount' }] });
  const one = await note(invoice, '60');
  const second = await clerk.post('/invoices', noteBody('41', { credited_invoice_id: invoice.id }));
  t.same(pointers(second), ['#/total_amount']);
  t.match(second.body.errors[0].detail, one.id, 'it names what is credited already');
  const two = await note(invoice, '40');
  t.equal((await clerk.post('/invoices', noteBody('1', { credited_invoice_id: invoice.id }))).status, 422);
  ok(await act(manager, one, 'void', { reason: 'in error' }));
  const three = await note(invoice, '60');

  const raised = noteBody('61');
  const { line_items, subtotal, tax_amount, total_amount } = raised;
  const amounts = { line_items, subtotal, tax_amount, total_amount };
  t.same(pointers(await change(three, amounts)), ['#/total_amount'], 'nor by a change of its amount');
  const elsewhere = await note(await enter(undefined, [{ quantity: '50' }]), '50');
  const moved = await change(elsewhere, { credited_invoice_id: invoice.id });
  t.same(pointers(moved), ['#/total_amount'], 'nor by naming another invoice');
  const freed = ok(await change(two, { credited_invoice_id: null }));
  t.equal(freed.credited_invoice_id, null);
  t.same(
    (await read(invoice)).credit_notes.map(({ id }: Loose) => id),
    [three.id],
  );
  ok(await change(three, amounts));
  t.match((await read(invoice)).credit_notes, [{ id: three.id, amount: total_amount }]);
});

t.test('of two credit notes that an invoice covers one of, one is entered', async (t) => {
  const invoice = await enter(undefined, [{ quantity: '10' }]);
  const replies = await Promise.all(
    [1, 2, 3].map(() => clerk.post('/invoices', noteBody('6', { credited_invoice_id: invoice.id }))),
  );
  t.same(replies.map(({ status }) => status).sort(), [201, 422, 422]);
  t.equal((await read(invoice)).credit_notes.length, 1);
});

t.test('what was paid in advance can be credited too', async (t) => {
  const invoice = await enter(undefined, [{ quantity: '10' }], { prepaid_amount: '30.25' });
  t.equal(invoice.amount_due, '0.00');
  t.equal((await note(invoice, '10')).total_amount, '30.25');
});

t.test('an invoice is not changed away under its live credit notes', async (t) => {
  const order = await sentOrder(api, vendor.id);
  const other = await activeVendor(api);
  const invoice = await enter(undefined, [{ quantity: '10' }]);
  const credit = await note(invoice, '8');
  const disputed = await read(invoice);
  const lower = noteBody('7');
  const { line_items, subtotal, tax_amount, total_amount } = lower;
  const changes: [object, string[]][] = [
    [{ line_items, subtotal, tax_amount, total_amount }, ['#/total_amount']],
    [{ vendor_id: other.id }, ['#/vendor_id']],
    [{ currency: 'USD' }, ['#/currency']],
    [{ po_id: order.id }, ['#/po_id']],
    [{ type: 'credit_note' }, ['#/type']],
  ];
  for (const [body, expected] of changes) {
    const refused = await change(disputed, body);
    t.match(refused.body, { status: 409, code: 'invoice.credited' }, JSON.stringify(body));
    t.same(pointers(refused), expected);
  }
  const noted = ok(await change(disputed, { notes: 'checked' }));
  t.equal(noted.credit_notes.length, 1);
  ok(await act(manager, credit, 'reject', { reason: 'in error' }));
  ok(await change(await read(invoice), { line_items, subtotal, tax_amount, total_amount }));
});

t.test('a credit note takes the order of the invoice it credits, so that its match is never skipped', async (t) => {
  const invoice = await approvedInvoice('10');
  const body = invoiceBody(vendor.id, invoice.po_id, [{ quantity: '10' }], {
    type: 'credit_note',
    credited_invoice_id: invoice.id,
  });
  const { po_id, ...without } = body;
  const credit = ok(await clerk.post('/invoices', without), 201);
  t.equal(credit.po_id, po_id);
  t.match(await matched(credit), { status: 'matched', match: { line_count: 1 } });
  const cleared = ok(await change(await read(credit), { po_id: null }));
  t.equal(cleared.po_id, po_id, 'it cannot be taken away');
  const free = await orderWith('10');
  const elsewhere = await change(cleared, { po_id: free.id });
  t.same(pointers(elsewhere), ['#/po_id']);
});

t.test('the same goods are not credited twice, with the order or without it', async (t) => {
  const invoice = await approvedInvoice('10');
  const first = await note(invoice, '4');
  ok(await approve(manager, await matched(first)));
  const again = invoiceBody(vendor.id, invoice.po_id, [{ quantity: '7' }], {
    type: 'credit_note',
    credited_invoice_id: invoice.id,
  });
  t.equal((await clerk.post('/invoices', again)).status, 422);
  // As older versions left it: without the order of its invoice.
  const second = await note(invoice, '4');
  await store.changeInvoice(second.id, { po_id: null });
  const refused = await act(clerk, second, 'match');
  t.match(refused.body, { status: 409, code: 'invoice.credit-not-covered', errors: [{ pointer: '#/po_id' }] });
});

t.test('a credit note beyond its invoice is not approved, whenever it was entered', async (t) => {
  const invoice = await enter(undefined, [{ quantity: '10' }]);
  const credit = await note(invoice, '6');
  const waiting = ok(await approve(approver, await matched(credit)));
  const before = await read(invoice);
  await store.changeInvoice(invoice.id, {
    credit_notes: [...before.credit_notes, { id: before.id, invoice_number: 'CN-OLD', amount: '20.00' }],
  });
  const refused = await approve(manager, waiting);
  t.match(refused.body, { status: 409, code: 'invoice.credit-not-covered', errors: [{ pointer: '#/total_amount' }] });
});
