import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { type BilledLine, invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor, LINE } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const clerk = await api.as('ap_clerk');
const vendor = await activeVendor(api);
const { ok, enter, matched, approve, lineOf, orderWith } = await invoicing(t, api, vendor.id);
const pointers = ({ body }: TestReply): string[] => body.errors.map(({ pointer }: Loose) => pointer).sort();

t.test('a tax on lines without a rate is refused, over however many categories it is spread', async (t) => {
  const line_items = Array.from({ length: 90 }, (_, index) => ({
    description: 'Copy paper A4',
    quantity: '1',
    unit_price: '1',
    tax_rate: '0',
    tax_category: `A${String.fromCharCode(65 + Math.floor(index / 26), 65 + (index % 26))}`,
    amount: '1.00',
  }));
  const body = invoiceBody(vendor.id, undefined, [{ quantity: '1' }]);
  const bill = (tax_amount: string, total_amount: string, more: object = {}) =>
    clerk.post('/invoices', { ...body, line_items, subtotal: '90.00', tax_amount, total_amount, ...more });
  t.same(pointers(await bill('90.00', '180.00')), ['#/tax_amount']);
  t.same(pointers(await bill('-1.00', '89.00')), ['#/tax_amount']);
  const tax_breakdown = line_items.map(({ tax_rate, tax_category }) => ({
    ...{ tax_rate, tax_category },
    ...{ taxable_amount: '1.00', tax_amount: '1.00' },
  }));
  const refused = await bill('90.00', '180.00', { tax_breakdown });
  t.equal(refused.status, 422);
  t.equal(refused.body.errors.length, 91, 'each category, and the sum');
  ok(await bill('0.00', '90.00'), 201);
});

t.test('what a tolerance lets pass stands in the differences of the invoice and in its match', async (t) => {
  const order = await orderWith('100');
  const rounded = await enter(order.id, [{ quantity: '10' }], {
    tax_amount: '5.26',
    total_amount: '30.26',
    rounding_amount: '-0.26',
  });
  t.match(rounded, {
    amount_due: '30.00',
    differences: [
      { pointer: '/tax_amount', stated: '5.26', derived: '5.25', difference: '0.01' },
      { pointer: '/rounding_amount', stated: '-0.26', derived: '0.00', difference: '-0.26' },
    ],
  });
  t.equal((await matched(rounded)).status, 'matched');
  const { totals } = ok(await clerk.get(`/invoices/${rounded.id}/match`));
  const check = (kind: string) => totals.find((each: Loose) => each.kind === kind);
  t.match(check('tax'), { difference: '0.01', verdict: 'matched' });
  t.match(check('rounding'), { invoiced: '-0.26', ordered: '0.00', difference: '-0.26', verdict: 'matched' });

  const more = await matched(await enter(order.id, [{ quantity: '10' }], { rounding_amount: '0.99' }));
  t.match(more, {
    status: 'exception',
    differences: [{ pointer: '/rounding_amount', difference: '0.99' }],
    match: { failed_checks: [{ kind: 'rounding', difference: '0.99', tolerance: '0.50' }] },
  });
});

t.test('an invoice is in a currency that people pay in', async (t) => {
  for (const currency of ['XXX', 'XTS', 'XAU', 'CHE', 'CLF', 'XDR', 'ANG']) {
    const reply = await clerk.post('/invoices', invoiceBody(vendor.id, undefined, [{ quantity: '1' }], { currency }));
    t.same(pointers(reply), ['#/currency'], currency);
  }
  const guilders = await enter(undefined, [{ quantity: '1' }], { currency: 'XCG' });
  t.match(guilders, { currency: 'XCG', total_amount: '3.03' });
});

t.test('a document has a day from 2000 to two years ahead, as has every day that follows from it', async (t) => {
  const today = calendarDay(new Date(), 'UTC');
  const year = Number(today.slice(0, 4));
  const bill = (more: object) => clerk.post('/invoices', invoiceBody(vendor.id, undefined, [{ quantity: '1' }], more));
  for (const [more, expected] of [
    [{ invoice_date: '9999-12-31' }, ['#/invoice_date']],
    [{ invoice_date: '0001-01-01' }, ['#/invoice_date']],
    [{ invoice_date: '1999-12-31' }, ['#/invoice_date']],
    [{ invoice_date: `${year + 3}-01-01` }, ['#/invoice_date']],
    [{ due_date: '9999-12-31', accounting_date: '0001-01-01' }, ['#/accounting_date', '#/due_date']],
    [{ invoice_date: today, payment_terms: 'NET 999' }, ['#/due_date']],
    [{ invoice_date: addDays(today, 720), payment_terms: 'NET 30' }, ['#/due_date']],
  ] as const) {
    const refused = await bill(more);
    t.equal(refused.status, 422, JSON.stringify(more));
    t.same(pointers(refused), expected, JSON.stringify(more));
  }
  const old = ok(await bill({ invoice_date: '2000-01-01' }), 201);
  ok(await bill({ invoice_date: addDays(today, 720), due_date: addDays(today, 725) }), 201);
  const moved = await clerk.patch(`/invoices/${old.id}`, { invoice_date: '1990-01-01' }, { version: old.version });
  t.same(pointers(moved), ['#/invoice_date'], 'a change is another door');

  const admin = await api.as('admin');
  ok(await admin.patch('/settings/company', { document_years_ahead: 3 }, { version: 0 }));
  ok(await bill({ invoice_date: today, payment_terms: 'NET 999' }), 201);
});

t.test('an order is delivered, and money is paid, on a day that can be', async (t) => {
  const [buyer, treasurer] = [await api.as('buyer'), await api.as('treasurer')];
  const draft = { vendor_id: vendor.id, currency: 'EUR', line_items: [LINE] };
  for (const delivery_date of ['9999-12-31', '1999-12-31'])
    t.same(pointers(await buyer.post('/purchase-orders', { ...draft, delivery_date })), ['#/delivery_date']);
  const order = ok(await buyer.post('/purchase-orders', draft), 201);
  const patched = await buyer.patch(`/purchase-orders/${order.id}`, { delivery_date: '9999-12-31' }, { version: 1 });
  t.same(pointers(patched), ['#/delivery_date']);
  const sent = await orderWith('0');
  const change = { delivery_date: '9999-12-31', reason: 'later' };
  t.same(pointers(await buyer.post(`/purchase-orders/${sent.id}/amend`, change)), ['#/delivery_date']);

  const payable = payables(api);
  const payee = await payable.vendor();
  const invoice = await payable.invoice(payee.id);
  const late = addDays(calendarDay(new Date(), 'UTC'), 370);
  const payment = await treasurer.post('/payments', { invoice_id: invoice.id, payment_date: late });
  t.match(payment.body, { status: 422, code: 'payment.date-too-late', errors: [{ pointer: '#/payment_date' }] });
  const admin = await api.as('admin');
  const debtor = ok(
    await admin.post('/settings/debtor-accounts', {
      ...{ name: 'Main account', iban: 'NL02ABNA0123456789', bic: 'ABNANL2A' },
      ...{ currency: 'EUR', country: 'NL' },
    }),
    201,
  );
  const batch = await treasurer.post('/payment-batches', {
    debtor_account_id: debtor.id,
    execution_date: nextBankingDay(late),
    due_on_or_before: late,
  });
  t.equal(batch.status, 422);
  t.same(pointers(batch), ['#/execution_date']);
});

t.test('a negative line is taken where the total stays above 0, and judged by amount', async (t) => {
  const rebate = (quantity: string, unit_price: string, more: object = {}) => ({
    quantity,
    unit_price,
    more: { description: 'Rebate', ...more },
  });
  const order = await orderWith('100');
  const apart = { po_line_number: undefined };
  for (const [line, more, status, failed] of [
    [rebate('-1', '5.00', apart), {}, 'exception', ['tax', 'total']],
    [rebate('-2', '2.50'), {}, 'exception', ['tax', 'total']],
    [rebate('-1', '0.01', apart), {}, 'matched', []],
  ] as const) {
    const invoice = await matched(await enter(order.id, [{ quantity: '10' }, line], more));
    t.match(invoice, { status, line_items: [{ quantity: '10' }, { quantity: line.quantity }] });
    const kinds = invoice.match.failed_checks.map(({ kind }: Loose) => kind);
    t.same(kinds.sort(), failed, 'no quantity, price or missing line of the order');
    const before = status === 'matched' ? '10' : '0';
    t.match(await lineOf(order.id), { invoiced_quantity: before }, 'a rebate gives no quantity back');
  }
  const [manager, other] = [await api.as('ap_manager'), await api.as('ap_manager', 'other')];
  const lower = await matched(await enter(order.id, [{ quantity: '10' }, rebate('-2', '2.50')]));
  const overridden = ok(await approve(manager, lower, { reason: 'the rebate is agreed' }));
  t.match(ok(await approve(other, overridden)), { status: 'approved', amount_due: '24.20' });
  t.match(await lineOf(order.id), { invoiced_quantity: '20', override_quantity: '0' });

  const plain = await enter(undefined, [{ quantity: '10' }, rebate('-4', '2.50')], {
    tax_breakdown: [{ tax_rate: '21', taxable_amount: '15.00', tax_amount: '3.15' }],
  });
  t.match(plain, { total_amount: '18.15', differences: [] });
  const body = (lines: readonly BilledLine[]) => clerk.post('/invoices', invoiceBody(vendor.id, undefined, lines));
  t.same(pointers(await body([{ quantity: '4' }, rebate('-4', '2.50')])), ['#/total_amount']);
  t.same(pointers(await body([{ quantity: '4' }, rebate('-5', '2.50')])), ['#/total_amount']);
  t.same(pointers(await body([{ quantity: '0' }])), ['#/line_items/0/quantity']);
  const wrong = await body([{ quantity: '10' }, rebate('-1', '1.00', { amount: '1.00' })]);
  t.same(pointers(wrong), ['#/line_items/1/amount']);
});

t.test('a negative line moves no goods in any step of an invoice, and a credit note may have one', async (t) => {
  const [manager, other] = [await api.as('ap_manager'), await api.as('ap_manager', 'other')];
  const act = (who: typeof manager, { id }: Loose, action: string, reason = 'agreed') =>
    who.post(`/invoices/${id}/${action}`, { reason });
  const rebate = { quantity: '-2', unit_price: '2.50', more: { description: 'Rebate' } };
  for (const match_type of ['two_way', 'three_way']) {
    const order = await orderWith('100', { match_type });
    const clean = await matched(await enter(order.id, [{ quantity: '10' }]));
    t.match(await lineOf(order.id), { invoiced_quantity: '10' });
    const { line_items, subtotal, tax_amount, total_amount } = invoiceBody(vendor.id, order.id, [
      { quantity: '10' },
      rebate,
    ]);
    const patch = (body: object, { id, version }: Loose) => clerk.patch(`/invoices/${id}`, body, { version });
    const refused = await patch({ line_items }, clean);
    t.match(refused, { status: 422 }, 'its totals are those before');
    const changed = ok(await patch({ line_items, subtotal, tax_amount, total_amount }, clean));
    t.match(changed, { status: 'received', total_amount: '24.20' });
    t.match(await lineOf(order.id), { invoiced_quantity: '0' });
    const overridden = ok(await approve(manager, await matched(changed), { reason: 'the rebate is agreed' }));
    t.match(ok(await act(manager, overridden, 'dispute')), { status: 'disputed' });
    t.match(await lineOf(order.id), { invoiced_quantity: '0' });
    const again = await matched(ok(await act(manager, overridden, 'resolve')));
    const approved = ok(await approve(other, ok(await approve(manager, again, { reason: 'agreed' }))));
    t.match(await lineOf(order.id), { invoiced_quantity: '10', override_quantity: '0' });

    const note = await enter(order.id, [{ quantity: '10' }, rebate], {
      type: 'credit_note',
      credited_invoice_id: approved.id,
    });
    const exception = await matched(note);
    t.same(exception.match.failed_checks.map(({ kind }: Loose) => kind).sort(), ['tax', 'total']);
    const credited = ok(await approve(other, ok(await approve(manager, exception, { reason: 'all of it' }))));
    t.match(await lineOf(order.id), { invoiced_quantity: '0' });
    t.match(ok(await act(manager, credited, 'void')), { status: 'voided' });
    t.match(ok(await act(manager, approved, 'void')), { status: 'voided' });
    t.match(await lineOf(order.id), { invoiced_quantity: '0', override_quantity: '0' });
  }
  const negative = [rebate, { quantity: '-1', unit_price: '1.00' }];
  const all = await clerk.post('/invoices', invoiceBody(vendor.id, undefined, negative));
  t.same(pointers(all), ['#/total_amount']);
  const stated = { ...rebate, more: { po_line_number: 1, po_quantity: '1' } };
  const order = await orderWith('100');
  const useless = await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity: '10' }, stated]));
  t.same(pointers(useless), ['#/line_items/1/po_quantity']);
  const unordered = { quantity: '1', unit_price: '1.00', more: { po_quantity: '1' } };
  const of = await clerk.post('/invoices', invoiceBody(vendor.id, undefined, [unordered]));
  t.same(pointers(of), ['#/line_items/0/po_quantity']);
});
