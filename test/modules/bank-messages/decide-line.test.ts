/** What a booked line means for a payment: a table of what banks write. */
import t from 'tap';
import {
  batchesNamedBy,
  decideLine,
  type LineFacts,
  namesOf,
} from '../../../src/modules/bank-messages/domain/decide-line.ts';
import type { KnownBatch, KnownPayment } from '../../../src/modules/bank-messages/domain/known.ts';
import { linesOf, unexplained } from '../../../src/modules/bank-messages/domain/line.ts';
import { explain } from '../../../src/modules/bank-messages/domain/verdict.ts';
import {
  CREDITOR_IBAN,
  camt053,
  DEBTOR_IBAN,
  detailXml,
  type EntryText,
  entryXml,
  statementXml,
  theEntry,
} from '../../support/bank-messages.ts';

const PAYMENT: KnownPayment = {
  id: 'pay_1',
  status: 'batched',
  amount: '105.00',
  currency: 'EUR',
  batch_id: 'bat_1',
  debtor_account: DEBTOR_IBAN,
  creditor_account: CREDITOR_IBAN,
  left_on: '2026-03-17',
  bank_reference: null,
};
const BATCH: KnownBatch = {
  id: 'bat_1',
  currency: 'EUR',
  debtor_account: DEBTOR_IBAN,
  whole: { count: 3, sum: '300.00' },
  open: { count: 2, sum: '200.00' },
};

const named = (...payments: readonly (readonly [string, Partial<KnownPayment>])[]): LineFacts['named'] =>
  new Map(payments.map(([name, changes]) => [name, { ...PAYMENT, ...changes }]));

const lines = (text: EntryText) => linesOf(theEntry(camt053(statementXml({ entries: entryXml(text) }))));

/** The verdict on the only line of an entry. */
function verdict(text: EntryText, facts: Partial<LineFacts> = {}) {
  const [line, ...more] = lines(text);
  if (line === undefined || more.length > 0) throw new Error('the entry has not one line');
  return decideLine(line, { account: DEBTOR_IBAN, named: new Map(), alike: [], ...facts });
}

const E1 = detailXml('E1');
const ours = (changes: Partial<KnownPayment> = {}) => ({ named: named(['E1', changes]) });

t.test('a booked debit that names a payment settles it, with the day and the reference of the bank', async (t) => {
  const settled = {
    outcome: 'apply',
    action: 'settle',
    payment_id: 'pay_1',
    code: 'booked',
    booked_on: '2026-03-18',
    bank_reference: 'BANK-REF-1',
  };
  t.strictSame(verdict({ details: E1 }, ours()), settled);
  t.strictSame(verdict({ details: E1 }, ours({ status: 'accepted' })), settled, 'an accepted one too');
  t.match(
    verdict({ details: E1, status: '' }, ours()),
    { code: 'booked' },
    'a notification without a status is of a booking',
  );
  const own = detailXml('E1', '').replace('</Refs>', '<AcctSvcrRef>TX-REF</AcctSvcrRef></Refs>');
  t.match(verdict({ details: own }, ours()), { bank_reference: 'TX-REF' }, 'the reference of the transaction first');
  t.match(
    verdict({ details: E1 }, { ...ours(), account: null }),
    { code: 'booked' },
    'a statement may name no account',
  );
  t.match(verdict({ details: E1 }, ours({ debtor_account: null })), { code: 'booked' });
});

t.test('a payment is named by its end-to-end id, then its instruction id or UETR', async (t) => {
  const details =
    '<TxDtls><Refs><InstrId>I1</InstrId><EndToEndId>NOTPROVIDED</EndToEndId><UETR>U1</UETR></Refs></TxDtls>';
  const [line] = lines({ details });
  t.strictSame(line && namesOf(line), ['I1', 'U1']);
  t.match(verdict({ details }, { named: named(['I1', {}]) }), { code: 'booked' });
  t.match(verdict({ details }, { named: named(['U1', {}]) }), { code: 'booked' });
  t.match(verdict({ details }, { named: named(['I1', {}], ['U1', {}]) }), { code: 'booked' }, 'both may name the same');
  t.match(
    verdict({ details }, { named: named(['I1', {}], ['U1', { id: 'pay_2' }]) }),
    { outcome: 'listed', code: 'references_conflict' },
    'not two',
  );
});

t.test('nothing is settled by a line that is not booked, not readable or not the payment’s to the cent', async (t) => {
  for (const [text, facts, code] of [
    [{ details: E1, status: '<Sts><Cd>PDNG</Cd></Sts>' }, ours(), 'not_booked'],
    [{ details: E1, status: '<Sts>INFO</Sts>' }, ours(), 'not_booked'],
    [{ details: E1, amount: '12,50' }, ours(), 'unreadable'],
    [{ details: E1, direction: 'XXXX' as 'DBIT' }, ours(), 'unreadable'],
    [{ details: E1, amount: '105.01' }, ours(), 'amount_differs'],
    [{ details: E1, amount: '104.99' }, ours(), 'amount_differs'],
    [{ details: E1, currency: 'USD' }, ours(), 'currency_differs'],
    [{ details: E1 }, { ...ours(), account: CREDITOR_IBAN }, 'account_differs'],
    [{ details: E1 }, ours({ left_on: null }), 'not_in_file'],
    [{ details: E1 }, ours({ status: 'approved' }), 'not_in_file'],
    [{ details: E1 }, ours({ status: 'pending_approval' }), 'not_in_file'],
    [{ details: E1 }, ours({ status: 'failed' }), 'after_end'],
    [{ details: E1 }, ours({ status: 'returned' }), 'after_end'],
    [{ details: E1 }, ours({ status: 'cancelled' }), 'after_end'],
    [{ details: E1, more: '<RvslInd>true</RvslInd>' }, ours(), 'reversal_of_credit'],
  ] as const)
    t.match(verdict(text, facts), { code }, code);
});

t.test('the amount of the transaction counts, in the payment’s currency; the account’s may be another', async (t) => {
  const foreign = '<Amt Ccy="CHF">99.10</Amt><AmtDtls><InstdAmt><Amt Ccy="EUR">105</Amt></InstdAmt></AmtDtls>';
  t.match(verdict({ details: detailXml('E1', foreign), amount: '99.10', currency: 'CHF' }, ours()), { code: 'booked' });
  const withFee = detailXml('E1', '<Amt Ccy="EUR">105.00</Amt>');
  t.match(verdict({ details: withFee, amount: '110.00' }, ours()), { code: 'booked' });
  const only = detailXml('E1', '<AmtDtls><InstdAmt><Amt Ccy="EUR">105</Amt></InstdAmt></AmtDtls>');
  t.match(lines({ details: only + only }), [{ money: { amount: '105.00' } }, {}], 'not the entry’s, which is of both');
  t.match(lines({ details: E1 + E1 }), [{ money: null }, { money: null }]);
});

t.test('the same booking again changes nothing; another one of a settled payment is for a person', async (t) => {
  const settled = (bank_reference: string | null) => ours({ status: 'settled', bank_reference });
  t.match(verdict({ details: E1 }, settled('bank-ref-1 ')), { outcome: 'ignored', code: 'known', payment_id: 'pay_1' });
  t.match(verdict({ details: E1 }, settled(null)), { code: 'known' });
  t.match(verdict({ details: E1, servicer: 'NONREF' }, settled('BANK-REF-1')), { code: 'known' });
  t.match(verdict({ details: E1 }, settled('BANK-REF-2')), { outcome: 'listed', code: 'another_booking' });
});

t.test('a credit that is a return or a reversal gives the payment back, also after its settlement', async (t) => {
  const back = (inner: string) => detailXml('E1', inner);
  const reason = '<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></RtrInf>';
  const code = '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>RRTN</SubFmlyCd></Fmly></Domn></BkTxCd>';
  const credit = { direction: 'CRDT' } as const;
  for (const status of ['batched', 'accepted', 'settled'] as const)
    t.strictSame(verdict({ ...credit, details: back(reason) }, ours({ status })), {
      outcome: 'apply',
      action: 'return',
      payment_id: 'pay_1',
      code: 'returned',
      bank_reference: 'BANK-REF-1',
      reason_code: 'AC04',
      reason: 'closed',
    });
  t.match(verdict({ ...credit, details: back('<RtrInf/>') }, ours({ status: 'settled' })), { reason_code: 'MS03' });
  t.match(verdict({ ...credit, details: back(''), more: '<RvslInd>true</RvslInd>' }, ours()), {
    action: 'return',
    code: 'reversed',
  });
  t.match(verdict({ ...credit, details: back(code) }, ours()), { action: 'return', code: 'returned' });
  t.match(verdict({ ...credit, details: back('') }, ours()), {
    outcome: 'suggested',
    action: 'return',
    code: 'return_unclear',
  });
  t.match(verdict({ ...credit, details: back(reason) }, ours({ status: 'returned' })), { code: 'known' });
  t.match(verdict({ ...credit, details: back(reason) }, ours({ status: 'voided' })), { code: 'known' });
  t.match(verdict({ ...credit, details: back(reason) }, ours({ status: 'failed' })), { code: 'after_end' });
  t.match(verdict({ ...credit, details: back(reason) }, ours({ left_on: null })), { code: 'not_in_file' });
  t.match(
    verdict({ ...credit, amount: '100.00', details: back(reason) }, ours({ status: 'settled' })),
    { code: 'amount_differs' },
    'a return less a charge',
  );
});

t.test(
  'the sign is the transaction’s own, else its entry’s; where every transaction contradicts its entry, a person decides',
  async (t) => {
    const credit = '<Amt Ccy="EUR">5</Amt><CdtDbtInd>CRDT</CdtDbtInd>';
    const debit = '<Amt Ccy="EUR">105</Amt><CdtDbtInd>DBIT</CdtDbtInd>';
    const mixed = lines({ amount: '100', details: detailXml('E2', credit) + detailXml('E1', debit) + E1 });
    t.strictSame(
      mixed.map(({ direction, contradicted }) => [direction, contradicted]),
      [
        ['credit', false],
        ['debit', false],
        ['debit', false],
      ],
    );
    t.match(lines({ details: detailXml('E1', credit) }), [{ direction: 'debit', contradicted: true }]);
    t.match(verdict({ details: detailXml('E1', credit) }, ours()), {
      outcome: 'listed',
      code: 'direction_contradicts',
    });
  },
);

t.test('an entry for a whole batch settles it by its id, its count and its sum', async (t) => {
  const booking = (inner: string) => `<Btch><PmtInfId>BAT1</PmtInfId>${inner}</Btch>`;
  const two = { amount: '200.00', details: booking('<NbOfTxs>2</NbOfTxs><TtlAmt Ccy="EUR">200</TtlAmt>') };
  const [line] = lines(two);
  t.strictSame(line && batchesNamedBy(line), ['BAT1']);
  t.strictSame(verdict(two, { batch: BATCH }), {
    outcome: 'apply_batch',
    batch_id: 'bat_1',
    code: 'batch_booked',
    booked_on: '2026-03-18',
    bank_reference: 'BANK-REF-1',
  });
  t.match(verdict({ ...two, details: booking('') }, { batch: BATCH }), { outcome: 'apply_batch' }, 'the amount alone');
  const alone = { amount: '200.00', details: '<TxDtls><Refs><PmtInfId>BAT1</PmtInfId></Refs></TxDtls>' };
  t.match(verdict(alone, { batch: BATCH }), { outcome: 'apply_batch' }, 'a transaction that names the batch alone');
  t.match(verdict({ ...alone, amount: '100.00' }, { batch: BATCH }), { code: 'unknown_debit' }, 'or one of many');
  t.match(
    verdict({ amount: '200.00' }, { batch: BATCH }),
    { outcome: 'apply_batch' },
    'the service found it by its reference',
  );
  for (const [text, batch] of [
    [{ ...two, amount: '200.01', details: booking('') }, BATCH],
    [{ ...two, details: booking('<NbOfTxs>3</NbOfTxs>') }, BATCH],
    [{ ...two, amount: '195.00' }, BATCH],
    [{ ...two, currency: 'USD', details: booking('') }, BATCH],
    [two, { ...BATCH, debtor_account: CREDITOR_IBAN }],
    [two, { ...BATCH, open: { count: 0, sum: '0.00' } }],
  ] as const)
    t.match(verdict(text, { batch }), { outcome: 'listed', code: 'batch_differs' });
  const done = { ...BATCH, whole: { count: 2, sum: '200.00' }, open: { count: 0, sum: '0.00' } };
  t.match(verdict(two, { batch: done }), { outcome: 'ignored', code: 'known' });
  t.match(verdict(two, { batch: { ...BATCH, debtor_account: null } }), { outcome: 'apply_batch' });
  t.match(verdict(two, { batch: BATCH, account: null }), { outcome: 'apply_batch' });
});

t.test('without a reference a payment of this amount, account and day is suggested and never settled', async (t) => {
  const parties = `<Amt Ccy="EUR">105</Amt><RltdPties><CdtrAcct><Id><IBAN>${CREDITOR_IBAN}</IBAN></Id></CdtrAcct></RltdPties>`;
  const text = { details: `<TxDtls>${parties}</TxDtls>` };
  t.strictSame(verdict(text, { alike: [PAYMENT] }), {
    outcome: 'suggested',
    action: 'settle',
    payment_id: 'pay_1',
    code: 'amount_alike',
  });
  t.match(verdict({}, { alike: [PAYMENT] }), { outcome: 'suggested' }, 'also where the bank names no account');
  t.match(verdict({ booked: 'never' }, { alike: [PAYMENT] }), { outcome: 'suggested' }, 'nor a day');
  t.match(verdict(text, { alike: [PAYMENT, { ...PAYMENT, id: 'pay_2' }] }), { outcome: 'listed', code: 'ambiguous' });
  for (const changes of [
    { creditor_account: DEBTOR_IBAN },
    { amount: '104.99' },
    { currency: 'USD' },
    { left_on: null },
    { left_on: '2026-03-19' },
  ])
    t.match(verdict(text, { alike: [{ ...PAYMENT, ...changes }] }), { outcome: 'listed', code: 'unknown_debit' });
  const returned = '<TxDtls><RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls>';
  t.match(verdict({ direction: 'CRDT', details: returned }, { alike: [PAYMENT] }), {
    outcome: 'suggested',
    action: 'return',
  });
});

t.test('fees and unknown debits are listed for a person, money that comes in is nobody’s here', async (t) => {
  const domain = (family: string, sub: string) =>
    `<BkTxCd><Domn><Cd>ACMT</Cd><Fmly><Cd>${family}</Cd><SubFmlyCd>${sub}</SubFmlyCd></Fmly></Domn></BkTxCd>`;
  for (const more of [domain('MDOP', 'CHRG'), domain('OTHR', 'FEES'), domain('MDOP', 'INTR')])
    t.match(verdict({ more }, { alike: [PAYMENT] }), { outcome: 'listed', code: 'fee' });
  t.match(verdict({}), { outcome: 'listed', code: 'unknown_debit' });
  t.match(verdict({ direction: 'CRDT' }), { outcome: 'ignored', code: 'incoming' });
  t.match(explain('fee'), /fee/);
});

t.test('what the transactions of an entry leave of it is told: charges mostly', async (t) => {
  const rest = (text: EntryText) => {
    const entry = theEntry(camt053(statementXml({ entries: entryXml(text) })));
    return unexplained(entry, linesOf(entry));
  };
  const one = detailXml('E1', '<Amt Ccy="EUR">105.00</Amt>');
  t.equal(rest({ details: one }), undefined);
  t.equal(rest({ details: one, amount: '110.00' }), '-5');
  t.equal(rest({ details: one + one, amount: '210.00' }), undefined);
  t.equal(rest({ details: detailXml('E1', '<Amt Ccy="USD">105.00</Amt>') }), undefined, 'not in another currency');
  t.equal(rest({ amount: 'x' }), undefined);
  t.equal(rest({ direction: 'X' as 'DBIT' }), undefined);
  t.equal(rest({ amount: '0.00' }), undefined);
});

t.test(
  'the parts of a large entry give each transaction its place, and its own line only where it has none',
  async (t) => {
    const entry = theEntry(camt053(statementXml({ entries: entryXml({ details: E1 }) })));
    t.match(linesOf(entry), [{ detail: 1, money: { amount: '105.00' } }]);
    t.match(linesOf(entry, 1_000), [{ detail: 1_001, money: null }], 'one of many has not the entry’s amount');
    t.strictSame(linesOf({ ...entry, details: [] }, 1_000), []);
    t.match(linesOf({ ...entry, details: [], information: 'text' }), [{ detail: 0, remittance: ['text'] }]);
  },
);
