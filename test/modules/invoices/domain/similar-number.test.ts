import t from 'tap';
import { similarForms, similarityReason } from '../../../../src/modules/invoices/domain/similar-number.ts';

const alike = (one: string, other: string): boolean => {
  const forms = similarForms(other);
  return similarForms(one).some((form) => forms.includes(form));
};

t.test('numbers look alike without separators and leading zeros, in any script', async (t) => {
  for (const [one, other, expected] of [
    ['2026-001', '2026001', true],
    ['2026-001', '20261', true],
    ['0002026-1', '20261', true],
    ['INV-l0', 'INV-IO', true],
    ['\u0410-1', 'A-1', true],
    ['\u0661\u0662', '12', true],
    ['A-1', 'A-2', false],
    ['100', '10', false],
    ['10', '1', false],
    ['000', '0', true],
  ] as const)
    t.equal(alike(one, other), expected, `${one} and ${other}`);
});

t.test('a reason fits where it is kept, however many numbers it names', async (t) => {
  const other = { id: `inv_${'1'.repeat(36)}`, vendor_id: `ven_${'2'.repeat(36)}`, invoice_number: 'N'.repeat(60) };
  const others = Array.from({ length: 20 }, () => ({ ...other, invoice_date: '2026-01-01', status: 'received' }));
  t.ok(similarityReason('ven_1', others).length <= 500);
  t.match(similarityReason(other.vendor_id, others.slice(0, 1)), /looks like that of N+ \(inv_1+, received\)$/);
});
