/** What payments and credits do to an invoice. Pure: payments commit the result in their own transaction. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { DomainError, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { add, amount, compare, type Decimal, isZero, subtract, sumAmounts } from '../../shared/money.ts';
import { applyCredit, unapplyCredit } from './domain/credit-application.ts';
import {
  type Balance,
  creditStatus,
  type PaymentCover,
  payableStatus,
  release,
  reopen,
  reserve,
  settle,
} from './domain/open-amount.ts';
import type { Credit, Invoice } from './invoice.schema.ts';

export interface NotPayable {
  readonly code: 'held' | 'disputed' | 'not_approved' | 'nothing_payable' | 'credit_note';
  readonly detail: string;
}

type Payable = Pick<Invoice, 'type' | 'status' | 'holds'> & Partial<Pick<Invoice, 'amount_due'>>;

/** Why an invoice cannot be paid whatever the amount; undefined where it can (docs/rules.md#money-out). */
export function notPayable(invoice: Payable): NotPayable | undefined {
  if (invoice.type === 'credit_note')
    return { code: 'credit_note', detail: 'A credit note is applied to an invoice, not paid.' };
  if (invoice.status === 'disputed')
    return { code: 'disputed', detail: 'The invoice is disputed; resolve that first.' };
  if (invoice.status === 'paid' && invoice.amount_due !== undefined && isZero(invoice.amount_due))
    return { code: 'nothing_payable', detail: 'Nothing is due on the invoice: it was paid in advance.' };
  if (invoice.status !== 'approved' && invoice.status !== 'partially_paid')
    return { code: 'not_approved', detail: `The invoice is ${invoice.status}; only an approved one is paid.` };
  if (invoice.holds.length > 0) {
    const reasons = invoice.holds.map(({ id, reason }) => `${reason} (${id})`).join('; ');
    return { code: 'held', detail: `The invoice is on hold: ${reasons}. Release it first.` };
  }
  return undefined;
}

/** @throws DomainError 422 `invoice.not-payable` */
export function requirePayable(invoice: Payable): void {
  const reason = notPayable(invoice);
  if (reason === undefined) return;
  throw new DomainError('rule', 'invoice.not-payable', reason.detail, {
    errors: [{ pointer: '/invoice_id', detail: reason.detail, rule: reason.code }],
  });
}

/** A payment reserves what it covers, its discount included. @throws DomainError 422 where the invoice is not payable or it covers too much. */
export function reservePayment(invoice: Invoice, cover: PaymentCover): Draft<Invoice> {
  requirePayable(invoice);
  const reserved = { ...invoice, ...reserve(invoice, cover), ...discountMoved(invoice, cover, 1) };
  requireGranted(reserved);
  return reserved;
}

/** A payment that will not be made gives back what it reserved. */
export const releasePayment = (invoice: Invoice, cover: PaymentCover): Draft<Invoice> => ({
  ...invoice,
  ...release(invoice, cover),
  ...discountMoved(invoice, cover, -1),
});

/** The bank booked it. */
export const settlePayment = (invoice: Invoice, cover: PaymentCover): Draft<Invoice> =>
  followed(invoice, settle(invoice, cover));

/** The bank gave it back after settlement: the liability is open, and payable, again. */
export const reopenPayment = (invoice: Invoice, cover: PaymentCover): Draft<Invoice> =>
  followed({ ...invoice, ...discountMoved(invoice, cover, -1) }, reopen(invoice, cover));

type DiscountFacts = Pick<Invoice, 'amount_due' | 'payable_amount'> & {
  readonly discount_taken?: Decimal | undefined;
  readonly credits?: readonly { readonly amount: Decimal }[];
};

/**
 * The discounts that the payments of an invoice took, of all that may still move money or did. Undefined where an older version, which did
 * not keep it, made payments of the invoice.
 */
export function discountTaken({ discount_taken, amount_due, payable_amount, credits = [] }: DiscountFacts) {
  if (discount_taken !== undefined) return discount_taken;
  const covered = subtract(amount_due, payable_amount, ...credits.map((credit) => credit.amount));
  return isZero(covered) ? '0' : undefined;
}

function discountMoved(invoice: Invoice, { discount_taken = '0' }: PaymentCover, sign: 1 | -1) {
  const before = discountTaken(invoice);
  if (before === undefined) return {};
  const after = sign === 1 ? add(before, discount_taken) : subtract(before, discount_taken);
  return { discount_taken: amount(after, invoice.currency) };
}

/** Whatever was cancelled and paid again, an invoice gives its discount once. */
function requireGranted({ discount_taken, discount_amount, currency }: Draft<Invoice>): void {
  if (discount_taken === undefined || compare(discount_taken, discount_amount ?? '0') <= 0) return;
  const detail = `The payments of the invoice would take a discount of ${discount_taken} ${currency}; ${discount_amount ?? 'none'} is granted.`;
  refuseIfAny('invoice.not-payable', detail, [{ pointer: '/discount_taken', detail: 'is more than is left' }]);
}

/**
 * A payment that was wrongly recorded as not made reserves its amount again. A hold does not prevent it, since the bank has the file.
 * @throws DomainError 409 where the invoice does not have the amount any more.
 */
export function reinstatePayment(invoice: Invoice, cover: PaymentCover): Draft<Invoice> {
  const covered = sumAmounts([cover.payment_amount, cover.discount_taken ?? '0'], invoice.currency);
  const payable = invoice.status === 'approved' || invoice.status === 'partially_paid';
  const discount = discountMoved(invoice, cover, 1);
  const granted = compare(discount.discount_taken ?? '0', invoice.discount_amount ?? '0') <= 0;
  if (!payable || !granted || compare(covered, invoice.payable_amount) > 0)
    throw new DomainError(
      'conflict',
      'invoice.amount-not-available',
      `Invoice ${invoice.invoice_number} is ${invoice.status}, and ${invoice.payable_amount} ${invoice.currency} of it can be paid; the payment needs ${covered}, of which its discount is ${cover.discount_taken ?? '0'}. Cancel what was paid instead of it first, or record what the bank really did.`,
    );
  return { ...invoice, ...reserve(invoice, cover), ...discount };
}

/** A payment that was wrongly recorded as returned is booked again. @throws DomainError 409 as `reinstatePayment` */
export const resettlePayment = (invoice: Invoice, cover: PaymentCover): Draft<Invoice> =>
  settlePayment({ ...invoice, ...reinstatePayment(invoice, cover) }, cover);

/** A payment that was wrongly recorded as booked is reserved as before. */
export const unsettlePayment = (invoice: Invoice, cover: PaymentCover): Draft<Invoice> =>
  followed(invoice, reserve(reopen(invoice, cover), cover));

const FOLLOWING: Readonly<Record<Invoice['type'], ReadonlySet<Invoice['status']>>> = {
  invoice: new Set(['approved', 'partially_paid', 'paid']),
  credit_note: new Set(['approved', 'partially_applied', 'applied']),
};

/** The status as the open amount alone decides it; one that follows something else stays. */
export function balanceStatus(invoice: Pick<Invoice, 'type' | 'status'> & Balance): Invoice['status'] {
  if (!FOLLOWING[invoice.type].has(invoice.status)) return invoice.status;
  return invoice.type === 'credit_note' ? creditStatus(invoice) : payableStatus(invoice);
}

const followed = (invoice: Invoice, balance: ReturnType<typeof settle>): Draft<Invoice> => ({
  ...invoice,
  ...balance,
  status: payableStatus(balance),
});

export interface AppliedCredit {
  readonly credit_note: Draft<Invoice>;
  readonly invoice: Draft<Invoice>;
  readonly amount: Decimal;
}

export interface CreditFacts {
  readonly actorId: string;
  readonly now: Date;
}

/** Both open amounts fall by the same amount: as much as both allow where none is wanted. @throws DomainError 422 with all that stands against it. */
export function creditApplied(
  creditNote: Invoice,
  invoice: Invoice,
  wanted: Decimal | undefined,
  { actorId, now }: CreditFacts,
): AppliedCredit {
  if (creditNote.holds.length > 0)
    throw ruleError('invoice.credit-not-applicable', 'The credit note is on hold. Release it first.');
  const applied = applyCredit(creditNote, invoice, wanted);
  const entry = { amount: applied.amount, applied_by: actorId, applied_at: now.toISOString() };
  const withCredit = (document: Invoice, other: Invoice): Credit[] => [
    ...document.credits,
    { invoice_id: other.id, invoice_number: other.invoice_number, ...entry },
  ];
  return {
    amount: applied.amount,
    credit_note: { ...creditNote, ...applied.credit_note, credits: withCredit(creditNote, invoice) },
    invoice: { ...invoice, ...applied.invoice, credits: withCredit(invoice, creditNote) },
  };
}

/** Takes back all that this credit note lowered the invoice by. @throws DomainError 409 where it lowered nothing. */
export function creditUnapplied(creditNote: Invoice, invoice: Invoice): AppliedCredit {
  const applied = creditNote.credits.filter(({ invoice_id }) => invoice_id === invoice.id);
  if (applied.length === 0)
    throw new DomainError(
      'conflict',
      'invoice.credit-not-applied',
      `The credit note is not applied to ${invoice.id}.`,
      {
        errors: [{ pointer: '/invoice_id', detail: 'has nothing of this credit note' }],
      },
    );
  const back = unapplyCredit(
    creditNote,
    invoice,
    sumAmounts(
      applied.map(({ amount }) => amount),
      invoice.currency,
    ),
  );
  const without = (document: Invoice, other: Invoice): Credit[] =>
    document.credits.filter(({ invoice_id }) => invoice_id !== other.id);
  return {
    amount: back.amount,
    credit_note: { ...creditNote, ...back.credit_note, credits: without(creditNote, invoice) },
    invoice: { ...invoice, ...back.invoice, credits: without(invoice, creditNote) },
  };
}
