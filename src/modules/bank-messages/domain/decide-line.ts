/**
 * What a booked line of a statement means (docs/rules.md#the-banks-answers): matched by end-to-end id, then instruction id or UETR, then the
 * batch with its count and sum; by amount, account and day it is a suggestion only. Pure.
 */
import { equal } from '../../../shared/money.ts';
import { isoReason } from '../formats/reasons.ts';
import type { Direction, Money } from '../formats/values.ts';
import type { KnownBatch, KnownPayment, Share } from './known.ts';
import type { BankLine } from './line.ts';
import type { Verdict, VerdictCode } from './verdict.ts';

export interface LineFacts {
  /** The account of the statement. */
  readonly account: string | null;
  /** What `references` named, by that text. */
  readonly named: ReadonlyMap<string, KnownPayment>;
  /** The batch that the entry names. */
  readonly batch?: KnownBatch | undefined;
  /** Payments that are with the bank and have this amount and currency. */
  readonly alike: readonly KnownPayment[];
}

/** A line of which everything that decides can be read. */
type ReadLine = BankLine & { readonly money: Money; readonly direction: Direction };

/** References by which a payment of ours may be named, in the order in which they count. */
export const namesOf = ({ references: { end_to_end_id, instruction_id, uetr } }: BankLine): readonly string[] => [
  ...new Set([end_to_end_id, instruction_id, uetr].filter((reference) => reference !== null)),
];

/** Batch ids that the entry or its transactions name: a batch booking may have no transaction in it. */
export const batchesNamedBy = ({ batches, references }: BankLine): readonly string[] => [
  ...new Set(
    [
      ...batches.flatMap(({ payment_information_id, message_id }) => [payment_information_id, message_id]),
      references.payment_information_id,
      references.message_id,
    ].filter((id) => id !== null),
  ),
];

export function decideLine(line: BankLine, facts: LineFacts): Verdict {
  const { money, direction } = line;
  if (line.status !== null && line.status !== 'BOOK') return { outcome: 'ignored', code: 'not_booked' };
  if (money === null || direction === null) return listed('unreadable');
  const read = { ...line, money, direction };
  const found = [...new Map(namesOf(line).flatMap((name) => pair(facts.named.get(name)))).values()];
  const [payment] = found;
  if (found.length > 1) return listed('references_conflict');
  if (payment !== undefined) return decideNamed(read, payment, facts.account);
  return decideUnnamed(read, facts);
}

const pair = (payment: KnownPayment | undefined): [string, KnownPayment][] =>
  payment === undefined ? [] : [[payment.id, payment]];

const listed = (code: VerdictCode, payment_id?: string): Verdict =>
  payment_id === undefined ? { outcome: 'listed', code } : { outcome: 'listed', code, payment_id };

function decideNamed(line: ReadLine, payment: KnownPayment, account: string | null): Verdict {
  const { id } = payment;
  if (line.contradicted) return listed('direction_contradicts', id);
  const money = [line.money, line.instructed].find((one) => one?.currency === payment.currency);
  if (money === undefined || money === null) return listed('currency_differs', id);
  if (!equal(money.amount, payment.amount)) return listed('amount_differs', id);
  if (account !== null && payment.debtor_account !== null && account !== payment.debtor_account)
    return listed('account_differs', id);
  return line.direction === 'debit' ? decideDebit(line, payment) : decideCredit(line, payment);
}

function decideDebit(line: ReadLine, payment: KnownPayment): Verdict {
  const { id, status } = payment;
  const { servicer_reference: bank_reference } = line.references;
  if (line.reversal) return listed('reversal_of_credit', id);
  switch (status) {
    case 'batched':
    case 'accepted':
      if (payment.left_on === null) return listed('not_in_file', id);
      return {
        outcome: 'apply',
        action: 'settle',
        payment_id: id,
        code: 'booked',
        booked_on: line.booked_on,
        bank_reference,
      };
    case 'settled':
      return sameBooking(payment.bank_reference, bank_reference)
        ? { outcome: 'ignored', code: 'known', payment_id: id }
        : listed('another_booking', id);
    case 'pending_approval':
    case 'approved':
      return listed('not_in_file', id);
    default:
      return listed('after_end', id);
  }
}

/** A report and its statement may call one booking differently, or not at all: two that both have a name and differ are two. */
const sameBooking = (known: string | null, said: string | null): boolean =>
  known === null || said === null || known.trim().toUpperCase() === said.trim().toUpperCase();

function decideCredit(line: ReadLine, payment: KnownPayment): Verdict {
  const { id, status } = payment;
  if (status === 'returned' || status === 'voided') return { outcome: 'ignored', code: 'known', payment_id: id };
  if (!['batched', 'accepted', 'settled'].includes(status)) return listed('after_end', id);
  if (payment.left_on === null) return listed('not_in_file', id);
  const isReturn = line.reversal || line.return_reason !== null || /\/RRTN$|\/RRTN\//.test(`${line.bank_code}/`);
  if (!isReturn) return { outcome: 'suggested', action: 'return', payment_id: id, code: 'return_unclear' };
  return {
    outcome: 'apply',
    action: 'return',
    payment_id: id,
    code: line.reversal ? 'reversed' : 'returned',
    bank_reference: line.references.servicer_reference,
    reason_code: isoReason(line.return_reason?.code ?? null),
    ...(line.return_reason?.text == null ? {} : { reason: line.return_reason.text }),
  };
}

/** No reference names a payment: the batch as a whole, a suggestion, a fee, or nobody's. */
function decideUnnamed(line: ReadLine, { batch, account, alike }: LineFacts): Verdict {
  if (line.direction === 'credit')
    return line.return_reason === null ? { outcome: 'ignored', code: 'incoming' } : suggest(line, alike, 'return');
  const booking = batch === undefined ? undefined : decideBatch(line, batch, account);
  // A transaction without a reference of its own may be the whole batch, or one of many.
  if (booking !== undefined && (line.detail === 0 || booking.outcome !== 'listed')) return booking;
  if (FEES.test(line.bank_code ?? '')) return listed('fee');
  return suggest(line, alike, 'settle');
}

/** Families and sub-families of ISO 20022 for charges, commissions and interest. */
const FEES = /(?:^|\/)(?:CHRG|FEES|COMM|COME|INTR|TAXE|MDOP|MCOP)(?:\/|$)/;

function decideBatch(line: ReadLine, batch: KnownBatch, account: string | null): Verdict {
  const [booking] = line.batches;
  const total = booking?.total ?? line.money;
  const differs =
    total.currency !== batch.currency ||
    (account !== null && batch.debtor_account !== null && account !== batch.debtor_account);
  const fits = ({ count, sum }: Share): boolean =>
    count > 0 && (booking?.count ?? count) === count && equal(sum, total.amount) && equal(sum, line.money.amount);
  if (batch.open.count === 0 && fits(batch.whole)) return { outcome: 'ignored', code: 'known' };
  if (differs || !fits(batch.open)) return listed('batch_differs');
  const { booked_on, references } = line;
  return {
    outcome: 'apply_batch',
    batch_id: batch.id,
    code: 'batch_booked',
    booked_on,
    bank_reference: references.servicer_reference,
  };
}

function suggest(line: ReadLine, alike: readonly KnownPayment[], action: 'settle' | 'return'): Verdict {
  const { account } = line.counterparty;
  const likely = alike.filter(
    (payment) =>
      payment.currency === line.money.currency &&
      equal(payment.amount, line.money.amount) &&
      (account === null || payment.creditor_account === account) &&
      payment.left_on !== null &&
      (line.booked_on === null || payment.left_on <= line.booked_on),
  );
  const [one] = likely;
  if (one === undefined) return listed('unknown_debit');
  if (likely.length > 1) return listed('ambiguous');
  return { outcome: 'suggested', action, payment_id: one.id, code: 'amount_alike' };
}
