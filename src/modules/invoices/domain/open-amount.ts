/**
 * What is owed on an invoice. `open_amount` is the liability: amount_due less settled payments, the discounts taken on them and applied
 * credits. `payable_amount` is what no live payment has reserved of it. Nothing is ever clamped: what does not fit is refused.
 */
import { type ErrorItem, refuseIfAny } from '../../../shared/errors.ts';
import {
  add,
  amount,
  compare,
  type Decimal,
  equal,
  fitsCurrency,
  isNegative,
  isPositive,
  isZero,
  type Num,
  subtract,
} from '../../../shared/money.ts';
import type { InvoiceType } from './invoice-number.ts';

/** EN 16931 BR-CO-16: total less what was paid in advance, plus rounding. */
export const amountDue = (
  totals: {
    readonly total_amount: Decimal;
    readonly prepaid_amount?: Decimal | undefined;
    readonly rounding_amount?: Decimal | undefined;
  },
  currency: string,
): Decimal =>
  amount(subtract(totals.total_amount, totals.prepaid_amount ?? '0').plus(totals.rounding_amount ?? '0'), currency);

export interface Balance {
  readonly currency: string;
  readonly amount_due: Decimal;
  readonly open_amount: Decimal;
  readonly payable_amount: Decimal;
}

/** The part of an invoice that one payment covers: what is paid and the discount taken for it. */
export interface PaymentCover {
  readonly payment_amount: Decimal;
  readonly discount_taken?: Decimal | undefined;
}

export const openingBalance = (due: Decimal, currency: string): Balance => ({
  currency,
  amount_due: amount(due, currency),
  open_amount: amount(due, currency),
  payable_amount: amount(due, currency),
});

/** A payment reserves what it covers. @throws DomainError 422 naming the payable amount where it covers more. */
export function reserve(balance: Balance, payment: PaymentCover): Balance {
  const covered = coveredBy(payment);
  const findings: ErrorItem[] = [];
  if (!isPositive(payment.payment_amount)) {
    findings.push({ pointer: '/payment_amount', detail: 'A payment must be more than 0.' });
  }
  if (isNegative(payment.discount_taken ?? '0')) {
    findings.push({ pointer: '/discount_taken', detail: 'A discount cannot be negative.' });
  }
  if (!fitsCurrency(payment.payment_amount, balance.currency)) {
    findings.push(tooFine('/payment_amount', balance.currency));
  }
  if (!fitsCurrency(payment.discount_taken ?? '0', balance.currency)) {
    findings.push(tooFine('/discount_taken', balance.currency));
  }
  if (compare(covered, balance.payable_amount) > 0) {
    findings.push({
      pointer: '/payment_amount',
      detail: `At most ${balance.payable_amount} ${balance.currency} of the invoice can be paid now, its discount included.`,
    });
  }
  refuseIfAny('invoice.not-payable', 'The payment does not fit what can be paid of the invoice.', findings);
  return moved(balance, '0', covered.neg());
}

/** A payment that will not be made gives back what it reserved. */
export const release = (balance: Balance, payment: PaymentCover): Balance => moved(balance, '0', coveredBy(payment));

/** The bank booked it: the liability goes; what can be paid was lowered when the payment reserved it. */
export const settle = (balance: Balance, payment: PaymentCover): Balance =>
  moved(balance, coveredBy(payment).neg(), '0');

/** The bank gave it back after settlement: the liability is there again, free to be paid. */
export const reopen = (balance: Balance, payment: PaymentCover): Balance =>
  moved(balance, coveredBy(payment), coveredBy(payment));

export type PayableStatus = 'approved' | 'partially_paid' | 'paid';
export type CreditStatus = 'approved' | 'partially_applied' | 'applied';

/** The status of an approved invoice follows its open amount alone. */
export function payableStatus(balance: Balance): PayableStatus {
  if (isZero(balance.open_amount)) return 'paid';
  return equal(balance.open_amount, balance.amount_due) ? 'approved' : 'partially_paid';
}

/** The status of an approved credit note follows its open amount alone. */
export function creditStatus(balance: Balance): CreditStatus {
  if (isZero(balance.open_amount)) return 'applied';
  return equal(balance.open_amount, balance.amount_due) ? 'approved' : 'partially_applied';
}

/** True for an invoice that is owed and past its due date, whatever keeps it from being paid. `today` is the company's calendar day. */
export const isOverdue = (
  invoice: {
    readonly type: InvoiceType;
    readonly status: string;
    readonly due_date: string;
    readonly open_amount: Decimal;
  },
  today: string,
): boolean =>
  invoice.type === 'invoice' &&
  invoice.status !== 'rejected' &&
  invoice.status !== 'voided' &&
  invoice.due_date < today &&
  isPositive(invoice.open_amount);

/**
 * The balance after its open and its payable amount moved by so much.
 * @throws RangeError where it would leave 0 <= payable <= open <= due: no caller's doing, so never stored.
 */
export function moved(balance: Balance, open: Num, payable: Num): Balance {
  const next = {
    currency: balance.currency,
    amount_due: balance.amount_due,
    open_amount: amount(add(balance.open_amount, open), balance.currency),
    payable_amount: amount(add(balance.payable_amount, payable), balance.currency),
  };
  const ordered =
    !isNegative(next.payable_amount) &&
    compare(next.payable_amount, next.open_amount) <= 0 &&
    compare(next.open_amount, next.amount_due) <= 0;
  if (!ordered) throw new RangeError(`a balance cannot become ${JSON.stringify(next)}`);
  return next;
}

/** The finding for an amount with more digits than its currency has. */
export const tooFine = (pointer: string, currency: string): ErrorItem => ({
  pointer,
  detail: `The amount has more digits than ${currency} has.`,
});

const coveredBy = (payment: PaymentCover) => add(payment.payment_amount, payment.discount_taken ?? '0');
