/** An entry of a statement as the lines that are decided on: each of its transactions, or itself where it names none. Pure. */
import { big, type Decimal, isZero } from '../../../shared/money.ts';
import type { BatchBooking, Detail, Entry, Party, References } from '../formats/camt-record.ts';
import type { Direction, Money } from '../formats/values.ts';

export interface BankLine {
  readonly entry: number;
  /** Its place among the transactions of the entry, from 1; 0 for the entry itself. */
  readonly detail: number;
  readonly money: Money | null;
  readonly instructed: Money | null;
  readonly direction: Direction | null;
  /** The transaction says another direction than its entry, and so do all beside it: the entry is what was booked. */
  readonly contradicted: boolean;
  readonly reversal: boolean;
  readonly status: string | null;
  readonly booked_on: string | null;
  readonly references: References;
  readonly bank_code: string | null;
  readonly counterparty: Party;
  readonly return_reason: Detail['return_reason'];
  readonly remittance: readonly string[];
  readonly batches: readonly BatchBooking[];
}

const NO_REFERENCES: References = {
  message_id: null,
  payment_information_id: null,
  instruction_id: null,
  end_to_end_id: null,
  transaction_id: null,
  uetr: null,
  servicer_reference: null,
};
const NOBODY: Party = { name: null, account: null };

/** @param before how many transactions of the entry came in earlier parts */
export function linesOf(entry: Entry, before = 0): readonly BankLine[] {
  const { details } = entry;
  if (details.length === 0) return before === 0 ? [ownLine(entry)] : [];
  const contradicted = details.every(({ direction }) => direction !== null && direction !== entry.direction);
  const alone = details.length + before === 1 && entry.last_part;
  return details.map((detail, at) => lineOf(entry, detail, { detail: before + at + 1, contradicted, alone }));
}

const ownLine = (entry: Entry): BankLine => ({
  ...shared(entry),
  detail: 0,
  money: entry.money,
  instructed: null,
  direction: entry.direction,
  contradicted: false,
  references: { ...NO_REFERENCES, servicer_reference: entry.servicer_reference },
  bank_code: entry.bank_code,
  counterparty: NOBODY,
  return_reason: null,
  remittance: entry.information === null ? [] : [entry.information],
});

interface Place {
  readonly detail: number;
  readonly contradicted: boolean;
  /** The only transaction of its entry: where it has no amount, the entry's is its amount. */
  readonly alone: boolean;
}

function lineOf(entry: Entry, own: Detail, { detail, contradicted, alone }: Place): BankLine {
  const direction = contradicted ? entry.direction : (own.direction ?? entry.direction);
  return {
    ...shared(entry),
    detail,
    money: own.money ?? (alone ? entry.money : own.instructed),
    instructed: own.instructed,
    direction,
    contradicted,
    references: {
      ...own.references,
      servicer_reference: own.references.servicer_reference ?? entry.servicer_reference,
    },
    bank_code: own.bank_code ?? entry.bank_code,
    counterparty: direction === 'credit' && own.return_reason === null ? own.debtor : own.creditor,
    return_reason: own.return_reason,
    remittance: [...own.remittance, ...own.creditor_references],
  };
}

const shared = ({ number, reversal, status, booked_on, batches }: Entry) => ({
  entry: number,
  reversal,
  status,
  booked_on,
  batches,
});

/** A credit adds to the account, a debit takes from it. */
export const signed = (money: Money, direction: Direction): Decimal =>
  direction === 'debit' && !isZero(money.amount) ? `-${money.amount}` : money.amount;

/** What its transactions leave of an entry, in its currency: charges mostly. Undefined where they cannot be compared, or leave nothing. */
export function unexplained(entry: Entry, lines: readonly BankLine[]): Decimal | undefined {
  const { money, direction } = entry;
  if (money === null || direction === null) return undefined;
  let rest = big(signed(money, direction));
  for (const line of lines) {
    if (line.money?.currency !== money.currency || line.direction === null) return undefined;
    rest = rest.minus(signed(line.money, line.direction));
  }
  return rest.eq(0) ? undefined : rest.toFixed();
}
