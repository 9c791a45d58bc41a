/** The bank messages of the corpus, read and compared with what another parser makes of them (its JSON lies beside each file). */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BankLine, linesOf, signed } from '../../src/modules/bank-messages/domain/line.ts';
import { type BankFileEvent, readBankFile } from '../../src/modules/bank-messages/formats/bank-file.ts';
import type { Entry, Statement } from '../../src/modules/bank-messages/formats/camt-record.ts';
import { DomainError } from '../../src/shared/errors.ts';
import { big, minorUnits } from '../../src/shared/money.ts';

export interface Conformance {
  readonly file: string;
  readonly result: string;
  /** How many values were compared with the other parser's. */
  readonly compared: number;
  readonly differences: readonly string[];
}

type Json = { readonly [key: string]: unknown };

/** @param corpus the folder that holds `camt`, `pain002` and `nacha` */
export function conformBankMessages(corpus: string): readonly Conformance[] {
  return ['camt', 'pain002', 'nacha'].flatMap((folder) =>
    readdirSync(join(corpus, folder))
      .filter((name) => /\.(?:xml|ach)$/.test(name))
      .map((name) => conform(join(corpus, folder, name), `${folder}/${name}`)),
  );
}

function conform(path: string, file: string): Conformance {
  let events: readonly BankFileEvent[];
  try {
    events = [...readBankFile(readFileSync(path))].flat();
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { file, result: `refused: ${error.message}`, compared: 0, differences: [] };
  }
  const golden = path.replace(/\.(?:xml|ach)$/, '.json');
  const differences: string[] = [];
  let compared = 0;
  const compare = (what: string, ours: unknown, theirs: unknown): void => {
    compared += 1;
    if (ours !== theirs) differences.push(`${what}: ${String(ours)}, the other parser ${String(theirs)}`);
  };
  if (existsSync(golden)) compareEntries(events, JSON.parse(readFileSync(golden, 'utf8')) as Json, compare);
  return { file, result: summary(events), compared, differences };
}

type Compare = (what: string, ours: unknown, theirs: unknown) => void;

/** The other parser's print of a message of several statements has the last one only: what it does not show is not compared. */
function compareEntries(events: readonly BankFileEvent[], golden: Json, compare: Compare): void {
  const top = list(golden['getEntries']);
  // What it printed in one place it does not print again in another: a record beside its entry, an entry in its record.
  const records = [
    ...list(golden['getRecords']),
    ...top.map(({ getRecord }) => (isObject(getRecord) ? getRecord : {})),
  ];
  for (const record of records.filter((one) => 'getId' in one)) {
    const what = String(record['getId']);
    const [statement, entries] = statementOf(events, what);
    compare('statement', statement?.id, what);
    if (statement === undefined) continue;
    compareStatement(statement, record, (name, a, b) => compare(`${what} ${name}`, a, b));
    const theirs = list(record['getEntries']).map((entry) => ('getAmount' in entry ? entry : (top.shift() ?? {})));
    compare(`${what} entries`, entries.length, theirs.length);
    for (const [at, entry] of entries.entries())
      compareEntry(entry, theirs[at] ?? {}, (name, a, b) => compare(`${what} entry ${at + 1} ${name}`, a, b));
  }
}

function statementOf(events: readonly BankFileEvent[], id: string): [Statement | undefined, readonly Entry[]] {
  const at = events.findIndex((event) => event.type === 'statement' && event.statement.id === id);
  const end = events.findIndex((event, index) => index > at && event.type === 'statement_end');
  const last = events[end];
  const entries = events.slice(at, end).flatMap((event) => (event.type === 'entry' ? [event.entry] : []));
  return [at >= 0 && last?.type === 'statement_end' ? last.statement : undefined, entries];
}

function compareStatement(statement: Statement, record: Json, compare: Compare): void {
  const account = record['getAccount'] as Json | undefined;
  compare('id', statement.id, record['getId']);
  compare('account', statement.account, account?.['getIdentification'] ?? statement.account);
  compare('electronic number', textOf(statement.electronic_number), record['getElectronicSequenceNumber'] ?? null);
  compare('legal number', textOf(statement.legal_number), record['getLegalSequenceNumber'] ?? null);
  for (const [at, other] of list(record['getBalances']).entries()) {
    const ours = statement.balances[at];
    const value = ours?.money && ours.direction ? minor(signed(ours.money, ours.direction), ours.money.currency) : null;
    compare(`balance ${at + 1}`, value, amountOf(other['getAmount']));
    compare(`balance ${at + 1} day`, ours?.day ?? null, dayOf(other['getDate']));
  }
}

function compareEntry(entry: Entry, other: Json, compare: Compare): void {
  const { money, direction } = entry;
  compare(
    'amount',
    money && direction && minor(signed(money, direction), money.currency),
    amountOf(other['getAmount']),
  );
  compare('direction', entry.direction, DIRECTIONS[String(other['getCreditDebitIndicator'])]);
  compare('reversal', entry.reversal, other['getReversalIndicator']);
  compare('status', entry.status, other['getStatus'] ?? null);
  compare('servicer reference', entry.servicer_reference, other['getAccountServicerReference'] ?? null);
  compare('reference', entry.reference, other['getReference'] ?? null);
  compare('booked on', entry.booked_on, dayOf(other['getBookingDate']));
  compare('valued on', entry.valued_on, dayOf(other['getValueDate']));
  compare('batch', entry.batches[0]?.payment_information_id ?? null, other['getBatchPaymentId'] ?? null);
  const details = list(other['getTransactionDetails']);
  if (details.length === 0 && other['getTransactionDetail'] != null)
    details.push(other['getTransactionDetail'] as Json);
  const lines = linesOf(entry).filter(({ detail }) => detail > 0);
  compare('transactions', lines.length, details.length);
  // A value that the other parser shows once it does not show again.
  const first = other['getTransactionDetail'] as Json | undefined;
  for (const [at, line] of lines.entries())
    compareLine(entry, line, (at === 0 ? first : details[at]) ?? {}, (what, a, b) =>
      compare(`transaction ${at + 1} ${what}`, a, b),
    );
}

function compareLine(entry: Entry, line: BankLine, other: Json, compare: Compare): void {
  const own = entry.details[line.detail - 1];
  const theirs = amountOf(other['getAmount']) ?? amountOf(other['getAmountDetails']);
  const { direction } = line;
  if (theirs !== null && own?.money && direction)
    compare('amount', minor(signed(own.money, direction), own.money.currency), theirs);
  else compare('amount', own?.money ?? null, theirs);
  const references = other['getReference'] as Json | null | undefined;
  const reference = (name: string): unknown => {
    const text = references?.[name] ?? null;
    return text === 'NOTPROVIDED' ? null : text;
  };
  compare('end-to-end id', line.references.end_to_end_id, reference('getEndToEndId'));
  compare('instruction id', line.references.instruction_id, reference('getInstructionId'));
  compare('payment information id', line.references.payment_information_id, reference('getPaymentInformationId'));
  compare('message id', line.references.message_id, reference('getMessageId'));
  compare('transaction id', line.references.transaction_id, reference('getTransactionId'));
  compare('uetr', line.references.uetr, reference('getUuidEndToEndReference'));
  const servicer = own?.references.servicer_reference ?? null;
  compare('servicer reference', servicer, reference('getAccountServicerReference'));
  const returned = other['getReturnInformation'] as Json | null | undefined;
  compare('return reason', line.return_reason?.code ?? null, returned?.['getCode'] ?? null);
}

const DIRECTIONS: Readonly<Record<string, string>> = { CRDT: 'credit', DBIT: 'debit' };

/** A list as the other parser prints it: what it printed before is a word, not an object. */
const list = (value: unknown): Json[] =>
  Array.isArray(value) ? value.map((one: unknown) => (isObject(one) ? one : {})) : [];

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

const textOf = (value: number | null): string | null => (value === null ? null : String(value));

const minor = (value: string, currency: string): string =>
  `${big(value)
    .times(10 ** minorUnits(currency))
    .toFixed()} ${currency}`;

function amountOf(value: unknown): string | null {
  const money = value as { getAmount: string; getCurrency: { getCode: string } } | null | undefined;
  return money == null ? null : `${money.getAmount} ${money.getCurrency.getCode}`;
}

/** The other parser gives an instant: in its own zone a bank's day may have been another, so only days are compared that have no time. */
function dayOf(value: unknown): string | null {
  const instant = (value as { 0?: string } | null | undefined)?.['0'];
  return instant === undefined ? null : instant.slice(0, 10);
}

function summary(events: readonly BankFileEvent[]): string {
  const counts = new Map<string, number>();
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  const nacha = events.flatMap((event) => (event.type === 'nacha' ? [event.file] : []))[0];
  if (nacha !== undefined)
    return `nacha: ${nacha.entries} entries, ${nacha.answers.length} answers, ${nacha.findings.length} findings`;
  return [...counts].map(([type, count]) => `${count} ${type}`).join(', ');
}
