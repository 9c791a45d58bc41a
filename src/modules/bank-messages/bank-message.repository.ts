/** Messages of the bank in DynamoDB: the header, what each line meant beside it, and the claims by which nothing counts twice. */
import { createHash } from 'node:crypto';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError } from '../../shared/errors.ts';
import {
  type BankMessage,
  type BankMessageLine,
  type BankMessageLineQuery,
  type BankMessageQuery,
  BankMessageRecord,
  type BankMessageSummary,
} from './bank-message.schema.ts';
import type { LastStatement } from './domain/statement-findings.ts';
import { ANSWER_KNOWN, LINE_DECIDED } from './line-view.ts';

export interface BankMessageRepository {
  readonly messages: EntityStore<BankMessage>;
  list(query: BankMessageQuery, page: PageRequest): Promise<Page<BankMessageSummary>>;
  /** The message that came with these bytes before. */
  ofFile(sha256: string): Promise<string | undefined>;
  fileWrite(sha256: string, messageId: string): PendingWrite;
  lines(messageId: string, query: BankMessageLineQuery, page: PageRequest): Promise<Page<BankMessageLine>>;
  line(messageId: string, number: number): Promise<BankMessageLine | undefined>;
  /** Every line that was decided, strongly consistent. */
  decided(messageId: string): AsyncGenerator<BankMessageLine, void, undefined>;
  /** A line is decided once: of two that process a file at the same time one writes it. */
  lineWrite(messageId: string, line: BankMessageLine): PendingWrite;
  /** Changes a line that a person decides, from the outcome that they saw. */
  lineChange(messageId: string, before: BankMessageLine, after: BankMessageLine): PendingWrite;
  /** What the bank said of a payment by this reference is applied once, also after its answer was corrected. */
  answerWrite(answer: AnswerKey, owner: string): PendingWrite;
  lastStatement(account: string): Promise<LastStatement | undefined>;
  lastStatementWrite(account: string, last: LastStatement): PendingWrite;
}

export interface AnswerKey {
  readonly account: string | null;
  readonly reference: string;
  readonly action: string;
  readonly payment_id: string;
}

const LINES = 'bank_message_lines';
const LISTING: Listing = { table: 'bank_messages', equals: [['status', 'by_status']] };

export function createBankMessageRepository(deps: EntityStoreDeps): BankMessageRepository {
  const key = async (id: string): Promise<Item | undefined> => {
    const { Item: item } = await deps.client.send(
      new GetCommand({ TableName: deps.tableNames.keys, Key: { id }, ConsistentRead: true }),
    );
    return item;
  };
  const plan = (messageId: string) =>
    ({ table: LINES, hash: { name: 'bank_message_id', value: messageId }, ascending: true }) as const;
  return {
    messages: entityStore<BankMessage>(deps, {
      table: 'bank_messages',
      entity: 'bank_message',
      codec: compileCodec<BankMessage>(BankMessageRecord),
      indexed: (message) => ({ summary: summaryOf(message) }),
    }),
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, (item) => toSummary(item)),
    ofFile: async (sha256) => (await key(`bank_file#${sha256}`))?.['owner'] as string | undefined,
    fileWrite: (sha256, owner) => ({
      action: 'put',
      table: 'keys',
      key: { id: `bank_file#${sha256}` },
      item: { id: `bank_file#${sha256}`, owner },
      // Whoever loses decides again, and finds the message of the first.
      condition: { kind: 'absent' },
    }),
    lines: (messageId, { outcome }, page) =>
      queryPage(
        deps,
        { ...plan(messageId), ...(outcome === undefined ? {} : { keep: (item: Item) => item['outcome'] === outcome }) },
        page,
        toLine,
      ),
    async line(messageId, number) {
      const { Item: item } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames[LINES], Key: lineKey(messageId, number), ConsistentRead: true }),
      );
      return item === undefined ? undefined : toLine(item);
    },
    async *decided(messageId) {
      for await (const item of queryAll(deps, plan(messageId))) yield toLine(item);
    },
    lineWrite: (messageId, line) => ({
      action: 'put',
      table: LINES,
      key: lineKey(messageId, line.number),
      item: { ...lineKey(messageId, line.number), ...line },
      condition: { kind: 'absent' },
      refuse: () => conflictError(LINE_DECIDED, 'The line was decided at the same time.'),
    }),
    lineChange: (messageId, before, after) => ({
      action: 'put',
      table: LINES,
      key: lineKey(messageId, after.number),
      item: { ...lineKey(messageId, after.number), ...after },
      condition: { kind: 'equals', attribute: 'outcome', value: before.outcome },
    }),
    answerWrite: ({ account, reference, action, payment_id }, owner) => {
      const id = `bank_answer#${digest([account, reference, action, payment_id])}`;
      return {
        action: 'put',
        table: 'keys',
        key: { id },
        item: { id, owner },
        condition: { kind: 'absent' },
        refuse: () => conflictError(ANSWER_KNOWN, 'The bank said the same of this payment before.'),
      };
    },
    async lastStatement(account) {
      const item = await key(statementKey(account));
      return item === undefined ? undefined : (JSON.parse(String(item['last'])) as LastStatement);
    },
    lastStatementWrite: (account, last) => ({
      action: 'put',
      table: 'keys',
      key: { id: statementKey(account) },
      item: { id: statementKey(account), last: JSON.stringify(last) },
    }),
  };
}

const digest = (parts: readonly (string | null)[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('base64url');

/** By its digest: an account number stands in no key. */
const statementKey = (account: string): string => `bank_statement#${digest([account])}`;

const lineKey = (bank_message_id: string, number: number) => ({
  bank_message_id,
  line: String(number).padStart(7, '0'),
});

function toLine({ bank_message_id: _message, line: _line, ...item }: Item): BankMessageLine {
  const numbers = ['number', 'entry', 'transaction', 'payments'].map((name) => [
    name,
    item[name] === null ? null : Number(item[name]),
  ]);
  return { ...item, ...Object.fromEntries(numbers) } as BankMessageLine;
}

function summaryOf({
  statements: _statements,
  findings: _findings,
  audit: _audit,
  ...rest
}: BankMessage): BankMessageSummary {
  return rest;
}

function toSummary(item: Item): BankMessageSummary {
  const summary = fromSummary<BankMessageSummary>(item);
  const counts = Object.fromEntries(Object.entries(summary.counts).map(([name, count]) => [name, Number(count)]));
  return {
    ...summary,
    size: Number(summary.size),
    line_count: Number(summary.line_count),
    counts: counts as BankMessageSummary['counts'],
  };
}
