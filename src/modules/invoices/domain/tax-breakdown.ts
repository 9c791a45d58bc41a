/** A supplier's tax breakdown against the lines, charges and allowances it sums up (EN 16931 BG-23). */
import type { Big } from 'big.js';
import {
  absolute,
  add,
  compare,
  isNegative,
  isZero,
  multiply,
  type Num,
  plain,
  smaller,
  subtract,
  ZERO,
} from '../../../shared/money.ts';
import { type TaxBreakdownLine, taxOf } from '../../../shared/order-totals.ts';
import type { Comparison } from './comparison.ts';

/** The official schematron allows 1.00 where BR-CO-17 says rounded to two decimals; here once per document. */
export const TAX_TOLERANCE = '1.00';

/** Rounding explains a difference only where something is taxed, and never turns a tax into its opposite. */
export function taxTolerance(
  stated: Num,
  taxed: readonly Pick<TaxBreakdownLine, 'taxable_amount' | 'tax_rate'>[],
): Num {
  const exact = add(...taxed.map(({ taxable_amount, tax_rate }) => multiply(taxable_amount, tax_rate)));
  return isZero(exact) || isNegative(multiply(exact, stated)) ? '0' : TAX_TOLERANCE;
}

/** BR-CO-17 of every stated category, and its base against what the document's lines add up to. */
export function breakdownComparisons(
  stated: readonly TaxBreakdownLine[],
  derived: readonly TaxBreakdownLine[],
  currency: string,
): readonly Comparison[] {
  const taxes = stated.map((each, index) => ({
    pointer: `/tax_breakdown/${index}/tax_amount`,
    rule: 'BR-CO-17',
    what: `The tax at ${each.tax_rate} percent is not base times rate`,
    stated: each.tax_amount,
    derived: taxOf(each.taxable_amount, each.tax_rate, currency),
    tolerated: taxTolerance(each.tax_amount, [each]),
  }));
  return [...sharedTolerance(taxes), ...sharedTolerance(baseComparisons(stated, derived))];
}

/** One tolerance for all of them: what the first ones differ by is gone for the rest. */
function sharedTolerance<T extends { readonly stated: Num; readonly derived: Num; readonly tolerated: Num }>(
  comparisons: readonly T[],
): readonly T[] {
  let left: Num = TAX_TOLERANCE;
  return comparisons.map((each) => {
    const tolerated = smaller(each.tolerated, left);
    const difference = absolute(subtract(each.stated, each.derived));
    if (compare(difference, tolerated) <= 0) left = subtract(left, difference);
    return { ...each, tolerated };
  });
}

interface Base {
  readonly pointer: string;
  readonly rule: string;
  readonly rate: string;
  readonly stated: Big;
  readonly derived: Big;
}

function baseComparisons(
  stated: readonly TaxBreakdownLine[],
  derived: readonly TaxBreakdownLine[],
): readonly (Comparison & { readonly tolerated: Num })[] {
  // Where one side names no category only the rates can be compared.
  const named = [...stated, ...derived].every((each) => each.tax_category !== undefined);
  const bases = new Map<string, Base>();
  const put = (each: TaxBreakdownLine, pointer: string, side: 'stated' | 'derived') => {
    const rate = plain(each.tax_rate);
    const key = named ? `${each.tax_category}#${rate}` : rate;
    const base = bases.get(key) ?? { pointer, rule: baseRule(each.tax_category), rate, stated: ZERO, derived: ZERO };
    bases.set(key, { ...base, [side]: add(base[side], each.taxable_amount) });
  };
  stated.forEach((each, index) => {
    put(each, `/tax_breakdown/${index}/taxable_amount`, 'stated');
  });
  for (const each of derived) put(each, '/tax_breakdown', 'derived');
  return [...bases.values()].map(({ pointer, rule, rate, stated, derived }) => ({
    pointer,
    rule,
    what: `The base taxed at ${rate} percent is not what the lines, charges and allowances add up to`,
    stated: stated.toFixed(),
    derived,
    tolerated: TAX_TOLERANCE,
  }));
}

/** EN 16931 names the rule by the category: BR-S-08 for the standard rate, BR-IC-08 for intra-community supply. */
const baseRule = (category: string | undefined): string =>
  `BR-${category === 'K' ? 'IC' : category === 'L' ? 'AF' : category === 'M' ? 'AG' : (category ?? 'S')}-08`;
