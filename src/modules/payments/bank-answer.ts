/** What the bank did with a payment, who recorded it, and how a wrong answer is put right. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError } from '../../shared/errors.ts';
import type { BankAnswer, Payment } from './payment.schema.ts';
import type { InvoiceEffect, PaymentDecision, PaymentFacts } from './payment.ts';

type Answer = BankAnswer['action'];

/** After so many corrections the people involved agree first: the list of answers stays short. */
const MAX_CORRECTIONS = 10;

const GIVES: Readonly<Record<Answer, Payment['status']>> = {
  accept: 'accepted',
  settle: 'settled',
  fail: 'failed',
  return: 'returned',
};

export const isAnswer = (action: string): action is Answer => action in GIVES;

/** The payment after the answer. The answer is kept with what the payment was before it, so that it can be put right. */
export function answered(payment: Payment, action: Answer, facts: PaymentFacts): PaymentDecision {
  const { booked_on = null, bank_reference = null, reason_code = null } = facts;
  const answer: BankAnswer = {
    action,
    status_before: payment.status,
    // A large batch may still be marking its payments: this one is in its file.
    integration_status_before: payment.integration_status === 'not_exported' ? 'exported' : payment.integration_status,
    recorded_by: facts.actorId,
    recorded_at: facts.now.toISOString(),
    correction: null,
  };
  const after = { ...payment, status: GIVES[action], bank_answers: [...payment.bank_answers, answer] };
  switch (action) {
    case 'accept':
      // Workday may have said `settled` before, where the bank's word is the one that counts.
      return {
        payment: {
          ...after,
          integration_status: payment.integration_status === 'settled' ? 'settled' : 'accepted',
        },
      };
    case 'settle':
      return { payment: { ...after, integration_status: 'settled', booked_on, bank_reference }, effect: 'settle' };
    case 'fail':
    case 'return':
      return {
        payment: { ...after, integration_status: 'failed', reason_code },
        effect: payment.status === 'settled' ? 'reopen' : 'release',
      };
  }
}

/** The answer that a correction would put right: the last one that stands. */
export function lastAnswer(payment: Pick<Payment, 'bank_answers'>): BankAnswer | undefined {
  return payment.bank_answers.findLast(({ correction }) => correction === null);
}

/** The status in which the batch counts the payment: a voided one is still a failed or a returned one. */
export function countedStatus(payment: Pick<Payment, 'status' | 'bank_answers'>): Payment['status'] {
  const last = lastAnswer(payment);
  return payment.status === 'voided' && last !== undefined ? GIVES[last.action] : payment.status;
}

/** @throws DomainError 409 where no answer with its recorder is known, or too many were corrected. */
export function requireCorrectable(payment: Payment): BankAnswer {
  const last = lastAnswer(payment);
  if (last === undefined || GIVES[last.action] !== countedStatus(payment))
    throw conflictError(
      'payment.answer-unknown',
      'It is not known who recorded what the bank did, so nobody can be its second person. Pay the invoice again, or take the matter up with the bank.',
    );
  if (payment.bank_answers.filter(({ correction }) => correction !== null).length >= MAX_CORRECTIONS)
    throw conflictError(
      'payment.corrected-too-often',
      `${MAX_CORRECTIONS} answers of the bank were corrected already; the last one stands.`,
    );
  return last;
}

/** The payment as it was before the answer. The answer stays on record with who corrected it. */
export function corrected(payment: Payment, facts: PaymentFacts): PaymentDecision {
  const wrong = requireCorrectable(payment);
  const correction = {
    corrected_by: facts.actorId,
    corrected_at: facts.now.toISOString(),
    reason: facts.reason ?? '',
  };
  const before = {
    ...payment,
    status: wrong.status_before,
    integration_status: wrong.integration_status_before,
    bank_answers: payment.bank_answers.map((answer) => (answer === wrong ? { ...answer, correction } : answer)),
  };
  const undone: Draft<Payment> =
    wrong.action === 'settle' ? { ...before, booked_on: null, bank_reference: null } : { ...before, reason_code: null };
  return { payment: undone, effect: effectOf(wrong) };
}

function effectOf({ action, status_before }: BankAnswer): InvoiceEffect {
  if (action === 'settle') return 'unsettle';
  return status_before === 'settled' ? 'resettle' : 'reserve';
}
