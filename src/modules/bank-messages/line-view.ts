/** A line as it is kept and shown: what the bank wrote, bounded and without whole account numbers, and what became of it. Pure. */
import { maskAccountNumber, maskIban } from '../../shared/bank-account-number.ts';
import type { BankMessageLine } from './bank-message.schema.ts';
import { explain, type Verdict } from './domain/verdict.ts';
import type { Work } from './domain/work.ts';

/** Codes of what was written before: no refusals, since nothing is to be done. */
export const ANSWER_KNOWN = 'bank_message.answer-known';
export const LINE_DECIDED = 'bank_message.line-decided';

/** What a line says, before anything is decided. */
export type LineText = Omit<
  BankMessageLine,
  'outcome' | 'code' | 'explanation' | 'action' | 'payment_id' | 'batch_id' | 'payments' | 'confirmed_by'
>;

const EMPTY: Omit<LineText, 'number'> = {
  statement: null,
  entry: null,
  transaction: null,
  amount: null,
  currency: null,
  direction: null,
  booked_on: null,
  bank_reference: null,
  end_to_end_id: null,
  counterparty: null,
  counterparty_account: null,
  remittance: null,
  bank_status: null,
  reason: null,
};

const cut = (text: string | null, length: number): string | null => (text === null ? null : text.slice(0, length));

export const masked = (account: string | null): string | null =>
  account === null
    ? null
    : /^[A-Z]{2}\d{2}/.test(account)
      ? maskIban(account).slice(0, 40)
      : maskAccountNumber(account).slice(0, 40);

export function lineText(number: number, work: Work): LineText {
  switch (work.kind) {
    case 'entry': {
      const { line } = work;
      return {
        ...EMPTY,
        number,
        statement: cut(work.statement, 140),
        entry: line.entry,
        transaction: line.detail,
        amount: line.money?.amount ?? null,
        currency: line.money?.currency ?? null,
        direction: line.direction,
        booked_on: line.booked_on,
        bank_reference: bankReference(line.references.servicer_reference),
        end_to_end_id: cut(line.references.end_to_end_id, 140),
        counterparty: cut(line.counterparty.name, 140),
        counterparty_account: masked(line.counterparty.account),
        remittance: line.remittance.length === 0 ? null : line.remittance.join(' ').slice(0, 140),
        bank_status: cut(line.return_reason?.code ?? (line.status === 'BOOK' ? null : line.status), 40),
      };
    }
    case 'status':
      return {
        ...EMPTY,
        number,
        amount: work.transaction.money?.amount ?? null,
        currency: work.transaction.money?.currency ?? null,
        end_to_end_id: cut(work.transaction.original_end_to_end_id, 140),
        bank_status: cut(work.transaction.status ?? work.block?.status ?? work.group.status, 40),
      };
    case 'whole':
      return { ...EMPTY, number, bank_status: cut(work.block?.status ?? work.group.status, 40) };
    case 'nacha':
      return {
        ...EMPTY,
        number,
        amount: work.answer.amount,
        currency: 'USD',
        end_to_end_id: cut(work.answer.individual_id, 140),
        counterparty: cut(work.answer.individual_name, 140),
        counterparty_account: masked(work.answer.account),
        bank_reference: work.answer.trace,
        bank_status: work.answer.code,
      };
  }
}

/** A payment keeps at most 140 characters on one line; a reference is never cut, so one that does not fit is none. */
export const bankReference = (text: string | null): string | null =>
  text !== null && /^[^\p{C}\p{Zl}\p{Zp}]{1,140}$/u.test(text) ? text : null;

export function decidedLine(text: LineText, verdict: Verdict): BankMessageLine {
  const decided = {
    ...text,
    code: verdict.code,
    explanation: explain(verdict.code),
    action: 'action' in verdict ? verdict.action : verdict.outcome === 'apply_batch' ? ('settle' as const) : null,
    payment_id: 'payment_id' in verdict ? verdict.payment_id : null,
    batch_id: 'batch_id' in verdict ? verdict.batch_id : null,
    payments: verdict.outcome === 'apply' ? 1 : 0,
    confirmed_by: null,
    reason: 'reason' in verdict ? verdict.reason : null,
  };
  const { outcome } = verdict;
  if (outcome === 'apply' || outcome === 'apply_batch') return { ...decided, outcome: 'applied' };
  return { ...decided, outcome: verdict.code === 'known' ? 'known' : outcome };
}

/** What a rule of the payment, its batch or its invoice said against it. */
export const refusedLine = (
  line: BankMessageLine,
  { code, message }: { code: string; message: string },
): BankMessageLine => ({
  ...line,
  outcome: 'refused',
  code: code.slice(0, 60),
  explanation: message.slice(0, 500),
  payments: 0,
});

export const knownLine = (line: BankMessageLine): BankMessageLine => ({
  ...line,
  outcome: 'known',
  code: 'known',
  explanation: explain('known'),
  payments: 0,
});
