/**
 * One decision, one TransactWriteItems: load, decide (pure), commit everything that moves together or nothing.
 * A lost race is decided again on what stands then; a throttle or conflict is retried with full jitter; an unknown outcome is
 * looked up by the decision's event before anything is decided again. A decision that fails, with a refusal or an impossible sum,
 * stands only if all that it read was of one moment.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { GetCommand, TransactGetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { Command } from '../command.ts';
import { DomainError, IntegrityError } from '../errors.ts';
import type { DocumentClient } from './client.ts';
import type { Item } from './codec.ts';
import { type Condition, compileCondition, holds } from './conditions.ts';
import { epochSeconds, idempotencyWrite, ReplayedReply, storedReply } from './idempotency-record.ts';
import { newestChecks, WHO_IS_PAID } from './newest.ts';
import { createReadSet, readsMoved } from './read-set.ts';
import { type TableName, tableDefinitions } from './tables.ts';

export interface PendingWrite {
  readonly action: 'put' | 'delete' | 'check';
  readonly table: TableName;
  readonly key: Item;
  /** The whole item of a put. */
  readonly item?: Item;
  readonly condition?: Condition;
  /** What a failed condition means. Without it the command is decided again on what stands then. */
  readonly refuse?: (existing: Item | undefined) => DomainError | ReplayedReply;
}

export interface Decision<T> {
  readonly writes: readonly PendingWrite[];
  readonly result: T;
  /**
   * What the Idempotency-Key keeps: the reply where this is absent; with `unfinished` a reply that a later one of the same request
   * replaces; nothing with `none`, where the result is no reply.
   */
  readonly reply?: 'unfinished' | 'none';
}

export interface UnitOfWork {
  /** @throws DomainError of the decision, of a refused condition, or `unavailable` after 12 tries. */
  run<T>(command: Command, decide: () => Promise<Decision<T>>): Promise<T>;
  /**
   * For a decision that catches a refusal of its own: true where it stands on reads of different moments. The refusal is then thrown on,
   * and the command decided again.
   */
  readsMoved(): Promise<boolean>;
}

export interface UnitOfWorkOptions {
  readonly client: DocumentClient;
  readonly tableNames: Readonly<Record<TableName, string>>;
  /** First ceiling of the jittered wait in milliseconds; it doubles up to 64 times that. */
  readonly retryBaseMs?: number;
  /** What every decision with such writes carries besides, whoever made it. @throws DomainError where it may not be made at all */
  readonly accompany?: ((writes: readonly PendingWrite[]) => readonly PendingWrite[]) | undefined;
  readonly observer?: UnitOfWorkObserver | undefined;
  /** Told of an entity of which an older version was put back. */
  readonly integrityFailed?: ((error: IntegrityError) => void) | undefined;
}

/** Told of what happened, once it has: never of a dry run, a replayed reply or a lost race. */
export interface UnitOfWorkObserver {
  committed(writes: readonly PendingWrite[]): void;
  /** A conflict or a throttle made it try again. */
  retried(): void;
  /** An item was read that is not what this system wrote. */
  broken?(): void;
  /** An entry of the security log could not be written. */
  lost?(): void;
}

const MAX_ATTEMPTS = 12;
/** DynamoDB's own limit of actions in a transaction. */
const MAX_WRITES = 100;
const RETRYABLE_REASONS = new Set([
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
  'RequestLimitExceeded',
]);
const RETRYABLE_ERRORS = new Set([
  'TransactionConflictException',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionInProgressException',
]);

type Outcome =
  | { readonly kind: 'committed' }
  /** `behind`: checks of events that follow what was only read. */
  | { readonly kind: 'again'; readonly busy?: true; readonly behind?: readonly PendingWrite[] };

export function createUnitOfWork(options: UnitOfWorkOptions): UnitOfWork {
  return {
    async run(command, decide) {
      let behind: readonly PendingWrite[] = [];
      for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
        if (attempt > 0) await sleep(jitter(attempt, options.retryBaseMs ?? 25));
        command.ids.rewind();
        const decision = await decided(options, command, decide);
        if (decision === undefined) {
          options.observer?.retried();
          continue;
        }
        const { writes } = decision;
        if (writes.length === 0) return decision.result;
        const outcome = command.dryRun ? await evaluate(options, writes) : await commit(options, writes);
        if (outcome.kind === 'again') {
          if (outcome.busy) options.observer?.retried();
          behind = stillBehind(options, behind, outcome.behind ?? []);
          continue;
        }
        if (!command.dryRun) options.observer?.committed(writes);
        return decision.result;
      }
      throw unavailable();
    },
    readsMoved: () => readsMoved(options),
  };
}

/**
 * The decision with every write of its transaction. Undefined where it failed on what was read at different moments, or its writes do not
 * go together for that: it is decided again.
 */
async function decided<T>(
  options: UnitOfWorkOptions,
  command: Command,
  decide: () => Promise<Decision<T>>,
): Promise<Decision<T> | undefined> {
  const reads = createReadSet();
  try {
    const decision = await reads.during(decide);
    // What changes nothing keeps its reply too: later the same request might be refused.
    const kept = withIdempotency(command, decision);
    const accompanied = kept.length === 0 ? [] : (options.accompany?.(kept) ?? []);
    const writes = merged([...kept, ...accompanied]);
    const newest = newestChecks(writes, reads.heads(WHO_IS_PAID), MAX_WRITES - writes.length);
    return { ...decision, writes: [...writes, ...newest] };
  } catch (error) {
    if (error instanceof DomainError) await replayIfUsed(options, command);
    if (await reads.moved(options)) return undefined;
    throw error;
  }
}

/**
 * Of two requests with the same key in flight the second finds what the first has just changed, and would be refused for it: a refusal
 * stands only if the key was not used meanwhile. @throws ReplayedReply where it was
 */
async function replayIfUsed(options: UnitOfWorkOptions, { idempotency: claim, dryRun, now }: Command): Promise<void> {
  if (claim === undefined || dryRun) return;
  const { Item: item } = await options.client.send(
    new GetCommand({ TableName: options.tableNames.idempotency, Key: { id: claim.id }, ConsistentRead: true }),
  );
  if (item === undefined || Number(item['expires_at']) < epochSeconds(now)) return;
  throw new ReplayedReply(storedReply(item, claim.fingerprints));
}

const unavailable = (cause?: unknown): DomainError =>
  new DomainError(
    'unavailable',
    'store.busy',
    'Too many changes to the same objects at once. Send the same request again.',
    {
      retryAfter: 1,
      cause,
    },
  );

const jitter = (attempt: number, base: number): number => Math.random() * base * 2 ** Math.min(attempt, 6);

/** A reply that cannot be rendered ends the decision here, and not after it was committed. */
function withIdempotency<T>(command: Command, decision: Decision<T>): readonly PendingWrite[] {
  const { reply = 'last', result, writes } = decision;
  if (reply === 'none') return writes;
  if (command.idempotency === undefined || command.dryRun) {
    command.render?.(result);
    return writes;
  }
  return [idempotencyWrite(command.idempotency, result, command.now, reply), ...writes];
}

/** DynamoDB refuses two actions on one item: a check joins the write it accompanies, anything else is a defect. */
function merged(writes: readonly PendingWrite[]): readonly PendingWrite[] {
  const byKey = new Map<string, PendingWrite>();
  for (const write of writes) {
    const key = `${write.table}/${JSON.stringify(write.key)}`;
    const other = byKey.get(key);
    byKey.set(key, other === undefined ? write : mergedPair(other, write, key));
  }
  if (byKey.size > MAX_WRITES)
    throw new TypeError(`a decision of ${byKey.size} writes does not fit in one transaction`);
  return [...byKey.values()];
}

function mergedPair(a: PendingWrite, b: PendingWrite, key: string): PendingWrite {
  const [check, write] = a.action === 'check' ? [a, b] : [b, a];
  if (check.action !== 'check') throw new TypeError(`two writes on ${key} in one decision`);
  const conditions = [check.condition, write.condition].filter((condition) => condition !== undefined);
  const refuse = check.refuse ?? write.refuse;
  return { ...write, condition: { kind: 'all', of: conditions }, ...(refuse === undefined ? {} : { refuse }) };
}

async function commit(options: UnitOfWorkOptions, writes: readonly PendingWrite[]): Promise<Outcome> {
  try {
    await options.client.send(
      new TransactWriteCommand({
        ClientRequestToken: randomUUID(),
        TransactItems: writes.map((write) => action(options, write)),
      }),
    );
    return { kind: 'committed' };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.name === 'TransactionCanceledException') return cancelled(options, writes, failure);
    if (RETRYABLE_ERRORS.has(failure.name)) return { kind: 'again', busy: true };
    if (isRefusal(failure)) throw error;
    return afterUnknownOutcome(options, writes, error);
  }
}

interface Failure {
  readonly name: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly CancellationReasons?: readonly { readonly Code?: string; readonly Item?: Record<string, AttributeValue> }[];
}

const asFailure = (error: unknown): Failure => error as Failure;

/** A 4xx of DynamoDB says that nothing was written; a timeout, a reset or a 5xx says nothing at all. */
const isRefusal = (failure: Failure): boolean => {
  const status = failure.$metadata?.httpStatusCode;
  return status !== undefined && status >= 400 && status < 500;
};

/** `CancellationReasons[i]` belongs to the i-th write. */
function cancelled(options: UnitOfWorkOptions, writes: readonly PendingWrite[], failure: Failure): Outcome {
  const reasons = failure.CancellationReasons ?? [];
  const failed = writes.filter((_, index) => reasons[index]?.Code === 'ConditionalCheckFailed');
  if (failed.length === 0) {
    if (reasons.some((reason) => RETRYABLE_REASONS.has(reason.Code ?? ''))) return { kind: 'again', busy: true };
    throw failure;
  }
  return refused(options, writes, (write) => {
    const reason = reasons[writes.indexOf(write)];
    return reason?.Code === 'ConditionalCheckFailed' ? { item: itemOf(reason.Item) } : undefined;
  });
}

/** The document client leaves the items of a cancellation as the wire has them. */
const itemOf = (raw: Record<string, AttributeValue> | undefined): Item | undefined =>
  raw === undefined ? undefined : unmarshall(raw, { wrapNumbers: (text: string) => text });

/**
 * An event stands where the next one of its entity would be, though the entity is at the version that was read: an older one was put back.
 * @throws IntegrityError
 */
function refuseRolledBack(
  { integrityFailed }: UnitOfWorkOptions,
  writes: readonly PendingWrite[],
  failedItem: (write: PendingWrite) => { item: Item | undefined } | undefined,
): void {
  for (const write of writes) {
    if (write.table !== 'audit_log' || failedItem(write)?.item === undefined) continue;
    const id = write.key['entity_id'];
    const entity = writes.find(({ table, key }) => table !== 'audit_log' && key['id'] === id);
    if (entity === undefined || failedItem(entity) !== undefined) continue;
    const error = new IntegrityError('integrity.rolled-back', entity.table, String(id));
    integrityFailed?.(error);
    throw error;
  }
}

/**
 * What was read was decided on once more since. Where it still is behind the same event, it was put back: whoever changed it wrote both.
 * @throws IntegrityError
 */
function stillBehind(
  { integrityFailed }: UnitOfWorkOptions,
  before: readonly PendingWrite[],
  now: readonly PendingWrite[],
): readonly PendingWrite[] {
  const known = new Set(before.map(({ key }) => JSON.stringify(key)));
  const put = now.find(({ key }) => known.has(JSON.stringify(key)));
  if (put === undefined) return now;
  const error = new IntegrityError('integrity.rolled-back', 'audit_log', String(put.key['entity_id']));
  integrityFailed?.(error);
  throw error;
}

/** The idempotency record is the first write, so its refusal wins: the command was carried out already, whatever else fails now. */
function refused(
  options: UnitOfWorkOptions,
  writes: readonly PendingWrite[],
  failedItem: (write: PendingWrite) => { item: Item | undefined } | undefined,
): Outcome {
  for (const write of writes) {
    const failed = failedItem(write);
    if (failed !== undefined && write.refuse !== undefined) throw write.refuse(failed.item);
  }
  refuseRolledBack(options, writes, failedItem);
  const behind = writes.filter((write) => write.table === 'audit_log' && write.action === 'check' && failedItem(write));
  return { kind: 'again', behind };
}

async function evaluate(options: UnitOfWorkOptions, writes: readonly PendingWrite[]): Promise<Outcome> {
  const conditional = writes.filter((write) => write.condition !== undefined);
  if (conditional.length === 0) return { kind: 'committed' };
  const { Responses = [] } = await options.client.send(
    new TransactGetCommand({
      TransactItems: conditional.map((write) => ({
        Get: { TableName: options.tableNames[write.table], Key: write.key },
      })),
    }),
  );
  const failed = new Map<PendingWrite, { item: Item | undefined }>();
  for (const [index, write] of conditional.entries()) {
    const item = Responses[index]?.Item;
    if (write.condition !== undefined && !holds(write.condition, item)) failed.set(write, { item });
  }
  return failed.size === 0 ? { kind: 'committed' } : refused(options, conditional, (write) => failed.get(write));
}

/** The decision's first event has an id of its own: if it stands, the transaction was committed. */
async function afterUnknownOutcome(
  options: UnitOfWorkOptions,
  writes: readonly PendingWrite[],
  error: unknown,
): Promise<Outcome> {
  const event = writes.find((write) => write.table === 'audit_log');
  if (event === undefined) throw unavailable(error);
  const { Item: stored } = await options.client.send(
    new GetCommand({ TableName: options.tableNames.audit_log, Key: event.key, ConsistentRead: true }),
  );
  return stored?.['id'] === event.item?.['id'] ? { kind: 'committed' } : { kind: 'again' };
}

function action(options: UnitOfWorkOptions, write: PendingWrite) {
  const TableName = options.tableNames[write.table];
  const condition =
    write.condition === undefined
      ? {}
      : {
          ...compileCondition(write.condition, tableDefinitions[write.table].hash_key),
          ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const,
        };
  switch (write.action) {
    case 'put':
      return { Put: { TableName, Item: write.item, ...condition } };
    case 'delete':
      return { Delete: { TableName, Key: write.key, ...condition } };
    case 'check':
      return {
        ConditionCheck: { TableName, Key: write.key, ...(condition as ReturnType<typeof compileCondition>) },
      };
  }
}
