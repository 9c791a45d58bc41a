/** NACHA returns and notifications of change, by their columns. */
import t from 'tap';
import { readNacha } from '../../../src/modules/bank-messages/formats/nacha.ts';
import { read } from '../../support/bank-messages.ts';

const HEADER = '101 091000019 1234567892610171306A094101FIRST BANK             SAMPLE COMPANY                 ';
const batch = (sec = 'CCD') =>
  `5220SAMPLE COMPANY                      123456789 ${sec}PAYMENT         261017   1091000010000001`;
const entry = (amount = '0000010500', code = '21') =>
  `6${code}091000019123456789        ${amount}PAY-42         SAMPLE PAYEE            1091000017611242`;
const RETURN = '799R02091000010000001      09100001                                            091000017611242';
const CHANGE = '798C01091000010000002      09100001987654321                                   091000017611243';
const control = (count: string, credits: string, debits = '000000000000') =>
  `8220${count}0009100001${debits}${credits}123456789                          091000010000001`;
const end = (count: string, credits: string, debits = '000000000000') =>
  `9000001000001${count}0009100001${debits}${credits}`.padEnd(94);
const FILLER = '9'.repeat(94);

const file = (...lines: string[]): string => lines.join('\n');
const good = file(
  HEADER,
  batch(),
  entry(),
  RETURN,
  control('000002', '000000010500'),
  end('00000002', '000000010500'),
  FILLER,
);

t.test('every line of the fixture has the width of the format', async (t) => {
  for (const line of good.split('\n')) t.equal(line.length, 94, line);
});

t.test('a return names the entry that was sent, its amount and why', async (t) => {
  const result = readNacha(good);
  t.strictSame(result, {
    created_on: '2026-10-17',
    entries: 1,
    findings: [],
    answers: [
      {
        type: 'return',
        code: 'R02',
        original_trace: '091000010000001',
        original_bank: '09100001',
        corrected: null,
        trace: '091000017611242',
        company_id: '123456789',
        entry_class: 'CCD',
        transaction_code: '21',
        account: '123456789',
        amount: '105.00',
        direction: 'credit',
        individual_id: 'PAY-42',
        individual_name: 'SAMPLE PAYEE',
        line: 4,
      },
    ],
  });
  t.match(read(good), [{ type: 'nacha', file: { entries: 1 } }]);
});

t.test('a notification of change says what the bank wants instead; a debit counts as one', async (t) => {
  const text = file(
    HEADER,
    batch('CTX'),
    entry('0000000000', '26'),
    CHANGE,
    '705AN ADDENDA OF ANOTHER TYPE'.padEnd(94),
    control('000003', '000000000000'),
    end('00000003', '000000000000'),
  );
  t.match(readNacha(text), {
    findings: [],
    answers: [{ type: 'change', code: 'C01', corrected: '987654321', direction: 'debit', individual_name: 'LE PAYEE' }],
  });
});

t.test('line ends of any kind, none at all, and blanks cut at the end are read alike', async (t) => {
  const expected = readNacha(good);
  t.strictSame(readNacha(good.replaceAll('\n', '\r\n')), expected);
  t.strictSame(readNacha(good.replaceAll('\n', '')), expected);
  t.strictSame(readNacha(good.replaceAll(/ +$/gm, '')), expected);
});

t.test('what its own totals and shape contradict is found, all of it', async (t) => {
  const found = (text: string) => readNacha(text).findings.map(({ line, detail }) => `${line} ${detail}`);
  t.match(found(good.replace('8220000002', '8220000009')), [/^5 batch: its count of entries and addenda is 2/]);
  t.match(found(good.replace('00000000000000000001050012345678', '00000000000000000001050112345678')), [
    /sum of credits in cents is 10500, its control says 000000010501/,
  ]);
  t.match(found(good.replace('0000010500PAY', '00000X0500PAY')), [
    /^3 the amount is not/,
    /batch: its sum/,
    /file: its sum/,
  ]);
  t.match(found(good.replace('094101', '095101')), [/^1 the file header/]);
  t.match(found(file(HEADER, batch(), RETURN)), [
    /^3 an addenda record stands before any entry/,
    /^0 the file has no control record/,
  ]);
  t.match(found(file(HEADER, batch(), 'X')), [/^3 there is no record type X/, /cut/]);
  t.match(found(file(HEADER, batch(), `${entry()}too long`)), [/^3 the line has more than 94 characters/, /cut/]);
  t.match(found(good.replace('8220000002', '8220 00002')), [/its control says 00002/]);
  t.equal(found(file(HEADER, batch(), ...Array<string>(300).fill('X'))).length, 100, 'no more than a person reads');
  t.match(readNacha(good.replace('261017', '269917')), { created_on: null });
});

t.test('a file that is not one, or larger than any bank sends, is refused', async (t) => {
  for (const text of ['', 'hello', file('101 something', 'else'), file(batch(), entry())])
    t.throws(() => readNacha(text), { code: 'bank_message.unreadable' });
  t.throws(() => readNacha(file(HEADER, batch()) + '\n7'.repeat(200_000)), { message: /200000 lines/ });
});
