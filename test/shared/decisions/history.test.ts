import t from 'tap';
import { type BarredDecision, barredFrom, remembered } from '../../../src/shared/decisions/history.ts';

const approvals = [
  { step: 'override', approved_by: 'overrider' },
  { step: 'ap_manager', approved_by: 'manager' },
];

t.test('every decision bars the people whom the history of its object names, and nobody else', async (t) => {
  const invoice = { created_by: 'clerk', changed_by: ['changer'], approvals };
  const order = { created_by: 'buyer', requested_by: 'requester', changed_by: ['changer'] };
  const payment = { created_by: 'maker', invoice_approvers: ['manager'], account_proposers: ['proposer'] };
  const cases: readonly (readonly [BarredDecision, Parameters<typeof barredFrom>[1], readonly string[]])[] = [
    ['override_invoice', invoice, ['clerk', 'changer']],
    ['approve_invoice', invoice, ['clerk', 'changer', 'overrider']],
    ['approve_payment_of_invoice', invoice, ['overrider', 'manager']],
    ['approve_order', order, ['buyer', 'changer', 'requester']],
    ['approve_vendor', order, ['buyer', 'changer']],
    ['approve_account', { created_by: 'a', history: [{ by: 'b', act: 'proposed' }] }, ['b', 'a']],
    ['approve_payment_to_account', { created_by: 'a' }, ['a']],
    ['approve_payment', payment, ['maker', 'manager', 'proposer']],
    ['approve_payment', { created_by: 'maker' }, ['maker']],
    ['record_bank_answer', payment, ['maker']],
    ['approve_batch', { created_by: 'maker', barred_approvers: ['manager'] }, ['maker', 'manager']],
    ['approve_batch', { created_by: 'maker', submitted_by: 'submitter' }, ['maker', 'submitter']],
    ['approve_batch', { created_by: 'maker', submitted_by: null }, ['maker']],
    ['approve_debtor_account', { created_by: 'a', changed_by: ['b'] }, ['a', 'b']],
  ];
  for (const [decision, object, barred] of cases) t.same([...barredFrom(decision, object)], barred, decision);
});

t.test('what is remembered outlives the fields it came from, once per person and act', async (t) => {
  const history = remembered({ approvals, requested_by: 'requester' });
  t.same(history, [
    { by: 'requester', act: 'requested' },
    { by: 'overrider', act: 'overrode' },
    { by: 'manager', act: 'approved' },
  ]);
  const emptied = { created_by: 'clerk', approvals: [], requested_by: 'other', history };
  t.same([...barredFrom('approve_invoice', emptied)], ['overrider', 'clerk']);
  t.same([...barredFrom('approve_order', emptied)], ['requester', 'clerk', 'other']);
  t.same(remembered({ approvals, history }), history, 'the same act again adds nothing');
  t.equal(remembered({ history }, { by: 'manager', act: 'overrode' }).length, 4, 'another act of the person does');
});

t.test('who approved a revision of an order is remembered; who rejected one is not', async (t) => {
  const decided = [
    { decision: 'approved', decided_by: 'approver' },
    { decision: 'rejected', decided_by: 'other' },
  ];
  t.same(remembered({ approvals: decided }), [{ by: 'approver', act: 'approved' }]);
});
