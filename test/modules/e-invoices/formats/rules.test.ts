import t, { type Test } from 'tap';
import { readEInvoice } from '../../../../src/modules/e-invoices/formats/e-invoice.ts';
import { checkEInvoice, isFatal, RULES } from '../../../../src/modules/e-invoices/formats/rules/en16931.ts';
import { ciiInvoice, ublCreditNote, ublInvoice } from '../../../support/e-invoices.ts';
import { CHANGES, type Change } from './rule-changes.ts';

const check = (xml: string) => checkEInvoice(readEInvoice(Buffer.from(xml)));
const rulesOf = (xml: string): readonly string[] => [...new Set(check(xml).map(({ rule }) => rule))];
const tested = new Set<string>();

/** Every change breaks its rule, which the document kept before. */
function breaks(t: Test, document: string, changes: readonly Change[]): void {
  t.strictSame(check(document), [], 'the document keeps all rules');
  for (const [rule, from, to] of changes) {
    const found = rulesOf(document.replace(from, to));
    t.ok(found.includes(rule), `${rule}: ${found.join(' ')}`);
    tested.add(rule);
  }
}

t.test('a rule on documents, lines and totals is broken by the change that breaks it', (t) => {
  breaks(t, ublInvoice(), CHANGES);
  t.end();
});

/** The complete invoice with one category of VAT throughout. */
function invoiceOf(category: string, rate: string, reason: string): string {
  const category19 = '<cbc:ID>S</cbc:ID><cbc:Percent>19</cbc:Percent>';
  const stated = `<cbc:ID>${category}</cbc:ID>${rate === '' ? '' : `<cbc:Percent>${rate}</cbc:Percent>`}`;
  const xml = ublInvoice()
    .replaceAll(category19, stated)
    .replace(/(<cac:TaxSubtotal>.*?)(<cac:TaxScheme>)/, `$1${reason}$2`);
  if (rate === '19') return xml;
  return xml
    .replaceAll('>36.10<', '>0.00<')
    .replace('>401.00<', '>0.00<')
    .replace('>226.10<', '>190.00<')
    .replace('PayableAmount currencyID="EUR">200.00<', 'PayableAmount currencyID="EUR">163.90<');
}

const REASON = '<cbc:TaxExemptionReasonCode>vatex-eu-ae</cbc:TaxExemptionReasonCode>';
/** Prefix of the rules, code, rate, reason of exemption. */
const RATED = [
  ['S', 'S'],
  ['AF', 'L'],
  ['AG', 'M'],
] as const; // prettier-ignore
const NOT_RATED = [
  ['Z', 'Z', ''],
  ['E', 'E', REASON],
  ['AE', 'AE', REASON],
  ['IC', 'K', REASON],
  ['G', 'G', REASON],
] as const; // prettier-ignore

const line = (from: string): RegExp => new RegExp(`(<cac:ClassifiedTaxCategory>)${from}`);
const allowance = (from: string): RegExp => new RegExp(`(Discount[\\s\\S]*?<cac:TaxCategory>)${from}`);
const charge = (from: string): RegExp => new RegExp(`(Freight[\\s\\S]*?<cac:TaxCategory>)${from}`);
const breakdown = (from: string): RegExp => new RegExp(`(<cac:TaxSubtotal>.*?<cac:TaxCategory>)${from}`);

function changesOf(prefix: string, code: string, rate: string, wrongRate: string): readonly Change[] {
  const stated = `<cbc:ID>${code}</cbc:ID>${rate === '' ? '' : `<cbc:Percent>${rate}</cbc:Percent>`}`;
  const wrong = `$1<cbc:ID>${code}</cbc:ID><cbc:Percent>${wrongRate}</cbc:Percent>`;
  return [
    [`BR-${prefix}-01`, breakdown(stated), '$1<cbc:ID>B</cbc:ID><cbc:Percent>1</cbc:Percent>'],
    [`BR-${prefix}-05`, line(stated), wrong],
    [`BR-${prefix}-06`, allowance(stated), wrong],
    [`BR-${prefix}-07`, charge(stated), wrong],
    [`BR-${prefix}-08`, '<cbc:TaxableAmount currencyID="EUR">190.00', '<cbc:TaxableAmount currencyID="EUR">191.00'],
    [`BR-${prefix}-09`, /(<cbc:TaxableAmount.*?<cbc:TaxAmount currencyID="EUR">)/, '$19'],
  ];
}

/** A document in which nobody has a VAT identifier or tax registration. */
const unregistered = (xml: string): string => xml.replaceAll(/<cac:PartyTaxScheme>.*?<\/cac:PartyTaxScheme>/g, '');
t.test('the rules of each category of VAT', (t) => {
  for (const [prefix, code] of RATED) {
    const document = invoiceOf(code, '19', '');
    breaks(t, document, [
      ...changesOf(prefix, code, '19', '-1'),
      [`BR-${prefix}-05`, line(`<cbc:ID>${code}</cbc:ID><cbc:Percent>19</cbc:Percent>`), `$1<cbc:ID>${code}</cbc:ID>`],
      [`BR-${prefix}-10`, /(<cac:TaxSubtotal>.*?)(<cac:TaxScheme>)/, `$1${REASON}$2`],
    ]);
  }
  for (const [prefix, code, reason] of NOT_RATED)
    breaks(t, invoiceOf(code, '0', reason), [
      ...changesOf(prefix, code, '0', '1'),
      [
        `BR-${prefix}-10`,
        reason === '' ? /(<cac:TaxSubtotal>.*?)(<cac:TaxScheme>)/ : REASON,
        reason === '' ? `$1${REASON}$2` : '',
      ],
    ]);
  breaks(
    t,
    unregistered(invoiceOf('O', '', REASON)).replace(
      /<cac:TaxRepresentativeParty>[\s\S]*?<\/cac:TaxRepresentativeParty>/,
      '',
    ),
    [
      ...changesOf('O', 'O', '', '0'),
      ['BR-O-10', REASON, ''],
      ['BR-O-11', '</cac:TaxSubtotal>', '</cac:TaxSubtotal><cac:TaxSubtotal></cac:TaxSubtotal>'],
      ['BR-O-12', line('<cbc:ID>O'), '$1<cbc:ID>S'],
      ['BR-O-13', allowance('<cbc:ID>O'), '$1<cbc:ID>S'],
      ['BR-O-14', charge('<cbc:ID>O'), '$1<cbc:ID>S'],
    ],
  );
  t.end();
});

t.test('the identifiers that each category of VAT asks of the parties, by line, allowance and charge', (t) => {
  const all = [
    ...RATED.map(([prefix, code]) => [prefix, code, '19'] as const),
    ...NOT_RATED.map(([prefix, code]) => [prefix, code, '0'] as const),
  ]; // prettier-ignore
  for (const [prefix, code, rate] of all) {
    const found = rulesOf(unregistered(invoiceOf(code, rate, '')));
    for (const at of ['02', '03', '04']) {
      t.ok(found.includes(`BR-${prefix}-${at}`), `BR-${prefix}-${at}`);
      tested.add(`BR-${prefix}-${at}`);
    }
  }
  for (const at of ['02', '03', '04']) {
    t.ok(rulesOf(invoiceOf('O', '', REASON)).includes(`BR-O-${at}`), `BR-O-${at}`);
    tested.add(`BR-O-${at}`);
  }
  const onlyBuyer = invoiceOf('AE', '0', REASON).replace('BE0123456789', '');
  t.ok(rulesOf(onlyBuyer).includes('BR-AE-02'), 'reverse charge needs the buyer');
  t.notOk(
    rulesOf(
      onlyBuyer.replace('Our Company NV</cbc:RegistrationName>', '$&<cbc:CompanyID>HRB 2</cbc:CompanyID>'),
    ).includes('BR-AE-02'),
    'whose legal registration is enough',
  );
  t.end();
});

t.test('what single categories ask besides', (t) => {
  breaks(t, invoiceOf('K', '0', REASON), [
    [
      'BR-IC-11',
      /<cac:InvoicePeriod>.*?<\/cac:InvoicePeriod>([\s\S]*)<cbc:ActualDeliveryDate>.*?<\/cbc:ActualDeliveryDate>/,
      '$1',
    ],
    ['BR-IC-12', /(<cac:DeliveryLocation>.*?)<cac:Country>.*?<\/cac:Country>/, '$1'],
  ]);
  const period = /<cac:InvoicePeriod><cbc:StartDate>2026-09-01<\/cbc:StartDate>/;
  const undelivered = invoiceOf('K', '0', REASON).replace(/<cbc:ActualDeliveryDate>.*?<\/cbc:ActualDeliveryDate>/, '');
  t.notOk(
    rulesOf(undelivered.replace(period, '<cac:InvoicePeriod>')).includes('BR-IC-11'),
    'the end of a period is enough',
  );
  const italian = invoiceOf('B', '19', '').replaceAll(/IdentificationCode>(DE|BE)</g, 'IdentificationCode>IT<');
  breaks(t, italian, [
    ['BR-B-01', 'IdentificationCode>IT<', 'IdentificationCode>DE<'],
    ['BR-B-02', line('<cbc:ID>B'), '$1<cbc:ID>S'],
  ]);
  t.end();
});

t.test('a seller is identified by one of four identifiers', (t) => {
  const without = unregistered(ublInvoice())
    .replaceAll(/<cac:PartyIdentification>.*?<\/cac:PartyIdentification>/g, '')
    .replace('<cbc:CompanyID schemeID="0002">HRB 1</cbc:CompanyID>', '');
  t.ok(rulesOf(without).includes('BR-CO-26'));
  tested.add('BR-CO-26');
  const one = (from: string, to: string) => rulesOf(without.replace(from, to)).includes('BR-CO-26');
  const id = '<cac:PartyIdentification><cbc:ID>1</cbc:ID></cac:PartyIdentification>';
  t.notOk(one('<cac:PartyName>', `${id}<cac:PartyName>`), 'its own');
  t.notOk(
    one('</cbc:RegistrationName>', '</cbc:RegistrationName><cbc:CompanyID>1</cbc:CompanyID>'),
    'its registration',
  );
  t.notOk(
    one('<cac:PayeeParty>', `<cac:PayeeParty>${id.replace('<cbc:ID', '<cbc:ID schemeID="SEPA"')}`),
    'as a creditor',
  );
  t.end();
});

t.test('amounts have at most two decimals, prices as many as they need', (t) => {
  const cii = ciiInvoice();
  const found = new Set<string>();
  for (const xml of [ublInvoice(), cii]) {
    for (const rule of rulesOf(xml.replaceAll(/(Amount[^<>]*>-?\d+\.\d+)</g, '$1001<'))) found.add(rule);
    t.strictSame(
      check(xml.replace(/(PriceAmount[^<>]*|NetPriceProductTradePrice><ram:ChargeAmount)>10.00</, '$1>10.000000<')),
      [],
    );
  }
  const withBase = ublInvoice().replaceAll(
    /(<cbc:ChargeIndicator>true.*?<\/cbc:Amount>)/g,
    '$1<cbc:BaseAmount currencyID="EUR">1.001</cbc:BaseAmount>',
  );
  for (const rule of [...found, ...rulesOf(withBase)]) if (rule.startsWith('BR-DEC')) tested.add(rule);
  t.strictSame(
    RULES.map(({ id }) => id).filter((id) => id.startsWith('BR-DEC') && !tested.has(id)),
    [],
  );
  t.end();
});

t.test('a code comes from its list', (t) => {
  breaks(t, ublInvoice(), [
    ['BR-CL-01', '>380<', '>999<'],
    ['BR-CL-03', 'currencyID="SEK"', 'currencyID="SEC"'],
    ['BR-CL-04', '>EUR</cbc:DocumentCurrencyCode>', '>EUX</cbc:DocumentCurrencyCode>'],
    ['BR-CL-05', '>SEK<', '>SEC<'],
    ['BR-CL-06', '</cbc:EndDate>', '</cbc:EndDate><cbc:DescriptionCode>5</cbc:DescriptionCode>'],
    ['BR-CL-07', 'schemeID="ABT"', 'schemeID="XXX"'],
    [
      'BR-CL-10',
      '<cac:PartyIdentification><cbc:ID schemeID="0088"',
      '<cac:PartyIdentification><cbc:ID schemeID="9999"',
    ],
    ['BR-CL-11', 'schemeID="0002"', 'schemeID="9999"'],
    ['BR-CL-13', 'listID="STL"', 'listID="XXX"'],
    ['BR-CL-14', 'IdentificationCode>DE<', 'IdentificationCode>XX<'],
    ['BR-CL-15', /(OriginCountry><cbc:IdentificationCode>)SE/, '$1XX'],
    ['BR-CL-16', '>58<', '>99<'],
    ['BR-CL-17', '<cac:TaxCategory><cbc:ID>S', '<cac:TaxCategory><cbc:ID>X'],
    ['BR-CL-18', '<cac:ClassifiedTaxCategory><cbc:ID>S', '<cac:ClassifiedTaxCategory><cbc:ID>X'],
    ['BR-CL-19', 'AllowanceChargeReasonCode>95<', 'AllowanceChargeReasonCode>1<'],
    ['BR-CL-20', 'AllowanceChargeReasonCode>FC<', 'AllowanceChargeReasonCode>1<'],
    ['BR-CL-21', 'schemeID="0160"', 'schemeID="9999"'],
    [
      'BR-CL-22',
      /(<cac:TaxSubtotal>.*?)(<cac:TaxScheme>)/,
      '$1<cbc:TaxExemptionReasonCode>X</cbc:TaxExemptionReasonCode>$2',
    ],
    ['BR-CL-23', 'unitCode="HUR"', 'unitCode="HOURS"'],
    ['BR-CL-24', 'mimeCode="text/csv"', 'mimeCode="text/html"'],
    ['BR-CL-25', 'EndpointID schemeID="0088"', 'EndpointID schemeID="9999"'],
    ['BR-CL-26', '<cac:DeliveryLocation><cbc:ID schemeID="0088"', '<cac:DeliveryLocation><cbc:ID schemeID="9999"'],
  ]);
  const coded = ciiInvoice().replace(
    /<ram:TaxPointDate>.*?<\/ram:TaxPointDate>/,
    '<ram:DueDateTypeCode>5</ram:DueDateTypeCode>',
  );
  t.strictSame(check(coded), [], 'CII has other codes for the VAT date');
  t.end();
});

t.test('each rule of the table has a document that breaks it, and its id once', (t) => {
  const ids = RULES.map(({ id }) => id);
  t.strictSame(
    ids.filter((id) => !tested.has(id)),
    [],
  );
  t.equal(new Set(ids).size, ids.length);
  t.end();
});

t.test('a finding names its rule, its element and what must hold; all come at once', (t) => {
  const xml = ublInvoice()
    .replace('unitCode="HUR"', '')
    .replace('<cbc:IssueDate>2026-10-01', '<cbc:IssueDate>2026-02-30');
  t.strictSame(check(xml.replace('>120.00<', '>12O.00<')), [
    { rule: 'SYNTAX', severity: 'fatal', location: '/Invoice/IssueDate', message: '"2026-02-30" is no date.' },
    {
      rule: 'SYNTAX',
      severity: 'fatal',
      location: '/Invoice/InvoiceLine[2]/LineExtensionAmount',
      message: '"12O.00" is no decimal number.',
    },
    {
      rule: 'BR-23',
      severity: 'fatal',
      location: '/Invoice/InvoiceLine[2]',
      message: 'The quantity of a line has a unit of measure (BT-130).',
    },
    {
      rule: 'BR-CO-10',
      severity: 'fatal',
      location: '/Invoice/LegalMonetaryTotal',
      message: 'The sum of line net amounts (BT-106) is the sum of the net amounts of the lines (BT-131).',
    },
    {
      rule: 'BR-S-08',
      severity: 'fatal',
      location: '/Invoice/TaxTotal[1]/TaxSubtotal',
      message:
        'The taxable amount of a "standard rated" breakdown is the sum of its lines and charges less its allowances at its rate, within 1.',
    },
  ]); // prettier-ignore
  t.strictSame(
    check(ublInvoice().replace('>1234<', '>12345678901<')).map(isFatal),
    [false],
    'a long card number is a warning',
  );
  t.end();
});

t.test('a credit note, in either syntax, needs no due date', (t) => {
  t.strictSame(
    check(ublCreditNote().replace(/<cbc:PaymentDueDate>.*?<\/cac:PaymentTerms>/, '</cac:PaymentMeans>')),
    [],
  );
  const cii = ciiInvoice()
    .replace('>380<', '>381<')
    .replace(/<ram:SpecifiedTradePaymentTerms>.*?<\/ram:SpecifiedTradePaymentTerms>/, '');
  t.strictSame(check(cii), []);
  t.ok(rulesOf(cii.replace('>381<', '>380<')).includes('BR-CO-25'));
  t.end();
});
