/** What a file of the bank asks to be decided, line by line, and what is told of the file as a whole. Pure. */
import type { BankFileEvent } from '../formats/bank-file.ts';
import type { Entry, Statement } from '../formats/camt-record.ts';
import type { NachaAnswer } from '../formats/nacha.ts';
import type { BlockStatus, GroupStatus, TransactionStatus } from '../formats/pain-002.ts';
import { type BankLine, linesOf, unexplained } from './line.ts';
import {
  asLast,
  type BookedSum,
  type LastStatement,
  NOTHING_BOOKED,
  statementFindings,
  withEntry,
} from './statement-findings.ts';

export type Work =
  | {
      readonly kind: 'entry';
      readonly statement: string | null;
      readonly account: string | null;
      readonly line: BankLine;
    }
  | {
      readonly kind: 'status';
      readonly group: GroupStatus;
      readonly block?: BlockStatus;
      readonly transaction: TransactionStatus;
    }
  /** Everything that the message or the block speaks of and does not name. */
  | {
      readonly kind: 'whole';
      readonly group: GroupStatus;
      readonly block?: BlockStatus;
      readonly named: readonly string[];
    }
  | { readonly kind: 'nacha'; readonly answer: NachaAnswer };

export interface FileFinding {
  readonly code: string;
  readonly detail: string;
}

export interface FileWork {
  readonly kind: 'pain.002' | 'camt.052' | 'camt.053' | 'camt.054' | 'nacha';
  readonly definition: string | null;
  readonly message_id: string | null;
  readonly created_at: string | null;
  readonly statements: readonly (Statement & { readonly entries: number })[];
  readonly findings: readonly FileFinding[];
  readonly work: readonly Work[];
}

/** What a person reads at most. */
export const MAX_FINDINGS = 100;

export function createFileReader() {
  let head: Pick<FileWork, 'kind' | 'definition' | 'message_id' | 'created_at'> = {
    kind: 'camt.053',
    definition: null,
    message_id: null,
    created_at: null,
  };
  const work: Work[] = [];
  const findings: FileFinding[] = [];
  const statements: FileWork['statements'][number][] = [];
  let [statement, booked]: [Statement | undefined, BookedSum] = [undefined, NOTHING_BOOKED];
  let details = 0;
  const status = createStatusReader(work);

  const find = (finding: FileFinding): void => {
    if (findings.length < MAX_FINDINGS) findings.push(finding);
  };
  const takeEntry = (entry: Entry): void => {
    if (entry.part === 1) details = 0;
    if (entry.last_part) booked = withEntry(booked, entry);
    const lines = linesOf(entry, details);
    details += entry.details.length;
    const rest =
      entry.part === 1 && entry.last_part && entry.details.length > 0 ? unexplained(entry, lines) : undefined;
    if (rest !== undefined)
      find({
        code: 'details_differ',
        detail: `Entry ${entry.number} has ${rest} that its transactions do not explain.`,
      });
    for (const line of lines)
      work.push({ kind: 'entry', statement: statement?.id ?? null, account: statement?.account ?? null, line });
  };

  return {
    take(event: BankFileEvent): void {
      switch (event.type) {
        case 'message':
          head = event.message;
          break;
        case 'statement':
          [statement, booked] = [event.statement, NOTHING_BOOKED];
          break;
        case 'entry':
          takeEntry(event.entry);
          break;
        case 'statement_end':
          statements.push({ ...event.statement, entries: event.entries });
          for (const finding of statementFindings(event.statement, booked)) find(finding);
          break;
        case 'nacha':
          head = { kind: 'nacha', definition: null, message_id: null, created_at: event.file.created_on };
          for (const answer of event.file.answers) work.push({ kind: 'nacha', answer });
          for (const { line, detail } of event.file.findings)
            find({ code: 'nacha', detail: `Line ${line}: ${detail}.` });
          break;
        case 'report':
          head = event.report;
          status.group(event.group);
          break;
        case 'block':
          status.block(event.block);
          break;
        case 'transaction':
          status.transaction(event.transaction);
          break;
      }
    },
    end(): FileWork {
      status.end();
      return { ...head, statements, findings, work };
    },
  };
}

/** The lowest level that says something of the whole: a block, or the message where it has none. */
function createStatusReader(work: Work[]) {
  let group: GroupStatus | undefined;
  let block: BlockStatus | undefined;
  let named: string[] = [];
  const whole = (): void => {
    if (group === undefined) return;
    const said = block?.status ?? group.status;
    if (said !== null) work.push({ kind: 'whole', group, ...(block === undefined ? {} : { block }), named });
  };
  return {
    group(next: GroupStatus): void {
      [group, block, named] = [next, undefined, []];
    },
    block(next: BlockStatus): void {
      if (block !== undefined) whole();
      [block, named] = [next, []];
    },
    transaction(transaction: TransactionStatus): void {
      if (group === undefined) return;
      const { original_end_to_end_id, original_instruction_id } = transaction;
      named.push(...[original_end_to_end_id, original_instruction_id].filter((id) => id !== null));
      work.push({ kind: 'status', group, ...(block === undefined ? {} : { block }), transaction });
    },
    end: whole,
  };
}

/** The last statement of each account in the file, to be compared with the next. */
export function lastOfAccounts(statements: FileWork['statements']): ReadonlyMap<string, LastStatement> {
  const last = new Map<string, LastStatement>();
  for (const statement of statements) if (statement.account !== null) last.set(statement.account, asLast(statement));
  return last;
}
