import t from 'tap';
import {
  checkPaymentFile,
  type FilePayment,
  type PaymentFile,
  type PaymentFileCheck,
} from '../../../../src/modules/payment-batches/formats/index.ts';
import { manyPayments, payment, paymentFile } from './fixtures/payment-files.ts';

const OPTIONS: PaymentFileCheck = { version: '001.09', today: '2026-07-01' };

const creditor = (changes: Partial<FilePayment['creditor']>): Partial<PaymentFile> => ({
  payments: [payment({ creditor: { ...payment().creditor, ...changes } })],
});
const one = (changes: Partial<FilePayment>): Partial<PaymentFile> => ({ payments: [payment(changes)] });
const debtor = (changes: Partial<PaymentFile['debtor']>): Partial<PaymentFile> => ({
  debtor: { ...paymentFile().debtor, ...changes },
});
const address = { line1: 'Street 1', city: 'Town', postal_code: '1000', country: 'BE' };

t.test('a good file has no finding in either version', async (t) => {
  t.strictSame(checkPaymentFile(paymentFile(), OPTIONS), []);
  t.strictSame(checkPaymentFile(paymentFile(), { ...OPTIONS, version: '001.03' }), []);
  t.strictSame(
    checkPaymentFile(paymentFile(creditor({ address: { line1: 'Street 1', city: 'Town', country: 'BE' } })), OPTIONS),
    [],
  );
});

t.test('one mistake is one finding, with its place and rule', async (t) => {
  const cases: [Partial<PaymentFile>, string, string, RegExp?][] = [
    [{ message_id: 'a'.repeat(36) }, '/message_id', 'MsgId', /36 characters/],
    [{ message_id: '' }, '/message_id', 'MsgId', /empty/],
    [{ payment_information_id: 'bat_1' }, '/payment_information_id', 'PmtInfId'],
    [{ created_at: '2026-07-01' }, '/created_at', 'CreDtTm'],
    [{ created_at: '2026-07-01T25:00:00Z' }, '/created_at', 'CreDtTm'],
    [{ created_at: '2026-07-01T10:00:00+02:00' }, '/created_at', 'CreDtTm'],
    [{ initiating_party: { name: '😀' } }, '/initiating_party/name', 'Nm'],
    [{ initiating_party: { name: '@@' } }, '/initiating_party/name', 'Nm'],
    [{ currency: 'EURO' }, '/currency', 'Ccy'],
    [{ execution_date: '2026-02-30' }, '/execution_date', 'ReqdExctnDt', /calendar/],
    [{ execution_date: '2026-06-30' }, '/execution_date', 'ReqdExctnDt', /past.*2026-07-01/],
    [{ execution_date: '2026-07-04' }, '/execution_date', 'ReqdExctnDt', /TARGET.*2026-07-06/],
    [{ execution_date: '2026-12-25' }, '/execution_date', 'ReqdExctnDt', /TARGET.*2026-12-28/],
    [debtor({ name: '\u200b' }), '/debtor/name', 'Nm'],
    [debtor({ iban: 'NL91ABNA0417164301' }), '/debtor/iban', 'ISO-13616', /mod 97/],
    [debtor({ iban: 'BR1800360305000010009795493C1' }), '/debtor/iban', 'SEPA', /outside/],
    [debtor({ bic: 'ABNANL' }), '/debtor/bic', 'BICFI'],
    [debtor({ country: 'nl' }), '/debtor/country', 'Ctry'],
    [{ payments: [] }, '/payments', 'NbOfTxs'],
    [one({ end_to_end_id: 'pay_1' }), '/payments/0/end_to_end_id', 'EndToEndId'],
    [one({ amount: '1e3' }), '/payments/0/amount', 'InstdAmt', /decimal string/],
    [one({ amount: '-1.00' }), '/payments/0/amount', 'InstdAmt', /decimal string/],
    [one({ amount: '0.00' }), '/payments/0/amount', 'InstdAmt', /more than nothing/],
    [one({ amount: '1.001' }), '/payments/0/amount', 'InstdAmt', /more digits than EUR/],
    [one({ amount: '1000000000.00' }), '/payments/0/amount', 'InstdAmt', /999999999.99/],
    [creditor({ name: '' }), '/payments/0/creditor/name', 'Nm'],
    [creditor({ iban: '' }), '/payments/0/creditor/iban', 'ISO-13616', /missing/],
    [creditor({ iban: 'de89 3704 0044 0532 0130 00' }), '/payments/0/creditor/iban', 'ISO-13616'],
    [creditor({ iban: 'BR1800360305000010009795493C1' }), '/payments/0/creditor/iban', 'SEPA'],
    [creditor({ bic: 'COBADE' }), '/payments/0/creditor/bic', 'BICFI'],
    [creditor({ address: { ...address, city: '' } }), '/payments/0/creditor/address/city', 'TwnNm'],
    [creditor({ address: { ...address, country: 'BEL' } }), '/payments/0/creditor/address/country', 'Ctry'],
    [
      creditor({ address: { ...address, postal_code: '1'.repeat(17) } }),
      '/payments/0/creditor/address/postal_code',
      'PstCd',
    ],
    [
      creditor({ address: { ...address, line1: 'ß'.repeat(36) } }),
      '/payments/0/creditor/address/line1',
      'StrtNm',
      /72/,
    ],
    [
      creditor({ address: { ...address, building_number: '1'.repeat(17) } }),
      '/payments/0/creditor/address/building_number',
      'BldgNb',
    ],
    [creditor({ address: { ...address, city: 'ß'.repeat(18) } }), '/payments/0/creditor/address/city', 'TwnNm', /36/],
    [
      creditor({ address: { ...address, region: 'ß'.repeat(18) } }),
      '/payments/0/creditor/address/region',
      'CtrySubDvsn',
    ],
    [
      {
        ...creditor({ address: { ...address, line1: 'x'.repeat(68), building_number: '12' } }),
        address_form: 'hybrid',
      },
      '/payments/0/creditor/address/line1',
      'AdrLine',
    ],
  ];
  for (const [changes, pointer, rule, detail] of cases) {
    const findings = checkPaymentFile(paymentFile(changes), OPTIONS);
    t.match(findings, [{ pointer, rule, detail: detail ?? /./ }], pointer);
    t.equal(findings.length, 1, `${pointer} ${JSON.stringify(findings)}`);
    if (pointer.startsWith('/payments/')) t.equal(findings[0]?.payment_id, payment().payment_id, pointer);
  }
});

t.test('the limits themselves pass', async (t) => {
  const good: Partial<PaymentFile>[] = [
    one({ amount: '0.01' }),
    one({ amount: '999999999.99' }),
    one({ amount: '1.100000' }),
    one({ end_to_end_id: 'a'.repeat(35) }),
    { execution_date: '2026-07-01' },
    { execution_date: '2030-12-31' },
    creditor({ name: 'n'.repeat(300) }),
    creditor({ address: undefined, bic: undefined }),
  ];
  for (const changes of good)
    t.strictSame(checkPaymentFile(paymentFile(changes), OPTIONS), [], JSON.stringify(changes).slice(0, 80));
});

t.test('a BIC that only the later message knows is refused in the older one', async (t) => {
  const file = paymentFile(creditor({ bic: 'E097DEFF' }));
  t.strictSame(checkPaymentFile(file, OPTIONS), []);
  const findings = checkPaymentFile(file, { ...OPTIONS, version: '001.03' });
  t.match(findings, [{ pointer: '/payments/0/creditor/bic', rule: 'BIC', payment_id: payment().payment_id }]);
});

t.test('another currency keeps its own digits and knows no SEPA limits', async (t) => {
  const yen = (amount: string): PaymentFile => paymentFile({ ...one({ amount }), currency: 'JPY' });
  t.strictSame(checkPaymentFile(yen('99999999999999'), OPTIONS), []);
  t.match(checkPaymentFile(yen('1.5'), OPTIONS), [{ rule: 'InstdAmt', detail: /JPY/ }]);
  const abroad = paymentFile({ ...creditor({ iban: 'BR1800360305000010009795493C1' }), currency: 'USD' });
  t.strictSame(checkPaymentFile(abroad, OPTIONS), []);
});

t.test('a control sum that the message cannot carry is found', async (t) => {
  const file = paymentFile({ currency: 'KWD', payments: manyPayments(2, '999999999999999.999') });
  t.match(checkPaymentFile(file, OPTIONS), [{ pointer: '/payments', rule: 'CtrlSum', detail: /19 digits/ }]);
});

t.test('the same payment or end-to-end id twice is found at the second', async (t) => {
  const file = paymentFile({ payments: [payment(), payment({ payment_id: 'p2' }), payment({ end_to_end_id: 'E3' })] });
  const findings = checkPaymentFile(file, OPTIONS);
  t.match(findings, [
    { pointer: '/payments/2/payment_id', rule: 'unique', detail: /\/payments\/0/ },
    { pointer: '/payments/1/end_to_end_id', rule: 'EndToEndId', detail: /\/payments\/0/, payment_id: 'p2' },
  ]);
  t.equal(findings.length, 2);
});

t.test('the bank profile brings its own calendar', async (t) => {
  const calendar = { name: 'the bank', isBankingDay: (day: string) => day > '2026-07-10' };
  const findings = checkPaymentFile(paymentFile(), { ...OPTIONS, calendar });
  t.match(findings, [{ detail: /the bank.*2026-07-11/ }]);
});

t.test('everything that is wrong is told at once', async (t) => {
  const bad = payment({
    payment_id: 'p9',
    end_to_end_id: '',
    amount: 'x',
    creditor: { name: '', iban: 'XX', bic: '?', address: { line1: '', city: '', country: '' } },
  });
  const file = paymentFile({
    message_id: '',
    payment_information_id: '',
    created_at: '',
    currency: '',
    execution_date: '',
    initiating_party: { name: '' },
    debtor: { name: '', iban: '', bic: '', country: '' },
    payments: [payment(), bad],
  });
  const findings = checkPaymentFile(file, OPTIONS);
  t.equal(findings.length, 17);
  t.equal(findings.filter((finding) => finding.payment_id === 'p9').length, 7);
  t.equal(new Set(findings.map((finding) => finding.pointer)).size, 17);
});
