/** Payment terms as vendors write them: read, rendered in one form, and turned into a due date and a discount. */
import { addDays, endOfMonth } from './clock.ts';
import type { ErrorItem } from './errors.ts';
import { amount, type Decimal, divide, multiply, plain, subtract } from './money.ts';

interface EarlyPayment {
  /** Of a hundred, more than 0 and less than 100. */
  readonly percent: Decimal;
  readonly days: number;
}

export type PaymentTerms =
  | { readonly form: 'net' | 'net_eom'; readonly days: number; readonly discount?: EarlyPayment }
  | { readonly form: 'net_then_eom'; readonly days: number }
  | { readonly form: 'eom' | 'due_on_receipt' };

export type ParsedPaymentTerms =
  | { readonly terms: PaymentTerms; readonly finding?: undefined }
  | { readonly terms?: undefined; readonly finding: ErrorItem };

export const ACCEPTED_PAYMENT_TERMS = [
  'NET 30',
  '2/10 NET 30',
  'EOM',
  'NET 30 EOM',
  '2/10 NET 30 EOM',
  'NET 30 THEN EOM',
  'DUE ON RECEIPT',
] as const;

const NET = /^(?:(\d{1,2}(?:\.\d{1,6})?)\/(\d{1,3}) )?NET ?(\d{1,3})( THEN EOM| EOM)?$/;

/** Reads terms; case, hyphens and the amount of white space do not matter. What is none of the accepted forms is a finding that names them. */
export function parsePaymentTerms(text: string, pointer = '/payment_terms'): ParsedPaymentTerms {
  const words = text
    .toUpperCase()
    .replace(/[\p{Pd}\s]+/gu, ' ')
    .replace(/ ?\/ ?/, '/')
    .trim();
  if (words === 'EOM') return { terms: { form: 'eom' } };
  if (words === 'DUE ON RECEIPT') return { terms: { form: 'due_on_receipt' } };
  const [match, percent, discountDays, netDays, suffix] = NET.exec(words) ?? [];
  if (match === undefined) return unreadable(pointer);
  const days = Number(netDays);
  if (percent === undefined) {
    if (suffix === ' THEN EOM') return { terms: { form: 'net_then_eom', days } };
    return { terms: { form: suffix === undefined ? 'net' : 'net_eom', days } };
  }
  if (suffix === ' THEN EOM') return unreadable(pointer);
  const discount = { percent: plain(percent), days: Number(discountDays) };
  if (discount.percent === '0') return refused(pointer, 'A discount of 0 percent is none: leave it out.');
  if (discount.days > days) {
    return refused(
      pointer,
      `The discount ends after ${discount.days} days, later than the ${days} days the invoice has.`,
    );
  }
  return { terms: { form: suffix === undefined ? 'net' : 'net_eom', days, discount } };
}

/** The one form in which terms are stored and shown. */
export function renderPaymentTerms(terms: PaymentTerms): string {
  switch (terms.form) {
    case 'net':
      return `${renderDiscount(terms.discount)}NET ${terms.days}`;
    case 'net_eom':
      return `${renderDiscount(terms.discount)}NET ${terms.days} EOM`;
    case 'net_then_eom':
      return `NET ${terms.days} THEN EOM`;
    case 'eom':
      return 'EOM';
    case 'due_on_receipt':
      return 'DUE ON RECEIPT';
  }
}

/** The day by which an invoice of that date is to be paid. Both are `YYYY-MM-DD`. */
export function dueDate(terms: PaymentTerms, invoiceDate: string): string {
  switch (terms.form) {
    case 'net':
      return addDays(invoiceDate, terms.days);
    case 'net_eom':
      return addDays(endOfMonth(invoiceDate), terms.days);
    case 'net_then_eom':
      return endOfMonth(addDays(invoiceDate, terms.days));
    case 'eom':
      return endOfMonth(invoiceDate);
    case 'due_on_receipt':
      return invoiceDate;
  }
}

/** What a vendor grants the discount on: the invoice with its tax, or without. */
export type DiscountBase = 'total' | 'net';

export interface Discount {
  /** The last execution date that still earns it. */
  readonly discount_date: string;
  readonly discount_amount: Decimal;
}

/**
 * The discount for early payment, or undefined where the terms grant none. The discounted amount is rounded, once, and the discount is
 * what remains of the total, so that the two always add up to it: 1725.05 at 10 percent is 1552.55 and 172.50.
 */
export function discountFor(
  terms: PaymentTerms,
  invoiceDate: string,
  base: DiscountBase,
  amounts: { readonly total_amount: Decimal; readonly subtotal: Decimal },
  currency: string,
): Discount | undefined {
  const granted = terms.form === 'net' || terms.form === 'net_eom' ? terms.discount : undefined;
  if (granted === undefined) return undefined;
  const from = terms.form === 'net_eom' ? endOfMonth(invoiceDate) : invoiceDate;
  const reduced = base === 'total' ? amounts.total_amount : amounts.subtotal;
  const discounted = amount(
    subtract(amounts.total_amount, divide(multiply(reduced, granted.percent), '100')),
    currency,
  );
  return {
    discount_date: addDays(from, granted.days),
    discount_amount: amount(subtract(amounts.total_amount, discounted), currency),
  };
}

const renderDiscount = (discount: EarlyPayment | undefined): string =>
  discount === undefined ? '' : `${discount.percent}/${discount.days} `;

const refused = (pointer: string, detail: string): ParsedPaymentTerms => ({ finding: { pointer, detail } });

const unreadable = (pointer: string): ParsedPaymentTerms =>
  refused(
    pointer,
    `These payment terms cannot be read. Accepted, with any number of days or percent: ${ACCEPTED_PAYMENT_TERMS.join(', ')}.`,
  );
