import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { XmlDocument, XsdValidator } from 'libxml2-wasm';
import t from 'tap';
import {
  checkPaymentFile,
  checkRendered,
  controlSum,
  PAIN_001_VERSIONS,
  type Pain001Version,
  type PaymentFile,
  renderPain001,
} from '../../../../src/modules/payment-batches/formats/index.ts';
import { parseXml, textAt } from '../../../../src/modules/payment-batches/formats/xml.ts';
import { manyPayments, payment, paymentFile } from './fixtures/payment-files.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
const render = (file: PaymentFile, version: Pain001Version = '001.09'): string =>
  [...renderPain001(file, version)].join('');
const TRANSFERS = ['Document', 'CstmrCdtTrfInitn', 'PmtInf'] as const;
const first = (xml: string, ...path: string[]): string | undefined =>
  textAt(parseXml(xml), ...TRANSFERS, 'CdtTrfTxInf', ...path);

t.test('a file is the golden one in both versions', async (t) => {
  t.equal(render(paymentFile(), '001.09'), fixture('payments.pain.001.09.xml'));
  t.equal(render(paymentFile(), '001.03'), fixture('payments.pain.001.03.xml'));
});

t.test('rendering comes in pieces of bounded size whatever the number of payments', async (t) => {
  const size = (count: number): number =>
    Math.max(
      ...[...renderPain001(paymentFile({ payments: manyPayments(count) }), '001.09')].map((chunk) => chunk.length),
    );
  t.ok(size(2000) < size(100) * 1.1);
  for (const count of [0, 1, 100, 101, 250]) {
    const chunks = [...renderPain001(paymentFile({ payments: manyPayments(count) }), '001.09')];
    t.equal(chunks.length, 2 + Math.ceil(count / 100));
    t.equal(chunks.join('').match(/<CdtTrfTxInf>/g)?.length ?? 0, count);
  }
});

t.test('an address is in elements, or town and country are and the rest in at most two lines', async (t) => {
  const address = {
    ...{ line1: 'Straße des 17. Juni', building_number: '135', line2: 'c/o Müller', city: 'Köln' },
    ...{ postal_code: '50667', region: 'NRW', country: 'DE' },
  };
  const payments = [payment({ creditor: { name: 'Vendor', iban: 'DE89370400440532013000', address } })];
  const written = (changes: Partial<PaymentFile>, version: Pain001Version) =>
    (/<PstlAdr>([\s\S]*)<\/PstlAdr>/.exec(render(paymentFile({ payments, ...changes }), version))?.[1] ?? '').replace(
      /\s*\n\s*/g,
      '',
    );
  for (const version of PAIN_001_VERSIONS) {
    const rest = '<PstCd>50667</PstCd><TwnNm>Koln</TwnNm><CtrySubDvsn>NRW</CtrySubDvsn><Ctry>DE</Ctry>';
    t.equal(written({}, version), `<StrtNm>Strasse des 17. Juni</StrtNm><BldgNb>135</BldgNb>${rest}`);
    const lines = '<AdrLine>Strasse des 17. Juni 135</AdrLine><AdrLine>c/o Muller</AdrLine>';
    t.equal(written({ address_form: 'hybrid' }, version), rest + lines);
    const { building_number: _, ...unnumbered } = address;
    const [first] = payments.map((each) => ({ ...each, creditor: { ...each.creditor, address: unnumbered } }));
    const street = '<AdrLine>Strasse des 17. Juni</AdrLine><AdrLine>c/o Muller</AdrLine>';
    t.equal(written({ payments: first ? [first] : [], address_form: 'hybrid' }, version), rest + street);
  }
});

t.test('a piece is made when it is asked for', async (t) => {
  const file = paymentFile({ payments: [...manyPayments(100), payment({ end_to_end_id: 'not_allowed' })] });
  const chunks = renderPain001(file, '001.09');
  t.match(chunks.next().value, /<GrpHdr>/);
  t.match(chunks.next().value, /E99</);
  t.throws(() => chunks.next(), RangeError);
});

t.test('without a BIC the debtor agent is not provided and the creditor agent is left out', async (t) => {
  const debtor = { name: 'Works', iban: 'NL91ABNA0417164300', country: 'NL' };
  const payments = [payment({ creditor: { name: 'Vendor', iban: 'DE89370400440532013000' } })];
  for (const version of PAIN_001_VERSIONS) {
    const xml = render(paymentFile({ debtor, payments }), version);
    t.equal(textAt(parseXml(xml), ...TRANSFERS, 'DbtrAgt', 'FinInstnId', 'Othr', 'Id'), 'NOTPROVIDED');
    t.notMatch(xml, /CdtrAgt|BIC|PstlAdr/);
  }
});

t.test('another currency than euro claims no SEPA', async (t) => {
  const xml = render(
    paymentFile({ currency: 'JPY', payments: [payment({ amount: '1000' })], batch_booking: undefined }),
  );
  t.notMatch(xml, /SEPA|SLEV|BtchBookg/);
  t.match(xml, /<InstdAmt Ccy="JPY">1000<\/InstdAmt>/);
  t.match(xml, /<CtrlSum>1000<\/CtrlSum>/);
});

t.test('a name is cut at 70 for SEPA and at 140 otherwise, a message at 140', async (t) => {
  const payments = [
    payment({ creditor: { name: 'n'.repeat(150), iban: 'DE89370400440532013000' }, remittance: 'r'.repeat(150) }),
  ];
  t.equal(first(render(paymentFile({ payments })), 'Cdtr', 'Nm')?.length, 70);
  t.equal(first(render(paymentFile({ payments, currency: 'USD' })), 'Cdtr', 'Nm')?.length, 140);
  t.equal(first(render(paymentFile({ payments })), 'RmtInf', 'Ustrd')?.length, 140);
});

t.test('an id, account or date that a message cannot carry is never repaired nor written', async (t) => {
  const bad: Partial<PaymentFile>[] = [
    { message_id: 'a\u0000' },
    { message_id: '' },
    { payment_information_id: 'ä' },
    { execution_date: '2026-07-01\n' },
    { created_at: '<now>' },
    { debtor: { name: 'n', iban: 'NL<91', country: 'NL' } },
    { payments: [payment({ end_to_end_id: 'a_b' })] },
    { payments: [payment({ amount: '1.001' })] },
    { payments: [payment({ creditor: { name: 'n', iban: 'DE89', bic: '"' } })] },
    {
      payments: [
        payment({ creditor: { name: 'n', iban: 'DE89', address: { line1: '', city: 'c', country: 'D\u0007' } } }),
      ],
    },
  ];
  for (const changes of bad) t.throws(() => render(paymentFile(changes)), RangeError, JSON.stringify(changes));
});

const amounts = fc.array(fc.bigInt({ min: 1n, max: 99_999_999_999n }), { minLength: 1, maxLength: 250 });
const cents = (value: bigint): string => `${value / 100n}.${String(value % 100n).padStart(2, '0')}`;
const anyText = fc.string({ unit: 'binary', maxLength: 160 });

t.test('the control sum is the exact sum of any amounts, at both levels', async (t) => {
  const property = fc.property(amounts, (values) => {
    const payments = values.map((value, index) =>
      payment({ payment_id: `p${index}`, end_to_end_id: `E${index}`, amount: cents(value) }),
    );
    const file = paymentFile({ payments });
    const sum = cents(values.reduce((total, value) => total + value, 0n));
    const chunks = [...renderPain001(file, '001.09')];
    const sums = chunks.join('').match(/<CtrlSum>[^<]*/g);
    return (
      controlSum(file) === sum &&
      sums?.length === 2 &&
      sums.every((text) => text === `<CtrlSum>${sum}`) &&
      checkRendered(chunks, file, '001.09').length === 0
    );
  });
  t.doesNotThrow(() => fc.assert(property, { numRuns: 30 }));
});

t.test(
  'any unicode text renders to valid characters, reads back well-formed, and to the same bytes again',
  async (t) => {
    const property = fc.property(
      anyText,
      anyText,
      anyText,
      fc.constantFrom(...PAIN_001_VERSIONS),
      (name, remittance, city, version) => {
        const address = { line1: remittance, city, postal_code: name, country: 'DE' };
        const payments = [payment({ creditor: { name, iban: 'DE89370400440532013000', address }, remittance })];
        const file = paymentFile({ payments, initiating_party: { name: remittance } });
        const chunks = [...renderPain001(file, version)];
        const xml = chunks.join('');
        return (
          /^[\n\x20-\x7e]*$/.test(xml) &&
          checkRendered(chunks, file, version).length === 0 &&
          render(structuredClone(file), version) === xml
        );
      },
    );
    t.doesNotThrow(() => fc.assert(property, { numRuns: 200 }));
  },
);

t.test('a rendered file agrees with its input', async (t) => {
  for (const version of PAIN_001_VERSIONS) {
    for (const file of [paymentFile(), paymentFile({ payments: manyPayments(350) })]) {
      t.strictSame(checkRendered([...renderPain001(file, version)], file, version), []);
    }
  }
  const quotes = payment({ creditor: { name: "'".repeat(70), iban: 'DE89370400440532013000' } });
  const file = paymentFile({ payments: Array.from({ length: 100 }, () => quotes) });
  t.strictSame(checkRendered([...renderPain001(file, '001.09')], file, '001.09'), []);
});

t.test('a fault in rendering is found', async (t) => {
  const file = paymentFile();
  const chunks = [...renderPain001(file, '001.09')];
  const [opening = '', transfers = '', closing = ''] = chunks;
  const altered = (from: string | RegExp, to: string): string[] =>
    [opening, transfers, closing].map((chunk) => chunk.replace(from, to));
  const cases: [readonly string[], { rule: string; pointer?: string }[]][] = [
    [altered('850.00', '851.00'), [{ rule: 'InstdAmt', pointer: '/payments/0/amount' }, { rule: 'CtrlSum' }]],
    [
      altered('DE89370400440532013000', 'DE89370400440532013001'),
      [{ rule: 'IBAN', pointer: '/payments/0/creditor/iban' }],
    ],
    [
      altered('PAY01980000000070008000000000000003', 'X'),
      [{ rule: 'EndToEndId', pointer: '/payments/2/end_to_end_id' }],
    ],
    [altered('Ccy="EUR"', 'Ccy="USD"'), [{ rule: 'Ccy', pointer: '/payments/0/amount' }]],
    [altered('<MsgId>', '<MsgId>X'), [{ rule: 'MsgId' }]],
    [altered('NL91', 'NL92'), [{ rule: 'IBAN', pointer: '/debtor/iban' }]],
    [altered('<NbOfTxs>3', '<NbOfTxs>4'), [{ rule: 'NbOfTxs' }]],
    [altered('<CtrlSum>1', '<CtrlSum>2'), [{ rule: 'CtrlSum' }]],
    [altered(/<Amt>[\s\S]*?<\/Amt>/, ''), [{ rule: 'Ccy' }, { rule: 'InstdAmt' }, { rule: 'CtrlSum' }]],
    [
      [opening, closing],
      [{ rule: 'NbOfTxs' }, { rule: 'CtrlSum' }],
    ],
    [altered('</Amt>', ''), [{ rule: 'XML' }]],
    [[opening, transfers], [{ rule: 'XML' }]],
    [[], [{ rule: 'XML' }]],
  ];
  for (const [wrong, findings] of cases) {
    const found = checkRendered(wrong, file, '001.09');
    t.match(found, findings, JSON.stringify(findings));
    t.equal(found.length, findings.length, JSON.stringify(found));
  }
  t.match(checkRendered(chunks, file, '001.03'), [{ rule: 'xmlns' }]);
  t.strictSame(checkRendered(chunks, file, '001.09'), []);
  const twice = checkRendered([opening, transfers, transfers, closing], file, '001.09');
  t.equal(twice.filter((finding) => finding.detail.includes('too many')).length, 3);
});

const corpus = process.env['P2P_CORPUS'] ?? fileURLToPath(new URL('../../../../../shared/corpus', import.meta.url));
const skip = existsSync(`${corpus}/xsd`) ? false : 'the ISO 20022 schemas are not here: set P2P_CORPUS to the corpus';

t.test('every file that passes the check is valid against the schema of ISO 20022', { skip }, async (t) => {
  for (const version of PAIN_001_VERSIONS) {
    const schema = XmlDocument.fromString(readFileSync(`${corpus}/xsd/pain.001.${version}.xsd`, 'utf8'));
    const validator = XsdValidator.fromDoc(schema);
    const validate = (xml: string): void => {
      const document = XmlDocument.fromString(xml);
      try {
        validator.validate(document);
      } finally {
        document.dispose();
      }
    };
    const longest = {
      ...{ line1: 'ß'.repeat(31), building_number: 'ß'.repeat(3), line2: 'x'.repeat(70), city: 'x'.repeat(35) },
      ...{ postal_code: 'ß'.repeat(8), region: 'x'.repeat(35), country: 'DE' },
    };
    const files = [
      paymentFile(),
      paymentFile({
        batch_booking: undefined,
        debtor: { name: 'ß'.repeat(300), iban: 'NL91ABNA0417164300', country: 'NL' },
      }),
      paymentFile({
        payments: [
          payment({
            creditor: { name: '北'.repeat(200), iban: 'DE89370400440532013000', address: longest },
            remittance: '北'.repeat(200),
          }),
        ],
      }),
      paymentFile({
        address_form: 'hybrid',
        payments: [payment({ creditor: { name: 'x', iban: 'DE89370400440532013000', address: longest } })],
      }),
      paymentFile({ currency: 'KWD', payments: manyPayments(1, '999999999999999.999') }),
      paymentFile({ payments: manyPayments(500, '999999999.99') }),
    ];
    for (const file of files) {
      t.strictSame(checkPaymentFile(file, { version, today: '2026-07-01' }), []);
      t.doesNotThrow(() => validate(render(file, version)));
    }
    const property = fc.property(anyText, anyText, anyText, (name, remittance, city) => {
      const address = { line1: remittance, city, postal_code: name, country: 'DE' };
      const file = paymentFile({
        payments: [payment({ creditor: { name, iban: 'DE89370400440532013000', address }, remittance })],
      });
      if (checkPaymentFile(file, { version, today: '2026-07-01' }).length === 0) validate(render(file, version));
    });
    t.doesNotThrow(() => fc.assert(property, { numRuns: 100 }));
    t.throws(() => validate(render(paymentFile(), version).replace('<PmtMtd>TRF', '<PmtMtd>XXX')), /PmtMtd/);
    validator.dispose();
    schema.dispose();
  }
});
