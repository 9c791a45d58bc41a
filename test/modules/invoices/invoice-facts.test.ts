import t from 'tap';
import { nextBankingDay } from '../../../src/shared/business-days.ts';
import { addDays, calendarDay } from '../../../src/shared/clock.ts';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor, LINE } from '../../support/orders.ts';
import { payables } from '../../support/payables.ts';

const api = await testApi(t);
const clerk = await api.as('ap_clerk');
const vendor = await activeVendor(api);
const { ok, enter, matched, orderWith } = await invoicing(t, api, vendor.id);
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
