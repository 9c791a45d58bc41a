/** What a status report means for a payment. */
import t from 'tap';
import {
  decideStatus,
  inWords,
  meaningOf,
  type StatusFacts,
} from '../../../src/modules/bank-messages/domain/decide-status.ts';
import type { KnownPayment } from '../../../src/modules/bank-messages/domain/known.ts';

const PAYMENT: KnownPayment = {
  id: 'pay_1',
  status: 'batched',
  amount: '105.00',
  currency: 'EUR',
  batch_id: 'bat_1',
  debtor_account: null,
  creditor_account: null,
  left_on: '2026-03-17',
  bank_reference: null,
};
const said = (status: string | null, code?: string) => ({
  status,
  reasons: code === undefined ? [] : [{ code, text: null }],
});
const SILENT = said(null);

function verdict(facts: Partial<StatusFacts>, payment: Partial<KnownPayment> = {}) {
  return decideStatus({ ...PAYMENT, ...payment }, { group: SILENT, batch_id: 'bat_1', ...facts });
}
const own = (status: string | null, code?: string) => ({ transaction: { ...said(status, code), money: null } });

t.test(
  'each status of a transaction is what it says: accepted is no settlement, unknown changes nothing',
  async (t) => {
    for (const status of ['ACTC', 'ACCP', 'ACSP', 'ACSC', 'ACWC'])
      t.strictSame(
        verdict(own(status)),
        { outcome: 'apply', action: 'accept', payment_id: 'pay_1', code: 'accepted' },
        status,
      );
    t.match(verdict(own('PDNG')), { outcome: 'ignored', code: 'pending' });
    t.match(verdict(own('RJCT', 'AC04')), {
      outcome: 'apply',
      action: 'fail',
      reason_code: 'AC04',
      reason: 'the account is closed (AC04)',
    });
    for (const status of ['RCVD', 'PART', 'CANC', 'XXXX', 'rjct'])
      t.match(
        verdict(own(status)),
        { outcome: 'listed', code: 'unknown_status' },
        `${status} is no status of a transaction`,
      );
    t.equal(meaningOf('RCVD', 'whole'), 'pending');
    t.equal(meaningOf('PART', 'whole'), 'part');
  },
);

t.test(
  'a rejection of the whole or of a block is one of everything in it, an acceptance too where nothing else is said',
  async (t) => {
    t.match(verdict({ group: said('RJCT', 'DU01') }), { action: 'fail', reason_code: 'DU01' });
    t.match(verdict({ group: SILENT, block: said('RJCT', 'AM10') }), { action: 'fail', reason_code: 'AM10' });
    t.match(verdict({ group: said('RJCT'), block: SILENT, ...own(null) }), { action: 'fail', reason_code: 'MS03' });
    t.match(
      verdict({ group: said('RJCT', 'AM10'), ...own('RJCT') }),
      { action: 'fail', reason_code: 'AM10' },
      'the nearest reason',
    );
    t.match(verdict({ group: said('ACCP') }), { action: 'accept' });
    t.match(verdict({ group: said('ACCP'), block: said('RJCT') }), { action: 'fail' });
    t.match(verdict({ group: said('PART') }), { outcome: 'ignored', code: 'pending' });
    t.match(verdict({ group: said('RCVD') }), { outcome: 'ignored', code: 'pending' });
    t.match(verdict({ group: said('ACXX') }), { outcome: 'listed', code: 'unknown_status' });
    t.match(verdict({ group: SILENT }), { outcome: 'listed', code: 'unknown_status' }, 'nothing was said at all');
    t.match(verdict({ group: said('PART'), block: SILENT, ...own('ACSP') }), { action: 'accept' });
  },
);

t.test(
  'a payment in a rejected whole of which something else is said is not failed: it could be paid twice',
  async (t) => {
    for (const status of ['ACSC', 'PDNG', 'XXXX'])
      t.match(verdict({ group: said('RJCT'), ...own(status) }), { outcome: 'listed', code: 'contradictory' });
  },
);

t.test('what does not fit the payment is for a person', async (t) => {
  t.match(verdict(own('ACSP'), { batch_id: 'bat_2' }), { outcome: 'listed', code: 'references_conflict' });
  t.match(verdict({ ...own('ACSP'), batch_id: undefined }, { batch_id: 'bat_2' }), { action: 'accept' });
  const money = (amount: string, currency = 'EUR') => ({
    transaction: { ...said('ACSP'), money: { amount, currency } },
  });
  t.match(verdict(money('105.00')), { action: 'accept' });
  t.match(verdict(money('105.01')), { code: 'amount_differs' });
  t.match(verdict(money('105.00', 'USD')), { code: 'amount_differs' });
  for (const status of ['ACSP', 'RJCT']) {
    t.match(verdict(own(status), { left_on: null }), { code: 'not_in_file' }, 'a file that nobody has');
    t.match(verdict(own(status), { status: 'approved' }), { code: 'not_in_file' });
    t.match(verdict(own(status), { status: 'pending_approval' }), { code: 'not_in_file' });
    t.match(verdict(own(status), { status: 'cancelled' }), { code: 'after_end' });
  }
});

t.test('a status that comes late or again changes nothing', async (t) => {
  for (const status of ['accepted', 'settled'] as const)
    t.match(verdict(own('ACSP'), { status }), { outcome: 'ignored', code: 'known' });
  for (const status of ['failed', 'returned', 'voided'] as const) {
    t.match(verdict(own('RJCT'), { status }), { outcome: 'ignored', code: 'known' });
    t.match(verdict(own('ACSP'), { status }), { outcome: 'listed', code: 'after_end' });
  }
  t.match(verdict(own('RJCT'), { status: 'accepted' }), { action: 'fail' });
  t.match(verdict(own('RJCT'), { status: 'settled' }), { outcome: 'listed', code: 'settled_already' });
});

t.test('every reason is told, at a length that a person reads', async (t) => {
  t.strictSame(inWords([]), { reason_code: 'MS03' });
  t.strictSame(
    inWords([
      { code: 'AC04', text: 'x' },
      { code: null, text: 'y' },
    ]),
    {
      reason_code: 'AC04',
      reason: 'the account is closed (AC04); x; y',
    },
  );
  t.equal(inWords([{ code: 'NARR', text: 'z'.repeat(2_000) }]).reason?.length, 500);
});
