/** What a line of a bank's message means for a payment of ours. Pure. */

import type { AnswerAction } from '../../payments/index.ts';

export type VerdictCode = keyof typeof EXPLANATIONS;

export type Verdict =
  /** Carried out, where the payment and its batch let it. */
  | {
      readonly outcome: 'apply';
      readonly action: AnswerAction;
      readonly payment_id: string;
      readonly code: VerdictCode;
      readonly booked_on?: string | null;
      readonly bank_reference?: string | null;
      readonly reason_code?: string;
      readonly reason?: string;
    }
  /** One booking for every payment of a batch that is not answered yet. */
  | {
      readonly outcome: 'apply_batch';
      readonly batch_id: string;
      readonly code: VerdictCode;
      readonly booked_on: string | null;
      readonly bank_reference: string | null;
    }
  /** A person confirms that it is this payment, or does not. */
  | {
      readonly outcome: 'suggested';
      readonly action: AnswerAction;
      readonly payment_id: string;
      readonly code: VerdictCode;
    }
  /** For a person to look at: nothing was done. */
  | { readonly outcome: 'listed'; readonly code: VerdictCode; readonly payment_id?: string }
  /** Nothing to do. */
  | { readonly outcome: 'ignored'; readonly code: VerdictCode; readonly payment_id?: string };

const EXPLANATIONS = {
  booked: 'The bank booked the payment.',
  batch_booked: 'The bank booked the batch with one entry.',
  returned: 'The payment came back.',
  reversed: 'The bank took its booking of the payment back.',
  accepted: 'The bank accepted the payment.',
  rejected: 'The bank rejected the payment.',
  known: 'This is on record already.',
  not_booked: 'The entry is not booked yet; it is taken up when it is.',
  pending: 'The bank has not decided yet.',
  incoming: 'Money came in that belongs to no payment of ours.',
  fee: 'The bank took a fee or interest.',
  unknown_debit: 'Money went out that belongs to no payment of ours. Find out what it was for.',
  amount_alike: 'No reference names a payment, but one has this amount, account and day. Confirm that it is this one.',
  ambiguous: 'No reference names a payment, and several have this amount and account. Say which one it is.',
  unreadable: 'The amount, currency or direction cannot be read. Ask the bank for the entry.',
  direction_contradicts: 'The transaction says another direction than its entry. Ask the bank which is right.',
  references_conflict: 'The references of the entry name different payments. Find out which one it is.',
  amount_differs: 'The amount is not the payment’s. Nothing was recorded: find out what the rest is.',
  currency_differs: 'The currency is not the payment’s. Nothing was recorded.',
  account_differs: 'The payment was to leave another account than the one of this statement. Nothing was recorded.',
  another_booking: 'The payment is settled by another entry. The bank may have paid it twice: ask for the money back.',
  after_end:
    'The payment is failed, returned, cancelled or voided, and the bank booked it. Correct its last answer or ask the bank.',
  not_in_file: 'The payment is in no file that the bank can have. Find out how the bank knows it.',
  return_unclear: 'Money came in that names a payment but is no return. Confirm that it is one.',
  reversal_of_credit: 'The bank took a credit back. If it was the return of a payment, correct that payment.',
  batch_differs:
    'The count or the sum of the entry is not the batch’s. Nothing was recorded: ask the bank for the single transactions.',
  unknown_status: 'The bank’s status is not known here. The payment stays as it is: ask the bank what it means.',
  contradictory: 'The bank rejected the whole and says otherwise of this payment. Ask which is right.',
  settled_already:
    'The bank booked the payment, and now says that it was rejected. A booking is undone by its return only.',
  unknown_payment: 'The status names no payment of ours.',
  unknown_message: 'The status answers a message that is not ours.',
  account_change: 'The bank asks to change the account of the payee. Propose the new account at its vendor.',
} as const;

/** In words, for the person who looks at it. */
export const explain = (code: VerdictCode): string => EXPLANATIONS[code];
