/** The cash discount that a payment may take. Pure. */
import {
  amount,
  compare,
  type Decimal,
  divide,
  isZero,
  minorUnits,
  multiply,
  smaller,
  subtract,
} from '../../shared/money.ts';
import { discountTaken } from '../invoices/index.ts';

export interface DiscountTerms {
  readonly currency: string;
  readonly amount_due: Decimal;
  readonly payable_amount: Decimal;
  readonly discount_date: string | null;
  readonly discount_amount: Decimal | null;
  readonly discount_taken?: Decimal | undefined;
  readonly credits?: readonly { readonly amount: Decimal }[];
}

/** What to pay, and the discount taken by paying it: together they are what is reserved of the invoice. */
export interface Pay {
  readonly payment_amount: Decimal;
  readonly discount_taken: Decimal;
}

/**
 * The discount still available on an execution date, for paying all that can be paid: the invoice's, in the proportion that is still
 * payable, so that a part paid without it does not lose the rest its share; and never more than is left of it, whatever was cancelled and
 * paid again. One that would leave nothing to pay is not taken: most of the invoice was paid in advance.
 */
export function availableDiscount(invoice: DiscountTerms, executionDate: string): Decimal {
  const { currency, discount_amount, discount_date } = invoice;
  if (discount_amount === null || discount_date === null || executionDate > discount_date) return amount('0', currency);
  if (isZero(invoice.amount_due)) return amount('0', currency);
  const share = divide(multiply(discount_amount, invoice.payable_amount), invoice.amount_due);
  const taken = discountTaken(invoice);
  // Of an invoice that an older version made payments of, roundings could add up: its share is rounded down.
  const rounded = share.round(minorUnits(currency), taken === undefined ? ROUND_DOWN : ROUND_HALF_UP);
  const discount = taken === undefined ? rounded : smaller(rounded, subtract(discount_amount, taken));
  return amount(compare(discount, invoice.payable_amount) < 0 ? discount : '0', currency);
}

const [ROUND_DOWN, ROUND_HALF_UP] = [0, 1] as const;

/** By default everything payable, less its discount. A discount is taken only by the payment that clears what is payable with it. */
export function paymentFor(invoice: DiscountTerms, executionDate: string, wanted?: Decimal): Pay {
  const { currency } = invoice;
  const discount = availableDiscount(invoice, executionDate);
  const whole = amount(subtract(invoice.payable_amount, discount), currency);
  if (wanted === undefined) return { payment_amount: whole, discount_taken: discount };
  const clears = isZero(subtract(wanted, whole));
  return clears
    ? { payment_amount: whole, discount_taken: discount }
    : { payment_amount: wanted, discount_taken: amount('0', currency) };
}

/** docs/rules.md#money-out: a discount is taken only if the execution date is on or before its date. */
export const lapses = (payment: { readonly discount_date: string | null }, executionDate: string): boolean =>
  payment.discount_date !== null && executionDate > payment.discount_date;
