import t from 'tap';
import { type Remitted, remittanceOf } from '../../../src/modules/payment-batches/remittance.ts';

const paid = (changes: Partial<Remitted> = {}): Remitted => ({
  invoice_number: 'INV-42',
  payment_amount: '100.00',
  discount_taken: '0.00',
  currency: 'EUR',
  netted_credits: [],
  ...changes,
});
const notes = (count: number, prefix = 'CN-') =>
  Array.from({ length: count }, (_, index) => ({ invoice_number: `${prefix}${index + 1}`, amount: '1.50' }));

t.test('the remittance names the invoice, and the credits and the discount that it is less by', (t) => {
  const long = 'N'.repeat(60);
  const cases: [Partial<Remitted>, string][] = [
    [{}, 'INV-42'],
    [{ discount_taken: '2.00' }, 'INV-42 102.00 less discount 2.00'],
    [{ netted_credits: notes(1) }, 'INV-42 101.50 less CN-1 1.50'],
    [{ netted_credits: notes(2), discount_taken: '2.00' }, 'INV-42 105.00 less CN-1 1.50, CN-2 1.50, discount 2.00'],
    [{ netted_credits: [{ amount: '1.50' }] }, 'INV-42 101.50 less credit 1.50'],
    [{ netted_credits: notes(1, 'Nº_'), invoice_number: 'É_42' }, 'E-42 101.50 less No-1 1.50'],
    [{ netted_credits: notes(3, long), invoice_number: long }, `${long} 104.50 less 3 credit notes 4.50`],
  ];
  for (const [changes, expected] of cases) t.equal(remittanceOf(paid(changes)), expected);
  const { netted_credits: _none, ...old } = paid({ discount_taken: '2.00' });
  t.equal(remittanceOf(old), 'INV-42', 'as it was made before');
  const many = remittanceOf(paid({ netted_credits: notes(20), discount_taken: '2.00' }));
  t.ok(many.length <= 140, many);
  t.match(many, /^INV-42 132\.00 less CN-1 1\.50, .* other credit notes \d+\.\d0, discount 2\.00$/);
  t.end();
});
