import t from 'tap';
import { newPayment, openReport, type Payment } from '../../../src/modules/payments/index.ts';
import { decidePayment, dismissFailure } from '../../../src/modules/payments/payment.ts';
import { decideCallback } from '../../../src/modules/workday/callback.ts';
import { isSigned, signatureOf } from '../../../src/modules/workday/signature.ts';
import { refusalOf } from '../../../src/shared/errors.ts';

const now = new Date('2026-06-02T09:00:00Z');
const SECRET = 'a secret of more than thirty-two characters';
const seconds = (offset: number): string => String(now.getTime() / 1000 + offset);

t.test('a callback is signed by who has the secret, over this body, within 300 seconds', async (t) => {
  const body = '{"status":"accepted"}';
  const header = (offset: number, text = body, secret = SECRET): string =>
    `t=${seconds(offset)},v1=${signatureOf(secret, seconds(offset), text)}`;
  const cases: readonly [string, string | undefined, boolean][] = [
    ['now', header(0), true],
    ['300 seconds old', header(-300), true],
    ['from 300 seconds ahead', header(300), true],
    ['301 seconds old', header(-301), false],
    ['from 301 seconds ahead', header(301), false],
    ['with a space', header(0).replace(',', ', '), true],
    ['in upper-case hex', header(0).replace(/v1=.*/, (hex) => `v1=${hex.slice(3).toUpperCase()}`), true],
    ['of another body', header(0, '{"status":"settled"}'), false],
    ['of another secret', header(0, body, `${SECRET}!`), false],
    ['with another time than was signed', header(0).replace(seconds(0), seconds(1)), false],
    ['without a time', header(0).replace(/t=\d+,/, ''), false],
    ['cut', header(0).slice(0, -1), false],
    ['no hex', `t=${seconds(0)},v1=${'g'.repeat(64)}`, false],
    ['missing', undefined, false],
    ['empty', '', false],
  ];
  for (const [title, given, expected] of cases)
    t.equal(isSigned(SECRET, { header: given, body, now }), expected, title);
  t.equal(isSigned(undefined, { header: header(0), body, now }), false, 'no secret, no signature');
});

const payment = (changes: Partial<Payment>): Payment => ({
  ...newPayment({
    id: 'pay_1',
    created_by: 'maker',
    invoice: {
      id: 'inv_1',
      vendor_id: 'ven_1',
      invoice_number: '7',
      currency: 'EUR',
      discount_date: null,
      approvals: [],
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
const said = (status: 'accepted' | 'settled' | 'failed') => ({ status, message: null, received_at: '', applied: true });

t.test('a callback is applied, recorded alone, or was here before', async (t) => {
  const facts = { now, today: '2026-06-02', settledByWorkday: true, refused: false };
  const exported = { status: 'batched', integration_status: 'exported' } as const;
  const accepted: Partial<Payment> = {
    status: 'accepted',
    integration_status: 'accepted',
    workday_callbacks: [said('accepted')],
  };
  const settled: Partial<Payment> = {
    status: 'settled',
    integration_status: 'settled',
    workday_callbacks: [said('settled')],
  };
  const failed: Partial<Payment> = {
    status: 'failed',
    integration_status: 'failed',
    workday_callbacks: [said('failed')],
  };
  type Case = readonly [string, object, 'accepted' | 'settled' | 'failed', string | undefined, string];
  const cases: readonly Case[] = [
    ['accepted', exported, 'accepted', 'accept', 'accepted'],
    ['settled at once', exported, 'settled', 'settle', 'settled'],
    ['failed', exported, 'failed', 'fail', 'failed'],
    ['settled after accepted', accepted, 'settled', 'settle', 'settled'],
    ['failed after accepted', accepted, 'failed', 'fail', 'failed'],
    ['accepted after settled', settled, 'accepted', undefined, 'settled'],
    ['failed after settled', settled, 'failed', undefined, 'settled'],
    ['settled after failed', failed, 'settled', undefined, 'failed'],
    ['accepted after a treasurer settled it', { ...settled, workday_callbacks: [] }, 'accepted', undefined, 'settled'],
    ['accepted, in no batch', {}, 'accepted', undefined, 'not_exported'],
    ['failed, cancelled before', { status: 'cancelled' }, 'failed', undefined, 'not_exported'],
  ];
  for (const [title, changes, status, action, integration] of cases) {
    const before = payment(changes);
    const record = decideCallback(before, { ...facts, status, message: 'as told' });
    t.equal(record?.action, action, title);
    const noted = { ...before, ...record?.changes };
    const done = { ...record?.body, actorId: 'usr_workday', now };
    const after = record?.action === undefined ? noted : decidePayment(noted, record.action, done).payment;
    t.equal(after.integration_status, integration, `${title}: integration status`);
    t.match(record?.changes.workday_callbacks?.at(-1), {
      status,
      message: 'as told',
      received_at: now.toISOString(),
      applied: action !== undefined,
    });
    t.equal(record?.changes.workday_callbacks?.length, before.workday_callbacks.length + 1, `${title}: kept`);
    t.equal(record?.body.booked_on, action === 'settle' ? '2026-06-02' : undefined);
  }
  for (const [before, status] of [
    [accepted, 'accepted'],
    [settled, 'settled'],
    [failed, 'failed'],
  ] as const)
    t.equal(decideCallback(payment(before), { ...facts, status }), undefined, `${status} again`);
});

t.test(
  'a failure is Workday’s to say only where the debtor account says so; else it is reported once per file',
  async (t) => {
    const facts = { now, today: '2026-06-02', settledByWorkday: false, refused: false };
    const inFile = { status: 'batched', batch_id: 'bat_1', integration_status: 'exported' } as const;
    const say = (before: Payment, status: 'accepted' | 'settled' | 'failed', more: object = {}): Payment => ({
      ...before,
      ...decideCallback(before, { ...facts, status, ...more })?.changes,
    });
    t.match(decideCallback(payment(inFile), { ...facts, status: 'failed', message: 'closed' }), {
      action: undefined,
      changes: {
        integration_status: 'failed',
        reported_failure: { batch_id: 'bat_1', message: 'closed', decision: null },
        workday_callbacks: [{ applied: false, reported_of: 'bat_1' }],
      },
    });
    const reported = say(payment(inFile), 'failed');
    t.equal(decideCallback(reported, { ...facts, status: 'failed' }), undefined, 'again');
    const accepted = decideCallback(reported, { ...facts, status: 'accepted' });
    t.match(accepted, { action: undefined, changes: { workday_callbacks: [{}, { applied: false }] } });
    t.notHas(accepted?.changes, 'integration_status', 'an earlier status that comes late');
    const early = say(payment(inFile), 'failed', { refused: true });
    t.notHas(early, 'reported_failure', 'before the file was downloaded');
    t.match(say(early, 'failed'), { reported_failure: { batch_id: 'bat_1' } }, 'but again after it');
    const nextFile = { ...reported, batch_id: 'bat_2' };
    t.equal(openReport(nextFile), undefined, 'a report is of its file');
    t.match(say(nextFile, 'failed'), { reported_failure: { batch_id: 'bat_2' } });
    t.notHas(say(payment({ ...inFile, batch_id: null }), 'failed'), 'reported_failure');

    const by = { actorId: 'treasurer', now, reason: 'the bank says so' };
    const confirmed = decidePayment(reported, 'fail', by).payment;
    t.match(confirmed, {
      status: 'failed',
      reported_failure: { decision: { outcome: 'confirmed', ...{ decided_by: 'treasurer' } } },
    });
    const dismissed = { ...reported, ...dismissFailure(reported, by) };
    t.match(dismissed, {
      status: 'batched',
      integration_status: 'exported',
      reported_failure: { decision: { outcome: 'dismissed' } },
    });
    t.match(dismissFailure({ ...reported, status: 'accepted' }, by), { integration_status: 'accepted' });
    t.equal(
      decideCallback(dismissed, { ...facts, status: 'failed' }),
      undefined,
      'a dismissed report is not raised again',
    );
    t.equal(refusalOf(() => void dismissFailure(dismissed, by))?.code, 'payment.no-reported-failure');
    t.equal(
      refusalOf(() => void dismissFailure(reported, { ...by, actorId: 'maker' }))?.code,
      'payment.segregation-of-duties',
    );
  },
);

t.test('a settlement is Workday’s to say only where the debtor account says so', async (t) => {
  const before = payment({ status: 'accepted', integration_status: 'accepted' });
  const facts = { now, today: '2026-06-02', settledByWorkday: false, refused: false };
  const record = decideCallback(before, { ...facts, status: 'settled' });
  t.equal(record?.action, undefined);
  t.match(record?.changes, { integration_status: 'settled', workday_callbacks: [{ applied: false, message: null }] });
});

t.test('what could not be applied blocks nothing, and is applied when it is said again and can be', async (t) => {
  const facts = { now, today: '2026-06-02', settledByWorkday: true, refused: false };
  const early = decideCallback(payment({}), { ...facts, status: 'failed' });
  t.equal(early?.action, undefined);
  t.match(early?.changes.workday_callbacks, [{ status: 'failed', applied: false }]);
  const { workday_callbacks } = early?.changes ?? {};
  t.ok(workday_callbacks);
  const later = payment({
    status: 'batched',
    integration_status: 'exported',
    workday_callbacks: workday_callbacks ?? [],
  });
  t.equal(decideCallback(later, { ...facts, status: 'failed', refused: true }), undefined, 'on record already');
  t.equal(decideCallback(later, { ...facts, status: 'accepted' })?.action, 'accept');
  t.equal(decideCallback(later, { ...facts, status: 'settled' })?.action, 'settle');
  const again = decideCallback(later, { ...facts, status: 'failed' });
  t.equal(again?.action, 'fail');
  t.match(again?.changes.workday_callbacks, [{ applied: false }, { applied: true }]);
  const corrected = payment({
    status: 'batched',
    integration_status: 'exported',
    workday_callbacks: again?.changes.workday_callbacks ?? [],
  });
  t.equal(decideCallback(corrected, { ...facts, status: 'failed' }), undefined, 'a person corrected it: it stays so');
  t.equal(decideCallback(corrected, { ...facts, status: 'settled' })?.action, 'settle');
});
