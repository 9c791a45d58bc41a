import fc from 'fast-check';
import t from 'tap';
import {
  reinstatePayment,
  releasePayment,
  reopenPayment,
  reservePayment,
  resettlePayment,
  settlePayment,
  unsettlePayment,
} from '../../../src/modules/invoices/index.ts';
import { availableDiscount, lapses, paymentFor } from '../../../src/modules/payments/discount.ts';
import { obstacles, type Parties, refuseObstacles } from '../../../src/modules/payments/payable.ts';
import { PAYMENT_STATUSES, type Payment, type PaymentStatus } from '../../../src/modules/payments/payment.schema.ts';
import {
  decidePayment,
  mayDecide,
  newPayment,
  OPEN_STATUSES,
  type PaymentAction,
} from '../../../src/modules/payments/payment.ts';
import { DomainError } from '../../../src/shared/errors.ts';
import { add, amount, subtract } from '../../../src/shared/money.ts';
import type { Loose } from '../../support/api.ts';

const code = (run: () => unknown): string => {
  try {
    run();
    return 'allowed';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

const made = (changes: Partial<Payment> = {}): Payment => ({
  ...newPayment({
    id: 'pay_1',
    created_by: 'maker',
    invoice: {
      id: 'inv_1',
      vendor_id: 'ven_1',
      invoice_number: '7',
      currency: 'EUR',
      discount_date: null,
      approvals: [{ approved_by: 'manager' }, { approved_by: 'manager' }],
    },
    account: { created_by: 'proposer' },
    creditor: {
      bank_account_id: 'acc_1',
      holder_name: 'Northwind',
      country: 'NL',
      iban: 'NL91ABNA0417164300',
      bic: null,
      routing_number: null,
      account_number: null,
    },
    payment_amount: '100.00',
    discount_taken: '0.00',
    payment_date: '2026-06-01',
    reference_number: 'PAY1',
  }),
  version: 1,
  created_at: '2026-06-01T10:00:00.000Z',
  updated_at: '2026-06-01T10:00:00.000Z',
  audit: { seq: 1, hash: '' },
  ...changes,
});

const now = new Date('2026-06-02T09:00:00Z');
const by = (actorId: string) => ({ actorId, now, reason: 'checked', reason_code: 'AC04' });

t.test('a payment takes each action from these states and no other', (t) => {
  const expected: Record<PaymentAction, Partial<Record<PaymentStatus, [PaymentStatus, string?]>>> = {
    approve: { pending_approval: ['approved'] },
    reject: { pending_approval: ['rejected', 'release'] },
    hold: { pending_approval: ['pending_approval'], approved: ['approved'], batched: ['batched'] },
    release: {},
    cancel: {
      pending_approval: ['cancelled', 'release'],
      approved: ['cancelled', 'release'],
      batched: ['cancelled', 'release'],
    },
    void: { failed: ['voided'], returned: ['voided'] },
    accept: { batched: ['accepted'] },
    settle: { batched: ['settled', 'settle'], accepted: ['settled', 'settle'] },
    fail: { batched: ['failed', 'release'], accepted: ['failed', 'release'] },
    return: { batched: ['returned', 'release'], accepted: ['returned', 'release'], settled: ['returned', 'reopen'] },
    correct: {},
  };
  for (const [action, from] of Object.entries(expected) as [PaymentAction, (typeof expected)[PaymentAction]][])
    for (const status of PAYMENT_STATUSES) {
      if (action === 'release' || action === 'correct') continue;
      const run = () => decidePayment(made({ status }), action, by('other'));
      const to = from[status];
      if (to === undefined) {
        t.equal(code(run), 'payment.wrong-status', `${action} from ${status}`);
        continue;
      }
      const { payment, effect } = run();
      t.same([payment.status, effect], [to[0], to[1]], `${action} from ${status}`);
    }
  t.end();
});

t.test('a hold is placed once, and released', (t) => {
  const held = decidePayment(made(), 'hold', by('other')).payment.hold;
  t.same(held, { reason: 'checked', placed_by: 'other', placed_at: now.toISOString() });
  t.equal(
    code(() => decidePayment(made({ hold: held }), 'hold', by('other'))),
    'payment.held',
  );
  t.equal(decidePayment(made({ hold: held }), 'release', by('maker')).payment.hold, null);
  t.equal(
    code(() => decidePayment(made(), 'release', by('other'))),
    'payment.not-held',
  );
  t.equal(decidePayment(made(), 'hold', { actorId: 'other', now }).payment.hold?.reason, '');
  t.end();
});

t.test('neither its maker nor an approver of its invoice approves a payment', (t) => {
  const cases: [string, PaymentAction, PaymentStatus, string][] = [
    ['maker', 'approve', 'pending_approval', 'payment.segregation-of-duties'],
    ['manager', 'approve', 'pending_approval', 'payment.segregation-of-duties'],
    ['other', 'approve', 'pending_approval', 'allowed'],
    ['maker', 'settle', 'batched', 'payment.segregation-of-duties'],
    ['maker', 'fail', 'batched', 'payment.segregation-of-duties'],
    ['maker', 'return', 'settled', 'payment.segregation-of-duties'],
    ['manager', 'settle', 'batched', 'allowed'],
    ['maker', 'cancel', 'approved', 'allowed'],
    ['maker', 'reject', 'pending_approval', 'allowed'],
  ];
  for (const [actor, action, status, outcome] of cases)
    t.equal(
      code(() => decidePayment(made({ status }), action, by(actor))),
      outcome,
      `${actor} ${action}`,
    );
  t.notOk(mayDecide(made(), 'maker', 'settle'));
  t.end();
});

t.test('what the bank said is kept', (t) => {
  const settled = decidePayment(made({ status: 'batched' }), 'settle', {
    ...by('other'),
    booked_on: '2026-06-02',
    bank_reference: 'B7',
  });
  t.match(settled.payment, { booked_on: '2026-06-02', bank_reference: 'B7', integration_status: 'settled' });
  const bare = decidePayment(made({ status: 'batched' }), 'settle', { actorId: 'other', now });
  t.match(bare.payment, { booked_on: null, bank_reference: null, reason_code: null });
  t.match(decidePayment(made({ status: 'batched' }), 'fail', by('other')).payment, {
    reason_code: 'AC04',
    integration_status: 'failed',
  });
  t.end();
});

t.test(
  'a corrected answer leaves the payment as it was, and stays on record with who recorded and corrected it',
  (t) => {
    const history: [string, PaymentAction[], PaymentStatus, string, PaymentStatus][] = [
      ['failed', ['fail'], 'batched', 'reserve', 'batched'],
      ['failed after accepted', ['accept', 'fail'], 'batched', 'reserve', 'accepted'],
      ['returned before settlement', ['return'], 'batched', 'reserve', 'batched'],
      ['returned after settlement', ['settle', 'return'], 'batched', 'resettle', 'settled'],
      ['settled', ['settle'], 'batched', 'unsettle', 'batched'],
      ['voided', ['fail', 'void'], 'batched', 'reserve', 'batched'],
      ['returned and voided', ['accept', 'settle', 'return', 'void'], 'batched', 'resettle', 'settled'],
    ];
    for (const [title, actions, status, effect, back] of history) {
      let payment = made({ status, integration_status: 'exported' });
      for (const action of actions)
        payment = {
          ...payment,
          ...decidePayment(payment, action, { ...by('other'), booked_on: '2026-06-02', bank_reference: 'B7' }).payment,
        };
      for (const own of ['maker', 'other'])
        t.equal(
          code(() => decidePayment(payment, 'correct', by(own))),
          'payment.segregation-of-duties',
          `${title}: ${own}`,
        );
      const { payment: after, effect: found } = decidePayment(payment, 'correct', by('third'));
      t.same([after.status, found, after.reason_code], [back, effect, null], title);
      t.same(after.booked_on, back === 'settled' ? '2026-06-02' : null, title);
      t.match(after.bank_answers.at(-1), {
        recorded_by: 'other',
        correction: { corrected_by: 'third', corrected_at: now.toISOString(), reason: 'checked' },
      });
      t.equal(after.bank_answers.length, payment.bank_answers.length);
    }
    t.end();
  },
);

t.test('an answer without a known recorder, and the eleventh, is not corrected', (t) => {
  const old = made({ status: 'failed' });
  t.equal(
    code(() => decidePayment(old, 'correct', by('third'))),
    'payment.answer-unknown',
  );
  let payment = made({ status: 'batched' });
  const take = (action: PaymentAction, who: string): void => {
    payment = { ...payment, ...decidePayment(payment, action, by(who)).payment };
  };
  for (let round = 0; round < 10; round += 1) {
    take('fail', 'other');
    take('correct', 'third');
  }
  take('fail', 'other');
  t.equal(
    code(() => take('correct', 'third')),
    'payment.corrected-too-often',
  );
  t.end();
});

t.test('a payment that a batch makes is batched from the start', (t) => {
  t.match(made(), { status: 'pending_approval', batch_id: null, invoice_approvers: ['manager'] });
  const inBatch = newPayment({
    ...made(),
    account: { created_by: 'proposer' },
    invoice: { ...made(), id: 'inv_1', approvals: [], invoice_number: '7' },
    batch_id: 'bat_1',
    notes: 'run',
  });
  t.match(inBatch, { status: 'batched', batch_id: 'bat_1', made_by_batch: 'bat_1', notes: 'run' });
  t.end();
});

t.test('a discount is taken in time, in proportion, and only by what clears the rest', (t) => {
  const terms = {
    currency: 'EUR',
    amount_due: '1725.05',
    payable_amount: '1725.05',
    discount_date: '2026-06-10',
    discount_amount: '172.50',
    discount_taken: '0.00',
  };
  const cases: [string, object, string, string | undefined, string, string][] = [
    ['on its last day', {}, '2026-06-10', undefined, '1552.55', '172.50'],
    ['a day later', {}, '2026-06-11', undefined, '1725.05', '0.00'],
    ['no terms', { discount_date: null, discount_amount: null }, '2026-06-10', undefined, '1725.05', '0.00'],
    ['half is paid', { payable_amount: '862.52' }, '2026-06-10', undefined, '776.27', '86.25'],
    ['nothing was due', { amount_due: '0.00', payable_amount: '0.00' }, '2026-06-10', undefined, '0.00', '0.00'],
    ['the cleared amount given', {}, '2026-06-10', '1552.550', '1552.55', '172.50'],
    ['a part given', {}, '2026-06-10', '100', '100', '0.00'],
    ['all given', {}, '2026-06-10', '1725.05', '1725.05', '0.00'],
  ];
  for (const [title, changes, day, wanted, payment_amount, discount_taken] of cases)
    t.same(paymentFor({ ...terms, ...changes }, day, wanted), { payment_amount, discount_taken }, title);
  t.equal(availableDiscount({ ...terms, discount_amount: null }, '2026-06-01'), '0.00');
  t.equal(lapses({ discount_date: '2026-06-10' }, '2026-06-10'), false);
  t.equal(lapses({ discount_date: '2026-06-10' }, '2026-06-11'), true);
  t.equal(lapses({ discount_date: null }, '2026-06-11'), false);
  t.end();
});

t.test('all that stands against paying is said at once', (t) => {
  const fine: Parties = {
    vendor: { status: 'active', name: 'Northwind' },
    account: { status: 'active', payable_from: '2026-06-02T09:00:00.000Z' },
    invoice: { type: 'invoice', status: 'approved', holds: [] },
    now,
  };
  const hold = {
    id: 'hld_1',
    kind: 'manual' as const,
    reason: 'wrong goods',
    placed_by: 'usr_1',
    placed_at: now.toISOString(),
  };
  const cases: [string, Partial<Parties>, string[]][] = [
    ['nothing', {}, []],
    ['a part is paid', { invoice: { ...fine.invoice, status: 'partially_paid' } }, []],
    ['no time named', { account: { status: 'active', payable_from: null } }, []],
    ['vendor on hold', { vendor: { status: 'payment_hold', name: 'N' } }, ['held']],
    ['vendor blocked', { vendor: { status: 'blocked', name: 'N' } }, ['vendor_not_active']],
    ['no account', { account: undefined }, ['no_account']],
    ['account revoked', { account: { status: 'revoked', payable_from: null } }, ['no_account']],
    ['account cooling', { account: { status: 'active', payable_from: '2026-06-02T09:00:00.001Z' } }, ['no_account']],
    ['invoice held', { invoice: { ...fine.invoice, holds: [hold] } }, ['held']],
    ['invoice disputed', { invoice: { ...fine.invoice, status: 'disputed' } }, ['disputed']],
    ['invoice matched', { invoice: { ...fine.invoice, status: 'matched' } }, ['not_approved']],
    ['credit note', { invoice: { ...fine.invoice, type: 'credit_note' } }, ['not_approved']],
    [
      'everything',
      {
        vendor: { status: 'blocked', name: 'N' },
        account: undefined,
        invoice: { ...fine.invoice, status: 'disputed' },
      },
      ['vendor_not_active', 'no_account', 'disputed'],
    ],
  ];
  for (const [title, changes, codes] of cases)
    t.same(
      obstacles({ ...fine, ...changes }).map((found) => found.code),
      codes,
      title,
    );
  refuseObstacles(obstacles(fine));
  const both = obstacles({ ...fine, account: undefined, invoice: { ...fine.invoice, status: 'disputed' } });
  t.throws(() => refuseObstacles(both), {
    code: 'payment.not-payable',
    errors: [{ pointer: '/vendor_id' }, { pointer: '/invoice_id' }],
  });
  t.end();
});

t.test(
  'whatever happens to payments, what was due is open or settled, and what is open is payable or reserved',
  (t) => {
    const effects = {
      release: releasePayment,
      settle: settlePayment,
      reopen: reopenPayment,
      reserve: reinstatePayment,
      resettle: resettlePayment,
      unsettle: unsettlePayment,
    } as const;
    const bank = ['accept', 'settle', 'fail', 'return', 'correct'] as const;
    const actions = ['approve', 'reject', 'cancel', 'void', ...bank, 'join'] as const;
    const step = fc.oneof(
      fc.record({ cents: fc.integer({ min: 1, max: 9000 }), discount: fc.integer({ min: 0, max: 50 }) }),
      fc.record({ which: fc.nat(9), action: fc.constantFrom(...actions) }),
    );
    const cents = (value: number): string => (value / 100).toFixed(2);
    const covered = (payments: readonly Payment[]): string =>
      amount(add(...payments.flatMap(({ payment_amount, discount_taken }) => [payment_amount, discount_taken])), 'EUR');
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const due = '100.00';
        let invoice: Loose = {
          type: 'invoice',
          status: 'approved',
          holds: [],
          currency: 'EUR',
          amount_due: due,
          open_amount: due,
          payable_amount: due,
          discount_amount: '50.00',
        };
        const payments: Payment[] = [];
        for (const taken of steps) {
          try {
            if ('cents' in taken) {
              const payment = made({ payment_amount: cents(taken.cents), discount_taken: cents(taken.discount) });
              invoice = { ...invoice, ...reservePayment(invoice, payment) };
              payments.push(payment);
            } else {
              const at = taken.which % Math.max(payments.length, 1);
              const before = payments[at];
              if (before === undefined) continue;
              if (taken.action === 'join') {
                if (before.status === 'approved') payments[at] = { ...before, status: 'batched' };
                continue;
              }
              const { payment, effect } = decidePayment(
                before,
                taken.action,
                by(taken.action === 'correct' ? 'third' : 'other'),
              );
              if (effect !== undefined) invoice = { ...invoice, ...effects[effect](invoice, before) };
              payments[at] = { ...before, ...payment };
            }
          } catch (error) {
            if (!(error instanceof DomainError)) throw error;
          }
          const live = payments.filter(({ status }) => OPEN_STATUSES.includes(status));
          const settled = payments.filter(({ status }) => status === 'settled');
          if (amount(subtract(invoice.open_amount, invoice.payable_amount), 'EUR') !== covered(live)) return false;
          if (amount(subtract(due, invoice.open_amount), 'EUR') !== covered(settled)) return false;
        }
        return true;
      }),
      { numRuns: 300 },
    );
    t.end();
  },
);

t.test('an answer to a payment whose batch is still being marked is corrected to one that is in its file', (t) => {
  for (const [before, after] of [
    ['not_exported', 'exported'],
    ['accepted', 'accepted'],
  ] as const) {
    const batched = made({ status: 'batched', integration_status: before });
    const failed = { ...batched, ...decidePayment(batched, 'fail', by('other')).payment };
    const corrected = decidePayment(failed, 'correct', { actorId: 'third', now });
    t.match(corrected.payment, { status: 'batched', integration_status: after });
    t.match(corrected.payment.bank_answers, [{ correction: { reason: '' } }], 'a job gives no reason');
  }
  t.end();
});

t.test('what Workday said to be settled stays so when the bank has accepted it', (t) => {
  const accept = (integration_status: Payment['integration_status']) =>
    decidePayment(made({ status: 'batched', integration_status }), 'accept', by('other')).payment;
  t.match(accept('exported'), { status: 'accepted', integration_status: 'accepted' });
  t.match(accept('settled'), { status: 'accepted', integration_status: 'settled' });
  t.end();
});
