/** What is known here of a payment and a batch that a bank's message names. */
import type { Decimal } from '../../../shared/money.ts';
import type { Payment } from '../../payments/index.ts';

export interface KnownPayment {
  readonly id: string;
  readonly status: Payment['status'];
  readonly amount: Decimal;
  readonly currency: string;
  readonly batch_id: string | null;
  /** IBAN of the account that it left, where its file is fixed. */
  readonly debtor_account: string | null;
  readonly creditor_account: string | null;
  /** The day from which the bank can have booked it. */
  readonly left_on: string | null;
  /** The bank's reference of its settlement. */
  readonly bank_reference: string | null;
}

export interface KnownBatch {
  readonly id: string;
  readonly currency: string;
  readonly debtor_account: string | null;
  /** Every payment of the file. */
  readonly whole: Share;
  /** Those that the bank has neither booked, failed nor returned yet. */
  readonly open: Share;
}

export interface Share {
  readonly count: number;
  readonly sum: Decimal;
}
