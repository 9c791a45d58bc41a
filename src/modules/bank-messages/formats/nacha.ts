/** NACHA files of fixed width that come back from a bank: returns (addenda 99) and notifications of change (addenda 98). Pure. */
import type { Decimal } from '../../../shared/money.ts';
import { add, amount, divide } from '../../../shared/money.ts';
import { unreadable } from './bank-file-error.ts';

export interface NachaAnswer {
  readonly type: 'return' | 'change';
  /** `R01`, `C01`. */
  readonly code: string;
  /** Trace number of the entry that was sent. */
  readonly original_trace: string;
  readonly original_bank: string;
  /** What the bank wants instead, of a notification of change. */
  readonly corrected: string | null;
  readonly trace: string;
  readonly company_id: string;
  readonly entry_class: string;
  readonly transaction_code: string;
  readonly account: string;
  readonly amount: Decimal;
  readonly direction: 'credit' | 'debit';
  readonly individual_id: string;
  readonly individual_name: string;
  readonly line: number;
}

export interface NachaFile {
  readonly created_on: string | null;
  readonly entries: number;
  readonly answers: readonly NachaAnswer[];
  /** What the file's own totals and shape contradict. */
  readonly findings: readonly { readonly line: number; readonly detail: string }[];
}

const WIDTH = 94;
const MAX_LINES = 200_000;
const MAX_FINDINGS = 100;
/** Blocks of ten lines are filled up with nines. */
const FILLER = /^9{90,}/;

interface EntryLine {
  readonly text: string;
  readonly company_id: string;
  readonly entry_class: string;
}

/** @throws DomainError 422 for text that is no NACHA file */
export function readNacha(text: string): NachaFile {
  const lines = linesOf(text);
  const reader = createReader();
  for (const [at, line] of lines.entries()) reader.take(line.padEnd(WIDTH), at + 1);
  return { ...reader.result(), created_on: dayOf(text.trimStart().slice(23, 29)) };
}

/** Some banks send it without line ends, and some cut the blanks at the end of a line. */
function linesOf(text: string): readonly string[] {
  const all = /[\r\n]/.test(text.trim()) ? text.split(/\r\n|\r|\n/) : (text.match(/.{1,94}/g) ?? []);
  const lines = all.filter((line) => line.trim() !== '');
  if (lines.length > MAX_LINES) throw unreadable(`A NACHA file of more than ${MAX_LINES} lines is not read.`);
  const [header = '', second = ''] = lines;
  if (!/^1\d\d/.test(header) || !/^[59]/.test(second))
    throw unreadable('The file is neither XML nor NACHA: it does not start with a file header and a batch.');
  return lines;
}

function createReader() {
  const answers: NachaAnswer[] = [];
  const findings: { line: number; detail: string }[] = [];
  const note = (line: number, detail: string): void => {
    if (findings.length < MAX_FINDINGS) findings.push({ line, detail });
  };
  let batch = { company_id: '', entry_class: '', ...totals() };
  let file = totals();
  let entry: EntryLine | undefined;
  let entries = 0;
  let closed = false;

  const closeBatch = (line: string, at: number): void => {
    compare(batch, line.slice(4, 10), line.slice(20, 32), line.slice(32, 44), (detail) => note(at, `batch: ${detail}`));
    file = {
      count: file.count + batch.count,
      debits: add(file.debits, batch.debits).toFixed(),
      credits: add(file.credits, batch.credits).toFixed(),
    };
  };
  const takeEntry = (line: string, at: number): void => {
    entries += 1;
    entry = { text: line, company_id: batch.company_id, entry_class: batch.entry_class };
    const cents = centsOf(line);
    if (cents === undefined) note(at, 'the amount is not made of ten digits');
    const side = directionOf(line) === 'debit' ? 'debits' : 'credits';
    batch = { ...batch, count: batch.count + 1, [side]: add(batch[side], cents ?? '0').toFixed() };
  };
  const takeAddenda = (line: string, at: number): void => {
    batch = { ...batch, count: batch.count + 1 };
    const type = ANSWERS[line.slice(1, 3)];
    if (type === undefined) return;
    if (entry === undefined) note(at, 'an addenda record stands before any entry');
    else answers.push(answerOf(type, line, entry, at));
  };
  const takers: Readonly<Record<string, (line: string, at: number) => void>> = {
    '1': (line, at) => {
      if (line.slice(34, 39) !== '09410') note(at, 'the file header does not say 094 and 10 where it must');
    },
    '5': (line) => {
      batch = { company_id: line.slice(40, 50).trim(), entry_class: line.slice(50, 53), ...totals() };
      entry = undefined;
    },
    '6': takeEntry,
    '7': takeAddenda,
    '8': closeBatch,
    '9': (line, at) => {
      closed = true;
      compare(file, line.slice(13, 21), line.slice(31, 43), line.slice(43, 55), (detail) =>
        note(at, `file: ${detail}`),
      );
    },
  };

  return {
    take(line: string, at: number): void {
      if (line.trimEnd().length > WIDTH) note(at, `the line has more than ${WIDTH} characters`);
      if (FILLER.test(line)) return;
      const taker = takers[line.charAt(0)];
      if (taker === undefined) note(at, `there is no record type ${line.charAt(0)}`);
      else taker(line, at);
    },
    result() {
      if (!closed) note(0, 'the file has no control record: it was cut');
      return { answers, findings, entries };
    },
  };
}

const totals = (): { count: number; debits: string; credits: string } => ({ count: 0, debits: '0', credits: '0' });

function compare(
  { count, debits, credits }: ReturnType<typeof totals>,
  statedCount: string,
  statedDebits: string,
  statedCredits: string,
  note: (detail: string) => void,
): void {
  const differs = (name: string, stated: string, counted: string): void => {
    if (!/^\d+$/.test(stated) || add(stated).toFixed() !== counted)
      note(`its ${name} is ${counted}, its control says ${stated.trim()}`);
  };
  differs('count of entries and addenda', statedCount, String(count));
  differs('sum of debits in cents', statedDebits, debits);
  differs('sum of credits in cents', statedCredits, credits);
}

const ANSWERS: Readonly<Record<string, NachaAnswer['type']>> = { '98': 'change', '99': 'return' };

const centsOf = (entry: string): string | undefined => /^\d{10}$/.exec(entry.slice(29, 39))?.[0];

/** Transaction codes ending in 1 to 4 credit the account that they name, 6 to 9 debit it. */
const directionOf = (line: string): 'credit' | 'debit' => (Number(line[2]) > 5 ? 'debit' : 'credit');

function answerOf(type: NachaAnswer['type'], line: string, entry: EntryLine, at: number): NachaAnswer {
  const { text } = entry;
  const ctx = entry.entry_class === 'CTX';
  return {
    type,
    code: line.slice(3, 6),
    original_trace: line.slice(6, 21).trim(),
    original_bank: line.slice(27, 35).trim(),
    corrected: type === 'change' ? line.slice(35, 64).trim() : null,
    trace: line.slice(79, 94).trim(),
    company_id: entry.company_id,
    entry_class: entry.entry_class,
    transaction_code: text.slice(1, 3),
    account: text.slice(12, 29).trim(),
    amount: amount(divide(centsOf(text) ?? '0', '100'), 'USD'),
    direction: directionOf(text),
    individual_id: text.slice(39, 54).trim(),
    individual_name: text.slice(ctx ? 58 : 54, ctx ? 74 : 76).trim(),
    line: at,
  };
}

/** `YYMMDD`, in this century. */
function dayOf(text: string): string | null {
  const [, year, month, day] = /^(\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/.exec(text) ?? [];
  return year === undefined ? null : `20${year}-${month}-${day}`;
}
