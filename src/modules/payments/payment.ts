/** What a payment may become, who may decide it, and what each decision does to its invoice. Pure. */
import { barredFrom, type PastAct, withKeyMakers } from '../../shared/decisions/history.ts';
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import type { Decimal } from '../../shared/money.ts';
import { answered, corrected, lastAnswer, requireCorrectable } from './bank-answer.ts';
import type { Creditor, NettedCredit, Payment, PaymentStatus } from './payment.schema.ts';
import { confirmedReport, dismissedReport } from './reported-failure.ts';

export type PaymentAction =
  | 'approve'
  | 'reject'
  | 'hold'
  | 'release'
  | 'cancel'
  | 'void'
  | 'accept'
  | 'settle'
  | 'fail'
  | 'return'
  | 'correct';

/**
 * What the invoice's balance does with it: give back what was reserved, book it, or open it again; and the same undone: reserve again, book
 * again, or reserve what was booked.
 */
export type InvoiceEffect = 'release' | 'settle' | 'reopen' | 'reserve' | 'resettle' | 'unsettle';

export interface PaymentFacts {
  readonly actorId: string;
  readonly now: Date;
  readonly reason?: string | undefined;
  readonly booked_on?: string | undefined;
  readonly bank_reference?: string | undefined;
  readonly reason_code?: string | undefined;
}

export interface PaymentDecision {
  readonly payment: Draft<Payment>;
  readonly effect?: InvoiceEffect;
}

/** docs/contract.md#resources: pending_approval -> approved -> batched -> accepted -> settled; rejected, failed, returned, cancelled, voided. */
const FROM: Readonly<Record<PaymentAction, readonly PaymentStatus[]>> = {
  approve: ['pending_approval'],
  reject: ['pending_approval'],
  hold: ['pending_approval', 'approved', 'batched'],
  release: ['pending_approval', 'approved', 'batched'],
  cancel: ['pending_approval', 'approved', 'batched'],
  void: ['failed', 'returned'],
  accept: ['batched'],
  settle: ['batched', 'accepted'],
  fail: ['batched', 'accepted'],
  return: ['batched', 'accepted', 'settled'],
  correct: ['settled', 'failed', 'returned', 'voided'],
};

/** Out of a batch that it joined, a payment has its maker's date again. */
export const ownDate = ({
  payment_date,
  own_payment_date = null,
}: Pick<Payment, 'payment_date' | 'own_payment_date'>) => ({
  payment_date: own_payment_date ?? payment_date,
  own_payment_date: null,
});

/** Whether its status lets it take this action, whoever asks. */
export const takes = (payment: Payment, action: PaymentAction): boolean => FROM[action].includes(payment.status);

/** A payment that may still move money; its maker approves no account of its vendor (docs/rules.md#who). */
export const OPEN_STATUSES: readonly PaymentStatus[] = ['pending_approval', 'approved', 'batched', 'accepted'];

/** @throws DomainError 409 from a state that the action does not leave, 403 for who may not decide it. */
export function decidePayment(payment: Payment, action: PaymentAction, facts: PaymentFacts): PaymentDecision {
  requireStatus('payment', payment.status, { action, from: FROM[action] });
  switch (action) {
    case 'approve':
      refuseOwn(payment, facts.actorId, 'approve');
      return { payment: { ...payment, status: 'approved', approved_by: facts.actorId } };
    case 'reject':
      return { payment: { ...payment, status: 'rejected' }, effect: 'release' };
    case 'hold':
      return { payment: { ...payment, hold: newHold(payment, facts) } };
    case 'release':
      return { payment: { ...payment, hold: noHold(payment) } };
    case 'cancel':
      return {
        payment: { ...payment, status: 'cancelled', batch_id: null, ...ownDate(payment) },
        effect: 'release',
      };
    case 'void':
      return { payment: { ...payment, status: 'voided' } };
    case 'accept':
      return answered(payment, action, facts);
    case 'settle':
    case 'return':
      refuseOwn(payment, facts.actorId, action);
      return answered(payment, action, facts);
    case 'fail':
      refuseOwn(payment, facts.actorId, action);
      return answered(confirmedReport(payment, facts), action, facts);
    case 'correct':
      requireCorrectable(payment);
      refuseOwn(payment, facts.actorId, action);
      return corrected(payment, facts);
  }
}

/** @throws DomainError 409 where no failure is reported, 403 for the maker of the payment */
export function dismissFailure(payment: Payment, facts: PaymentFacts): Draft<Payment> {
  const dismissed = dismissedReport(payment, facts);
  refuseOwn(payment, facts.actorId, 'fail');
  return dismissed;
}

/** What its maker may not do, and others may not either where their own part forbids it. */
type SecondPersonAction = 'approve' | 'settle' | 'fail' | 'return' | 'correct';

/**
 * docs/rules.md#who: the approver of a payment is not its maker, nor an approver of its invoice in any round, nor whoever proposed the account
 * it goes to; what the bank did is recorded by another than the maker, and corrected by another than the maker and who recorded it.
 */
export const mayDecide = (payment: Payment, actorId: string, action: SecondPersonAction): boolean =>
  ownPart(payment, actorId, action) === undefined;

function ownPart(payment: Payment, actorId: string, action: SecondPersonAction): string | undefined {
  if (barredFrom('record_bank_answer', payment).has(actorId))
    return `You made this payment; another treasurer takes ${action}.`;
  if (action === 'approve' && barredFrom('approve_payment', payment).has(actorId))
    return 'You approved or overrode the invoice, or proposed the account; another treasurer approves the payment.';
  if (action === 'correct' && withKeyMakers(payment, [lastAnswer(payment)?.recorded_by]).includes(actorId))
    return 'You recorded what the bank did; another treasurer corrects it.';
  return undefined;
}

function refuseOwn(payment: Payment, actorId: string, action: SecondPersonAction): void {
  const detail = ownPart(payment, actorId, action);
  if (detail !== undefined) throw new DomainError('forbidden', 'payment.segregation-of-duties', detail);
}

function newHold(payment: Payment, { actorId, now, reason = '' }: PaymentFacts): NonNullable<Payment['hold']> {
  if (payment.hold !== null)
    throw conflictError('payment.held', `The payment is on hold already: ${payment.hold.reason}`);
  return { reason, placed_by: actorId, placed_at: now.toISOString() };
}

function noHold(payment: Payment): null {
  if (payment.hold === null) throw conflictError('payment.not-held', 'The payment is not on hold.');
  return null;
}

export interface NewPayment {
  readonly id: string;
  readonly created_by: string;
  readonly invoice: {
    readonly id: string;
    readonly vendor_id: string;
    readonly invoice_number: string;
    readonly currency: string;
    readonly discount_date: string | null;
    readonly approvals: readonly { readonly step?: string; readonly approved_by: string }[];
    readonly history?: readonly PastAct[] | undefined;
  };
  /** The account of the creditor, with who proposed it. */
  readonly account: { readonly created_by: string; readonly history?: readonly PastAct[] | undefined };
  readonly netted_credits?: readonly NettedCredit[] | undefined;
  readonly creditor: Creditor;
  readonly payment_amount: Decimal;
  readonly discount_taken: Decimal;
  readonly payment_date: string;
  readonly reference_number: string;
  readonly notes?: string | undefined;
  /** The batch that makes it. */
  readonly batch_id?: string | undefined;
}

/** A payment made alone waits for its approver; one that a batch made goes and is approved with the batch. */
export function newPayment(input: NewPayment): Draft<Payment> {
  const { invoice, batch_id = null } = input;
  return {
    id: input.id,
    status: batch_id === null ? 'pending_approval' : 'batched',
    invoice_id: invoice.id,
    vendor_id: invoice.vendor_id,
    invoice_number: invoice.invoice_number,
    payment_amount: input.payment_amount,
    discount_taken: input.discount_taken,
    currency: invoice.currency,
    payment_method: 'bank_transfer',
    payment_date: input.payment_date,
    reference_number: input.reference_number,
    batch_id,
    processed_by: null,
    notes: input.notes ?? null,
    integration_status: 'not_exported',
    approved_by: null,
    creditor: input.creditor,
    netted_credits: [...(input.netted_credits ?? [])],
    hold: null,
    booked_on: null,
    bank_reference: null,
    reason_code: null,
    invoice_approvers: [...barredFrom('approve_payment_of_invoice', invoice)],
    account_proposers: [...barredFrom('approve_payment_to_account', input.account)],
    bank_answers: [],
    discount_date: invoice.discount_date,
    made_by_batch: batch_id,
    workday_callbacks: [],
    created_by: input.created_by,
  };
}
