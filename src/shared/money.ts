/**
 * Exact money. An amount is a decimal string rendered with its currency's ISO 4217 minor digits ("850.00"); it is never a float.
 * Rounding is half away from zero, so that a credit note mirrors its invoice to the cent.
 */
import { Big } from 'big.js';
import currencyCodes from 'currency-codes';

/** A canonical decimal string, `^-?\d{1,15}(\.\d{1,6})?$`. */
export type Decimal = string;
/** What arithmetic accepts: a decimal string or a Big between two steps. */
export type Num = Decimal | Big;

/** Own constructor: its settings are not shared with other users of big.js. */
const Exact = Big();
Exact.DP = 30;
Exact.RM = 1; // half away from zero (big.js ROUND_HALF_UP rounds the magnitude)
Exact.strict = false;

export const DECIMAL_PATTERN = '^-?\\d{1,15}(\\.\\d{1,6})?$';
export const NON_NEGATIVE_DECIMAL_PATTERN = '^\\d{1,15}(\\.\\d{1,6})?$';

export const big = (value: Num): Big => (typeof value === 'string' ? new Exact(value) : value);
export const ZERO: Big = new Exact(0);

export const add = (...values: readonly Num[]): Big => values.reduce<Big>((sum, value) => sum.plus(value), ZERO);
export const subtract = (from: Num, ...values: readonly Num[]): Big => big(from).minus(add(...values));
export const multiply = (a: Num, b: Num): Big => big(a).times(b);
export const divide = (a: Num, b: Num): Big => big(a).div(b);
export const compare = (a: Num, b: Num): -1 | 0 | 1 => big(a).cmp(b);
export const equal = (a: Num, b: Num): boolean => big(a).eq(b);
export const isZero = (value: Num): boolean => big(value).eq(0);
export const isNegative = (value: Num): boolean => big(value).lt(0);
export const isPositive = (value: Num): boolean =>
  typeof value === 'string' ? /^[\d.]*[1-9]/.test(value) : value.gt(0);
export const absolute = (value: Num): Big => big(value).abs();
export const smaller = (a: Num, b: Num): Big => (big(a).lte(b) ? big(a) : big(b));
export const larger = (a: Num, b: Num): Big => (big(a).gte(b) ? big(a) : big(b));

/** ISO 4217 amendment 176: the Caribbean guilder replaced the guilder of the Antilles (ANG) on 31 March 2025. */
const LISTED_SINCE: readonly (readonly [string, number])[] = [['XCG', 2]];
const minorDigits = new Map<string, number>([
  ...currencyCodes.data.map((entry) => [entry.code, entry.digits] as const),
  ...LISTED_SINCE,
]);

/** Codes of ISO 4217 that no invoice is paid in, and codes that were withdrawn: stored amounts in them stay readable. */
const NOT_PAID_IN: ReadonlySet<string> = new Set([
  // Funds codes.
  ...['BOV', 'CHE', 'CHW', 'CLF', 'COU', 'MXV', 'USN', 'UYI', 'UYW'],
  // Metals, bond market units, units of account, testing, no currency.
  ...['XAG', 'XAU', 'XPD', 'XPT', 'XBA', 'XBB', 'XBC', 'XBD', 'XDR', 'XSU', 'XUA', 'XTS', 'XXX'],
  // Withdrawn: ANG for XCG in 2025, BGN for EUR on 1 January 2026.
  ...['ANG', 'BGN'],
]);

/** True for a currency that is legal tender today: not a funds code, a metal, a unit of account or a withdrawn currency. */
export const isCurrency = (code: string): boolean => minorDigits.has(code) && !NOT_PAID_IN.has(code);

/** True for every code of ISO 4217, those too that nobody is paid in. */
export const isListedCurrency = (code: string): boolean => minorDigits.has(code);

/** Digits after the point of an amount in this currency. @throws RangeError for a code ISO 4217 never listed. */
export function minorUnits(currency: string): number {
  const digits = minorDigits.get(currency);
  if (digits === undefined) throw new RangeError(`${currency} is not an ISO 4217 currency`);
  return digits;
}

/** The smallest coin, where it is worth more than two units: a cash total is rounded to it. Hungary: 5 forints since 2008. */
const SMALLEST_COIN: ReadonlyMap<string, Decimal> = new Map([['HUF', '5']]);

/** The most that rounding to the smallest coin changes, where that is more than one unit of the currency; else undefined. */
export function cashRounding(currency: string): Decimal | undefined {
  const coin = SMALLEST_COIN.get(currency);
  return coin === undefined ? undefined : plain(divide(coin, '2'));
}

/** Rounds to the currency's minor unit, half away from zero. */
export const roundAmount = (value: Num, currency: string): Big => big(value).round(minorUnits(currency), 1);

/** Renders an exact amount padded to the currency's minor digits; rounds half away from zero where it has more. */
export const amount = (value: Num, currency: string): Decimal => fixed(value, minorUnits(currency));

/** Renders with exactly that many digits after the point, rounding half away from zero. */
export const fixed = (value: Num, digits: number): Decimal => unsigned(big(value).toFixed(digits, 1));

/** True when the value has no more digits than the currency has, so that rendering it loses nothing. */
export const fitsCurrency = (value: Num, currency: string): boolean => roundAmount(value, currency).eq(value);

/** Renders a price, quantity or rate: no trailing zeros, no exponent, at most 6 digits after the point. */
export const plain = (value: Num): Decimal =>
  typeof value === 'string' && PLAIN.test(value) ? value : unsigned(big(value).round(6, 1).toFixed());
/** A decimal that is canonical already, as most are that come from the store. */
const PLAIN = /^(?:0|[1-9]\d*)(?:\.\d{0,5}[1-9])?$/;

export const sumAmounts = (values: readonly Num[], currency: string): Decimal => amount(add(...values), currency);

/** big.js renders -0 as "-0"; there is no negative zero in money. */
function unsigned(text: string): string {
  return text.startsWith('-') && !/[1-9]/.test(text) ? text.slice(1) : text;
}
