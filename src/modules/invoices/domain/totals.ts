/**
 * A supplier's totals are facts: they are kept, recomputed beside, and refused only where the document contradicts itself (EN 16931
 * BR-CO-10 to BR-CO-17). Whether a line's price agrees with its amount (Peppol R120) is for the match to decide, so here it warns.
 */
import type { ErrorItem } from '../../../shared/errors.ts';
import {
  absolute,
  add,
  cashRounding,
  compare,
  type Decimal,
  fitsCurrency,
  isNegative,
  isPositive,
  minorUnits,
  subtract,
  sumAmounts,
} from '../../../shared/money.ts';
import { lineAmount, type TaxBreakdownLine, taxByCategory } from '../../../shared/order-totals.ts';
import { type Comparison, type Judged, judge } from './comparison.ts';
import { amountDue, tooFine } from './open-amount.ts';
import { breakdownComparisons, taxTolerance } from './tax-breakdown.ts';

/** A line as the supplier states it. */
export interface StatedLine {
  readonly quantity: Decimal;
  readonly unit_price: Decimal;
  readonly price_base_quantity?: Decimal | undefined;
  readonly tax_rate: Decimal;
  readonly tax_category?: string | undefined;
  readonly amount: Decimal;
}

/** A charge or an allowance on the whole document (EN 16931 BG-20, BG-21). */
export interface DocumentAmount {
  readonly amount: Decimal;
  readonly tax_rate: Decimal;
  readonly tax_category?: string | undefined;
}

export interface StatedInvoice {
  readonly currency: string;
  readonly line_items: readonly StatedLine[];
  readonly charges?: readonly DocumentAmount[] | undefined;
  readonly allowances?: readonly DocumentAmount[] | undefined;
  readonly tax_breakdown?: readonly TaxBreakdownLine[] | undefined;
  readonly subtotal: Decimal;
  readonly tax_amount: Decimal;
  readonly total_amount: Decimal;
  readonly prepaid_amount?: Decimal | undefined;
  readonly rounding_amount?: Decimal | undefined;
}

/** What our own arithmetic makes of the document, beside what the supplier states. */
export interface RecomputedTotals extends Judged {
  readonly subtotal: Decimal;
  readonly tax_breakdown: readonly TaxBreakdownLine[];
  readonly tax_amount: Decimal;
  readonly total_amount: Decimal;
  readonly amount_due: Decimal;
}

/** Recomputes a supplier's invoice or credit note. @throws RangeError for a currency that ISO 4217 does not list. */
export function recomputeTotals(invoice: StatedInvoice): RecomputedTotals {
  const { currency } = invoice;
  const taxed = taxedAmounts(invoice);
  const breakdown = taxByCategory(taxed, currency);
  const totals = {
    subtotal: sumAmounts(
      taxed.map((each) => each.amount),
      currency,
    ),
    tax_breakdown: breakdown,
    tax_amount: sumAmounts(
      breakdown.map((each) => each.tax_amount),
      currency,
    ),
  };
  const { findings, warnings, differences } = judge(comparisonsOf(invoice, totals.subtotal, breakdown), currency);
  return {
    ...totals,
    total_amount: sumAmounts([totals.subtotal, totals.tax_amount], currency),
    amount_due: amountDue(invoice, currency),
    findings: [...digitFindings(invoice), ...valueFindings(invoice), ...findings],
    warnings,
    differences,
  };
}

const taxedAmounts = (invoice: StatedInvoice) => [
  ...invoice.line_items,
  ...(invoice.charges ?? []),
  ...(invoice.allowances ?? []).map((allowance) => ({ ...allowance, amount: subtract('0', allowance.amount) })),
];

const comparisonsOf = (
  invoice: StatedInvoice,
  subtotal: Decimal,
  breakdown: readonly TaxBreakdownLine[],
): readonly Comparison[] => [
  ...invoice.line_items.flatMap((line, index) => lineComparison(line, index, invoice.currency)),
  {
    pointer: '/subtotal',
    rule: 'BR-CO-13',
    what: 'The subtotal is not the sum of the lines, less allowances, plus charges',
    stated: invoice.subtotal,
    derived: subtotal,
    tolerated: '0',
  },
  ...(invoice.tax_breakdown === undefined
    ? []
    : [
        taxOfBreakdown(invoice, invoice.tax_breakdown),
        ...breakdownComparisons(invoice.tax_breakdown, breakdown, invoice.currency),
      ]),
  taxOfLines(invoice, breakdown),
  {
    pointer: '/total_amount',
    rule: 'BR-CO-15',
    what: 'The total is not the subtotal plus the tax',
    stated: invoice.total_amount,
    derived: add(invoice.subtotal, invoice.tax_amount),
    tolerated: '0',
  },
  roundingComparison(invoice),
];

function lineComparison(line: StatedLine, index: number, currency: string): readonly Comparison[] {
  if (!isPositive(line.price_base_quantity ?? '1')) return [];
  const derived = lineAmount(line, currency);
  return [
    {
      pointer: `/line_items/${index}/amount`,
      rule: 'PEPPOL-EN16931-R120',
      what: 'The line amount is not quantity times price over base quantity',
      stated: line.amount,
      derived,
      tolerated: 'any',
    },
  ];
}

const taxOfBreakdown = (invoice: StatedInvoice, breakdown: readonly TaxBreakdownLine[]): Comparison => ({
  pointer: '/tax_amount',
  rule: 'BR-CO-14',
  what: 'The tax is not the sum of the taxes in the breakdown',
  stated: invoice.tax_amount,
  derived: add(...breakdown.map((each) => each.tax_amount)),
  tolerated: '0',
});

/** With a breakdown too: its bases and its taxes may each differ a little, and together no more than once. */
const taxOfLines = (invoice: StatedInvoice, breakdown: readonly TaxBreakdownLine[]): Comparison => ({
  pointer: '/tax_amount',
  rule: 'BR-CO-17',
  what: 'The tax is not base times rate of each category of the lines, charges and allowances',
  stated: invoice.tax_amount,
  derived: add(...breakdown.map((each) => each.tax_amount)),
  tolerated: taxTolerance(invoice.tax_amount, breakdown),
});

/** Taken where it is small (`roundingFindings`), and shown, since it is owed besides the total that the match compares. */
const roundingComparison = ({ rounding_amount = '0' }: StatedInvoice): Comparison => ({
  pointer: '/rounding_amount',
  rule: 'BR-CO-16',
  what: 'The amount due is rounded',
  stated: rounding_amount,
  derived: '0',
  tolerated: 'any',
});

/** Every amount of the document with its pointer; prices may have more digits than the currency. */
const statedAmounts = (invoice: StatedInvoice): readonly (readonly [string, Decimal])[] => [
  ...invoice.line_items.map((each, index) => [`/line_items/${index}/amount`, each.amount] as const),
  ...(invoice.charges ?? []).map((each, index) => [`/charges/${index}/amount`, each.amount] as const),
  ...(invoice.allowances ?? []).map((each, index) => [`/allowances/${index}/amount`, each.amount] as const),
  ...(invoice.tax_breakdown ?? []).flatMap((each, index) => [
    [`/tax_breakdown/${index}/taxable_amount`, each.taxable_amount] as const,
    [`/tax_breakdown/${index}/tax_amount`, each.tax_amount] as const,
  ]),
  ['/subtotal', invoice.subtotal],
  ['/tax_amount', invoice.tax_amount],
  ['/total_amount', invoice.total_amount],
  ['/prepaid_amount', invoice.prepaid_amount ?? '0'],
  ['/rounding_amount', invoice.rounding_amount ?? '0'],
];

const digitFindings = (invoice: StatedInvoice): readonly ErrorItem[] =>
  statedAmounts(invoice)
    .filter(([, value]) => !fitsCurrency(value, invoice.currency))
    .map(([pointer]) => tooFine(pointer, invoice.currency));

function valueFindings(invoice: StatedInvoice): readonly ErrorItem[] {
  const findings: ErrorItem[] = invoice.line_items.flatMap((line, index) =>
    isPositive(line.price_base_quantity ?? '1')
      ? []
      : [
          {
            pointer: `/line_items/${index}/price_base_quantity`,
            rule: 'PEPPOL-EN16931-R121',
            detail: 'The base quantity of a price must be more than 0.',
          },
        ],
  );
  const due = amountDue(invoice, invoice.currency);
  if (isNegative(due)) {
    const pointer = isNegative(invoice.total_amount) ? '/total_amount' : '/prepaid_amount';
    const detail = `The amount due would be ${due}. Record what the supplier owes as a credit note, with positive amounts.`;
    findings.push({ pointer, detail });
  } else if (invoice.line_items.some(({ quantity }) => isNegative(quantity)) && !isPositive(invoice.total_amount)) {
    const detail =
      'Where a line is negative the total must be more than 0. Record what the supplier owes as a credit note.';
    findings.push({ pointer: '/total_amount', detail });
  }
  return [...findings, ...roundingFindings(invoice)];
}

/**
 * The match compares the total, which the rounding of the amount due comes after (BR-CO-16): unbounded it would be money that nobody
 * ordered. It makes a round amount of units, or of hundreds where the currency has no smaller unit, or of the smallest coin.
 */
function roundingFindings({ currency, rounding_amount = '0' }: StatedInvoice): readonly ErrorItem[] {
  const limit = minorUnits(currency) === 0 ? '100' : '1';
  const cash = cashRounding(currency);
  const rounded = absolute(rounding_amount);
  if (compare(rounded, limit) < 0 || (cash !== undefined && compare(rounded, cash) <= 0)) return [];
  const most = cash === undefined ? `less than ${limit}` : `at most ${cash}`;
  const detail = `Rounding changes the amount due by ${most} ${currency}. Enter anything else as a line, a charge or an allowance.`;
  return [{ pointer: '/rounding_amount', rule: 'BT-114', detail }];
}
