/** What is wrong with a statement as a whole: its sums, and its place after the one before. Pure. */
import { add, type Decimal, equal } from '../../../shared/money.ts';
import type { Balance, Entry, Statement } from '../formats/camt-record.ts';
import { signed } from './line.ts';

export interface StatementFinding {
  readonly code:
    | 'balance_differs'
    | 'sequence_gap'
    | 'sequence_out_of_order'
    | 'sequence_repeated'
    | 'opening_differs'
    | 'copy'
    | 'no_account';
  readonly detail: string;
}

/** What is kept of the last statement of an account. */
export interface LastStatement {
  readonly id: string | null;
  readonly number: number | null;
  readonly to: string | null;
  readonly closing: Decimal | null;
}

/** Sum of the booked entries, with what cannot be added up. */
export interface BookedSum {
  readonly sum: Decimal;
  /** Currencies of the entries; more than one, or an entry without an amount, is not added up. */
  readonly currency: string | null;
  readonly readable: boolean;
}

export const NOTHING_BOOKED: BookedSum = { sum: '0', currency: null, readable: true };

/** @param entry once, not in each of its parts */
export function withEntry(before: BookedSum, { money, direction, status }: Entry): BookedSum {
  if (status !== null && status !== 'BOOK') return before;
  const same = before.currency === null || before.currency === money?.currency;
  if (money === null || direction === null || !same) return { ...before, readable: false };
  return { ...before, sum: add(before.sum, signed(money, direction)).toFixed(), currency: money.currency };
}

const OPENING: readonly string[] = ['OPBD', 'PRCD'];

/** Opening balance and booked entries make the closing balance. */
export function statementFindings(statement: Statement, booked: BookedSum): readonly StatementFinding[] {
  const findings: StatementFinding[] = [];
  if (statement.account === null)
    findings.push({
      code: 'no_account',
      detail: 'The statement names no account. Its entries are matched without it.',
    });
  if (statement.copy === 'DUPL' || statement.copy === 'CODU' || statement.copy === 'COPY')
    findings.push({
      code: 'copy',
      detail: `The bank marked the statement as a copy or duplicate (${statement.copy}).`,
    });
  const [opening, closing] = [balanceOf(statement, OPENING), balanceOf(statement, ['CLBD'])];
  const comparable = booked.readable && opening?.currency === closing?.currency && whole(statement);
  if (opening === undefined || closing === undefined || !comparable) return findings;
  if (booked.currency !== null && booked.currency !== opening.currency) return findings;
  const expected = add(opening.value, booked.sum);
  if (!expected.eq(closing.value))
    findings.push({
      code: 'balance_differs',
      detail: `The opening balance and the entries make ${expected.toFixed()}, the closing balance is ${closing.value}.`,
    });
  return findings;
}

/** A page of several has only its own entries. */
const whole = ({ page, last_page }: Statement): boolean => (page ?? 1) === 1 && last_page !== false;

interface BalanceValue {
  readonly value: Decimal;
  readonly currency: string;
}

function balanceOf({ balances }: Statement, codes: readonly string[]): BalanceValue | undefined {
  const found: Balance | undefined = balances.find(({ code }) => code !== null && codes.includes(code));
  if (found === undefined || found.money === null || found.direction === null) return undefined;
  return { value: signed(found.money, found.direction), currency: found.money.currency };
}

/** What is kept for the next statement to be compared with. */
export const asLast = (statement: Statement): LastStatement => ({
  id: statement.id,
  number: numberOf(statement),
  to: statement.to,
  closing: balanceOf(statement, ['CLBD'])?.value ?? null,
});

const numberOf = ({ electronic_number, legal_number }: Statement): number | null => electronic_number ?? legal_number;

/** Numbers of statements grow by one, and begin again with 1 in a new year. */
export function sequenceFindings(statement: Statement, last: LastStatement | undefined): readonly StatementFinding[] {
  if (last === undefined) return [];
  const findings: StatementFinding[] = [];
  const [number, before] = [numberOf(statement), last.number];
  if (number !== null && before !== null && number !== before + 1 && number !== 1) {
    if (number > before + 1)
      findings.push({
        code: 'sequence_gap',
        detail: `Statements ${before + 1} to ${number - 1} are missing before ${number}.`,
      });
    else if (number === before && statement.id !== last.id)
      findings.push({ code: 'sequence_repeated', detail: `Another statement had the number ${number} already.` });
    else if (number < before)
      findings.push({ code: 'sequence_out_of_order', detail: `Statement ${number} comes after ${before}.` });
  }
  const opening = balanceOf(statement, OPENING);
  const follows = number !== null && before !== null && number === before + 1;
  if (follows && opening !== undefined && last.closing !== null && !equal(opening.value, last.closing))
    findings.push({
      code: 'opening_differs',
      detail: `It opens with ${opening.value}, the statement before closed with ${last.closing}.`,
    });
  return findings;
}
