import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import t from 'tap';
import { compare, equal, subtract } from '../../src/shared/money.ts';
import {
  ACCEPTED_PAYMENT_TERMS,
  discountFor,
  dueDate,
  parsePaymentTerms,
  renderPaymentTerms,
} from '../../src/shared/payment-terms.ts';

const read = (text: string) => {
  const { terms } = parsePaymentTerms(text);
  if (terms === undefined) throw new Error(`${text} was not read`);
  return terms;
};

t.test('terms are read whatever their case, hyphens and spaces, and rendered in one form', async (t) => {
  for (const [written, rendered] of [
    ['NET 30', 'NET 30'],
    ['net-30', 'NET 30'],
    ['Net30', 'NET 30'],
    ['  net \t 030 ', 'NET 30'],
    ['NET 0', 'NET 0'],
    ['NET\u201130', 'NET 30'],
    ['2/10 NET 30', '2/10 NET 30'],
    ['2/10-net-30', '2/10 NET 30'],
    ['2 / 10 Net 30', '2/10 NET 30'],
    ['2.50/10 net 30', '2.5/10 NET 30'],
    ['1/0 NET 0', '1/0 NET 0'],
    ['2/10 NET 30 EOM', '2/10 NET 30 EOM'],
    ['eom', 'EOM'],
    ['net 30 eom', 'NET 30 EOM'],
    ['NET-30-THEN-EOM', 'NET 30 THEN EOM'],
    ['Due on receipt', 'DUE ON RECEIPT'],
    ['due-on-receipt', 'DUE ON RECEIPT'],
  ] as const) {
    t.equal(renderPaymentTerms(read(written)), rendered, `${JSON.stringify(written)} is ${rendered}`);
  }
});

t.test('every accepted form named to the caller is accepted', async (t) => {
  for (const form of ACCEPTED_PAYMENT_TERMS) t.equal(renderPaymentTerms(read(form)), form);
});

t.test('anything else is a finding that names the accepted forms', async (t) => {
  for (const text of [
    '',
    'NET',
    'NET -',
    'NET 30 days',
    'NET 1000',
    'NET 3.5',
    '30',
    'COD',
    '2/10',
    '2/10 EOM',
    '2/10 NET 30 THEN EOM',
    '100/10 NET 30',
    'DUE UPON RECEIPT',
    'EOM NET 30',
    'NET 30 NET 30',
  ]) {
    const { terms, finding } = parsePaymentTerms(text, '/vendor/payment_terms');
    t.equal(terms, undefined, `${JSON.stringify(text)} is not read`);
    t.equal(finding?.pointer, '/vendor/payment_terms');
    for (const form of ACCEPTED_PAYMENT_TERMS) t.match(finding?.detail, form);
  }
});

t.test('a discount that is none or outlives the due date is told apart', async (t) => {
  t.match(parsePaymentTerms('0/10 NET 30').finding, { pointer: '/payment_terms', detail: /0 percent/ });
  t.match(parsePaymentTerms('0.00/10 NET 30').finding, { detail: /0 percent/ });
  t.match(parsePaymentTerms('2/31 NET 30').finding, { detail: /31 days, later than the 30 days/ });
});

t.test('the due date follows the terms', async (t) => {
  for (const [terms, invoiced, due] of [
    ['NET 30', '2026-01-31', '2026-03-02'],
    ['NET 30', '2028-01-31', '2028-03-01'],
    ['NET 0', '2026-01-31', '2026-01-31'],
    ['NET 45', '2026-12-01', '2027-01-15'],
    ['2/10 NET 30', '2026-06-15', '2026-07-15'],
    ['EOM', '2026-02-01', '2026-02-28'],
    ['EOM', '2028-02-01', '2028-02-29'],
    ['EOM', '2026-04-30', '2026-04-30'],
    ['EOM', '2026-12-31', '2026-12-31'],
    ['NET 30 EOM', '2026-01-15', '2026-03-02'],
    ['NET 30 EOM', '2026-06-30', '2026-07-30'],
    ['2/10 NET 30 EOM', '2026-06-15', '2026-07-30'],
    ['NET 30 THEN EOM', '2026-01-15', '2026-02-28'],
    ['NET 30 THEN EOM', '2026-01-31', '2026-03-31'],
    ['NET 30 THEN EOM', '2026-12-10', '2027-01-31'],
    ['DUE ON RECEIPT', '2026-05-05', '2026-05-05'],
  ] as const) {
    t.equal(dueDate(read(terms), invoiced), due, `${terms} from ${invoiced}`);
  }
});

t.test('a discount has its last day and its amount', async (t) => {
  const amounts = { total_amount: '1725.05', subtotal: '1425.66' };
  for (const [terms, base, total, currency, expected] of [
    ['10/10 NET 30', 'total', amounts, 'EUR', { discount_date: '2026-06-25', discount_amount: '172.50' }],
    ['10/10 NET 30', 'net', amounts, 'EUR', { discount_date: '2026-06-25', discount_amount: '142.57' }],
    ['2/10 NET 30 EOM', 'total', amounts, 'EUR', { discount_date: '2026-07-10', discount_amount: '34.50' }],
    [
      '2/10 NET 30',
      'total',
      { total_amount: '1025', subtotal: '1025' },
      'JPY',
      { discount_date: '2026-06-25', discount_amount: '20' },
    ],
    [
      '2/10 NET 30',
      'total',
      { total_amount: '0.00', subtotal: '0.00' },
      'EUR',
      { discount_date: '2026-06-25', discount_amount: '0.00' },
    ],
    ['NET 30', 'total', amounts, 'EUR', undefined],
    ['NET 30 THEN EOM', 'total', amounts, 'EUR', undefined],
    ['EOM', 'total', amounts, 'EUR', undefined],
    ['DUE ON RECEIPT', 'total', amounts, 'EUR', undefined],
  ] as const) {
    t.strictSame(discountFor(read(terms), '2026-06-15', base, total, currency), expected, `${terms} on the ${base}`);
  }
});

t.test('rendered terms are read back as the same terms, and due no earlier than invoiced or discounted', async () => {
  const days = fc.integer({ min: 0, max: 999 });
  const text = fc.oneof(
    days.map((n) => `NET ${n}`),
    days.map((n) => `NET ${n} EOM`),
    days.map((n) => `NET ${n} THEN EOM`),
    fc
      .record({ cents: fc.integer({ min: 1, max: 9999 }), days, discountDays: days, eom: fc.boolean() })
      .filter((given) => given.discountDays <= given.days)
      .map((given) => `${given.cents / 100}/${given.discountDays} NET ${given.days}${given.eom ? ' EOM' : ''}`),
    fc.constantFrom('EOM', 'DUE ON RECEIPT'),
  );
  const day = fc
    .date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));
  const cents = fc.integer({ min: 0, max: 10_000_000 });
  fc.assert(
    fc.property(text, day, cents, (written, invoiced, total) => {
      const terms = read(written);
      if (!isDeepStrictEqual(read(renderPaymentTerms(terms)), terms)) return false;
      const due = dueDate(terms, invoiced);
      if (due < invoiced) return false;
      const totalAmount = (total / 100).toFixed(2);
      const discount = discountFor(
        terms,
        invoiced,
        'total',
        { total_amount: totalAmount, subtotal: totalAmount },
        'EUR',
      );
      if (discount === undefined) return true;
      const paid = subtract(totalAmount, discount.discount_amount);
      return (
        discount.discount_date <= due &&
        compare(paid, '0') >= 0 &&
        equal(paid.plus(discount.discount_amount), totalAmount)
      );
    }),
    { numRuns: 200 },
  );
});
