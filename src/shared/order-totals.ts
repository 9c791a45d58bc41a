/** Arithmetic of an order of our own: a line rounds once, tax rounds once per rate and category (EN 16931 BR-CO-17). */
import type { Big } from 'big.js';
import { add, amount, type Decimal, divide, multiply, type Num, plain, sumAmounts, ZERO } from './money.ts';

export interface OrderLine {
  readonly quantity: Decimal;
  readonly unit_price: Decimal;
  /** The quantity the price is for; 1 where absent. */
  readonly price_base_quantity?: Decimal | undefined;
  /** Percent: "21" is 21 of a hundred. */
  readonly tax_rate: Decimal;
  readonly tax_category?: string | undefined;
}

/** Tax of one VAT category: EN 16931 BG-23. */
export interface TaxBreakdownLine {
  readonly tax_category?: string;
  readonly tax_rate: Decimal;
  readonly taxable_amount: Decimal;
  readonly tax_amount: Decimal;
}

export interface OrderTotals {
  /** The derived amount of each line, in the order of the lines. */
  readonly amounts: readonly Decimal[];
  readonly subtotal: Decimal;
  readonly tax_breakdown: readonly TaxBreakdownLine[];
  readonly tax_amount: Decimal;
  readonly total_amount: Decimal;
}

/** Quantity times price over the quantity the price is for, before any rounding. */
export function linePrice(
  quantity: Num,
  line: { readonly unit_price: Decimal; readonly price_base_quantity?: Decimal | undefined },
): Big {
  const gross = multiply(quantity, line.unit_price);
  return line.price_base_quantity === undefined ? gross : divide(gross, line.price_base_quantity);
}

export const lineAmount = (line: OrderLine, currency: string): Decimal =>
  amount(linePrice(line.quantity, line), currency);

/** Derives every amount of an order from its lines; an amount that a line happens to carry is not asked. */
export function orderTotals(lines: readonly OrderLine[], currency: string): OrderTotals {
  const priced = lines.map((line) => ({ ...line, amount: lineAmount(line, currency) }));
  return { amounts: priced.map((line) => line.amount), ...totalsOf(priced, currency) };
}

/** Each line with its derived amount, which comes first, since V8 adds members after a spread the slow way. */
export const pricedLines = <T extends OrderLine & { readonly amount?: never }>(lines: readonly T[], currency: string) =>
  lines.map((line) => ({ amount: lineAmount(line, currency), ...line }));

/** What follows from lines that are priced. */
export function totalsOf(lines: readonly TaxableAmount[], currency: string): Omit<OrderTotals, 'amounts'> {
  const taxBreakdown = taxByCategory(lines, currency);
  const subtotal = sumAmounts(
    lines.map((line) => line.amount),
    currency,
  );
  const taxAmount = sumAmounts(
    taxBreakdown.map((tax) => tax.tax_amount),
    currency,
  );
  return {
    subtotal,
    tax_breakdown: taxBreakdown,
    tax_amount: taxAmount,
    total_amount: sumAmounts([subtotal, taxAmount], currency),
  };
}

export interface TaxableAmount {
  readonly amount: Num;
  readonly tax_rate: Decimal;
  readonly tax_category?: string | undefined;
}

/**
 * Tax per (rate, category), in the order in which they first occur: base times rate, rounded once (EN 16931 BR-CO-17).
 * "21" and "21.00" are one rate; the same rate in another category is another line.
 */
export function taxByCategory(taxed: readonly TaxableAmount[], currency: string): readonly TaxBreakdownLine[] {
  const bases = new Map<string, { category: string | undefined; rate: Decimal; base: Big }>();
  for (const { amount: taxable, tax_rate, tax_category } of taxed) {
    const rate = plain(tax_rate);
    const key = `${tax_category ?? ''}#${rate}`;
    bases.set(key, { category: tax_category, rate, base: add(bases.get(key)?.base ?? ZERO, taxable) });
  }
  return [...bases.values()].map(({ category, rate, base }) => ({
    ...(category === undefined ? {} : { tax_category: category }),
    tax_rate: rate,
    taxable_amount: amount(base, currency),
    tax_amount: taxOf(base, rate, currency),
  }));
}

/** EN 16931 BR-CO-17. */
export const taxOf = (base: Num, rate: Decimal, currency: string): Decimal =>
  amount(divide(multiply(base, rate), '100'), currency);
