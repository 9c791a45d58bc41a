import t from 'tap';
import { readEInvoice } from '../../../../src/modules/e-invoices/formats/e-invoice.ts';
import { READABLE_POLICY, renderReadable } from '../../../../src/modules/e-invoices/formats/readable.ts';
import { checkEInvoice } from '../../../../src/modules/e-invoices/formats/rules/en16931.ts';
import { ciiInvoice, ublCreditNote, ublInvoice } from '../../../support/e-invoices.ts';

function page(xml: string, bankDetails = true): string {
  const reading = readEInvoice(Buffer.from(xml));
  return renderReadable(reading.invoice, { findings: checkEInvoice(reading), bankDetails });
}

/** The text between the tags. */
const textOf = (html: string): string => html.replaceAll(/<style>.*?<\/style>|<[^>]+>/gs, ' ').replaceAll(/\s+/g, ' ');

/** Every text and every amount of the file that a person would look for. */
const SHOWN = [
  'Invoice INV-2026-17',
  '2026-10-01',
  '2026-10-31',
  '2026-10-02',
  '30 days net',
  'urn:cen.eu:en16931:2017',
  'AAI: Delivered in two parts',
  'Thank you',
  'Example Tools GmbH',
  'DE123456789',
  '29/123/45678',
  'HRB 1, 0002',
  'Hauptstraße 1, Gate 2, Hall 3, 10115, Berlin, BE, DE',
  'Accounts, +49 30 1, ar@tools.example.com',
  'Our Company NV',
  'Example Factoring AG',
  'Example Tax AB',
  'SE556677889901',
  '04011000-12345-03',
  'PO-4711',
  'SO-9',
  'C-7',
  'PRJ-3',
  'GR-1',
  'DN-1',
  'LOT-5',
  'Meter 12, ABT',
  'INV-2026-16, 2026-09-01',
  '2026-09-29',
  'Warehouse 4',
  'Hammer',
  'Steel, black',
  '10 H87',
  '10.00',
  'per 1',
  'S 19 %',
  'Scratched box',
  'Object 1, AVE',
  '12.50',
  '2.50',
  'HAM-1',
  'B-1',
  '4012345678901, 0160',
  '44510000, STL',
  'Colour: Black',
  'Damage, 95',
  'Packing, FC',
  '100.00',
  '30.00',
  'Repair',
  '120.00',
  'Discount, 95',
  'Freight, FC',
  '190.00',
  '36.10',
  '401.00',
  '226.10',
  '26.00',
  '-0.10',
  '200.00',
  '58, SEPA credit transfer',
  'RF18539007547034',
  'DE89370400440532013000, Example Tools, COBADEFFXXX',
  'ends with 1234, A Buyer',
  'M-1',
  'DE98ZZZ09999999999',
  'Timesheet',
  'hours.csv, text/csv',
  'https://files.example.com/hours',
  '4400',
  '4401',
]; // prettier-ignore

t.test('the page shows all that the file states, in either syntax', (t) => {
  for (const xml of [ublInvoice(), ciiInvoice()]) {
    const text = textOf(page(xml));
    for (const expected of SHOWN) t.ok(text.includes(expected), expected);
  }
  t.match(page(ublCreditNote()), /<h1>Credit note INV-2026-17<\/h1>/);
  t.end();
});

t.test(
  'the page is accessible: a language, a title, one heading per section, tables with captions and column headers',
  (t) => {
    const html = page(ublInvoice());
    t.match(html, /^<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">/);
    t.match(html, /<title>Invoice INV-2026-17<\/title>/);
    t.equal(html.match(/<h1>/g)?.length, 1);
    t.equal(html.match(/<section><h2>/g)?.length, html.match(/<section>/g)?.length);
    t.equal(html.match(/<table><caption>/g)?.length, html.match(/<table>/g)?.length);
    t.notMatch(html, /<th>/, 'each header says what it heads');
    t.end();
  },
);

t.test('nothing of the file is markup, and the policy lets nothing run or load', (t) => {
  const attack = '&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src="x" onerror=\'y\'&gt;&amp;';
  const html = page(ublInvoice().replace('Thank you', attack).replace('INV-2026-17', attack));
  t.notMatch(html, /<script|<img/);
  t.match(html, /&lt;script&gt;alert\(1\)&lt;\/script&gt;&lt;img src=&quot;x&quot; onerror=&#39;y&#39;&gt;&amp;/);
  t.match(
    READABLE_POLICY,
    /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/,
  );
  t.end();
});

t.test('account numbers are masked for those who may not see them', (t) => {
  const masked = page(ublInvoice(), false);
  t.notMatch(masked, /DE89370400440532013000/);
  t.match(masked, /DE\*\* \*\*\*\* 3000, Example Tools/);
  t.match(
    page(ublInvoice({ iban: '1234567891' }), false),
    /<dd>\*\*\*\* \*\*\*\* 7891, Example Tools/,
    'a number that is no IBAN',
  );
  t.match(page(ublInvoice({ iban: '' }), false), /<dt>Account<\/dt><dd>Example Tools, COBADEFFXXX<\/dd>/);
  t.end();
});

t.test('the page of a document of which nearly everything is missing says what is missing', (t) => {
  const empty =
    '<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"><InvoiceLine><Item><AdditionalItemProperty/><ClassifiedTaxCategory><ID>O</ID></ClassifiedTaxCategory></Item></InvoiceLine></Invoice>';
  const html = page(empty);
  t.match(html, /<h1>Invoice without a number<\/h1>/);
  t.match(html, /<td>BR-02<\/td><td>fatal<\/td><td>An invoice has a number \(BT-1\)\.<\/td><td>\/Invoice<\/td>/);
  t.match(html, /<td>O<\/td>/, 'a category without a rate');
  t.notMatch(html, /<h2>Seller|<h2>Payment|undefined/);
  t.match(page(empty.replace(/<Item>.*<\/Item>/, '')), /<caption>Lines<\/caption>/);
  t.end();
});
