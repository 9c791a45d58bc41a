/** How far an invoice may be from its order. Nothing is unlimited: a kind that nobody set, or that was deleted, is 0. */
import type { Big } from 'big.js';
import {
  absolute,
  big,
  type Decimal,
  divide,
  larger,
  multiply,
  type Num,
  plain,
  smaller,
  ZERO,
} from '../../../shared/money.ts';

export type ToleranceKind =
  | 'price'
  | 'quantity_ordered'
  | 'quantity_received'
  | 'line_amount'
  | 'tax'
  | 'charges'
  | 'rounding'
  | 'total';

/** The allowed difference to one side, inclusive. */
export interface Limit {
  readonly absolute?: Decimal | undefined;
  /** Grows with the lines of the invoice; `absolute`, where given too, is the most it grows to. */
  readonly absolute_per_line?: Decimal | undefined;
  /** Of the order's value. */
  readonly percent?: Decimal | undefined;
  /** `and` (the default): both must hold. `or`: one is enough. */
  readonly join?: 'and' | 'or' | undefined;
}

export interface Tolerance {
  /** The invoice has more than the order says. */
  readonly over?: Limit | undefined;
  readonly under?: Limit | undefined;
}

export type Tolerances = { readonly [Kind in ToleranceKind]?: Tolerance | undefined };

/** Item and vendor refine single kinds. The company's own table, once there is one, replaces the shipped table whole. */
export interface ToleranceLevels {
  /** By the sku of the order's line. */
  readonly items?: Readonly<Record<string, Tolerances>> | undefined;
  readonly vendor?: Tolerances | undefined;
  readonly company?: Tolerances | undefined;
}

export type ToleranceSource = 'item' | 'vendor' | 'company' | 'shipped';

const LINE_ROUNDING: Limit = { absolute: '0.02' };
/** To the nearest whole unit; more is money that nobody ordered. */
const CASH_ROUNDING: Limit = { absolute: '0.50' };
const DOCUMENT_ROUNDING: Limit = { absolute_per_line: '0.02', absolute: '1.00' };

export const SHIPPED_TOLERANCES: Tolerances = {
  line_amount: { over: LINE_ROUNDING, under: LINE_ROUNDING },
  rounding: { over: CASH_ROUNDING, under: CASH_ROUNDING },
  tax: { over: DOCUMENT_ROUNDING, under: DOCUMENT_ROUNDING },
  total: { over: DOCUMENT_ROUNDING, under: DOCUMENT_ROUNDING },
};

export interface ResolvedTolerance {
  readonly tolerance: Tolerance;
  readonly source: ToleranceSource;
}

/** The tolerance of the order line's item, else of the vendor, else of the company, else as shipped; and where it came from. */
export function resolveTolerance(
  kind: ToleranceKind,
  levels: ToleranceLevels,
  sku?: string | undefined,
): ResolvedTolerance {
  const item = sku === undefined ? undefined : levels.items?.[sku]?.[kind];
  if (item !== undefined) return { tolerance: item, source: 'item' };
  const vendor = levels.vendor?.[kind];
  if (vendor !== undefined) return { tolerance: vendor, source: 'vendor' };
  if (levels.company !== undefined) return { tolerance: levels.company[kind] ?? {}, source: 'company' };
  return { tolerance: SHIPPED_TOLERANCES[kind] ?? {}, source: 'shipped' };
}

/**
 * The largest difference that passes, of a value that the order has. Absolute first: joined by `and` an exceeded absolute fails, joined by
 * `or` a met one passes, else percent decides; so `and` is the smaller of the two and `or` the larger.
 */
export function largestDifference(limit: Limit | undefined, orderValue: Num, lines: number): Big {
  if (limit === undefined) return ZERO;
  const flat = absoluteLimit(limit, lines);
  if (limit.percent === undefined) return flat ?? ZERO;
  const share = canonical(divide(multiply(absolute(orderValue), limit.percent), '100'));
  if (flat === undefined) return share;
  return limit.join === 'or' ? larger(flat, share) : smaller(flat, share);
}

/** What is decided on is what is shown and stored: at most 6 digits after the point. */
export const canonical = (value: Num): Big => big(plain(value));

function absoluteLimit(limit: Limit, lines: number): Big | undefined {
  const most = limit.absolute === undefined ? undefined : big(limit.absolute);
  if (limit.absolute_per_line === undefined) return most;
  const grown = multiply(limit.absolute_per_line, String(lines));
  return most === undefined ? grown : smaller(grown, most);
}
