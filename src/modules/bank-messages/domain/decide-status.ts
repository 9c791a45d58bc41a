/**
 * What a status report means (docs/rules.md#the-banks-answers): a rejection of the whole or of a block is one of everything in it, an acceptance
 * too where nothing else is said; ACSC is no settlement; a code that is not known leaves everything as it is. Pure.
 */
import { equal } from '../../../shared/money.ts';
import type { StatusReason, TransactionStatus } from '../formats/pain-002.ts';
import { explainReason, isoReason } from '../formats/reasons.ts';
import type { KnownPayment } from './known.ts';
import type { Verdict, VerdictCode } from './verdict.ts';

/** `part`: the statuses below it say what became of each. */
export type StatusMeaning = 'accept' | 'fail' | 'pending' | 'part' | 'unknown' | 'silent';

const MEANINGS: Readonly<Record<string, StatusMeaning>> = {
  ACTC: 'accept',
  ACCP: 'accept',
  ACSP: 'accept',
  ACSC: 'accept',
  ACWC: 'accept',
  RJCT: 'fail',
  PDNG: 'pending',
  RCVD: 'pending',
  PART: 'part',
};

/** RCVD and PART are of a message or a block; of a single transaction they are no status. */
export function meaningOf(status: string | null, level: 'whole' | 'transaction'): StatusMeaning {
  if (status === null) return 'silent';
  if (level === 'transaction' && (status === 'RCVD' || status === 'PART')) return 'unknown';
  return MEANINGS[status] ?? 'unknown';
}

export interface SaidOf {
  readonly status: string | null;
  readonly reasons: readonly StatusReason[];
}

export interface StatusFacts {
  readonly group: SaidOf;
  readonly block?: SaidOf | undefined;
  /** Absent for a payment that the report does not name. */
  readonly transaction?: Pick<TransactionStatus, 'status' | 'reasons' | 'money'> | undefined;
  /** The batch that the report answers. */
  readonly batch_id: string | undefined;
}

/** The verdict on one payment, named by the report or in what it speaks of. */
export function decideStatus(payment: KnownPayment, facts: StatusFacts): Verdict {
  const { id } = payment;
  const { group, block, transaction, batch_id } = facts;
  if (batch_id !== undefined && payment.batch_id !== batch_id) return listed('references_conflict', id);
  if (transaction?.money != null && !isItsAmount(transaction.money, payment)) return listed('amount_differs', id);
  const own = meaningOf(transaction?.status ?? null, 'transaction');
  const above = [block, group].filter((said) => said !== undefined).map((said) => meaningOf(said.status, 'whole'));
  const rejectedAbove = above.includes('fail');
  if (rejectedAbove && own !== 'fail' && own !== 'silent') return listed('contradictory', id);
  const meaning =
    own !== 'silent' ? own : rejectedAbove ? 'fail' : (above.find((one) => one !== 'silent') ?? 'unknown');
  switch (meaning) {
    case 'accept':
      return decideAccepted(payment);
    case 'fail':
      return decideFailed(payment, reasonsOf(facts));
    case 'pending':
    case 'part':
      return { outcome: 'ignored', code: 'pending', payment_id: id };
    default:
      return listed('unknown_status', id);
  }
}

const isItsAmount = (money: NonNullable<TransactionStatus['money']>, payment: KnownPayment): boolean =>
  money.currency === payment.currency && equal(money.amount, payment.amount);

const listed = (code: VerdictCode, payment_id: string): Verdict => ({ outcome: 'listed', code, payment_id });

/** The reasons nearest to the payment. */
const reasonsOf = ({ transaction, block, group }: StatusFacts): readonly StatusReason[] =>
  [transaction?.reasons, block?.reasons, group.reasons].find(
    (reasons) => reasons !== undefined && reasons.length > 0,
  ) ?? [];

function decideAccepted(payment: KnownPayment): Verdict {
  const { id, status, left_on } = payment;
  if (status === 'accepted' || status === 'settled') return { outcome: 'ignored', code: 'known', payment_id: id };
  if (status !== 'batched') return listed(isBefore(status) ? 'not_in_file' : 'after_end', id);
  if (left_on === null) return listed('not_in_file', id);
  return { outcome: 'apply', action: 'accept', payment_id: id, code: 'accepted' };
}

function decideFailed(payment: KnownPayment, reasons: readonly StatusReason[]): Verdict {
  const { id, status, left_on } = payment;
  if (status === 'settled') return listed('settled_already', id);
  if (status === 'failed' || status === 'returned' || status === 'voided')
    return { outcome: 'ignored', code: 'known', payment_id: id };
  if (status !== 'batched' && status !== 'accepted') return listed(isBefore(status) ? 'not_in_file' : 'after_end', id);
  if (left_on === null) return listed('not_in_file', id);
  return { outcome: 'apply', action: 'fail', payment_id: id, code: 'rejected', ...inWords(reasons) };
}

const isBefore = (status: KnownPayment['status']): boolean => status === 'pending_approval' || status === 'approved';

/** The first code is the payment's; every code and text is its reason in words. */
export function inWords(reasons: readonly StatusReason[]): { readonly reason_code: string; readonly reason?: string } {
  const words = reasons.flatMap(({ code, text }) => [code === null ? null : explainReason(code), text]);
  const reason = words
    .filter((word) => word !== null)
    .join('; ')
    .slice(0, MAX_REASON);
  return { reason_code: isoReason(reasons[0]?.code ?? null), ...(reason === '' ? {} : { reason }) };
}

const MAX_REASON = 500;
