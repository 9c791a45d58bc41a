/** What a return or a notification of change means for a payment. Pure. */
import { equal } from '../../../shared/money.ts';
import type { NachaAnswer } from '../formats/nacha.ts';
import { explainReason, isoReason } from '../formats/reasons.ts';
import type { KnownPayment } from './known.ts';
import type { Verdict } from './verdict.ts';

/** References by which a payment of ours may be named. */
export const namesOfAnswer = ({ individual_id, original_trace }: NachaAnswer): readonly string[] =>
  [individual_id, original_trace].filter((name) => name !== '');

export function decideNacha(answer: NachaAnswer, payment: KnownPayment | undefined): Verdict {
  if (answer.type === 'change')
    return { outcome: 'listed', code: 'account_change', ...(payment === undefined ? {} : { payment_id: payment.id }) };
  if (payment === undefined) return { outcome: 'listed', code: 'unknown_payment' };
  const { id: payment_id, status } = payment;
  if (payment.currency !== 'USD') return { outcome: 'listed', code: 'currency_differs', payment_id };
  if (!equal(payment.amount, answer.amount)) return { outcome: 'listed', code: 'amount_differs', payment_id };
  if (status === 'returned' || status === 'voided') return { outcome: 'ignored', code: 'known', payment_id };
  if (payment.left_on === null) return { outcome: 'listed', code: 'not_in_file', payment_id };
  if (status !== 'batched' && status !== 'accepted' && status !== 'settled')
    return { outcome: 'listed', code: 'after_end', payment_id };
  return {
    outcome: 'apply',
    action: 'return',
    payment_id,
    code: 'returned',
    reason_code: isoReason(answer.code),
    reason: explainReason(answer.code),
  };
}
