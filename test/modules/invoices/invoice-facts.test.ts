import t from 'tap';
import { type Loose, type TestReply, testApi } from '../../support/api.ts';
import { invoiceBody, invoicing } from '../../support/invoices.ts';
import { activeVendor } from '../../support/orders.ts';

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
