import fc from 'fast-check';
import t from 'tap';
import {
  applyCredit,
  type CreditParty,
  unapplyCredit,
} from '../../../../src/modules/invoices/domain/credit-application.ts';
import { add, equal, subtract } from '../../../../src/shared/money.ts';

const party = (type: CreditParty['type'], due: string, open = due, payable = open): CreditParty => ({
  type,
  vendor_id: 'ven_1',
  status: 'approved',
  currency: 'EUR',
  amount_due: due,
  open_amount: open,
  payable_amount: payable,
});

t.test('a credit lowers both open amounts, by default as much as both allow', async (t) => {
  for (const [credit, invoice, wanted, amount, creditOpen, creditStatus, invoiceOpen, invoiceStatus] of [
    [
      party('credit_note', '30.00'),
      party('invoice', '100.00'),
      undefined,
      '30.00',
      '0.00',
      'applied',
      '70.00',
      'partially_paid',
    ],
    [
      party('credit_note', '30.00'),
      party('invoice', '20.00'),
      undefined,
      '20.00',
      '10.00',
      'partially_applied',
      '0.00',
      'paid',
    ],
    [party('credit_note', '30.00'), party('invoice', '30.00'), undefined, '30.00', '0.00', 'applied', '0.00', 'paid'],
    [
      party('credit_note', '30.00'),
      party('invoice', '100.00'),
      '12.5',
      '12.50',
      '17.50',
      'partially_applied',
      '87.50',
      'partially_paid',
    ],
    [
      party('credit_note', '30.00'),
      party('invoice', '100.00', '100.00', '10.00'),
      undefined,
      '10.00',
      '20.00',
      'partially_applied',
      '90.00',
      'partially_paid',
    ],
  ] as const) {
    const applied = applyCredit(credit, invoice, wanted);
    t.equal(applied.amount, amount);
    t.match(applied.credit_note, { open_amount: creditOpen, payable_amount: creditOpen, status: creditStatus });
    t.match(applied.invoice, { open_amount: invoiceOpen, status: invoiceStatus });
    const back = unapplyCredit(applied.credit_note, applied.invoice, applied.amount);
    t.match(back.credit_note, {
      open_amount: credit.open_amount,
      payable_amount: credit.payable_amount,
      status: 'approved',
    });
    t.match(back.invoice, {
      open_amount: invoice.open_amount,
      payable_amount: invoice.payable_amount,
      status: 'approved',
    });
  }
});

t.test('a credit that cannot be applied is refused with all that stands against it', async (t) => {
  const credit = party('credit_note', '30.00');
  const invoice = party('invoice', '100.00', '100.00', '20.00');
  for (const [from, to, wanted, errors] of [
    [credit, invoice, '20.01', [{ pointer: '/amount', detail: /Only 20\.00 of the invoice/ }]],
    [credit, party('invoice', '100.00'), '30.01', [{ pointer: '/amount', detail: /Only 30\.00 of the credit note/ }]],
    [credit, invoice, '0', [{ pointer: '/amount', detail: /nothing to apply/ }]],
    [credit, invoice, '-1', [{ pointer: '/amount', detail: /nothing to apply/ }]],
    [credit, invoice, '1.001', [{ pointer: '/amount', detail: /more digits than EUR/ }]],
    [
      credit,
      party('invoice', '100.00', '100.00', '0.00'),
      undefined,
      [{ pointer: '/amount', detail: /nothing to apply/ }],
    ],
    [{ ...credit, status: 'pending_approval' }, invoice, '1', [{ pointer: '', detail: /is pending_approval/ }]],
    [credit, { ...invoice, status: 'paid' }, '1', [{ pointer: '/invoice_id', detail: /is paid/ }]],
    [
      { ...invoice, currency: 'USD' },
      { ...credit, vendor_id: 'ven_2' },
      '1',
      [
        { pointer: '', detail: /Only a credit note/ },
        { pointer: '/invoice_id', detail: /applied to an invoice/ },
        { pointer: '/invoice_id', detail: /another vendor/ },
        { pointer: '/invoice_id', detail: /in EUR, the credit note in USD/ },
      ],
    ],
  ] as const) {
    t.throws(() => applyCredit(from, to, wanted), { kind: 'rule', code: 'invoice.credit-not-applicable', errors });
  }
  t.ok(applyCredit({ ...credit, status: 'partially_applied' }, { ...invoice, status: 'partially_paid' }, '20.00'));
});

t.test('taking back more than was applied is a defect', async (t) => {
  const applied = applyCredit(party('credit_note', '30.00'), party('invoice', '100.00'));
  t.throws(() => unapplyCredit(applied.credit_note, applied.invoice, '30.01'), RangeError);
});

t.test('what a credit note loses is what the invoice loses', async () => {
  const cents = fc.integer({ min: 1, max: 100_000 }).map((value) => (value / 100).toFixed(2));
  fc.assert(
    fc.property(cents, cents, (credited, invoiced) => {
      const credit = party('credit_note', credited);
      const invoice = party('invoice', invoiced);
      const after = applyCredit(credit, invoice);
      return (
        equal(subtract(credit.open_amount, after.credit_note.open_amount), after.amount) &&
        equal(subtract(invoice.open_amount, after.invoice.open_amount), after.amount) &&
        (after.credit_note.status === 'applied' || after.invoice.status === 'paid') &&
        equal(add(after.invoice.open_amount, after.amount), invoiced)
      );
    }),
    { numRuns: 100 },
  );
});
