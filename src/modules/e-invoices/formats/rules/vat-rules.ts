/** BR-S-*, BR-Z-*, BR-E-*, BR-AE-*, BR-IC-*, BR-G-*, BR-O-*, BR-AF-* (IGIC), BR-AG-* (IPSI): ten rules for each category of VAT. */
import type { EInvoice, Located, VatBreakdown, VatCategory } from '../model.ts';
import { document, type Facts, given, num, orZero, type Rule, rateKey, rule } from './rule.ts';
import { isTaxOfRate } from './total-rules.ts';

/** A line, allowance or charge. */
interface Taxed extends Located {
  readonly vat: VatCategory | undefined;
}

type Identified = (invoice: EInvoice) => boolean;

interface Category {
  readonly prefix: string;
  readonly code: string;
  readonly name: string;
  readonly rate: 'positive' | 'not negative' | 'zero' | 'none';
  readonly parties: Identified;
  readonly partiesSentence: string;
}

const hasSellerVat: Identified = (i) => given(i.seller?.vat_id) || given(i.tax_representative?.vat_id);
const hasSellerTax: Identified = (i) => hasSellerVat(i) || given(i.seller?.tax_registration);
const hasBuyerVat: Identified = (i) => given(i.buyer?.vat_id);
const sellerTax = 'the seller has a VAT identifier or tax registration, or its tax representative has one';

const CATEGORIES: readonly Category[] = [
  {
    prefix: 'S',
    code: 'S',
    name: 'standard rated',
    rate: 'positive',
    parties: hasSellerTax,
    partiesSentence: sellerTax,
  },
  { prefix: 'Z', code: 'Z', name: 'zero rated', rate: 'zero', parties: hasSellerTax, partiesSentence: sellerTax },
  { prefix: 'E', code: 'E', name: 'exempt', rate: 'zero', parties: hasSellerTax, partiesSentence: sellerTax },
  {
    prefix: 'AE',
    code: 'AE',
    name: 'reverse charge',
    rate: 'zero',
    parties: (i) => hasSellerTax(i) && (hasBuyerVat(i) || given(i.buyer?.legal_id?.id)),
    partiesSentence: `${sellerTax}, and the buyer has a VAT identifier or legal registration`,
  },
  {
    prefix: 'IC',
    code: 'K',
    name: 'intra-community supply',
    rate: 'zero',
    parties: (i) => hasSellerVat(i) && hasBuyerVat(i),
    partiesSentence: 'the seller or its tax representative, and the buyer, have VAT identifiers',
  },
  {
    prefix: 'G',
    code: 'G',
    name: 'export outside the EU',
    rate: 'zero',
    parties: hasSellerVat,
    partiesSentence: 'the seller or its tax representative has a VAT identifier',
  },
  {
    prefix: 'O',
    code: 'O',
    name: 'not subject to VAT',
    rate: 'none',
    parties: (i) => !hasSellerVat(i) && !hasBuyerVat(i),
    partiesSentence: 'no VAT identifier of seller, tax representative or buyer is stated',
  },
  { prefix: 'AF', code: 'L', name: 'IGIC', rate: 'not negative', parties: hasSellerTax, partiesSentence: sellerTax },
  { prefix: 'AG', code: 'M', name: 'IPSI', rate: 'not negative', parties: hasSellerTax, partiesSentence: sellerTax },
];

/** Categories that may stand in the breakdown once per rate; the others stand there once. */
const isRated = ({ rate }: Category): boolean => rate === 'positive' || rate === 'not negative';

function rulesOf(category: Category): readonly Rule[] {
  const { code, name, prefix } = category;
  const id = (number: string): string => `BR-${prefix}-${number}`;
  const is = ({ vat }: Taxed): boolean => vat?.category === code;
  const breakdown = (facts: Facts) => facts.breakdown.filter((one) => one.category === code);
  const rateOf = ({ vat }: Taxed): boolean => isRate(category, vat?.rate);
  const placed = ['line', 'allowance', 'charge'] as const;
  const groups: readonly ((facts: Facts) => readonly Taxed[])[] = [
    (f: Facts) => f.invoice.lines.filter(is),
    (f: Facts) => f.allowances.filter(is),
    (f: Facts) => f.charges.filter(is),
  ];
  return [
    rule(
      id('01'),
      `An invoice with a "${name}" line, allowance or charge has ${isRated(category) ? 'at least' : 'exactly'} one VAT breakdown "${name}".`,
      document,
      (_, facts) => !facts.categories.has(code) || isCounted(category, breakdown(facts).length),
    ),
    ...groups.map((group, at) =>
      rule(
        id(`0${at + 2}`),
        `Where a ${placed[at]} is "${name}", ${category.partiesSentence}.`,
        document,
        (invoice, facts) => group(facts).length === 0 || category.parties(invoice),
      ),
    ),
    ...groups.map((group, at) =>
      rule(id(`0${at + 5}`), `The rate of a "${name}" ${placed[at]} is ${RATES[category.rate]}.`, group, rateOf),
    ),
    rule(
      id('08'),
      `The taxable amount of a "${name}" breakdown is the sum of its lines and charges less its allowances${isRated(category) ? ' at its rate, within 1' : ''}.`,
      breakdown,
      (one, facts) => isTaxable(category, one, facts),
    ),
    rule(
      id('09'),
      isRated(category)
        ? `The tax amount of a "${name}" breakdown is its taxable amount times its rate, within 1.`
        : `The tax amount of a "${name}" breakdown is 0.`,
      breakdown,
      (one) => (isRated(category) ? isTaxOfRate(one) : orZero(one.tax_amount).eq(0)),
    ),
    rule(
      id('10'),
      needsReason(category)
        ? `A "${name}" breakdown has a reason of exemption or its code.`
        : `A "${name}" breakdown has no reason of exemption and no code of one.`,
      breakdown,
      (one) => (given(one.exemption_reason) || given(one.exemption_code)) === needsReason(category),
    ),
  ];
}

const RATES: Readonly<Record<Category['rate'], string>> = {
  positive: 'greater than 0',
  'not negative': '0 or greater',
  zero: '0',
  none: 'not stated',
};

function isRate({ rate }: Category, stated: string | undefined): boolean {
  if (rate === 'none') return stated === undefined;
  const percent = num(stated);
  if (percent === undefined) return false;
  return rate === 'zero' ? percent.eq(0) : rate === 'positive' ? percent.gt(0) : percent.gte(0);
}

const isCounted = (category: Category, count: number): boolean => (isRated(category) ? count >= 1 : count === 1);

const needsReason = ({ rate, code }: Category): boolean => (rate === 'zero' && code !== 'Z') || rate === 'none';

function isTaxable(
  category: Category,
  { category: code = '', rate, taxable_amount }: VatBreakdown,
  facts: Facts,
): boolean {
  const stated = num(taxable_amount);
  if (stated === undefined) return true;
  const computed = facts.taxable.get(isRated(category) ? rateKey(code, rate) : code);
  if (computed === undefined) return stated.eq(0);
  return isRated(category) ? stated.minus(computed).abs().lt(1) : stated.eq(computed.round(2, 1));
}

const only = (code: string, holds: (facts: Facts) => boolean) => (_: EInvoice, facts: Facts) =>
  !facts.breakdown.some(({ category }) => category === code) || holds(facts);
const allO = (groups: readonly Taxed[]): boolean =>
  groups.every(({ vat }) => vat === undefined || vat.category === 'O');

const FURTHER: readonly Rule[] = [
  rule(
    'BR-IC-11',
    'An intra-community supply has a date of delivery (BT-72) or an invoicing period (BG-14).',
    document,
    only(
      'K',
      ({ invoice }) => given(invoice.delivery?.date) || given(invoice.period?.start) || given(invoice.period?.end),
    ),
  ),
  rule(
    'BR-IC-12',
    'An intra-community supply has the country of its delivery (BT-80).',
    document,
    only('K', ({ invoice }) => given(invoice.delivery?.address?.country)),
  ),
  rule(
    'BR-O-11',
    'An invoice that is not subject to VAT has no other VAT breakdown.',
    document,
    only('O', ({ breakdown }) => breakdown.length === 1),
  ),
  rule(
    'BR-O-12',
    'Every line of an invoice that is not subject to VAT is so.',
    document,
    only('O', (f) => allO(f.invoice.lines)),
  ),
  rule(
    'BR-O-13',
    'Every allowance of an invoice that is not subject to VAT is so.',
    document,
    only('O', (f) => allO(f.allowances)),
  ),
  rule(
    'BR-O-14',
    'Every charge of an invoice that is not subject to VAT is so.',
    document,
    only('O', (f) => allO(f.charges)),
  ),
  rule(
    'BR-B-01',
    'Split payment (category B) is for invoices within Italy.',
    document,
    ({ seller, buyer }, { categories }) =>
      !categories.has('B') || [seller, buyer].every((party) => party?.address?.country === 'IT'),
  ),
  rule(
    'BR-B-02',
    'Split payment (category B) and the standard rate do not stand in one invoice.',
    document,
    (_, { categories }) => !(categories.has('B') && categories.has('S')),
  ),
];

export const VAT_RULES: readonly Rule[] = [...CATEGORIES.flatMap(rulesOf), ...FURTHER];
