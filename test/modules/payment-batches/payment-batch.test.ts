import fc from 'fast-check';
import t from 'tap';
import {
  amountObstacle,
  fileOf,
  filePayment,
  formatObstacle,
  isMember,
  joined,
  joinObstacle,
  left,
  makeObstacle,
  memberObstacle,
} from '../../../src/modules/payment-batches/member.ts';
import {
  BATCH_STATUSES,
  type Batch,
  type BatchStatus,
  type Pinned,
} from '../../../src/modules/payment-batches/payment-batch.schema.ts';
import {
  answeredBatch,
  approvedBatch,
  cancelledBatch,
  downloadedBatch,
  generatedBatch,
  generatingBatch,
  mayApproveBatch,
  newBatch,
  noEligibleApprover,
  recalledBatch,
  rejectedBatch,
  requireGeneratable,
  sentBatch,
  submittedBatch,
  withoutMember,
} from '../../../src/modules/payment-batches/payment-batch.ts';
import { maskedPinned, pinStands, requirePinned } from '../../../src/modules/payment-batches/pinned.ts';
import {
  advanced,
  chunkOf,
  fits,
  memberId,
  nothing,
  type Outcome,
  type Run,
} from '../../../src/modules/payment-batches/run.ts';
import { viewOf } from '../../../src/modules/payment-batches/view.ts';
import { newPayment, type Payment, summaryOf } from '../../../src/modules/payments/index.ts';
import { DomainError, refusalOf } from '../../../src/shared/errors.ts';
import { idPattern, newId } from '../../../src/shared/ids.ts';
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
const now = new Date('2026-06-02T09:00:00Z');
const stamps = {
  version: 1,
  created_at: now.toISOString(),
  updated_at: now.toISOString(),
  audit: { seq: 1, hash: '' },
};

const batch = (changes: Partial<Batch> = {}): Batch => ({
  ...newBatch({
    id: 'bat_1',
    created_by: 'maker',
    creditor_address: 'structured',
    debtor_account_id: 'deb_1',
    execution_date: '2026-06-03',
    currency: 'EUR',
  }),
  ...stamps,
  status: 'draft',
  count: 2,
  control_sum: '30.00',
  ...changes,
});

const payment = (changes: Partial<Payment> = {}): Payment => ({
  ...newPayment({
    id: 'pay_1',
    created_by: 'maker',
    invoice: {
      id: 'inv_1',
      vendor_id: 'ven_1',
      invoice_number: '7',
      currency: 'EUR',
      discount_date: '2026-06-02',
      approvals: [{ approved_by: 'manager' }],
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
    payment_amount: '98.00',
    discount_taken: '2.00',
    payment_date: '2026-06-01',
    reference_number: 'PAY1',
  }),
  ...stamps,
  status: 'approved',
  ...changes,
});

const pinned = {
  initiating_party: 'Example Company',
  debtor: { name: 'Example', iban: 'NL91ABNA0417164300', bic: null, country: 'NL' },
  currency: 'EUR',
  profile_version: '001.09' as const,
  creditor_address: 'structured' as const,
};

t.test('a batch takes each action from these states and no other', (t) => {
  const file = {
    message_id: 'BAT1',
    profile_version: '001.09' as const,
    fixed: {
      created_at: now.toISOString(),
      generated_on: '2026-06-02',
      initiating_party: 'Example',
      debtor: { name: 'Example', iban: 'NL91ABNA0417164300', bic: null, country: 'NL' },
    },
  };
  const cases: [string, (status: BatchStatus) => unknown, readonly BatchStatus[]][] = [
    ['submit', (status) => submittedBatch(batch({ status }), 'other', pinned), ['draft']],
    ['recall', (status) => recalledBatch(batch({ status })), ['pending_approval', 'approved']],
    ['approve', (status) => approvedBatch(batch({ status }), 'other'), ['pending_approval']],
    ['reject', (status) => rejectedBatch(batch({ status })), ['pending_approval']],
    ['generate', (status) => generatingBatch(batch({ status }), 'other', file), ['approved', 'generating']],
    ['generate again', (status) => requireGeneratable(batch({ status })), ['approved', 'generating']],
    [
      'send',
      (status) => sentBatch(batch({ status }), { channel: 'portal' }, 'other', now),
      ['generated', 'partially_accepted', 'completed'],
    ],
    [
      'cancel',
      (status) => cancelledBatch(batch({ status }), { reason: 'no', not_transmitted: true }, 'other', now),
      ['building', 'draft', 'pending_approval', 'approved', 'generating', 'generated'],
    ],
    [
      'download',
      (status) => downloadedBatch(batch({ status }), now),
      ['generated', 'sent', 'partially_accepted', 'completed'],
    ],
  ];
  for (const [action, run, from] of cases)
    for (const status of BATCH_STATUSES)
      t.equal(code(() => run(status)) === 'allowed', from.includes(status), `${action} from ${status}`);
  t.match(generatingBatch(batch({ status: 'approved' }), 'other', file), { generated_by: 'other', message_id: 'BAT1' });
  t.match(sentBatch(batch({ status: 'generated' }), { channel: 'p', bank_reference: 'R' }, 'other', now).sent, {
    bank_reference: 'R',
  });
  t.end();
});

t.test('the approver made neither the batch nor approved an invoice of it', (t) => {
  const waiting = batch({ status: 'pending_approval', barred_approvers: ['manager'] });
  for (const [who, outcome] of [
    ['maker', 'payment_batch.segregation-of-duties'],
    ['manager', 'payment_batch.segregation-of-duties'],
    ['other', 'allowed'],
  ] as const)
    t.equal(
      code(() => approvedBatch(waiting, who)),
      outcome,
      who,
    );
  t.equal(
    code(() => submittedBatch(batch({ count: 0 }), 'maker', pinned)),
    'payment_batch.empty',
  );
  t.end();
});

t.test('whoever submitted a batch in any round does not approve it', (t) => {
  const first = { ...batch(), ...submittedBatch(batch(), 'one', pinned) };
  t.match(first, { status: 'pending_approval', submitted_by: 'one', pinned });
  const recalled = { ...first, ...recalledBatch({ ...first, status: 'approved', approved_by: 'two' }) };
  t.match(recalled, { status: 'draft', submitted_by: null, approved_by: null, pinned: null });
  const again = { ...recalled, ...submittedBatch(recalled, 'three', pinned) };
  for (const [who, may] of [
    ['maker', false],
    ['one', false],
    ['three', false],
    ['two', true],
  ] as const)
    t.equal(mayApproveBatch(again, who), may, who);
  const older = batch({ status: 'pending_approval', submitted_by: 'one' });
  t.notOk(mayApproveBatch(older, 'one'), 'also where no history was kept');
  t.notOk(mayApproveBatch({ ...older, ...recalledBatch(older) }, 'one'));
  t.end();
});

t.test('a refusal to submit names who could approve it but for their limit, at most 20', (t) => {
  const people = Array.from({ length: 25 }, (_, index) => `usr_${index}`);
  t.match(noEligibleApprover(batch(), []), { code: 'payment_batch.no-eligible-approver', errors: [] });
  const refused = noEligibleApprover(batch(), people);
  t.match(refused.message, '30.00 EUR');
  t.equal(refused.errors.length, 20);
  t.match(refused.errors[0], { pointer: '/control_sum', detail: /usr_0/ });
  t.end();
});

t.test('what changed since the batch was submitted is named without its content', (t) => {
  const { debtor } = pinned;
  const cases: [string, Partial<Pinned>, string][] = [
    ['/pinned/initiating_party', { initiating_party: 'Other' }, 'the name of the company'],
    ['/pinned/debtor/name', { debtor: { ...debtor, name: 'Other' } }, 'the name of the debtor account'],
    ['/pinned/debtor/iban', { debtor: { ...debtor, iban: 'BE68539007547034' } }, 'the IBAN'],
    ['/pinned/debtor/bic', { debtor: { ...debtor, bic: 'ABNANL2A' } }, 'the BIC'],
    ['/pinned/debtor/country', { debtor: { ...debtor, country: 'BE' } }, 'the country'],
    ['/pinned/currency', { currency: 'USD' }, 'the currency'],
    ['/pinned/profile_version', { profile_version: '001.03' }, 'the bank profile'],
    ['/pinned/creditor_address', { creditor_address: 'none' }, 'takes addresses'],
  ];
  for (const [pointer, changes, words] of cases) {
    const now = { ...pinned, ...changes };
    t.notOk(pinStands({ pinned }, now), pointer);
    const refused = refusalOf(() => requirePinned({ pinned }, now));
    t.match(refused, { code: 'payment_batch.changed-since-submit', errors: [{ pointer }] });
    t.match(refused?.message, words);
    t.notMatch(refused?.message, /NL91|BE68|ABNANL2A/);
  }
  t.ok(pinStands({ pinned }, { ...pinned, debtor: { ...debtor } }), 'what was changed back stands');
  t.equal(requirePinned({ pinned }, pinned), pinned);
  for (const older of [{}, { pinned: null }]) {
    t.notOk(pinStands(older, pinned));
    t.match(
      refusalOf(() => requirePinned(older, pinned)),
      { code: 'payment_batch.changed-since-submit', errors: [] },
    );
    t.equal(maskedPinned(older.pinned), null);
  }
  t.equal(maskedPinned(pinned)?.debtor.iban, 'NL** **** 4300');
  t.end();
});

t.test('who cancels depends on what exists', (t) => {
  const body = { reason: 'no', not_transmitted: true as const };
  const downloaded = batch({ status: 'generated', first_downloaded_at: now.toISOString() });
  t.equal(cancelledBatch(batch({ status: 'generated' }), body, 'one', now).status, 'cancelling');
  t.equal(
    code(() => cancelledBatch(batch({ status: 'generated' }), { reason: 'no' }, 'one', now)),
    'payment_batch.file-exists',
  );
  const asked = cancelledBatch(downloaded, body, 'one', now);
  t.match(asked, { status: 'generated', cancellation: { requested_by: 'one', reason: 'no' } });
  const waiting = { ...downloaded, cancellation: asked.cancellation };
  t.equal(
    code(() => cancelledBatch(waiting, body, 'one', now)),
    'payment_batch.segregation-of-duties',
  );
  t.equal(cancelledBatch(waiting, body, 'two', now).status, 'cancelling');
  const answers = { accepted: 1, settled: 0, failed: 0, returned: 0 };
  t.equal(
    code(() => cancelledBatch(batch({ status: 'generated', answers }), body, 'one', now)),
    'payment_batch.wrong-status',
  );
  const again = downloadedBatch(downloaded, new Date('2026-07-01T00:00:00Z'));
  t.equal(again.first_downloaded_at, now.toISOString(), 'the first download stays');
  // Sent before it was kept how many had failed by then.
  const sent = { sent_by: 'one', sent_at: now.toISOString(), channel: 'portal', bank_reference: null };
  t.equal(
    code(() => downloadedBatch(batch({ status: 'sent', sent, answers: { ...answers, failed: 1 } }), now)),
    'allowed',
  );
  t.end();
});

t.test('the header follows its members', (t) => {
  t.match(withoutMember(batch(), { payment_amount: '10.00' }), { count: 1, control_sum: '20.00' });
  const sum = { count: 2, control_sum: '30.00' };
  t.equal(generatedBatch(batch({ status: 'generating' }), { files: [], ...sum }).status, 'generated');
  t.equal(generatedBatch(batch({ status: 'generating' }), { files: [], ...nothing('EUR') }).status, 'cancelled');
  const steps: [string, string, BatchStatus][] = [
    ['batched', 'accepted', 'sent'],
    ['accepted', 'settled', 'sent'],
    ['batched', 'failed', 'completed'],
    ['settled', 'returned', 'completed'],
  ];
  const sent = { channel: 'bank portal', bank_reference: null, sent_by: 'one', sent_at: now.toISOString() };
  let current = batch({ status: 'sent', sent });
  for (const [before, after, status] of steps) {
    current = { ...current, ...answeredBatch(current, before, after, now) };
    t.equal(current.status, status, `${before} to ${after}`);
  }
  t.same(current.answers, { accepted: 0, settled: 0, failed: 1, returned: 1 });
  t.equal(answeredBatch(batch({ status: 'generated' }), 'batched', 'failed', now).status, 'partially_accepted');
  t.equal(answeredBatch(batch({ status: 'completed', count: 3, sent }), 'batched', 'settled', now).status, 'sent');
  t.equal(
    answeredBatch(batch({ status: 'completed', count: 3 }), 'batched', 'settled', now).status,
    'generated',
    'nobody said that it was sent',
  );
  t.end();
});

t.test('a chunk ends when its transaction is full, and writes a shared document once', (t) => {
  let keys = 0;
  const write = () => {
    keys += 1;
    return { action: 'delete' as const, table: 'keys' as const, key: { id: `${keys}` } };
  };
  const moved = (id: string, version: number) => ({
    action: 'put' as const,
    table: 'invoices' as const,
    key: { id },
    item: { id, version: version + 1 },
    condition: { kind: 'equals' as const, attribute: 'version', value: version },
  });
  const member = summaryOf(payment());
  const one = (writes = 4): Outcome => ({ changed: [], writes: Array.from({ length: writes }, write), member });
  const note = (id: string, version: number, payable_amount: string, more: Outcome['writes'] = []): Outcome => {
    const changed = [{ id, type: 'credit_note', status: 'partially_applied', payable_amount } as Loose];
    return { changed, writes: [...more, moved(id, version)], member };
  };
  t.ok(fits([], one(95)), 'the first always goes');
  t.ok(fits([one(45)], one(45)));
  t.notOk(fits([one(45)], one(46)));
  const nearlyFull = note('inv_1', 1, '5.00', Array.from({ length: 89 }, write));
  t.ok(fits([nearlyFull], note('inv_1', 2, '0.00')), 'the same document again takes no more room');
  t.notOk(fits([nearlyFull], note('inv_2', 2, '0.00')));
  const shared = chunkOf([note('inv_1', 1, '5.00'), one(1), note('inv_2', 7, '2.00'), note('inv_1', 2, '0.00')], 'EUR');
  t.same(
    shared.writes.filter(({ table }) => table === 'invoices'),
    [{ ...moved('inv_1', 2), condition: moved('inv_1', 1).condition }, moved('inv_2', 7)],
    'as the last left it, under the version that the first read',
  );
  t.same(shared.spent_credits, ['inv_1']);
  const skip = { payment_id: null, invoice_id: 'inv_1', code: 'held' as const, reason: 'held' };
  const chunk = chunkOf(
    [
      { ...one(), barred: ['m'], credit_vendor: 'ven_1' },
      { ...one(), barred: ['m', 'n'], credit_vendor: 'ven_1' },
      { changed: [], writes: [], skip },
    ],
    'EUR',
  );
  t.match(chunk, { consumed: 3, count: 2, control_sum: '196.00', barred_approvers: ['m', 'n'], skips: [skip] });
  t.same(chunk.credit_vendors, ['ven_1']);
  const run: Run = {
    batch_id: 'bat_1',
    step: 'join',
    done: 20,
    total: 40,
    count: 1,
    control_sum: '0.10',
    barred_approvers: ['m'],
    credit_vendors: Array.from({ length: 49 }, (_, index) => `ven_${index + 2}`),
    actor_id: 'maker',
    request_id: 'r',
    lease_token: '',
    lease_until: '',
    created_at: now.toISOString(),
    version: 1,
  };
  t.match(advanced(run, chunk, 'EUR'), { done: 23, count: 3, control_sum: '196.10', barred_approvers: ['m', 'n'] });
  t.equal(advanced(run, chunk, 'EUR').credit_vendors.at(-1), 'ven_1');
  const crowded = { ...run, credit_vendors: Array.from({ length: 50 }, (_, index) => `ven_${index + 2}`) };
  t.equal(advanced(crowded, chunk, 'EUR').credit_vendors.length, 50, 'no more are told of');
  t.equal(chunkOf([], 'EUR').control_sum, '0.00');
  t.match(viewOf(batch(), { run }).progress, { step: 'join', done: 20, total: 40 });
  t.same(viewOf(batch(), {}).payments, []);
  t.end();
});

t.test('the payment that a batch makes of an invoice has one id', (t) => {
  const pattern = new RegExp(idPattern('payment'));
  fc.assert(
    fc.property(fc.constant(null), () => {
      const [id, other, invoice] = [newId('payment_batch'), newId('payment_batch'), newId('invoice')];
      const made = memberId(id, invoice);
      return (
        pattern.test(made) &&
        made === memberId(id, invoice) &&
        made !== memberId(other, invoice) &&
        made !== memberId(id, newId('invoice'))
      );
    }),
  );
  const paymentId = newId('payment');
  t.equal(memberId(newId('payment_batch'), paymentId), paymentId);
  t.end();
});

const payee: Loose = {
  vendor: { status: 'active', name: 'Northwind' },
  account: { status: 'active', payable_from: null },
};
const invoice: Loose = {
  type: 'invoice',
  status: 'approved',
  holds: [],
  currency: 'EUR',
  approvals: [{ approved_by: 'manager' }],
  payable_amount: '100.00',
};
const hold = { reason: 'ask', placed_by: 'usr', placed_at: now.toISOString() };

t.test('what keeps an approved payment out of a batch', (t) => {
  const minimum = batch({ minimum_amount: '98.01' });
  const cases: [string, Batch, Partial<Payment>, string | undefined][] = [
    ['nothing', batch(), {}, undefined],
    ['another batch', batch(), { status: 'batched', batch_id: 'bat_2' }, 'already_in_run'],
    ['accepted', batch(), { status: 'accepted' }, 'already_in_run'],
    ['joining', batch(), { status: 'approved', batch_id: 'bat_2' }, 'already_in_run'],
    ['not approved', batch(), { status: 'pending_approval' }, 'not_approved'],
    ['held', batch(), { hold }, 'held'],
    ['later', batch(), { payment_date: '2026-06-04' }, 'not_due'],
    ['too small', minimum, {}, 'below_minimum'],
    ['dollars', batch(), { currency: 'USD' }, 'no_format'],
    ['no IBAN', batch(), { creditor: { ...payment().creditor, iban: null } }, 'no_format'],
    ['outside SEPA', batch(), { creditor: { ...payment().creditor, iban: 'TR330006100519786457841326' } }, 'no_format'],
    ['a name no bank carries', batch(), { creditor: { ...payment().creditor, holder_name: '☕' } }, 'no_format'],
  ];
  for (const [title, header, changes, expected] of cases)
    t.equal(joinObstacle(header, payment(changes), { ...payee, invoice }, now, '001.09')?.code, expected, title);
  const disputed = { ...payee, invoice: { ...invoice, status: 'disputed' } };
  t.equal(memberObstacle(payment(), disputed, now)?.code, 'disputed');
  t.equal(formatObstacle(payment({ creditor: { ...payment().creditor, bic: 'ABNANL2A' } }), '001.03'), undefined);
  t.end();
});

t.test('what keeps a batch from making a payment', (t) => {
  const cases: [string, object, object, string | undefined][] = [
    ['nothing', {}, {}, undefined],
    ['disputed', { status: 'disputed' }, {}, 'disputed'],
    ['no account', {}, { account: undefined }, 'no_account'],
    ['dollars', { currency: 'USD' }, {}, 'no_format'],
    ['its own approval', { approvals: [{ approved_by: 'maker' }] }, {}, 'approved_by_releaser'],
    ['covered', { payable_amount: '0.00' }, {}, 'already_in_run'],
  ];
  for (const [title, changes, parties, expected] of cases)
    t.equal(makeObstacle(batch(), { ...invoice, ...changes }, { ...payee, ...parties }, now)?.code, expected, title);
  t.equal(amountObstacle(batch(), '0.00')?.code, 'credit_exceeds');
  t.equal(amountObstacle(batch({ minimum_amount: '1.00' }), '0.99')?.code, 'below_minimum');
  t.equal(amountObstacle(batch({ minimum_amount: '1.00' }), '1.00'), undefined);
  t.end();
});

t.test('a payment joins, and leaves as what it was', (t) => {
  t.match(joined(batch(), payment()), {
    payment: { status: 'batched', batch_id: 'bat_1', payment_date: '2026-06-03', discount_taken: '0.00' },
    lapsed: '2.00',
  });
  t.equal(joined(batch({ execution_date: '2026-06-02' }), payment()).lapsed, undefined);
  t.equal(joined(batch(), payment({ discount_taken: '0.00' })).lapsed, undefined);
  const member = payment({ status: 'batched', batch_id: 'bat_1', integration_status: 'exported', processed_by: 'usr' });
  t.match(left(member, 'bat_1'), {
    gone: false,
    payment: { status: 'approved', batch_id: null, integration_status: 'not_exported', processed_by: null },
  });
  t.match(left({ ...member, made_by_batch: 'bat_1' }, 'bat_1'), { gone: true, payment: { status: 'cancelled' } });
  t.ok(isMember(member, 'bat_1'));
  t.notOk(isMember(member, 'bat_2'));
  t.notOk(isMember(undefined, 'bat_1'));
  t.end();
});

t.test('a file is made of what was fixed and frozen alone', (t) => {
  const fixed = {
    created_at: now.toISOString(),
    generated_on: '2026-06-02',
    initiating_party: 'Example',
    debtor: { name: 'Example', iban: 'NL91ABNA0417164300', bic: 'ABNANL2A', country: 'NL' },
  };
  const made = fileOf(batch({ message_id: 'BAT1' }), fixed, [filePayment(payment(), 'structured')]);
  t.match(made, {
    message_id: 'BAT1',
    payment_information_id: 'BAT1',
    debtor: { bic: 'ABNANL2A' },
    payments: [
      {
        end_to_end_id: 'PAY1',
        amount: '98.00',
        remittance: '7 100.00 less discount 2.00',
        creditor: { name: 'Northwind' },
      },
    ],
  });
  const bare = fileOf(batch(), { ...fixed, debtor: { ...fixed.debtor, bic: null } }, []);
  t.match(bare, { message_id: '', debtor: { bic: undefined } });
  t.equal(filePayment(payment({ creditor: { ...payment().creditor, iban: null } }), 'none').creditor.iban, '');
  const terms = {
    ...{ id: 'bat_1', created_by: 'maker', debtor_account_id: 'deb_1', execution_date: '2026-06-03' },
    creditor_address: 'none' as const,
  };
  t.match(newBatch({ ...terms, currency: 'EUR', minimum_amount: '1', due_on_or_before: '2026-06-01' }), {
    minimum_amount: '1.00',
    due_on_or_before: '2026-06-01',
  });
  t.end();
});
