/** What a statement, report or notification of the bank says, whatever its version. */
import type { Direction, Money } from './values.ts';

/** camt.052 reports the day as it goes, camt.053 is the statement of a closed day, camt.054 tells of single entries. */
export type CamtKind = 'camt.052' | 'camt.053' | 'camt.054';

export interface CamtMessage {
  readonly kind: CamtKind;
  /** `camt.053.001.08`; null where the file names none. */
  readonly definition: string | null;
  readonly message_id: string | null;
  readonly created_at: string | null;
}

export interface Balance {
  /** `OPBD`, `CLBD`, `PRCD`, ... */
  readonly code: string | null;
  readonly money: Money | null;
  readonly direction: Direction | null;
  readonly day: string | null;
}

export interface Statement {
  readonly id: string | null;
  readonly electronic_number: number | null;
  readonly legal_number: number | null;
  readonly page: number | null;
  readonly last_page: boolean | null;
  readonly created_at: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** `COPY`, `CODU`, `DUPL`. */
  readonly copy: string | null;
  /** IBAN, else the bank's own number. */
  readonly account: string | null;
  readonly account_currency: string | null;
  readonly balances: readonly Balance[];
}

export interface BatchBooking {
  readonly message_id: string | null;
  readonly payment_information_id: string | null;
  readonly count: number | null;
  /** Null where the bank gives none; the currency is the entry's where it gives no other. */
  readonly total: Money | null;
  readonly direction: Direction | null;
}

export interface Party {
  readonly name: string | null;
  readonly account: string | null;
}

/** What the bank calls a transaction. `NOTPROVIDED` and the like are no references. */
export interface References {
  readonly message_id: string | null;
  readonly payment_information_id: string | null;
  readonly instruction_id: string | null;
  readonly end_to_end_id: string | null;
  readonly transaction_id: string | null;
  readonly uetr: string | null;
  readonly servicer_reference: string | null;
}

export interface Detail {
  readonly references: References;
  /** What was moved; null where only the entry says it. */
  readonly money: Money | null;
  readonly instructed: Money | null;
  readonly direction: Direction | null;
  readonly bank_code: string | null;
  readonly debtor: Party;
  readonly creditor: Party;
  readonly remittance: readonly string[];
  readonly creditor_references: readonly string[];
  /** Why it came back. */
  readonly return_reason: { readonly code: string | null; readonly text: string | null } | null;
  readonly information: string | null;
}

export interface Entry {
  /** Its place in the statement, from 1. */
  readonly number: number;
  readonly reference: string | null;
  readonly money: Money | null;
  readonly direction: Direction | null;
  readonly reversal: boolean;
  /** `BOOK`, `PDNG`, `INFO`, `FUTR`. */
  readonly status: string | null;
  readonly booked_on: string | null;
  readonly valued_on: string | null;
  readonly servicer_reference: string | null;
  readonly bank_code: string | null;
  readonly information: string | null;
  readonly batches: readonly BatchBooking[];
  readonly details: readonly Detail[];
  /** A large batch booking comes in parts, each with the entry and the next of its details. */
  readonly part: number;
  readonly last_part: boolean;
}

export type CamtEvent =
  | { readonly type: 'message'; readonly message: CamtMessage }
  /** Before its first entry: what stands behind the entries is not in it yet. */
  | { readonly type: 'statement'; readonly statement: Statement }
  | { readonly type: 'entry'; readonly entry: Entry }
  /** The statement whole. */
  | { readonly type: 'statement_end'; readonly statement: Statement; readonly entries: number };
