/** Sums and numbers of statements. */
import t from 'tap';
import {
  asLast,
  NOTHING_BOOKED,
  sequenceFindings,
  statementFindings,
  withEntry,
} from '../../../src/modules/bank-messages/domain/statement-findings.ts';
import {
  balanceXml,
  camt053,
  entriesIn,
  entryXml,
  type StatementText,
  statementsIn,
  statementXml,
} from '../../support/bank-messages.ts';

function one(text: StatementText) {
  const message = camt053(statementXml(text));
  const [statement] = statementsIn(message);
  if (statement === undefined) throw new Error('no statement');
  return { statement, booked: entriesIn(message).reduce(withEntry, NOTHING_BOOKED) };
}
const found = (text: StatementText) => {
  const { statement, booked } = one(text);
  return statementFindings(statement, booked).map(({ code }) => code);
};
const from = (opening: string, closing: string) => balanceXml('OPBD', opening) + balanceXml('CLBD', closing);

t.test('the opening balance and the booked entries make the closing balance', async (t) => {
  const entries = entryXml({ amount: '105.00' }) + entryXml({ amount: '5.00', direction: 'CRDT' });
  t.strictSame(found({ balances: from('1000', '900'), entries }), []);
  t.strictSame(found({ balances: from('1000', '900.01'), entries }), ['balance_differs']);
  t.strictSame(found({ balances: from('1000', '1000'), entries: '' }), []);
  t.strictSame(
    found({ balances: balanceXml('PRCD', '100') + balanceXml('CLBD', '5', 'DBIT'), entries: entryXml() }),
    [],
  );
  const pending = entryXml({ status: '<Sts>PDNG</Sts>' });
  t.strictSame(
    found({ balances: from('1000', '895'), entries: entryXml() + pending }),
    [],
    'what is pending is in no balance',
  );
  t.strictSame(found({ balances: from('1000', '895'), entries: entryXml({ status: '' }) }), []);
});

t.test('what cannot be added up is not', async (t) => {
  const wrong = from('1', '2');
  for (const text of [
    { balances: '' },
    { balances: balanceXml('OPBD', '1') },
    { balances: wrong, entries: entryXml({ amount: 'x' }) },
    { balances: wrong, entries: entryXml({ direction: 'X' as 'DBIT' }) },
    { balances: wrong, entries: entryXml() + entryXml({ currency: 'USD' }) },
    { balances: wrong, entries: entryXml({ currency: 'USD' }) },
    { balances: balanceXml('OPBD', 'x') + balanceXml('CLBD', '2') },
    { balances: wrong.replace('CRDT', 'XXXX') },
    { balances: wrong.replace('Ccy="EUR"', 'Ccy="USD"') },
    { balances: wrong.replace('<Cd>OPBD</Cd>', '') },
    { balances: wrong, head: '<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>' },
    { balances: wrong, head: '<StmtPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></StmtPgntn>' },
  ])
    t.strictSame(found(text), [], JSON.stringify(text).slice(0, 100));
});

t.test('a copy and a statement without an account are told', async (t) => {
  for (const copy of ['COPY', 'CODU', 'DUPL'])
    t.strictSame(found({ head: `<CpyDplctInd>${copy}</CpyDplctInd>` }), ['copy']);
  t.strictSame(found({ iban: '' }), ['no_account']);
});

t.test('a statement that is missing, repeated or out of order is found by its number', async (t) => {
  const last = asLast(one({ id: 'STMT-7', number: 7, balances: balanceXml('CLBD', '100') }).statement);
  const after = (text: StatementText) =>
    sequenceFindings(one(text).statement, last).map(({ code, detail }) => `${code} ${detail}`);
  t.strictSame(last, { id: 'STMT-7', number: 7, to: null, closing: '100.00' });
  t.strictSame(after({ number: 8 }), []);
  t.strictSame(after({ number: 8, balances: balanceXml('OPBD', '100') }), []);
  t.match(after({ number: 8, balances: balanceXml('OPBD', '99') }), [
    /^opening_differs It opens with 99\.00, .* closed with 100\.00/,
  ]);
  t.match(after({ number: 10 }), [/^sequence_gap Statements 8 to 9 are missing before 10/]);
  t.match(after({ number: 5 }), [/^sequence_out_of_order/]);
  t.match(after({ number: 7, id: 'STMT-X' }), [/^sequence_repeated/]);
  t.strictSame(after({ number: 7, id: 'STMT-7' }), [], 'the same one again');
  t.strictSame(after({ number: 1 }), [], 'a new year');
  t.strictSame(sequenceFindings(one({}).statement, undefined), []);
  const unnumbered = one({ balances: balanceXml('OPBD', '5') }).statement;
  t.strictSame(sequenceFindings({ ...unnumbered, electronic_number: null, legal_number: null }, last), []);
  t.strictSame(
    sequenceFindings({ ...unnumbered, electronic_number: null, legal_number: 8 }, { ...last, number: null }),
    [],
  );
  t.strictSame(sequenceFindings({ ...unnumbered, electronic_number: 8 }, { ...last, closing: null }), []);
  t.match(asLast(unnumbered), { closing: null });
});
