/** An e-invoice as a page that a person reads: what the machine sent, whole, as HTML without script. */
import { createHash } from 'node:crypto';
import { maskAccountNumber, maskIban, normaliseAccountNumber } from '../../../shared/bank-account-number.ts';
import { type Cell, facts, html, type Markup, section, table } from './html.ts';
import type { Account, AllowanceCharge, Amount, EInvoice, Finding, Line, Party, VatCategory } from './model.ts';

const STYLE =
  'body{font:1rem/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}' +
  'table{border-collapse:collapse;width:100%}caption{text-align:left;font-weight:bold}' +
  'th,td{border:1px solid #767676;padding:.25rem .5rem;text-align:left;vertical-align:top}' +
  'dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}dt{font-weight:bold}dd{margin:0}';

/** The page runs nothing and loads nothing: only its own style, by its digest. */
export const READABLE_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

export interface ReadableOptions {
  readonly findings: readonly Finding[];
  /** Whether account numbers are shown whole. */
  readonly bankDetails: boolean;
}

export function renderReadable(invoice: EInvoice, { findings, bankDetails }: ReadableOptions): string {
  const title = `${invoice.kind === 'credit_note' ? 'Credit note' : 'Invoice'} ${invoice.number ?? 'without a number'}`;
  const body = [
    section('Findings', table('Rules that the file breaks', FINDING_COLUMNS, findings.map(findingRow))),
    section('Document', documentFacts(invoice)),
    party('Seller', invoice.seller),
    party('Buyer', invoice.buyer),
    party('Payee', invoice.payee),
    party('Tax representative', invoice.tax_representative),
    section('References', referenceFacts(invoice)),
    section('Delivery', deliveryFacts(invoice)),
    section(
      'Notes',
      html`${invoice.notes.map(({ subject_code, text }) => html`<p>${subject_code && `${subject_code}: `}${text}</p>`)}`,
    ),
    section('Lines', table('Lines', LINE_COLUMNS, invoice.lines.map(lineRow))),
    section('Allowances and charges', allowances('Of the document', invoice.allowance_charges)),
    section('VAT', vat(invoice)),
    section('Totals', totalFacts(invoice)),
    section('Payment', paymentFacts(invoice, bankDetails)),
    section('Attachments', attachments(invoice)),
  ];
  const page = html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title><style>${{ markup: STYLE }}</style></head>
<body><main><h1>${title}</h1>${body}</main></body></html>
`;
  return page.markup;
}

const FINDING_COLUMNS = ['Rule', 'Severity', 'What must hold', 'Element'];
const findingRow = ({ rule, severity, message, location }: Finding): readonly Cell[] => [
  rule,
  severity,
  message,
  location,
];

const money = (amount: Amount | undefined): string | undefined =>
  amount && [amount.value, amount.currency].filter((part) => part !== undefined).join(' ');
const rate = (vat: VatCategory | undefined): string | undefined =>
  vat && (vat.rate === undefined ? vat.category : `${vat.category} ${vat.rate} %`);
const joined = (...parts: readonly (string | undefined)[]): string | undefined =>
  parts.filter((part) => part !== undefined).join(', ') || undefined;

const documentFacts = (invoice: EInvoice): Markup =>
  facts([
    ['Number', invoice.number],
    ['Type', invoice.type_code],
    ['Issued on', invoice.issue_date],
    ['Due on', invoice.due_date],
    ['Currency', invoice.currency],
    ['Currency of the VAT', invoice.vat_currency],
    ['VAT is due on', invoice.tax_point_date ?? invoice.tax_point_code],
    ['Period', joined(invoice.period?.start, invoice.period?.end)],
    ['Payment terms', invoice.payment_terms],
    ['Specification', invoice.specification],
    ['Process', invoice.process],
  ]);

function party(title: string, stated: Party | undefined): Markup {
  const { address, contact } = stated ?? {};
  const ids = stated?.identifiers.map(({ id, scheme }) => joined(id, scheme)) ?? [];
  return section(
    title,
    facts([
      ['Name', stated?.name],
      ['Trading name', stated?.trading_name],
      ['VAT identifier', stated?.vat_id],
      ['Tax registration', stated?.tax_registration],
      ['Legal registration', joined(stated?.legal_id?.id, stated?.legal_id?.scheme)],
      ['Legal form', stated?.legal_form],
      ['Identifiers', joined(...ids)],
      ['Electronic address', joined(stated?.endpoint?.id, stated?.endpoint?.scheme)],
      [
        'Address',
        address && joined(...address.lines, address.postal_code, address.city, address.region, address.country),
      ],
      ['Contact', joined(contact?.name, contact?.phone, contact?.email)],
    ]),
  );
}

const referenceFacts = ({ references, preceding_invoices }: EInvoice): Markup =>
  facts([
    ['Buyer reference', references.buyer_reference],
    ['Purchase order', references.purchase_order],
    ['Sales order', references.sales_order],
    ['Contract', references.contract],
    ['Project', references.project],
    ['Receipt', references.receiving_advice],
    ['Despatch', references.despatch_advice],
    ['Tender or lot', references.tender],
    ['Object', joined(references.object_id?.id, references.object_id?.scheme)],
    ['Accounting', references.accounting],
    ['Earlier invoices', joined(...preceding_invoices.map(({ number, issue_date }) => joined(number, issue_date)))],
  ]);

const deliveryFacts = ({ delivery }: EInvoice): Markup =>
  facts([
    ['Delivered on', delivery?.date],
    ['To', delivery?.name],
    ['Location', joined(delivery?.location?.id, delivery?.location?.scheme)],
    [
      'Address',
      delivery?.address &&
        joined(
          ...delivery.address.lines,
          delivery.address.postal_code,
          delivery.address.city,
          delivery.address.region,
          delivery.address.country,
        ),
    ],
  ]); // prettier-ignore

const LINE_COLUMNS = ['Line', 'Item', 'Quantity', 'Net price', 'VAT', 'Net amount', 'Details'];

function lineRow(line: Line): readonly Cell[] {
  const { item, price } = line;
  const per = price?.base_quantity && `per ${price.base_quantity}`;
  return [
    line.id,
    html`${item?.name}${item?.description && html`<br>${item.description}`}`,
    [line.quantity, line.unit].filter((part) => part !== undefined).join(' '),
    joined(money(price?.net), per),
    rate(line.vat),
    money(line.net_amount),
    html`${facts([
      ['Order line', line.order_line],
      ['Note', line.note],
      ['Period', joined(line.period?.start, line.period?.end)],
      ['Accounting', line.accounting_reference],
      ['Object', joined(line.object_id?.id, line.object_id?.scheme)],
      ['Gross price', money(price?.gross)],
      ['Discount on the price', money(price?.discount)],
      ["Seller's item number", item?.seller_id],
      ["Buyer's item number", item?.buyer_id],
      ['Standard item number', joined(item?.standard_id?.id, item?.standard_id?.scheme)],
      ['Classification', joined(...(item?.classifications ?? []).map(({ id, scheme }) => joined(id, scheme)))],
      ['Origin', item?.origin_country],
      ['Properties', joined(...(item?.attributes ?? []).map(({ name, value }) => `${name ?? ''}: ${value ?? ''}`))],
    ])}${allowances('Of the line', line.allowance_charges)}`,
  ];
}

const allowances = (caption: string, list: readonly AllowanceCharge[]): Markup =>
  table(
    caption,
    ['Kind', 'Reason', 'Base', 'Percent', 'VAT', 'Amount'],
    list.map((one) => [
      one.charge ? 'Charge' : 'Allowance',
      joined(one.reason, one.reason_code),
      money(one.base_amount),
      one.percent,
      rate(one.vat),
      money(one.amount),
    ]),
  );

const vat = ({ vat_totals }: EInvoice): Markup =>
  html`${table(
    'VAT breakdown',
    ['Category', 'Rate', 'Taxable amount', 'Tax amount', 'Exemption'],
    vat_totals
      .flatMap(({ breakdown }) => breakdown)
      .map((one) => [
        one.category,
        one.rate,
        money(one.taxable_amount),
        money(one.tax_amount),
        joined(one.exemption_reason, one.exemption_code),
      ]),
  )}${facts(vat_totals.map(({ amount }) => ['VAT total', money(amount)]))}`;

const totalFacts = ({ totals }: EInvoice): Markup =>
  facts([
    ['Sum of lines', money(totals?.lines)],
    ['Allowances', money(totals?.allowances)],
    ['Charges', money(totals?.charges)],
    ['Total without VAT', money(totals?.without_vat)],
    ['Total with VAT', money(totals?.with_vat)],
    ['Paid in advance', money(totals?.prepaid)],
    ['Rounding', money(totals?.rounding)],
    ['Amount due', money(totals?.due)],
  ]);

const paymentFacts = ({ payment, creditor_id }: EInvoice, bankDetails: boolean): Markup =>
  html`${payment.map(({ means_code, means_text, remittance, account, card, mandate }) =>
    facts([
      ['Means of payment', joined(means_code, means_text)],
      ['Remittance information', remittance],
      ['Account', account && joined(bankDetails ? account.id : masked(account), account.name, account.bic)],
      ['Card', card && joined(`ends with ${card.last_digits}`, card.holder)],
      ['Mandate', mandate?.id],
    ]),
  )}${facts([['Creditor identifier', creditor_id]])}`;

function masked({ id }: Account): string | undefined {
  if (id === undefined) return undefined;
  return /^[A-Z]{2}\d{2}/.test(normaliseAccountNumber(id)) ? maskIban(id) : maskAccountNumber(id);
}

const attachments = ({ attachments: list }: EInvoice): Markup =>
  table(
    'Supporting documents',
    ['Reference', 'Description', 'File', 'Address'],
    list.map(({ id, description, filename, mime_type, uri }) => [id, description, joined(filename, mime_type), uri]),
  );
