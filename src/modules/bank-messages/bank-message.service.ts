/** Commands on messages of the bank: read the file, keep it, decide each line, and let a person confirm what is only suggested. */
import { setImmediate as turn } from 'node:timers/promises';
import { type Command, idSource, requireVersion } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError, notFound, requireNamed, ruleError } from '../../shared/errors.ts';
import { equal } from '../../shared/money.ts';
import { type ObjectStorage, sha256Hex } from '../../shared/storage/storage.ts';
import type { PaymentService } from '../payments/index.ts';
import type { BankMessageRepository } from './bank-message.repository.ts';
import {
  type BankMessage,
  type BankMessageLine,
  type BankMessageLineQuery,
  type BankMessageQuery,
  type BankMessageSummary,
  type ConfirmLine,
  OUTCOMES,
} from './bank-message.schema.ts';
import { sequenceFindings } from './domain/statement-findings.ts';
import { createFileReader, type FileFinding, type FileWork, lastOfAccounts, MAX_FINDINGS } from './domain/work.ts';
import { readBankFile } from './formats/bank-file.ts';
import { isoReason } from './formats/reasons.ts';
import { masked } from './line-view.ts';
import { type BankBatches, createLookups } from './lookups.ts';
import { createProcessing } from './processing.ts';

export interface BankMessageServiceDeps {
  readonly repository: BankMessageRepository;
  readonly unitOfWork: UnitOfWork;
  readonly storage: ObjectStorage;
  readonly payments: Pick<PaymentService, 'get' | 'byReference' | 'list' | 'answer'>;
  readonly batches: BankBatches;
  /** The company's calendar day. */
  readonly today: (now: Date) => Promise<string>;
  /** How long one request works on lines. */
  readonly budgetMs?: number | undefined;
}

export interface BankMessageService {
  /** The same bytes are the same message: what is left of its lines is decided, the rest is as it was. */
  receive(command: Command, bytes: Uint8Array): Promise<Received>;
  get(id: string): Promise<BankMessage>;
  list(query: BankMessageQuery, page: PageRequest): Promise<Page<BankMessageSummary>>;
  lines(id: string, query: BankMessageLineQuery, page: PageRequest): Promise<Page<BankMessageLine>>;
  confirm(command: Command, id: string, body: ConfirmLine): Promise<BankMessage>;
}

interface Kept {
  readonly message: BankMessage;
  readonly created: boolean;
}

export interface Received extends Kept {
  readonly version: number;
}

/** In the bucket of documents; what the bank sent is never removed. */
export const BANK_FILES = 'bank-messages/';
const BUDGET_MS = 8_000;
const MAX_STATEMENTS = 50;

export function createBankMessageService(deps: BankMessageServiceDeps): BankMessageService {
  const { repository, unitOfWork } = deps;
  const { messages } = repository;

  async function kept(command: Command, bytes: Uint8Array, file: FileWork): Promise<Kept> {
    const sha256 = sha256Hex(bytes);
    const known = await repository.ofFile(sha256);
    if (known !== undefined) return { message: await messages.require(known), created: false };
    const content_type = file.kind === 'nacha' ? 'text/plain' : 'application/xml';
    await deps.storage.put(`${BANK_FILES}${sha256}`, bytes, { content_type, sha256, ifNoneMatch: true });
    return unitOfWork.run<Kept>(command, async () => {
      const other = await repository.ofFile(sha256);
      if (other !== undefined)
        return { result: { message: await messages.require(other), created: false }, writes: [] };
      const findings = [...file.findings, ...(await sequence(file))].slice(0, MAX_FINDINGS);
      const draft = newMessage(command, { sha256, size: bytes.length, file, findings });
      const { entity, writes } = messages.create(command, draft, { action: 'received' });
      const last = file.kind === 'camt.053' ? await lastWrites(file) : [];
      return {
        result: { message: entity, created: true },
        writes: [...writes, repository.fileWrite(sha256, entity.id), ...last],
      };
    });
  }

  /** Numbers of the statements beside what was kept of the account's last one, then beside each other. */
  async function sequence({ kind, statements }: FileWork): Promise<readonly FileFinding[]> {
    if (kind !== 'camt.053') return [];
    const found: FileFinding[] = [];
    for (const [at, statement] of statements.slice(0, MAX_STATEMENTS).entries()) {
      if (statement.account === null) continue;
      const before = lastOfAccounts(statements.slice(0, at)).get(statement.account);
      found.push(...sequenceFindings(statement, before ?? (await repository.lastStatement(statement.account))));
    }
    return found;
  }

  /** An earlier statement that comes late does not become the last. */
  async function lastWrites({ statements }: FileWork) {
    const writes = [];
    for (const [account, last] of lastOfAccounts(statements.slice(0, MAX_STATEMENTS))) {
      const before = await repository.lastStatement(account);
      const late = last.number !== null && (before?.number ?? 0) > last.number && last.number !== 1;
      if (!late) writes.push(repository.lastStatementWrite(account, last));
    }
    return writes;
  }

  async function processed(command: Command, message: BankMessage, { work }: FileWork): Promise<BankMessage> {
    const until = Date.now() + (deps.budgetMs ?? BUDGET_MS);
    const decided = new Set<number>();
    for await (const { number } of repository.decided(message.id)) decided.add(number);
    const processing = createProcessing(deps, createLookups(deps), command, message);
    for (const [at, one] of work.entries()) {
      if (decided.has(at + 1)) continue;
      if (Date.now() > until) return message;
      const { line, written } = await processing.decide(at + 1, one);
      if (!written) await processing.write([line]);
    }
    return finished(command, message.id);
  }

  async function finished(command: Command, id: string): Promise<BankMessage> {
    const counts = noCounts();
    for await (const { outcome } of repository.decided(id)) counts[outcome] += 1;
    const own = { ...command, idempotency: undefined, ids: idSource(), render: undefined };
    return unitOfWork.run(own, async () => {
      const before = await messages.require(id);
      if (before.status === 'processed') return { result: before, writes: [] };
      const { entity, writes } = messages.update(
        own,
        before,
        { ...before, status: 'processed', counts },
        { action: 'processed' },
      );
      return { result: entity, writes };
    });
  }

  return {
    get: (id) => messages.require(id),
    list: (query, page) => repository.list(query, page),
    async lines(id, query, page) {
      await messages.require(id);
      return repository.lines(id, query, page);
    },
    async receive(command, bytes) {
      const file = await readFile(bytes);
      const { message, created } = await kept(command, bytes, file);
      const after = message.status === 'processed' ? message : await processed(command, message, file);
      return { message: after, created, version: after.version };
    },
    confirm: (command, id, body) =>
      unitOfWork.run(command, async () => {
        const before = await messages.require(id);
        requireVersion(command, 'bank_message', before.version);
        const line = await repository.line(id, body.line);
        if (line === undefined) throw notFound('bank_message_line', String(body.line));
        const { payment_id, action } = requireConfirmable(before, line, body);
        const payment = await requireNamed(
          deps.payments.get(payment_id),
          'bank_message.unknown-payment',
          '/payment_id',
        );
        requireSameMoney(line, payment);
        const answer = await deps.payments.answer(command, payment, action, {
          reason: body.reason,
          ...(action === 'settle'
            ? { booked_on: line.booked_on ?? undefined, bank_reference: line.bank_reference ?? undefined }
            : {}),
          ...(action === 'settle' || action === 'accept' ? {} : { reason_code: isoReason(line.bank_status) }),
        });
        const after = {
          ...line,
          outcome: 'applied' as const,
          action,
          payment_id,
          payments: 1,
          confirmed_by: command.actor.id,
        };
        const counts = {
          ...before.counts,
          [line.outcome]: before.counts[line.outcome] - 1,
          applied: before.counts.applied + 1,
        };
        const event = { action: 'line_confirmed', reason: body.reason };
        const { entity, writes } = messages.update(command, before, { ...before, counts }, event);
        return { result: entity, writes: [...writes, ...answer.writes, repository.lineChange(id, line, after)] };
      }),
  };
}

/** Other requests have their turn between the parts of a file. */
async function readFile(bytes: Uint8Array): Promise<FileWork> {
  const reader = createFileReader();
  for (const events of readBankFile(bytes)) {
    for (const event of events) reader.take(event);
    await turn();
  }
  return reader.end();
}

const noCounts = (): BankMessage['counts'] =>
  Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as BankMessage['counts'];

interface NewMessage {
  readonly sha256: string;
  readonly size: number;
  readonly file: FileWork;
  readonly findings: readonly FileFinding[];
}

const bounded = (text: string | null, length: number): string | null => (text === null ? null : text.slice(0, length));

const newMessage = (command: Command, { sha256, size, file, findings }: NewMessage): Draft<BankMessage> => ({
  id: command.ids.next('bank_message'),
  status: 'processing',
  kind: file.kind,
  definition: file.definition,
  message_id: bounded(file.message_id, 140),
  message_created_at: bounded(file.created_at, 60),
  sha256,
  size,
  statements: file.statements.slice(0, MAX_STATEMENTS).map((statement) => ({
    id: bounded(statement.id, 140),
    number: statement.electronic_number ?? statement.legal_number,
    account: masked(statement.account),
    from: statement.from,
    to: statement.to,
    entries: statement.entries,
  })),
  findings: findings.map(({ code, detail }) => ({ code, detail: detail.slice(0, 500) })),
  line_count: file.work.length,
  counts: noCounts(),
  created_by: command.actor.id,
});

/** @throws DomainError 409 or 422 for what a person cannot confirm */
function requireConfirmable(message: BankMessage, line: BankMessageLine, body: ConfirmLine) {
  if (message.status === 'processing')
    throw conflictError(
      'bank_message.wrong-status',
      'The message is still being processed. Send the file again first.',
    );
  if (line.outcome === 'applied' || line.outcome === 'known' || line.outcome === 'ignored')
    throw conflictError(
      'bank_message.line-decided',
      `Line ${line.number} is ${line.outcome}; there is nothing to confirm.`,
    );
  const payment_id = body.payment_id ?? line.payment_id;
  const action = line.action ?? (line.direction === 'debit' ? 'settle' : line.direction === 'credit' ? 'return' : null);
  if (line.batch_id !== null || action === null)
    throw ruleError(
      'bank_message.not-confirmable',
      'This line names no single answer. Record what the bank did at the payment.',
    );
  if (payment_id === null)
    throw ruleError('bank_message.payment-missing', 'Say which payment the line belongs to.', [
      { pointer: '/payment_id', detail: 'is required where the line suggests none' },
    ]);
  return { payment_id, action };
}

function requireSameMoney(line: BankMessageLine, payment: { payment_amount: string; currency: string }): void {
  const same =
    line.amount === null
      ? line.direction === null
      : line.currency === payment.currency && equal(line.amount, payment.payment_amount);
  if (same) return;
  throw ruleError(
    'bank_message.amount-differs',
    `The line is of ${line.amount ?? 'no amount'} ${line.currency ?? ''}, the payment of ${payment.payment_amount} ${payment.currency}. Only the whole amount is recorded.`,
    [{ pointer: '/payment_id', detail: 'is a payment of another amount or currency' }],
  );
}
