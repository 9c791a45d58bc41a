/** camt.052, .053 and .054: every value as the bank wrote it, whatever its version. */
import t from 'tap';
import { DETAILS_A_PART } from '../../../src/modules/bank-messages/formats/camt.ts';
import { moneyOf } from '../../../src/modules/bank-messages/formats/values.ts';
import {
  balanceXml,
  camt053,
  detailXml,
  entriesIn,
  entryXml,
  read,
  statementsIn,
  statementXml,
  theEntry,
} from '../../support/bank-messages.ts';

t.test(
  'an amount is exact: padded zeros go, digits that the currency has not stay, what is no amount is none',
  async (t) => {
    for (const [text, currency, amount] of [
      ['105', 'EUR', '105.00'],
      ['105.', 'EUR', '105.00'],
      ['0105.5', 'EUR', '105.50'],
      ['+18.150', 'EUR', '18.15'],
      ['5442.09000', 'RON', '5442.09'],
      ['0', 'EUR', '0.00'],
      ['2700', 'JPY', '2700'],
      ['1.234', 'KWD', '1.234'],
      ['999999999999999.99', 'EUR', '999999999999999.99'],
      // Digits that the currency has not are kept and never rounded.
      ['8.855', 'EUR', '8.855'],
      ['8.50', 'QQQ', '8.5'],
      ['1.23456700', 'EUR', '1.234567'],
      ['1.2345678', 'EUR', null],
      ['-5.00', 'EUR', null],
      ['1,234.00', 'EUR', null],
      ['12,50', 'EUR', null],
      ['1e3', 'EUR', null],
      ['', 'EUR', null],
      ['5.00', '', null],
      ['5.00', 'eur', null],
    ] as const)
      t.equal(moneyOf(text, currency)?.amount ?? null, amount, `${text} ${currency}`);
  },
);

t.test('a day is the bank’s own, from a date or a time; what is no day is none', async (t) => {
  const day = (inner: string) =>
    theEntry(camt053(statementXml({ entries: `<Ntry><BookgDt>${inner}</BookgDt></Ntry>` }))).booked_on;
  t.equal(day('<Dt>2026-03-18</Dt>'), '2026-03-18');
  t.equal(day('<Dt>2026-03-18+01:00</Dt>'), '2026-03-18');
  t.equal(day('<Dt>2026-03-18Z</Dt>'), '2026-03-18');
  t.equal(day('<DtTm>2026-03-18T00:30:00+02:00</DtTm>'), '2026-03-18', 'a time keeps the day of its zone');
  t.equal(day('<DtTm>2026-03-18T06:10:29.000000000</DtTm>'), '2026-03-18');
  t.equal(day('2026-03-18'), '2026-03-18', 'an early version has the day itself');
  t.equal(day('<Dt>2026-02-30</Dt>'), null);
  t.equal(day('<Dt>2026-13-01</Dt>'), null);
  t.equal(day('<Dt>18.03.2026</Dt>'), null);
  t.equal(day(''), null);
});

t.test('an entry has its status in the form of each version, its reversal and the code of the bank', async (t) => {
  const entry = (more: string, status = '<Sts>BOOK</Sts>') =>
    theEntry(camt053(statementXml({ entries: entryXml({ status, more }) })));
  t.match(entry('<RvslInd>true</RvslInd>'), { status: 'BOOK', reversal: true, direction: 'debit' });
  t.match(entry('<RvslInd>1</RvslInd>', '<Sts><Cd>PDNG</Cd></Sts>'), { status: 'PDNG', reversal: true });
  t.match(entry('<RvslInd>false</RvslInd>', '<Sts><Prtry>X</Prtry></Sts>'), { status: 'X', reversal: false });
  t.match(entry('', ''), { status: null, bank_code: null, valued_on: null, reference: null });
  const domain = '<Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>';
  t.equal(entry(`<BkTxCd>${domain}</BkTxCd>`).bank_code, 'PMNT/ICDT/ESCT');
  t.equal(entry('<BkTxCd><Prtry><Cd>544</Cd></Prtry></BkTxCd>').bank_code, '544');
  t.match(theEntry(camt053(statementXml({ entries: '<Ntry><CdtDbtInd>X</CdtDbtInd><Amt>5</Amt></Ntry>' }))), {
    direction: null,
    money: null,
  });
});

t.test('a transaction has its references, amounts, parties, remittance and why it came back', async (t) => {
  const refs =
    '<Refs><MsgId>M</MsgId><AcctSvcrRef>S</AcctSvcrRef><PmtInfId>P</PmtInfId><InstrId>I</InstrId><EndToEndId>E</EndToEndId><UETR>U</UETR><TxId>T</TxId></Refs>';
  const parties =
    '<RltdPties><Dbtr><Pty><Nm>Payer</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DE89 3704 0044 0532 0130 00</IBAN></Id></DbtrAcct><Cdtr><Nm>Payee</Nm></Cdtr><CdtrAcct><Id><Othr><Id>12-3</Id></Othr></Id></CdtrAcct></RltdPties>';
  const remittance =
    '<RmtInf><Ustrd>one</Ustrd><Ustrd>two</Ustrd><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd><Strd/></RmtInf>';
  const back = '<RtrInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf><AddtlInf>account</AddtlInf></RtrInf>';
  const details = `<TxDtls>${refs}<Amt Ccy="EUR">1.5</Amt><CdtDbtInd>CRDT</CdtDbtInd><AmtDtls><InstdAmt><Amt Ccy="USD">2</Amt></InstdAmt></AmtDtls>${parties}${remittance}${back}<AddtlTxInf>info</AddtlTxInf></TxDtls>`;
  const [detail] = theEntry(camt053(statementXml({ entries: entryXml({ details }) }))).details;
  t.strictSame(detail, {
    references: {
      message_id: 'M',
      payment_information_id: 'P',
      instruction_id: 'I',
      end_to_end_id: 'E',
      transaction_id: 'T',
      uetr: 'U',
      servicer_reference: 'S',
    },
    money: { amount: '1.50', currency: 'EUR' },
    instructed: { amount: '2.00', currency: 'USD' },
    direction: 'credit',
    bank_code: null,
    debtor: { name: 'Payer', account: 'DE89370400440532013000' },
    creditor: { name: 'Payee', account: '12-3' },
    remittance: ['one', 'two'],
    creditor_references: ['RF18'],
    return_reason: { code: 'AC04', text: 'closed account' },
    information: 'info',
  });
  const more = '<AmtDtls><TxAmt><Amt Ccy="EUR">3</Amt></TxAmt></AmtDtls><RtrInf><Rsn><Prtry>X1</Prtry></Rsn></RtrInf>';
  const second = theEntry(camt053(statementXml({ entries: entryXml({ details: detailXml('NOTPROVIDED', more) }) })));
  t.match(second.details, [
    { references: { end_to_end_id: null }, money: { amount: '3.00' }, return_reason: { code: 'X1', text: null } },
  ]);
});

t.test('a batch booking has its id, count and total, in the entry’s currency where it names none', async (t) => {
  const batch =
    '<Btch><MsgId>M</MsgId><PmtInfId>P</PmtInfId><NbOfTxs>2</NbOfTxs><TtlAmt Ccy="CHF">6.3</TtlAmt><CdtDbtInd>DBIT</CdtDbtInd></Btch>';
  const entry = (details: string) => theEntry(camt053(statementXml({ entries: entryXml({ details }) })));
  t.strictSame(entry(batch).batches, [
    {
      message_id: 'M',
      payment_information_id: 'P',
      count: 2,
      total: { amount: '6.30', currency: 'CHF' },
      direction: 'debit',
    },
  ]);
  t.match(entry('<Btch><TtlAmt>7</TtlAmt></Btch>').batches, [
    { total: { amount: '7.00', currency: 'EUR' }, count: null },
  ]);
  t.match(entry('<Btch><NbOfTxs>x</NbOfTxs></Btch>').batches, [{ total: null, count: null }]);
  t.equal(entry('<Btch/>'.repeat(101)).batches.length, 100, 'no more are kept than any entry has');
  const noAmount = theEntry(
    camt053(statementXml({ entries: `<Ntry><NtryDtls><Btch><TtlAmt>7</TtlAmt></Btch></NtryDtls></Ntry>` })),
  );
  t.match(noAmount.batches, [{ total: null }]);
});

t.test('a batch booking of thousands comes in parts, each with its entry', async (t) => {
  const details = Array.from({ length: 2 * DETAILS_A_PART + 1 }, (_, at) => detailXml(`E${at}`)).join('');
  const parts = entriesIn(camt053(statementXml({ entries: entryXml({ details }) + entryXml() })));
  t.strictSame(
    parts.map(({ number, part, last_part, details: some }) => [number, part, last_part, some.length]),
    [
      [1, 1, false, DETAILS_A_PART],
      [1, 2, false, DETAILS_A_PART],
      [1, 3, true, 1],
      [2, 1, true, 0],
    ],
  );
  t.equal(parts[2]?.details[0]?.references.end_to_end_id, `E${2 * DETAILS_A_PART}`);
});

t.test('a statement has its id, numbers, page, period, account and balances', async (t) => {
  const head =
    '<LglSeqNb>9</LglSeqNb><StmtPgntn><PgNb>2</PgNb><LastPgInd>false</LastPgInd></StmtPgntn><CreDtTm>2026-03-18T20:00:00Z</CreDtTm><FrToDt><FrDtTm>2026-03-18T00:00:00Z</FrDtTm><ToDtTm>2026-03-18T23:59:59Z</ToDtTm></FrToDt><CpyDplctInd>COPY</CpyDplctInd>';
  const [statement] = statementsIn(camt053(statementXml({ head, balances: balanceXml('OPBD', '10', 'DBIT') })));
  t.strictSame(statement, {
    id: 'STMT-1',
    electronic_number: 1,
    legal_number: 9,
    page: 2,
    last_page: false,
    created_at: '2026-03-18T20:00:00Z',
    from: '2026-03-18',
    to: '2026-03-18',
    copy: 'COPY',
    account: 'DE89370400440532013000',
    account_currency: null,
    balances: [{ code: 'OPBD', money: { amount: '10.00', currency: 'EUR' }, direction: 'debit', day: '2026-03-18' }],
  });
  const dates = '<FrToDt><FrDt>2026-03-01</FrDt><ToDt>2026-03-02</ToDt></FrToDt>';
  t.match(statementsIn(camt053(statementXml({ head: dates }))), [{ from: '2026-03-01', to: '2026-03-02', page: null }]);
});

t.test('reports and notifications are read like statements, several in one message too', async (t) => {
  const notification = camt053(statementXml() + statementXml({ id: 'STMT-2' }), '02')
    .replaceAll('BkToCstmrStmt', 'BkToCstmrDbtCdtNtfctn')
    .replaceAll('Stmt>', 'Ntfctn>');
  const report = camt053().replaceAll('BkToCstmrStmt', 'BkToCstmrAcctRpt').replaceAll('Stmt>', 'Rpt>');
  const types = (text: string) => read(text).map(({ type }) => type);
  t.strictSame(types(notification), [
    'message',
    ...Array<string[]>(2).fill(['statement', 'entry', 'statement_end']).flat(),
  ]);
  t.match(read(notification)[0], { message: { kind: 'camt.054' } });
  t.strictSame(
    entriesIn(notification).map(({ number }) => number),
    [1, 1],
  );
  t.match(read(report)[0], { message: { kind: 'camt.052' } });
  const outside = theEntry(
    camt053(statementXml({ entries: `<Ntry><TxDtls><Refs><EndToEndId>E</EndToEndId></Refs></TxDtls></Ntry>` })),
  );
  t.match(outside.details, [{ references: { end_to_end_id: 'E' } }], 'the first version has no NtryDtls');
});
