/** BR-01 to BR-20 and BR-50 to BR-63: what a document, its parties, payment and references must state. */
import type { Address, Party, Period } from '../model.ts';
import { document, type Facts, given, type Rule, rule, some } from './rule.ts';

const seller = ({ invoice }: Facts) => some(invoice.seller);
const buyer = ({ invoice }: Facts) => some(invoice.buyer);
const payee = ({ invoice }: Facts) => some(invoice.payee);
const representative = ({ invoice }: Facts) => some(invoice.tax_representative);
const addresses = (parties: readonly Party[]) => parties.flatMap(({ address }) => some(address));
const accounts = ({ invoice }: Facts) => invoice.payment.filter(({ account }) => account !== undefined);
const transfers = ({ invoice }: Facts) => invoice.payment.filter(({ means_code }) => isTransfer(means_code));
const isTransfer = (code: string | undefined): boolean => code === '30' || code === '58';

export const DOCUMENT_RULES: readonly Rule[] = [
  rule('BR-01', 'An invoice names the specification that it follows (BT-24).', document, (i) => given(i.specification)),
  rule('BR-02', 'An invoice has a number (BT-1).', document, (i) => given(i.number)),
  rule('BR-03', 'An invoice has an issue date (BT-2).', document, (i) => given(i.issue_date)),
  rule('BR-04', 'An invoice has a type code (BT-3).', document, (i) => given(i.type_code)),
  rule('BR-05', 'An invoice has a currency (BT-5).', document, (i) => given(i.currency)),
  rule('BR-06', 'An invoice names its seller (BT-27).', document, (i) => given(i.seller?.name)),
  rule('BR-07', 'An invoice names its buyer (BT-44).', document, (i) => given(i.buyer?.name)),
  rule('BR-08', 'An invoice has the address of its seller (BG-5).', document, (i) => given(i.seller?.address)),
  rule('BR-09', 'The address of the seller has a country (BT-40).', (f) => addresses(seller(f)), hasCountry),
  rule('BR-10', 'An invoice has the address of its buyer (BG-8).', document, (i) => given(i.buyer?.address)),
  rule('BR-11', 'The address of the buyer has a country (BT-55).', (f) => addresses(buyer(f)), hasCountry),
  rule('BR-12', 'An invoice has the sum of its line net amounts (BT-106).', document, (i) => given(i.totals?.lines)),
  rule('BR-13', 'An invoice has its total without VAT (BT-109).', document, (i) => given(i.totals?.without_vat)),
  rule('BR-14', 'An invoice has its total with VAT (BT-112).', document, (i) => given(i.totals?.with_vat)),
  rule('BR-15', 'An invoice has the amount due for payment (BT-115).', document, (i) => given(i.totals?.due)),
  rule('BR-16', 'An invoice has at least one line (BG-25).', document, (i) => i.lines.length > 0),
  rule(
    'BR-17',
    'A payee is named (BT-59) where it is another than the seller.',
    payee,
    (p, { invoice }) => given(p.name) && !isSameParty(p, invoice.seller),
  ),
  rule('BR-18', 'A tax representative is named (BT-62).', representative, (p) => given(p.name)),
  rule('BR-19', 'A tax representative has an address (BG-12).', representative, (p) => given(p.address)),
  rule(
    'BR-20',
    'The address of the tax representative has a country (BT-69).',
    (f) => addresses(representative(f)),
    hasCountry,
  ),
  rule('BR-29', 'An invoicing period does not end before it starts.', ({ invoice }) => some(invoice.period), inOrder),
  rule(
    'BR-49',
    'A payment instruction has a means of payment (BT-81).',
    ({ invoice }) => invoice.payment,
    (p) => given(p.means_code),
  ),
  rule(
    'BR-50',
    'The account of a credit transfer has an identifier (BT-84).',
    accounts,
    (p) => !isTransfer(p.means_code) || given(p.account?.id),
  ),
  rule(
    'BR-51',
    'Of a card number at most the first six and last four digits are shown (BT-87).',
    ({ invoice }) => invoice.payment,
    (p) => p.card === undefined || p.card.digits <= 10,
    'warning',
  ),
  rule(
    'BR-52',
    'A supporting document has a reference (BT-122).',
    ({ invoice }) => invoice.attachments,
    (a) => given(a.id),
  ),
  rule(
    'BR-53',
    'Where a VAT currency is stated (BT-6), the VAT total is stated in it (BT-111).',
    document,
    (i) => i.vat_currency === undefined || i.vat_totals.some(({ amount }) => amount?.currency === i.vat_currency),
  ),
  rule(
    'BR-55',
    'A reference to an earlier invoice has its number (BT-25).',
    ({ invoice }) => invoice.preceding_invoices,
    (p) => given(p.number),
  ),
  rule('BR-56', 'A tax representative has a VAT identifier (BT-63).', representative, (p) => given(p.vat_id)),
  rule(
    'BR-57',
    'The address of a delivery has a country (BT-80).',
    ({ invoice }) => some(invoice.delivery?.address),
    hasCountry,
  ),
  rule('BR-61', 'A credit transfer names the account to pay to (BT-84).', transfers, (p) => given(p.account?.id)),
  rule('BR-62', 'The electronic address of the seller has a scheme (BT-34-1).', seller, hasScheme),
  rule('BR-63', 'The electronic address of the buyer has a scheme (BT-49-1).', buyer, hasScheme),
];

function hasCountry({ country }: Address): boolean {
  return given(country);
}

function hasScheme({ endpoint }: Party): boolean {
  return endpoint === undefined || given(endpoint.scheme);
}

/** Dates without a time compare as text; what is no date is a finding of its own. */
export function inOrder({ start, end }: Period): boolean {
  return start === undefined || end === undefined || start <= end;
}

function isSameParty(one: Party, other: Party | undefined): boolean {
  if (other === undefined) return false;
  const ids = new Set(other.identifiers.map(({ id }) => id));
  return one.name === other.name || one.identifiers.some(({ id }) => ids.has(id));
}
