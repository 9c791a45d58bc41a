/**
 * Batches in DynamoDB: the header; beside it its candidates (`bat_...#plan`), and while a step runs the run itself (`bat_...#run`), which
 * stands in the index of statuses as `running`; and what the run left out. Gives pending writes, never commits.
 */
import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { claimText } from '../../shared/dynamo/claims.ts';
import { compileCodec, type Item } from '../../shared/dynamo/codec.ts';
import { type EntityStore, type EntityStoreDeps, entityStore } from '../../shared/dynamo/entity-store.ts';
import { fromSummary, type Listing, planList } from '../../shared/dynamo/filters.ts';
import { getTogether } from '../../shared/dynamo/get-together.ts';
import { type Page, type PageRequest, queryAll, queryPage } from '../../shared/dynamo/query.ts';
import type { PendingWrite } from '../../shared/dynamo/unit-of-work.ts';
import { notFound } from '../../shared/errors.ts';
import {
  type Batch,
  type BatchQuery,
  BatchRecord,
  type BatchSummary,
  RUN_STEPS,
  type Skip,
} from './payment-batch.schema.ts';
import { WITH_FILE } from './payment-batch.ts';
import type { Run } from './run.ts';

export interface BatchRepository {
  readonly batches: EntityStore<Batch>;
  list(query: BatchQuery, page: PageRequest): Promise<Page<BatchSummary>>;
  /** Ids of those that had a file when the index was written. */
  listWithFile(query: CreatedQuery, page: PageRequest): Promise<Page<string>>;
  plan(batchId: string): Promise<readonly string[]>;
  planWrite(batchId: string, candidates: readonly string[]): PendingWrite;
  /** Strongly consistent; undefined while no step runs. */
  run(batchId: string): Promise<Run | undefined>;
  /** Under the run as it was read: whoever lost it writes nothing more. */
  runWrite(before: Run | undefined, after: Omit<Run, 'version'>): PendingWrite;
  runEnd(run: Run): PendingWrite;
  /** The header and its run in one round trip, strongly consistent. @throws DomainError 404 */
  withRun(batchId: string): Promise<{ readonly batch: Batch; readonly run: Run | undefined }>;
  /** Ids of batches with a step that is not finished. */
  running(): AsyncGenerator<string, void, undefined>;
  skips(batchId: string, page: PageRequest): Promise<Page<Skip>>;
  skipWrite(batchId: string, candidate: string, skip: Skip): PendingWrite;
  /** Keeps the message id unique. It is made of the batch's id, so who finds it taken finds the batch generating, and decides again. */
  messageIdWrite(batchId: string, messageId: string): PendingWrite;
  /** Strongly consistent; without an owner where no payment names it. */
  booking(batch: Batch, bankReference: string): Promise<BookingClaim>;
  /** Under the claim as it was read: who lost it decides again. A count of 0 gives it back. */
  bookingWrite(claim: BookingClaim, count: number): PendingWrite;
}

/** One booking of the bank's, by the debtor's account and the bank's reference: the batch it belongs to, and how many payments name it. */
export interface BookingClaim {
  readonly key: string;
  readonly owner?: string | undefined;
  readonly count: number;
}

export type CreatedQuery = Pick<BatchQuery, 'created_from' | 'created_to'>;

const TABLE = 'payment_batches';
const RUNNING = 'running';

export function createBatchRepository(deps: EntityStoreDeps): BatchRepository {
  const get = async (id: string): Promise<Item | undefined> => {
    const { Item: item } = await deps.client.send(
      new GetCommand({ TableName: deps.tableNames[TABLE], Key: { id }, ConsistentRead: true }),
    );
    return item;
  };
  const batches = entityStore<Batch>(deps, {
    table: TABLE,
    entity: 'payment_batch',
    codec: compileCodec<Batch>(BatchRecord),
    sealed: ['fixed', 'pinned'],
    indexed: (batch) => ({ summary: summaryOf(batch) }),
  });
  return {
    batches,
    list: (query, page) => queryPage(deps, planList(LISTING, query), page, toSummary),
    listWithFile(query, page) {
      const keep = (item: Item): boolean => WITH_FILE.includes(toSummary(item).status);
      return queryPage(deps, { ...planList(LISTING, query), keep }, page, (item) => String(item['id']));
    },
    async plan(batchId) {
      const item = await get(planId(batchId));
      if (!(item?.['candidates_gz'] instanceof Uint8Array)) return [];
      return JSON.parse(gunzipSync(item['candidates_gz']).toString('utf8')) as string[];
    },
    planWrite: (batchId, candidates) => ({
      action: 'put',
      table: TABLE,
      key: { id: planId(batchId) },
      item: { id: planId(batchId), candidates_gz: gzipSync(JSON.stringify(candidates)) },
    }),
    async run(batchId) {
      const item = await get(runId(batchId));
      return item === undefined ? undefined : runFromItem(item);
    },
    runWrite: (before, after) => ({
      action: 'put',
      table: TABLE,
      key: { id: runId(after.batch_id) },
      item: { ...after, id: runId(after.batch_id), status: RUNNING, version: (before?.version ?? 0) + 1 },
      condition:
        before === undefined ? { kind: 'absent' } : { kind: 'equals', attribute: 'version', value: before.version },
    }),
    runEnd: (run) => ({
      action: 'delete',
      table: TABLE,
      key: { id: runId(run.batch_id) },
      condition: { kind: 'equals', attribute: 'version', value: run.version },
    }),
    async withRun(batchId) {
      const items = await getTogether(deps, TABLE, [batchId, runId(batchId)]);
      const [item, run] = [items.get(batchId), items.get(runId(batchId))];
      if (item === undefined) throw notFound('payment_batch', batchId);
      return { batch: batches.fromItem(item), run: run === undefined ? undefined : runFromItem(run) };
    },
    async *running() {
      const plan = { table: TABLE, index: 'by_status', hash: { name: 'status', value: RUNNING } } as const;
      for await (const item of queryAll(deps, plan)) yield String(item['id']).replace(/#run$/, '');
    },
    skips: (batchId, page) =>
      queryPage(
        deps,
        { table: 'payment_batch_skips', hash: { name: 'batch_id', value: batchId }, ascending: true },
        page,
        toSkip,
      ),
    skipWrite: (batchId, candidate, skip) => ({
      action: 'put',
      table: 'payment_batch_skips',
      key: { batch_id: batchId, skip_key: candidate },
      item: { batch_id: batchId, skip_key: candidate, ...skip },
    }),
    messageIdWrite: (batchId, messageId) => ({
      action: 'put',
      table: 'keys',
      key: { id: `message_id#${messageId}` },
      item: { id: `message_id#${messageId}`, owner: batchId },
      condition: { kind: 'absent' },
    }),
    async booking(batch, bankReference) {
      const key = bookingKey(batch, bankReference);
      const { Item: item } = await deps.client.send(
        new GetCommand({ TableName: deps.tableNames.keys, Key: { id: key }, ConsistentRead: true }),
      );
      return item === undefined
        ? { key, count: 0 }
        : { key, owner: String(item['owner']), count: Number(item['count']) };
    },
    bookingWrite: ({ key, owner, count: before }, count) => ({
      action: count === 0 ? 'delete' : 'put',
      table: 'keys',
      key: { id: key },
      ...(count === 0 ? {} : { item: { id: key, owner, count } }),
      condition: before === 0 ? { kind: 'absent' } : { kind: 'equals', attribute: 'count', value: before },
    }),
  };
}

/** By the account's digest: two records of one account share the bank's references. */
function bookingKey({ fixed, debtor_account_id }: Batch, bankReference: string): string {
  const account = createHash('sha256')
    .update(fixed?.debtor.iban ?? debtor_account_id)
    .digest('base64url');
  return `bank_booking#${account}#${claimText(bankReference)}`;
}

const planId = (batchId: string): string => `${batchId}#plan`;
const runId = (batchId: string): string => `${batchId}#run`;

function runFromItem(item: Item): Run {
  const step = RUN_STEPS.find((name) => name === item['step']);
  if (step === undefined) throw new TypeError(`no step of a run: ${String(item['step'])}`);
  return {
    batch_id: String(item['batch_id']),
    step,
    done: Number(item['done']),
    total: Number(item['total']),
    count: Number(item['count']),
    control_sum: String(item['control_sum']),
    barred_approvers: (item['barred_approvers'] as string[]).map(String),
    // Runs that were begun before it was kept have none.
    credit_vendors: ((item['credit_vendors'] ?? []) as string[]).map(String),
    actor_id: String(item['actor_id']),
    ...(item['via'] === undefined ? {} : { via: String(item['via']) }),
    ...(item['key_maker'] === undefined ? {} : { key_maker: String(item['key_maker']) }),
    request_id: String(item['request_id']),
    lease_token: String(item['lease_token']),
    lease_until: String(item['lease_until']),
    created_at: String(item['created_at']),
    version: Number(item['version']),
  };
}

const toSkip = ({ payment_id, invoice_id, code, reason }: Item): Skip =>
  ({ payment_id, invoice_id, code, reason }) as Skip;

const summaryOf = (batch: Batch): BatchSummary => ({
  id: batch.id,
  version: batch.version,
  created_at: batch.created_at,
  updated_at: batch.updated_at,
  created_by: batch.created_by,
  status: batch.status,
  debtor_account_id: batch.debtor_account_id,
  execution_date: batch.execution_date,
  method: batch.method,
  currency: batch.currency,
  count: batch.count,
  control_sum: batch.control_sum,
  message_id: batch.message_id,
  first_downloaded_at: batch.first_downloaded_at,
});

function toSummary(item: Item): BatchSummary {
  const summary = fromSummary<BatchSummary>(item);
  return { ...summary, count: Number(summary.count) };
}

const LISTING: Listing = { table: TABLE, equals: [['status', 'by_status']] };
