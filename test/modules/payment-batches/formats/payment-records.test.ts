import { readFileSync } from 'node:fs';
import t from 'tap';
import {
  type PaymentRecordFacts,
  paymentRecord,
  renderPaymentJson,
  renderPaymentRecordXml,
} from '../../../../src/modules/payment-batches/formats/index.ts';
import {
  elementsAt,
  parseXml,
  renderXml,
  textAt,
  xmlText,
} from '../../../../src/modules/payment-batches/formats/xml.ts';
import { manyPayments, paymentFile } from './fixtures/payment-files.ts';

const fixture = (name: string): string => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

const FULL: PaymentRecordFacts = {
  payment: {
    id: 'pay_1',
    status: 'settled',
    integration_status: 'accepted',
    reference_number: 'PAY1',
    payment_amount: '850.00',
    discount_taken: '17.00',
    currency: 'EUR',
    payment_method: 'bank_transfer',
    payment_date: '2026-07-01',
    batch_id: 'bat_1',
    notes: 'Paid <early> & "gladly"\nSkål\u0007',
  },
  invoice: {
    id: 'inv_1',
    invoice_number: '2026/0815',
    invoice_date: '2026-06-01',
    due_date: '2026-07-01',
    total_amount: '867.00',
    po_id: 'po_1',
  },
  vendor: {
    id: 'ven_1',
    name: 'Müller & Söhne',
    tax_id: 'DE123456789',
    bank_account: {
      holder_name: 'Müller & Söhne',
      iban: 'DE** **** 3000',
      bic: 'COBADEFF',
      routing_number: '021000021',
      account_number: '**** **** 6789',
    },
  },
};
const BARE: PaymentRecordFacts = {
  payment: {
    id: 'pay_1',
    status: 'approved',
    payment_amount: '850.00',
    currency: 'EUR',
    payment_method: 'bank_transfer',
    payment_date: '2026-07-01',
  },
  invoice: {
    id: 'inv_1',
    invoice_number: '7',
    invoice_date: '2026-06-01',
    due_date: '2026-07-01',
    total_amount: '850.00',
  },
  vendor: { id: 'ven_1', name: 'Vendor' },
};

t.test('a payment record is the golden one', async (t) => {
  t.equal(renderPaymentRecordXml(FULL), fixture('payment-record.xml'));
  t.equal(`${JSON.stringify(paymentRecord(FULL), null, 2)}\n`, fixture('payment-record.json.golden'));
});

t.test('a record says null in JSON and nothing in XML where there is no value', async (t) => {
  const json = paymentRecord(BARE);
  t.strictSame(Object.keys(json.payment), Object.keys(paymentRecord(FULL).payment));
  t.match(json, {
    payment: { notes: null, batch_id: null },
    invoice: { po_id: null },
    vendor: { tax_id: null },
    bank_account: null,
  });
  const xml = renderPaymentRecordXml(BARE);
  t.notMatch(xml, /null|undefined|Notes|BankAccount|TaxId/);
  t.equal(textAt(parseXml(xml), 'PaymentRecord', 'Payment', 'PaymentAmount'), '850.00');
});

t.test('an account with nothing but its holder is an account', async (t) => {
  const facts = { ...BARE, vendor: { ...BARE.vendor, bank_account: { holder_name: 'Vendor' } } };
  const empty = { iban: null, bic: null, routing_number: null, account_number: null };
  t.strictSame(paymentRecord(facts).bank_account, { holder_name: 'Vendor', ...empty });
  t.match(renderPaymentRecordXml(facts), /<BankAccount>\s*<HolderName>Vendor<\/HolderName>\s*<\/BankAccount>/);
});

t.test('a record keeps every letter and is no bank file', async (t) => {
  const read = parseXml(renderPaymentRecordXml(FULL));
  t.equal(textAt(read, 'PaymentRecord', 'Vendor', 'Name'), 'Müller & Söhne');
  t.equal(textAt(read, 'PaymentRecord', 'Payment', 'Notes'), 'Paid <early> & "gladly"\nSkål');
  t.notMatch(renderPaymentRecordXml(FULL), /iso:std:iso:20022/);
});

t.test('the JSON mirror is the golden one and says what the bank is told', async (t) => {
  const text = [...renderPaymentJson(paymentFile())].join('');
  t.equal(text, fixture('payments.json.golden'));
  t.match(JSON.parse(text), {
    count: 3,
    control_sum: '1235417.99',
    payments: [{ amount: '850.00' }, { amount: '0.10' }, {}],
  });
});

t.test('the JSON mirror of many payments comes in pieces that make one document', async (t) => {
  for (const count of [0, 1, 100, 101, 250]) {
    const chunks = [...renderPaymentJson(paymentFile({ payments: manyPayments(count), batch_booking: undefined }))];
    const read = JSON.parse(chunks.join(''));
    t.equal(read.payments.length, count);
    t.equal(read.count, count);
    t.equal(read.batch_booking, null);
    t.equal(chunks.length, 2 + Math.ceil(count / 100));
  }
});

t.test('a debtor without BIC is told as null', async (t) => {
  const debtor = { name: 'Works', iban: 'NL91ABNA0417164300', country: 'NL' };
  t.equal(JSON.parse([...renderPaymentJson(paymentFile({ debtor }))].join('')).debtor.bic, null);
});

t.test('XML keeps numbers as strings, escapes, and indents where asked', async (t) => {
  t.equal(
    renderXml({ a: { '@b': '"<', c: ['1', '2'], d: undefined } }, 1),
    '  <a b="&quot;&lt;">\n    <c>1</c>\n    <c>2</c>\n  </a>\n',
  );
  const read = parseXml('<a b="01"><c>007.10</c><c>1e3</c><d x="1">t</d></a>', ['d']);
  t.equal(textAt(read, 'a', '@b'), '01');
  t.strictSame(elementsAt(read, 'a', 'd'), [{ '#text': 't', '@x': '1' }]);
  t.strictSame(elementsAt(read, 'a', 'c'), []);
  t.strictSame(elementsAt(read, 'x', 'c'), []);
  t.equal(textAt(read, 'a', 'c'), undefined);
  t.equal(textAt(read, 'a', 'x', 'y'), undefined);
  t.throws(() => parseXml('<a><b></a>'));
  t.equal(xmlText('a\u0000b\ud800c\ufffe\t\n😀'), 'a b c \t\n😀');
});
