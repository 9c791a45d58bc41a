/** BR-CO-*: what must agree. BR-CO-05 to BR-CO-08 ask that a reason and its code mean the same, which only a person can tell. */
import { add, subtract } from '../../../../shared/money.ts';
import { COUNTRIES } from '../codes/countries.ts';
import type { EInvoice, Party, VatBreakdown } from '../model.ts';
import { document, type Facts, given, num, orZero, type Rule, rule, same, some, sumOf } from './rule.ts';

const totals = ({ invoice }: Facts) => some(invoice.totals);
const parties = ({ invoice }: Facts): readonly Party[] =>
  [invoice.seller, invoice.buyer, invoice.tax_representative].flatMap(some);

export const TOTAL_RULES: readonly Rule[] = [
  rule(
    'BR-CO-03',
    'The date on which VAT is due (BT-7) and its code (BT-8) are not both stated.',
    document,
    (i) => !(given(i.tax_point_date) && given(i.tax_point_code)),
  ),
  rule(
    'BR-CO-04',
    'Each line has a VAT category (BT-151).',
    ({ invoice }) => invoice.lines,
    (line) => given(line.vat),
  ),
  rule(
    'BR-CO-09',
    'A VAT identifier starts with the code of its country, or EL for Greece.',
    parties,
    ({ vat_id }) => vat_id === undefined || vat_id.startsWith('EL') || COUNTRIES.has(vat_id.slice(0, 2)),
  ),
  rule(
    'BR-CO-10',
    'The sum of line net amounts (BT-106) is the sum of the net amounts of the lines (BT-131).',
    totals,
    (t, { invoice }) => same(t.lines, sumOf(invoice.lines.map((line) => line.net_amount))),
  ),
  rule(
    'BR-CO-11',
    'The sum of allowances (BT-107) is the sum of the allowances of the document (BT-92).',
    totals,
    (t, { allowances }) => same(t.allowances, sumOf(allowances.map(({ amount }) => amount))),
  ),
  rule(
    'BR-CO-12',
    'The sum of charges (BT-108) is the sum of the charges of the document (BT-99).',
    totals,
    (t, { charges }) => same(t.charges, sumOf(charges.map(({ amount }) => amount))),
  ),
  rule(
    'BR-CO-13',
    'The total without VAT (BT-109) is the sum of line net amounts less allowances plus charges.',
    totals,
    (t) => same(t.without_vat, add(orZero(t.lines), orZero(t.charges)).minus(orZero(t.allowances))),
  ),
  rule(
    'BR-CO-14',
    'The VAT total (BT-110) is the sum of the tax amounts of its breakdown (BT-117).',
    ({ invoice }) => invoice.vat_totals.filter(({ breakdown }) => breakdown.length > 0),
    (total) => same(total.amount, sumOf(total.breakdown.map(({ tax_amount }) => tax_amount))),
  ),
  rule(
    'BR-CO-15',
    'The total with VAT (BT-112) is the total without VAT plus the VAT total in the currency of the invoice.',
    ({ invoice }) => (given(invoice.currency) ? some(invoice.totals) : []),
    (t, { invoice }) => {
      const vat = vatInCurrency(invoice);
      return vat.length < 2 && same(t.with_vat, add(orZero(t.without_vat), sumOf(vat)));
    },
  ),
  rule(
    'BR-CO-16',
    'The amount due (BT-115) is the total with VAT less what was paid in advance plus the rounding amount.',
    totals,
    (t) => same(t.due, subtract(orZero(t.with_vat), orZero(t.prepaid)).plus(orZero(t.rounding))),
  ),
  rule(
    'BR-CO-17',
    'The tax amount of a category (BT-117) is its taxable amount times its rate, within 1.',
    (f) => f.breakdown,
    isTaxOfRate,
  ),
  rule(
    'BR-CO-18',
    'An invoice has at least one VAT breakdown (BG-23).',
    document,
    (_, { breakdown }) => breakdown.length > 0,
  ),
  rule(
    'BR-CO-19',
    'An invoicing period has a start, an end, or both.',
    ({ invoice }) => some(invoice.period),
    (p, { invoice }) => given(p.start) || given(p.end) || given(invoice.tax_point_code),
  ),
  rule(
    'BR-CO-20',
    'The period of a line has a start, an end, or both.',
    ({ invoice }) => invoice.lines.flatMap(({ period }) => some(period)),
    (p) => given(p.start) || given(p.end),
  ),
  rule(
    'BR-CO-25',
    'Where an invoice asks for payment, a due date or the payment terms are stated.',
    document,
    (i) => i.kind === 'credit_note' || orZero(i.totals?.due).lte(0) || given(i.due_date) || given(i.payment_terms),
  ),
  rule(
    'BR-CO-26',
    'A seller has an identifier (BT-29), a legal registration (BT-30) or a VAT identifier (BT-31).',
    ({ invoice }) => some(invoice.seller),
    (s, { invoice }) =>
      [...s.identifiers, s.legal_id].some((one) => given(one?.id)) || given(s.vat_id) || given(invoice.creditor_id),
  ),
];

/** The VAT totals that count for the totals of the document: those in its currency, and in CII those without one. */
const vatInCurrency = (invoice: EInvoice) =>
  invoice.vat_totals.flatMap(({ amount }) =>
    amount !== undefined && (amount.currency ?? invoice.currency) === invoice.currency ? [amount] : [],
  );

/** EN 16931 leaves room for the ways in which software rounds: less than 1 of the currency. */
export function isTaxOfRate({ taxable_amount, tax_amount, rate }: VatBreakdown): boolean {
  const tax = num(tax_amount);
  const base = num(taxable_amount);
  if (tax === undefined || base === undefined) return true;
  const percent = orZero(rate);
  if (percent.eq(0)) return tax.abs().lt('0.5');
  return base.abs().times(percent).div(100).round(2, 1).minus(tax.abs()).abs().lt(1);
}
