/** What a file asks to be decided, and how a line is shown. */
import t from 'tap';
import { decideNacha, namesOfAnswer } from '../../../src/modules/bank-messages/domain/decide-nacha.ts';
import type { KnownPayment } from '../../../src/modules/bank-messages/domain/known.ts';
import {
  createFileReader,
  type FileWork,
  lastOfAccounts,
  MAX_FINDINGS,
} from '../../../src/modules/bank-messages/domain/work.ts';
import type { NachaAnswer } from '../../../src/modules/bank-messages/formats/nacha.ts';
import {
  bankReference,
  decidedLine,
  knownLine,
  lineText,
  masked,
  refusedLine,
} from '../../../src/modules/bank-messages/line-view.ts';
import { idOfReference, newId } from '../../../src/shared/ids.ts';
import {
  balanceXml,
  blockXml,
  camt053,
  detailXml,
  entryXml,
  pain002,
  read,
  statementXml,
  statusXml,
  transactionXml,
} from '../../support/bank-messages.ts';

function workOf(text: string): FileWork {
  const reader = createFileReader();
  for (const event of read(text)) reader.take(event);
  return reader.end();
}
const kindsOf = (text: string) =>
  workOf(text).work.map((one) =>
    one.kind === 'whole' ? `whole ${one.block?.original_payment_information_id ?? ''}` : one.kind,
  );

const ANSWER: NachaAnswer = {
  type: 'return',
  code: 'R02',
  original_trace: '091000010000001',
  original_bank: '09100001',
  corrected: null,
  trace: '091000017611242',
  company_id: '1',
  entry_class: 'CCD',
  transaction_code: '21',
  account: '123456789',
  amount: '105.00',
  direction: 'credit',
  individual_id: 'PAY-42',
  individual_name: 'PAYEE',
  line: 4,
};

t.test('each transaction of an entry is a line with its statement; parts go on counting', async (t) => {
  const details = Array.from({ length: 1_002 }, (_, at) => detailXml(`E${at}`)).join('');
  const { work, statements, kind, definition } = workOf(
    camt053(statementXml({ entries: entryXml() + entryXml({ details }) })),
  );
  t.equal(work.length, 1_003);
  t.match(work[0], {
    kind: 'entry',
    statement: 'STMT-1',
    account: 'DE89370400440532013000',
    line: { entry: 1, detail: 0 },
  });
  t.match(work[1_002], { line: { entry: 2, detail: 1_002, references: { end_to_end_id: 'E1001' } } });
  t.match([kind, definition, statements.length], ['camt.053', 'camt.053.001.08', 1]);
});

t.test('what is wrong with a statement or an entry is found, at most as much as a person reads', async (t) => {
  const charged = entryXml({ amount: '110.00', details: detailXml('E1', '<Amt Ccy="EUR">105.00</Amt>') });
  const balances = balanceXml('OPBD', '0') + balanceXml('CLBD', '5');
  t.match(workOf(camt053(statementXml({ balances, entries: charged }))).findings, [
    { code: 'details_differ', detail: /Entry 1 has -5/ },
    { code: 'balance_differs' },
  ]);
  t.equal(workOf(camt053(statementXml({ entries: charged.repeat(150) }))).findings.length, MAX_FINDINGS);
});

t.test('a report asks for each transaction, then for what its block or message does not name', async (t) => {
  const rejected = statusXml('GrpSts', 'RJCT');
  const one = transactionXml('E1', statusXml('TxSts', 'ACSP'));
  t.strictSame(kindsOf(pain002({ messageId: 'B', group: rejected })), ['whole ']);
  t.strictSame(kindsOf(pain002({ messageId: 'B' })), [], 'nothing was said');
  t.strictSame(kindsOf(pain002({ messageId: 'B', blocks: one })), ['status']);
  t.strictSame(kindsOf(pain002({ messageId: 'B', group: rejected, blocks: one })), ['status', 'whole ']);
  const blocks = blockXml('P1', '', one) + blockXml('P2', statusXml('PmtInfSts', 'RJCT'));
  t.strictSame(kindsOf(pain002({ messageId: 'B', group: statusXml('GrpSts', 'PART'), blocks })), [
    'status',
    'whole P1',
    'whole P2',
  ]);
  t.strictSame(kindsOf(pain002({ messageId: 'B', blocks })), ['status', 'whole P2']);
  t.match(workOf(pain002({ messageId: 'B', group: rejected, blocks: one })).work[1], { named: ['E1'] });
  const orphan = createFileReader();
  const transaction = read(pain002({ messageId: 'B', blocks: one }))[1];
  if (transaction !== undefined) orphan.take(transaction);
  t.strictSame(orphan.end().work, []);
});

t.test('a NACHA file asks for each return and change, and its findings are told', async (t) => {
  const reader = createFileReader();
  const file = { created_on: '2026-10-17', entries: 1, answers: [ANSWER], findings: [{ line: 3, detail: 'x' }] };
  reader.take({ type: 'nacha', file });
  t.match(reader.end(), {
    kind: 'nacha',
    created_at: '2026-10-17',
    work: [{ kind: 'nacha' }],
    findings: [{ detail: 'Line 3: x.' }],
  });
});

t.test('the last statement of each account is kept', async (t) => {
  const file = workOf(camt053(statementXml() + statementXml({ id: 'STMT-2', number: 2 }) + statementXml({ iban: '' })));
  t.strictSame(
    [...lastOfAccounts(file.statements)].map(([account, { number }]) => [account, number]),
    [['DE89370400440532013000', 2]],
  );
});

t.test('a return of NACHA is of a payment in dollars that the bank has, to the cent', async (t) => {
  const payment: KnownPayment = {
    id: 'pay_1',
    status: 'batched',
    amount: '105.00',
    currency: 'USD',
    batch_id: 'bat_1',
    debtor_account: null,
    creditor_account: null,
    left_on: '2026-03-17',
    bank_reference: null,
  };
  t.strictSame(namesOfAnswer(ANSWER), ['PAY-42', '091000010000001']);
  t.strictSame(namesOfAnswer({ ...ANSWER, individual_id: '' }), ['091000010000001']);
  const verdict = (changes: Partial<KnownPayment>) => decideNacha(ANSWER, { ...payment, ...changes });
  t.strictSame(verdict({}), {
    outcome: 'apply',
    action: 'return',
    payment_id: 'pay_1',
    code: 'returned',
    reason_code: 'AC04',
    reason: 'the account is closed (R02)',
  });
  for (const [changes, code] of [
    [{ currency: 'EUR' }, 'currency_differs'],
    [{ amount: '105.01' }, 'amount_differs'],
    [{ status: 'returned' }, 'known'],
    [{ status: 'voided' }, 'known'],
    [{ left_on: null }, 'not_in_file'],
    [{ status: 'failed' }, 'after_end'],
  ] as const)
    t.match(verdict(changes), { code });
  for (const status of ['accepted', 'settled'] as const) t.match(verdict({ status }), { outcome: 'apply' });
  t.strictSame(decideNacha(ANSWER, undefined), { outcome: 'listed', code: 'unknown_payment' });
  const change = { ...ANSWER, type: 'change' } as const;
  t.strictSame(decideNacha(change, undefined), { outcome: 'listed', code: 'account_change' });
  t.strictSame(decideNacha(change, payment), { outcome: 'listed', code: 'account_change', payment_id: 'pay_1' });
});

t.test('a line shows what the bank wrote, bounded, with accounts masked', async (t) => {
  const parties =
    '<RltdPties><Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id><IBAN>FR1420041010050500013M02606</IBAN></Id></CdtrAcct></RltdPties>';
  const remittance = `<RmtInf><Ustrd>${'r'.repeat(200)}</Ustrd></RmtInf>`;
  const text = (entry: string) => {
    const [work] = workOf(camt053(statementXml({ entries: entry }))).work;
    if (work === undefined) throw new Error('no line');
    return lineText(7, work);
  };
  const shown = text(entryXml({ details: detailXml('E1', parties + remittance) }));
  t.match(shown, {
    number: 7,
    statement: 'STMT-1',
    entry: 1,
    transaction: 1,
    amount: '105.00',
    currency: 'EUR',
    direction: 'debit',
    booked_on: '2026-03-18',
    bank_reference: 'BANK-REF-1',
    end_to_end_id: 'E1',
    counterparty: 'Payee',
    remittance: 'r'.repeat(140),
    bank_status: null,
  });
  t.notMatch(JSON.stringify(shown), /20041010050500013M/);
  t.match(text(entryXml({ amount: 'x', status: '<Sts>PDNG</Sts>' })), {
    amount: null,
    currency: null,
    bank_status: 'PDNG',
    remittance: null,
  });
  t.match(lineText(1, { kind: 'nacha', answer: ANSWER }), { amount: '105.00', currency: 'USD', bank_status: 'R02' });
  const money = '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">105</InstdAmt></Amt></OrgnlTxRef>';
  const report = (more: string) =>
    workOf(
      pain002({
        messageId: 'B',
        group: statusXml('GrpSts', 'RJCT'),
        blocks: blockXml('P', '', transactionXml('E1', '', more)),
      }),
    ).work;
  const shownStatuses = [...report(money), ...report('')].map((work) => lineText(1, work));
  t.match(shownStatuses, [
    { amount: '105.00', end_to_end_id: 'E1', bank_status: 'RJCT' },
    { bank_status: 'RJCT', amount: null },
    { amount: null, currency: null },
    {},
  ]);
  const own = workOf(
    pain002({
      messageId: 'B',
      group: statusXml('GrpSts', 'RJCT'),
      blocks: transactionXml('E1', '<TxSts>ACSP</TxSts>'),
    }),
  ).work;
  t.match(
    own.map((work) => lineText(1, work)),
    [{ bank_status: 'ACSP' }, { bank_status: 'RJCT' }],
  );
  const bare = workOf(
    pain002({ messageId: 'B', group: statusXml('GrpSts', 'RJCT'), blocks: transactionXml('E1', '') }),
  ).work;
  t.match(
    bare.map((work) => lineText(1, work)),
    [{ bank_status: 'RJCT' }, { bank_status: 'RJCT' }],
  );
  t.equal(masked(null), null);
  t.notMatch(masked('123456789'), /12345/);
});

t.test('a reference that a payment cannot keep is none', async (t) => {
  t.equal(bankReference('A-1 /x'), 'A-1 /x');
  for (const text of [null, '', 'x'.repeat(141), 'a\u0000b', 'a\nb']) t.equal(bankReference(text), null);
});

t.test('a line says what became of it', async (t) => {
  const text = lineText(1, { kind: 'nacha', answer: ANSWER });
  const applied = decidedLine(text, {
    outcome: 'apply',
    action: 'settle',
    payment_id: 'pay_1',
    code: 'booked',
    reason: 'r',
  });
  t.match(applied, {
    outcome: 'applied',
    action: 'settle',
    payment_id: 'pay_1',
    payments: 1,
    reason: 'r',
    batch_id: null,
  });
  const batch = {
    outcome: 'apply_batch',
    batch_id: 'bat_1',
    code: 'batch_booked',
    booked_on: null,
    bank_reference: null,
  } as const;
  t.match(decidedLine(text, batch), {
    outcome: 'applied',
    action: 'settle',
    batch_id: 'bat_1',
    payments: 0,
    payment_id: null,
  });
  t.match(decidedLine(text, { outcome: 'ignored', code: 'known' }), { outcome: 'known', action: null });
  t.match(decidedLine(text, { outcome: 'listed', code: 'fee' }), { outcome: 'listed', explanation: /fee/ });
  t.match(refusedLine(applied, { code: 'x.y', message: 'm'.repeat(900) }), {
    outcome: 'refused',
    code: 'x.y',
    payments: 0,
  });
  t.match(knownLine(applied), { outcome: 'known', code: 'known', payment_id: 'pay_1', payments: 0 });
});

t.test('a reference made of an id gives the id back, and no other text does', async (t) => {
  for (const kind of ['payment', 'payment_batch'] as const) {
    const id = newId(kind);
    const reference = id.replaceAll(/[_-]/g, '').toUpperCase();
    t.equal(idOfReference(kind, reference), id);
    t.equal(idOfReference(kind, reference.toLowerCase()), id);
    t.equal(idOfReference('vendor', reference), undefined);
    for (const text of ['', 'PAY-42', `${reference}0`, reference.slice(1), `${reference.slice(0, -1)}Z`])
      t.equal(idOfReference(kind, text), undefined);
  }
});

t.test('an entry of a file whose statement has no header names none', async (t) => {
  const reader = createFileReader();
  for (const event of read(camt053(statementXml({ entries: entryXml() }))))
    if (event.type === 'entry') reader.take(event);
  t.match(reader.end().work[0], { statement: null, account: null });
});
