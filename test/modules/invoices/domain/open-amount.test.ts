import fc from 'fast-check';
import t from 'tap';
import {
  amountDue,
  type Balance,
  creditStatus,
  isOverdue,
  moved,
  openingBalance,
  type PaymentCover,
  payableStatus,
  release,
  reopen,
  reserve,
  settle,
} from '../../../../src/modules/invoices/domain/open-amount.ts';
import { add, compare, equal, subtract } from '../../../../src/shared/money.ts';

const balance = (due: string, open: string, payable: string, currency = 'EUR'): Balance => ({
  currency,
  amount_due: due,
  open_amount: open,
  payable_amount: payable,
});

t.test('amount due is the total less what is prepaid, plus rounding (EN 16931 BR-CO-16)', async (t) => {
  for (const [totals, currency, expected] of [
    [{ total_amount: '100' }, 'EUR', '100.00'],
    [{ total_amount: '100.00', prepaid_amount: '25.5' }, 'EUR', '74.50'],
    [{ total_amount: '99.98', prepaid_amount: '0', rounding_amount: '0.02' }, 'EUR', '100.00'],
    [{ total_amount: '100.02', rounding_amount: '-0.02' }, 'EUR', '100.00'],
    [{ total_amount: '50', prepaid_amount: '50' }, 'JPY', '0'],
  ] as const) {
    t.equal(amountDue(totals, currency), expected);
  }
});

t.test('a payment reserves, and then settles or gives back, what it covers', async (t) => {
  const opened = openingBalance('100', 'EUR');
  t.strictSame(opened, balance('100.00', '100.00', '100.00'));
  const payment = { payment_amount: '58.80', discount_taken: '1.20' };
  const reserved = reserve(opened, payment);
  t.strictSame(reserved, balance('100.00', '100.00', '40.00'));
  t.strictSame(release(reserved, payment), opened, 'a failed payment leaves no trace');
  const settled = settle(reserved, payment);
  t.strictSame(settled, balance('100.00', '40.00', '40.00'));
  t.strictSame(reopen(settled, payment), opened, 'a return after settlement owes it all again');
  const rest = reserve(settled, { payment_amount: '40' });
  t.strictSame(settle(rest, { payment_amount: '40' }), balance('100.00', '0.00', '0.00'));
});

t.test('a payment that does not fit is refused with all that is wrong, never clamped', async (t) => {
  const open = balance('100.00', '80.00', '50.00');
  for (const [payment, errors] of [
    [{ payment_amount: '50.01' }, [{ pointer: '/payment_amount', detail: /At most 50\.00 EUR/ }]],
    [{ payment_amount: '50', discount_taken: '0.01' }, [{ pointer: '/payment_amount', detail: /At most/ }]],
    [{ payment_amount: '0' }, [{ pointer: '/payment_amount', detail: /more than 0/ }]],
    [{ payment_amount: '1.001' }, [{ pointer: '/payment_amount', detail: /more digits than EUR/ }]],
    [
      { payment_amount: '-1', discount_taken: '-0.001' },
      [
        { pointer: '/payment_amount', detail: /more than 0/ },
        { pointer: '/discount_taken', detail: /negative/ },
        { pointer: '/discount_taken', detail: /more digits/ },
      ],
    ],
  ] as const) {
    t.throws(() => reserve(open, payment), { kind: 'rule', code: 'invoice.not-payable', errors });
  }
  t.strictSame(reserve(open, { payment_amount: '50' }), balance('100.00', '80.00', '0.00'), 'all of it fits');
});

t.test('a balance that cannot be is a defect', async (t) => {
  const open = balance('100.00', '80.00', '50.00');
  t.throws(() => moved(open, '0', '-50.01'), RangeError, 'payable below 0');
  t.throws(() => moved(open, '0', '30.01'), RangeError, 'payable above open');
  t.throws(() => moved(open, '20.01', '0'), RangeError, 'open above due');
  t.throws(() => release(open, { payment_amount: '31' }), RangeError, 'more released than was reserved');
});

t.test('the status follows the open amount alone', async (t) => {
  for (const [given, invoice, credit] of [
    [balance('100.00', '100.00', '0.00'), 'approved', 'approved'],
    [balance('100.00', '99.99', '99.99'), 'partially_paid', 'partially_applied'],
    [balance('100.00', '0.01', '0.00'), 'partially_paid', 'partially_applied'],
    [balance('100.00', '0.00', '0.00'), 'paid', 'applied'],
    [balance('0.00', '0.00', '0.00'), 'paid', 'applied'],
  ] as const) {
    t.equal(payableStatus(given), invoice);
    t.equal(creditStatus(given), credit);
  }
});

t.test('an invoice is overdue the day after its due date while it is owed', async (t) => {
  const invoice = { type: 'invoice', status: 'approved', due_date: '2026-03-31', open_amount: '0.01' } as const;
  for (const [changed, today, expected] of [
    [{}, '2026-03-31', false],
    [{}, '2026-04-01', true],
    [{ status: 'matched' }, '2026-04-01', true],
    [{ status: 'disputed' }, '2026-04-01', true],
    [{ status: 'rejected' }, '2026-04-01', false],
    [{ status: 'voided' }, '2026-04-01', false],
    [{ open_amount: '0.00' }, '2026-04-01', false],
    [{ type: 'credit_note' }, '2026-04-01', false],
  ] as const) {
    t.equal(isOverdue({ ...invoice, ...changed }, today), expected, `${JSON.stringify(changed)} on ${today}`);
  }
});

type Live = { readonly payment: PaymentCover; readonly settled: boolean };

t.test('whatever payments do, no money appears or disappears', async () => {
  const step = fc.record({
    act: fc.constantFrom('pay', 'settle', 'fail', 'return'),
    cents: fc.integer({ min: 1, max: 6000 }),
    discount: fc.integer({ min: 0, max: 50 }),
    pick: fc.nat(),
  });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), fc.array(step, { maxLength: 30 }), (due, steps) => {
      let now = openingBalance((due / 100).toFixed(2), 'EUR');
      let live: readonly Live[] = [];
      for (const { act, cents, discount, pick } of steps) {
        const payment = { payment_amount: (cents / 100).toFixed(2), discount_taken: (discount / 100).toFixed(2) };
        const candidates = live.filter((each) => each.settled === (act === 'return'));
        const chosen = candidates[pick % Math.max(1, candidates.length)];
        if (act === 'pay') {
          if (compare(covered(payment), now.payable_amount) > 0) continue;
          now = reserve(now, payment);
          live = [...live, { payment, settled: false }];
        } else if (chosen !== undefined) {
          const others = live.filter((each) => each !== chosen);
          now = MOVES[act](now, chosen.payment);
          live = act === 'settle' ? [...others, { ...chosen, settled: true }] : others;
        }
        if (!conserved(now, live)) return false;
      }
      return true;
    }),
    { numRuns: 200 },
  );
});

const MOVES = { settle, fail: release, return: reopen } as const;

const covered = (payment: PaymentCover) => add(payment.payment_amount, payment.discount_taken ?? '0');

const conserved = (now: Balance, live: readonly Live[]): boolean => {
  const settled = add(...live.filter((each) => each.settled).map((each) => covered(each.payment)));
  const reserved = add(...live.filter((each) => !each.settled).map((each) => covered(each.payment)));
  return (
    equal(now.open_amount, subtract(now.amount_due, settled)) &&
    equal(now.payable_amount, subtract(now.open_amount, reserved)) &&
    (payableStatus(now) === 'paid') === equal(settled, now.amount_due)
  );
};
