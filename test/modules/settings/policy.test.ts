import t from 'tap';
import { TOLERANCE_KINDS } from '../../../src/modules/settings/policy.schema.ts';
import { SHIPPED_POLICY, toleranceView } from '../../../src/modules/settings/policy.ts';

t.test('a tolerance is shown with the limits it has, and null where it has none', async (t) => {
  const view = toleranceView({
    price: { over: { absolute: '5', percent: '2', join: 'and' }, under: { percent: '10' } },
    total: { over: { absolute: '5', absolute_per_line: '0.01' } },
    tax: undefined,
  });
  const shown = new Map(view.tolerances.map(({ kind, over, under }) => [kind, { over, under }]));
  t.same([...shown.keys()], [...TOLERANCE_KINDS]);
  t.strictSame(shown.get('price'), {
    over: { absolute: '5', percent: '2', join: 'and' },
    under: { percent: '10' },
  });
  t.strictSame(shown.get('total'), { over: { absolute: '5', absolute_per_line: '0.01' }, under: null });
  t.strictSame(shown.get('tax'), { over: null, under: null });
  t.strictSame(shown.get('charges'), { over: null, under: null });
});

t.test('as shipped one approval is enough, but an invoice without an order takes two', async (t) => {
  for (const { document, steps } of SHIPPED_POLICY.policies)
    t.equal(steps.length, document === 'invoice_without_po' ? 2 : 1, document);
});
