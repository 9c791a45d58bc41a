import t from 'tap';
import { readEInvoice } from '../../../../src/modules/e-invoices/formats/e-invoice.ts';
import type { EInvoice } from '../../../../src/modules/e-invoices/formats/model.ts';
import { checkEInvoice } from '../../../../src/modules/e-invoices/formats/rules/en16931.ts';
import { DomainError } from '../../../../src/shared/errors.ts';
import { ciiInvoice, ublCreditNote, ublInvoice } from '../../../support/e-invoices.ts';

const read = (xml: string): EInvoice => readEInvoice(Buffer.from(xml)).invoice;

/** The model without what differs by syntax: where a field stands, and the currency that CII states once. */
function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([key, field]) => field !== undefined && !DIFFERS.has(key));
  return Object.fromEntries(fields.map(([key, field]) => [key, comparable(field)]).sort());
}
const DIFFERS: ReadonlySet<string> = new Set(['path', 'currency', 'syntax', 'kind', 'type_code']);

t.test('the same invoice reads the same in UBL and in CII, whole', (t) => {
  const ubl = read(ublInvoice());
  t.strictSame(comparable(ubl), comparable(read(ciiInvoice())));
  t.match(ubl, {
    number: 'INV-2026-17',
    issue_date: '2026-10-01',
    due_date: '2026-10-31',
    currency: 'EUR',
    notes: [{ subject_code: 'AAI', text: 'Delivered in two parts' }, { text: 'Thank you' }],
    references: { purchase_order: 'PO-4711', buyer_reference: '04011000-12345-03', object_id: { id: 'Meter 12' } },
    preceding_invoices: [{ number: 'INV-2026-16', issue_date: '2026-09-01' }],
    seller: { name: 'Example Tools GmbH', vat_id: 'DE123456789', tax_registration: '29/123/45678' },
    payee: { name: 'Example Factoring AG' },
    payment: [{ means_code: '58', remittance: 'RF18539007547034', account: { bic: 'COBADEFFXXX' } }],
    creditor_id: 'DE98ZZZ09999999999',
    allowance_charges: [
      { charge: false, amount: { value: '20.00' } },
      { charge: true, amount: { value: '10.00' } },
    ],
    totals: { lines: { value: '200.00' }, rounding: { value: '-0.10' }, due: { value: '200.00', currency: 'EUR' } },
    attachments: [{ id: 'Timesheet', filename: 'hours.csv', mime_type: 'text/csv', embedded: true }],
    lines: [
      {
        id: '1',
        quantity: '10',
        unit: 'H87',
        order_line: '1',
        price: { net: { value: '10.00' }, gross: { value: '12.50' } },
      },
      { id: '2', quantity: '2', unit: 'HUR', net_amount: { value: '120.00' } },
    ],
  }); // prettier-ignore
  t.end();
});

t.test('a credit note reads as the invoice does, with its own names', (t) => {
  const credit = read(ublCreditNote());
  t.strictSame(comparable(credit), comparable(read(ublInvoice())));
  t.match(credit, { kind: 'credit_note', type_code: '381', path: '/CreditNote' });
  t.equal(read(ublInvoice().replace('>380<', '>381<')).kind, 'credit_note', 'by its type code too');
  t.equal(read(ciiInvoice().replace('>380<', '>381<')).kind, 'credit_note');
  t.end();
});

t.test('prefixes are free, namespaces count', (t) => {
  const renamed = ublInvoice()
    .replaceAll('cbc:', 'x:')
    .replaceAll('xmlns:cbc', 'xmlns:x')
    .replaceAll('cac:', 'y:')
    .replaceAll('xmlns:cac', 'xmlns:y');
  t.strictSame(read(renamed), read(ublInvoice()));
  const foreign = ublInvoice().replace(
    '<cbc:ID>INV-2026-17',
    '<o:ID xmlns:o="urn:other">OTHER</o:ID><cbc:ID>INV-2026-17',
  );
  t.equal(read(foreign).number, 'INV-2026-17', 'a field of another namespace is none of ours');
  t.end();
});

t.test('characters are read as XML writes them', (t) => {
  const note = (text: string) => read(ublInvoice().replace('Thank you', text)).notes[1]?.text;
  t.equal(note('5 &lt; 6 &amp; &#246;&#xF6;&quot;&apos;&gt;'), `5 < 6 & öö"'>`);
  t.equal(note('&#x1F600;&#xFFFD;&#9;.'), '😀\ufffd\t.');
  t.equal(note('<![CDATA[a & b <c>]]> d'), 'a & b <c> d');
  t.equal(note('a<!-- left out -->b<?pi out?>'), 'ab');
  t.end();
});

t.test('an encoding is read as it is declared or marked', (t) => {
  const xml = (encoding: string) => ublInvoice().replace('UTF-8', encoding);
  const city = (bytes: Uint8Array) => readEInvoice(bytes).invoice.seller?.address?.lines[0];
  const swapped = Buffer.from(`\ufeff${xml('UTF-16')}`, 'utf16le').swap16();
  t.equal(city(Buffer.from(xml('ISO-8859-1'), 'latin1')), 'Hauptstraße 1');
  t.equal(city(Buffer.from(`\ufeff${xml('UTF-16')}`, 'utf16le')), 'Hauptstraße 1');
  t.equal(city(swapped), 'Hauptstraße 1');
  t.equal(city(Buffer.from(`\ufeff${xml('UTF-8')}`)), 'Hauptstraße 1');
  t.equal(city(Buffer.from(xml('UTF-16'))), 'Hauptstraße 1', 'UTF-8 that calls itself UTF-16 cannot be UTF-16');
  t.equal(city(Buffer.from(xml('UTF-8').replace(/<\?.*\?>/, ''))), 'Hauptstraße 1', 'UTF-8 without a declaration');
  t.end();
});

const refusal = (content: string | Uint8Array): string => {
  try {
    readEInvoice(typeof content === 'string' ? Buffer.from(content) : content);
    return 'read';
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
};

t.test('what is no invoice is refused by a problem that says why', (t) => {
  const entity = ublInvoice().replace(
    '<Invoice',
    '<!DOCTYPE Invoice [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice',
  );
  const bomb = '<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>';
  const cases: readonly (readonly [string, string, string | Uint8Array])[] = [
    ['an external entity', 'e_invoice.doctype', entity],
    ['an entity bomb', 'e_invoice.doctype', bomb],
    ['an entity without a DOCTYPE', 'e_invoice.not-well-formed', '<a>&xxe;</a>'],
    ['an entity in an attribute', 'e_invoice.not-well-formed', '<a b="&xxe;"/>'],
    ['a lone ampersand', 'e_invoice.not-well-formed', '<a>Smith & Sons</a>'],
    ['a lone ampersand in an attribute', 'e_invoice.not-well-formed', '<a b="Smith & Sons"/>'],
    ['a character XML cannot carry', 'e_invoice.not-well-formed', '<a>&#0;</a>'],
    ['a surrogate', 'e_invoice.not-well-formed', '<a>&#xD800;</a>'],
    ['deep nesting', 'e_invoice.not-well-formed', '<a>'.repeat(5000) + '</a>'.repeat(5000)],
    ['more elements than an invoice has', 'e_invoice.too-large', `<a>${'<b/>'.repeat(250_000)}</a>`],
    ['more attributes than an invoice has', 'e_invoice.too-large', `<a>${'<b c=""/>'.repeat(100_001)}</a>`],
    ['more text than an invoice has', 'e_invoice.too-large', `<a>${'&amp;'.repeat(800_001)}</a>`],
    [
      'more namespaces than an invoice has',
      'e_invoice.too-large',
      `<a ${Array.from({ length: 65 }, (_, at) => `xmlns:n${at}="u"`).join(' ')}/>`,
    ],
    ['a tag left open', 'e_invoice.not-well-formed', '<a><b></a>'],
    ['two roots', 'e_invoice.not-well-formed', '<a/><b/>'],
    ['text after the root', 'e_invoice.not-well-formed', '<a/>tail'],
    ['nothing', 'e_invoice.not-well-formed', ''],
    ['a name that is no field', 'e_invoice.not-well-formed', '<__proto__/>'],
    ['another document', 'e_invoice.format-unknown', '<html/>'],
    ['an invoice of no namespace', 'e_invoice.format-unknown', '<x:Invoice xmlns:x="urn:other"/>'],
    ['an unknown encoding', 'e_invoice.encoding-unknown', '<?xml version="1.0" encoding="EBCDIC-CP-US"?><a/>'],
    ['bytes of another encoding', 'e_invoice.encoding-wrong', Buffer.from(ublInvoice(), 'latin1')],
  ]; // prettier-ignore
  for (const [what, code, content] of cases) t.equal(refusal(content), code, what);
  t.end();
});

t.test('a document of which nearly everything is missing is read, so that its findings can be told', (t) => {
  const ubl = 'xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"';
  t.match(read(`<Invoice ${ubl}/>`), { syntax: 'ubl', number: undefined, lines: [], vat_totals: [] });
  const party = '<Party><EndpointID schemeID="">1</EndpointID><Contact/></Party>';
  t.match(
    read(
      `<Invoice ${ubl}><AccountingSupplierParty>${party}</AccountingSupplierParty><Note/><PaymentMeans/><InvoiceLine/></Invoice>`,
    ),
    {
      seller: { name: undefined, contact: undefined, endpoint: { id: '1', scheme: undefined } },
      payment: [{ means_code: undefined, account: undefined, card: undefined, mandate: undefined }],
      notes: [],
      lines: [{ price: undefined, item: undefined, vat: undefined }],
    },
  ); // prettier-ignore
  const cii = ciiInvoice().replace(
    /<ram:BuyerTradeParty>.*?<\/ram:BuyerTradeParty>/,
    '<ram:BuyerTradeParty><ram:DefinedTradeContact/></ram:BuyerTradeParty>',
  );
  t.match(read(cii), { buyer: { name: undefined, contact: undefined, address: undefined } });
  t.match(read('<x:CrossIndustryInvoice xmlns:x="urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"/>'), {
    syntax: 'cii',
    totals: undefined,
    delivery: undefined,
    lines: [],
  }); // prettier-ignore
  t.end();
});

t.test('what CII may leave out or write another way', (t) => {
  const findings = (xml: string) => checkEInvoice(readEInvoice(Buffer.from(xml))).map(({ rule }) => rule);
  const cii = ciiInvoice();
  t.strictSame(
    findings(cii.replace(' currencyID="EUR">36.10', '>36.10')),
    [],
    'the VAT total is in the currency of the invoice',
  );
  const totals = /<ram:TaxTotalAmount currencyID="EUR">36.10<\/ram:TaxTotalAmount>/;
  t.strictSame(findings(cii.replace(totals, '')), ['BR-CO-15'], 'the breakdown counts without its total');
  t.strictSame(read(cii.replace(/<ram:ApplicableTradeTax><ram:CalculatedAmount>.*/, '')).vat_totals[0]?.breakdown, []);
  t.match(read(cii.replaceAll('ram:IBANID', 'ram:ProprietaryID')).payment, [
    { account: { id: 'DE89370400440532013000' } },
  ]);
  const account = /<ram:PayeePartyCreditorFinancialAccount>.*?<\/ram:PayeePartyCreditorFinancialAccount>/;
  const payer = /<ram:PayerPartyDebtorFinancialAccount>.*?<\/ram:PayerPartyDebtorFinancialAccount>/;
  const unpaid = read(
    cii
      .replace(account, '')
      .replace(payer, '')
      .replace(/<ram:DirectDebitMandateID>.*?<\/ram:DirectDebitMandateID>/, ''),
  );
  t.match(unpaid.payment, [{ account: undefined, mandate: undefined }]);
  t.match(read(cii.replace(payer, '')).payment, [{ mandate: { id: 'M-1', debited_account: undefined } }]);
  t.match(
    read(cii.replace('ram:PersonName', 'ram:DepartmentName').replace('/ram:PersonName', '/ram:DepartmentName')).seller
      ?.contact,
    {
      name: 'Accounts',
    },
  ); // prettier-ignore
  const onlyEvent = read(cii.replace(/<ram:ShipToTradeParty>.*?<\/ram:ShipToTradeParty>/, ''));
  t.match(onlyEvent.delivery, { date: '2026-09-29', name: undefined, address: undefined });
  t.equal(read(cii.replace(/<ram:ShipToTradeParty>.*?<\/ram:ActualDeliverySupplyChainEvent>/, '')).delivery, undefined);
  t.match(
    read(
      cii
        .replace('<ram:ShipToTradeParty><ram:GlobalID schemeID="0088">', '<ram:ShipToTradeParty><ram:ID>')
        .replace('4011111000001</ram:GlobalID>', '4011111000001</ram:ID>'),
    ).delivery,
    {
      location: { id: '4011111000001', scheme: undefined },
    },
  ); // prettier-ignore
  const note = '<ram:IncludedNote><ram:SubjectCode>AAI</ram:SubjectCode></ram:IncludedNote>';
  t.equal(
    read(cii.replace('<ram:IncludedNote>', `${note}<ram:IncludedNote>`)).notes.length,
    2,
    'a note without text is none',
  );
  t.end();
});

t.test('a line of CII may have one of its two prices, another tax, or nothing', (t) => {
  const line = (from: RegExp, to = '') => read(ciiInvoice().replace(from, to)).lines[0];
  t.match(line(/<ram:GrossPrice.*?<\/ram:GrossPriceProductTradePrice>/), {
    price: { net: { value: '10.00' }, gross: undefined },
  });
  const onlyGross = line(
    /<\/ram:ChargeAmount>(.*?)<ram:NetPrice.*?<\/ram:NetPriceProductTradePrice>/,
    '</ram:ChargeAmount><ram:BasisQuantity>5</ram:BasisQuantity>$1',
  );
  t.match(onlyGross, { price: { net: undefined, gross: { value: '12.50' }, base_quantity: '5' } });
  t.match(line(/<ram:TypeCode>VAT/, '<ram:TypeCode>GST'), { vat: undefined });
  t.match(line(/<ram:SpecifiedLineTradeSettlement>.*?<\/ram:SpecifiedLineTradeSettlement>/), {
    vat: undefined,
    net_amount: undefined,
  });
  t.match(line(/<ram:AssociatedDocumentLineDocument>.*?<\/ram:SpecifiedLineTradeSettlement>/), {
    item: undefined,
    price: undefined,
  });
  const other = readEInvoice(
    Buffer.from(
      ciiInvoice().replace(
        '36.10</ram:CalculatedAmount><ram:TypeCode>VAT',
        '36.10</ram:CalculatedAmount><ram:TypeCode>GST',
      ),
    ),
  );
  t.match(other.invoice.vat_totals[0], { breakdown: [{ category: undefined, rate: undefined }] });
  t.end();
});

t.test('a total of VAT without an amount is a finding, not a failure', (t) => {
  const xml = ublInvoice().replace(
    '<cac:TaxTotal><cbc:TaxAmount currencyID="SEK">401.00</cbc:TaxAmount></cac:TaxTotal>',
    '<cac:TaxTotal/>',
  );
  t.match(checkEInvoice(readEInvoice(Buffer.from(xml))), [{ rule: 'BR-53' }]);
  t.end();
});

t.test('a date is a day of the calendar, with or without a zone', (t) => {
  const dated = (date: string) => checkEInvoice(readEInvoice(Buffer.from(ublInvoice().replace('2026-10-01', date))));
  for (const date of ['2026-02-28', '2028-02-29', '2026-10-01Z', '2026-10-01+02:00', '20261001'])
    t.strictSame(dated(date), [], date);
  for (const date of ['2026-02-29', '2026-13-01', '01.10.2026', 'soon'])
    t.match(dated(date), [{ rule: 'SYNTAX' }], date);
  t.end();
});

t.test('a file of 9 MB that is nearly all attachment is read as fast as its invoice', (t) => {
  const xml = ublInvoice().replace('>aDsx<', `>${'QUJD\n'.repeat(1_800_000)}<`);
  const before = process.cpuUsage();
  const { attachments } = read(xml);
  const { user } = process.cpuUsage(before);
  t.match(attachments, [{ filename: 'hours.csv', embedded: true }]);
  t.ok(user < 2_000_000, `${user} microseconds`);
  t.end();
});
