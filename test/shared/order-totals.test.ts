import fc from 'fast-check';
import t from 'tap';
import { add, equal } from '../../src/shared/money.ts';
import { lineAmount, orderTotals, taxByCategory, taxOf } from '../../src/shared/order-totals.ts';

t.test('a line rounds once, half away from zero, to its currency', async (t) => {
  for (const [line, currency, expected] of [
    [{ quantity: '100', unit_price: '2.50', tax_rate: '21' }, 'EUR', '250.00'],
    [{ quantity: '3', unit_price: '0.335', tax_rate: '21' }, 'EUR', '1.01'],
    [{ quantity: '1', unit_price: '0.005', tax_rate: '0' }, 'EUR', '0.01'],
    [{ quantity: '1', unit_price: '-0.005', tax_rate: '0' }, 'EUR', '-0.01'],
    [{ quantity: '7', unit_price: '10', price_base_quantity: '3', tax_rate: '0' }, 'EUR', '23.33'],
    [{ quantity: '250', unit_price: '19.99', price_base_quantity: '1000', tax_rate: '0' }, 'EUR', '5.00'],
    [{ quantity: '3', unit_price: '33.5', tax_rate: '0' }, 'JPY', '101'],
    [{ quantity: '3', unit_price: '0.3335', tax_rate: '0' }, 'KWD', '1.001'],
  ] as const) {
    t.equal(lineAmount(line, currency), expected);
  }
});

t.test('an amount that a line carries is not believed', async (t) => {
  const stated = { quantity: '10', unit_price: '2.50', tax_rate: '21', amount: '999.00' };
  t.match(orderTotals([stated], 'EUR'), { amounts: ['25.00'], subtotal: '25.00', total_amount: '30.25' });
});

t.test('an order of several rates and categories adds up', async (t) => {
  const totals = orderTotals(
    [
      { quantity: '1', unit_price: '0.99', tax_rate: '21', tax_category: 'S' },
      { quantity: '1', unit_price: '10', tax_rate: '0', tax_category: 'Z' },
      { quantity: '2', unit_price: '0.99', tax_rate: '21.00', tax_category: 'S' },
      { quantity: '1', unit_price: '5', tax_rate: '0', tax_category: 'E' },
      { quantity: '1', unit_price: '5', tax_rate: '21' },
    ],
    'EUR',
  );
  t.strictSame(totals, {
    amounts: ['0.99', '10.00', '1.98', '5.00', '5.00'],
    subtotal: '22.97',
    tax_breakdown: [
      { tax_category: 'S', tax_rate: '21', taxable_amount: '2.97', tax_amount: '0.62' },
      { tax_category: 'Z', tax_rate: '0', taxable_amount: '10.00', tax_amount: '0.00' },
      { tax_category: 'E', tax_rate: '0', taxable_amount: '5.00', tax_amount: '0.00' },
      { tax_rate: '21', taxable_amount: '5.00', tax_amount: '1.05' },
    ],
    tax_amount: '1.67',
    total_amount: '24.64',
  });
});

t.test('tax rounds once per category, not once per line (EN 16931 BR-CO-17)', async (t) => {
  const lines = Array.from({ length: 100 }, () => ({ quantity: '1', unit_price: '0.02', tax_rate: '20' }));
  t.equal(orderTotals(lines, 'EUR').tax_amount, '0.40');
  t.equal(taxOf('0.02', '20', 'EUR'), '0.00');
  t.equal(taxOf('0.05', '10', 'EUR'), '0.01');
});

t.test('an order without lines is worth nothing', async (t) => {
  t.strictSame(orderTotals([], 'JPY'), {
    amounts: [],
    subtotal: '0',
    tax_breakdown: [],
    tax_amount: '0',
    total_amount: '0',
  });
  t.strictSame(taxByCategory([], 'EUR'), []);
});

t.test('the total is the sum of the lines and of the taxes, for any order', async () => {
  const decimal = (digits: number, max: number) =>
    fc.integer({ min: 0, max }).map((value) => (value / 10 ** digits).toFixed(digits));
  const line = fc.record({
    quantity: decimal(3, 1_000_000),
    unit_price: decimal(4, 10_000_000),
    price_base_quantity: fc.constantFrom('1', '3', '100'),
    tax_rate: fc.constantFrom('0', '6', '21', '21.0'),
    tax_category: fc.constantFrom('S', 'Z', undefined),
  });
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('EUR', 'JPY', 'KWD'), (lines, currency) => {
      const totals = orderTotals(lines, currency);
      const taxable = add(...totals.tax_breakdown.map((tax) => tax.taxable_amount));
      return (
        equal(add(...totals.amounts), totals.subtotal) &&
        equal(taxable, totals.subtotal) &&
        equal(add(...totals.tax_breakdown.map((tax) => tax.tax_amount)), totals.tax_amount) &&
        equal(add(totals.subtotal, totals.tax_amount), totals.total_amount)
      );
    }),
    { numRuns: 100 },
  );
});
