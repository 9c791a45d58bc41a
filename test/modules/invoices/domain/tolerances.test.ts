import t from 'tap';
import {
  type Limit,
  largestDifference,
  resolveTolerance,
  SHIPPED_TOLERANCES,
  type ToleranceLevels,
} from '../../../../src/modules/invoices/domain/tolerances.ts';

t.test('absolute decides first, and percent is of what the order says', async (t) => {
  const cases: readonly (readonly [Limit | undefined, string, number, string])[] = [
    [undefined, '100', 1, '0'],
    [{}, '100', 1, '0'],
    [{ absolute: '5' }, '100', 1, '5'],
    [{ percent: '2' }, '100', 1, '2'],
    [{ percent: '2' }, '-100', 1, '2'],
    [{ percent: '2' }, '0', 1, '0'],
    [{ absolute: '5', percent: '2' }, '100', 1, '2'],
    [{ absolute: '5', percent: '2', join: 'and' }, '1000', 1, '5'],
    [{ absolute: '5', percent: '2', join: 'or' }, '100', 1, '5'],
    [{ absolute: '5', percent: '2', join: 'or' }, '1000', 1, '20'],
    [{ absolute: '5', join: 'and' }, '100', 1, '5'],
    [{ percent: '2', join: 'or' }, '100', 1, '2'],
    [{ absolute_per_line: '0.02' }, '100', 3, '0.06'],
    [{ absolute_per_line: '0.02', absolute: '1.00' }, '100', 49, '0.98'],
    [{ absolute_per_line: '0.02', absolute: '1.00' }, '100', 1000, '1'],
    [{ percent: '0.00005' }, '1', 1, '0.000001'],
  ];
  for (const [limit, value, lines, expected] of cases) {
    t.equal(largestDifference(limit, value, lines).toFixed(), expected, `${JSON.stringify(limit)} of ${value}`);
  }
});

t.test('the nearest level that names the kind decides, and says that it did', async (t) => {
  const five = { over: { absolute: '5' } };
  const six = { over: { absolute: '6' } };
  const seven = { over: { absolute: '7' } };
  const all: ToleranceLevels = {
    items: { BOLT: { price: five } },
    vendor: { price: six, tax: six },
    company: { price: seven, tax: seven, total: seven },
  };
  t.strictSame(resolveTolerance('price', all, 'BOLT'), { tolerance: five, source: 'item' });
  t.strictSame(resolveTolerance('price', all, 'NUT'), { tolerance: six, source: 'vendor' });
  t.strictSame(resolveTolerance('price', all), { tolerance: six, source: 'vendor' });
  t.strictSame(resolveTolerance('tax', all, 'BOLT'), { tolerance: six, source: 'vendor' });
  t.strictSame(resolveTolerance('total', all, 'BOLT'), { tolerance: seven, source: 'company' });
  t.strictSame(resolveTolerance('price', {}, 'BOLT'), { tolerance: {}, source: 'shipped' });
  t.strictSame(resolveTolerance('total', {}), { tolerance: SHIPPED_TOLERANCES.total, source: 'shipped' });
});

t.test('a kind that the company deleted is 0 and not unlimited', async (t) => {
  t.strictSame(resolveTolerance('total', { company: {} }), { tolerance: {}, source: 'company' });
});

t.test('as shipped, rounding alone is tolerated', async (t) => {
  t.strictSame(Object.keys(SHIPPED_TOLERANCES).sort(), ['line_amount', 'rounding', 'tax', 'total']);
  for (const side of ['over', 'under'] as const) {
    t.equal(largestDifference(SHIPPED_TOLERANCES.line_amount?.[side], '1000', 500).toFixed(), '0.02');
    t.equal(largestDifference(SHIPPED_TOLERANCES.tax?.[side], '1000', 2).toFixed(), '0.04');
    t.equal(largestDifference(SHIPPED_TOLERANCES.total?.[side], '1000', 51).toFixed(), '1');
  }
});
