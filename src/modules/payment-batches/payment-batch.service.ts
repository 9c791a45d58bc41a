/** Commands on payment batches: one header write commits each decision; its members follow in chunks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Command, requireVersion } from '../../shared/command.ts';
import { requireWithinLimit } from '../../shared/decisions/approval-limit.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { Decision, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { notFound, requireNamed } from '../../shared/errors.ts';
import type { PaymentSummary } from '../payments/index.ts';
import type { DebtorAccount, RecoveryService } from '../settings/index.ts';
import {
  type BatchGroundDeps,
  candidatesOf,
  fileFacts,
  fixedFile,
  requireApprover,
  requireCreatable,
  requireFileCanBeMade,
} from './batch-ground.service.ts';
import type { BatchRepository, CreatedQuery } from './payment-batch.repository.ts';
import type {
  Batch,
  BatchFile,
  BatchQuery,
  BatchSummary,
  CancelBatch,
  CreateBatch,
  Pinned,
  RunStep,
  SendBatch,
  Skip,
} from './payment-batch.schema.ts';
import {
  approvedBatch,
  cancelledBatch,
  downloadedBatch,
  generatingBatch,
  newBatch,
  recalledBatch,
  rejectedBatch,
  requireGeneratable,
  sentBatch,
  submittedBatch,
  WITH_FILE,
} from './payment-batch.ts';
import { requirePinned } from './pinned.ts';
import { CHUNK, nothing } from './run.ts';
import type { Runner } from './runner.ts';
import { type BatchView, type BatchViews, viewOf } from './view.ts';

export interface BatchServiceDeps extends BatchGroundDeps {
  readonly repository: BatchRepository;
  readonly unitOfWork: UnitOfWork;
  readonly recovery: Pick<RecoveryService, 'paymentsReleasedCheck'>;
  readonly runner: Runner;
  readonly views: BatchViews;
}

export interface BatchService {
  get(id: string): Promise<BatchView>;
  list(query: BatchQuery, page: PageRequest): Promise<Page<BatchSummary>>;
  listMembers(id: string, page: PageRequest): Promise<Page<PaymentSummary>>;
  listSkipped(id: string, page: PageRequest): Promise<Page<Skip>>;
  create(command: Command, body: CreateBatch): Promise<BatchView>;
  submit(command: Command, id: string): Promise<BatchView>;
  recall(command: Command, id: string, reason: string): Promise<BatchView>;
  approve(command: Command, id: string, reason?: string): Promise<BatchView>;
  reject(command: Command, id: string, reason?: string): Promise<BatchView>;
  generate(command: Command, id: string): Promise<BatchView>;
  send(command: Command, id: string, body: SendBatch): Promise<BatchView>;
  cancel(command: Command, id: string, body: CancelBatch): Promise<BatchView>;
  /** Those with a file, as stored now; a page may be short. */
  listWithFile(query: CreatedQuery, page: PageRequest): Promise<Page<Batch>>;
  /** Records a download as an event, and its first time on the header, before the bytes go out; `fetch` gets them first. @throws DomainError 409 without a file */
  download<T>(
    command: Command,
    id: string,
    format: BatchFile['format'],
    fetch: (file: BatchFile) => Promise<T>,
  ): Promise<DownloadedFile<T>>;
  /** Takes up every run that no task works on; safe in parallel. */
  resumeBatches(): Promise<{ readonly resumed: number; readonly failed: number }>;
  /** Ids of batches with a step that is not finished, whoever works on it. */
  runsUnderWay(): AsyncGenerator<string, void, undefined>;
  /** Told of a run in the background that stopped with an error; it is taken up again later. */
  onFailure(listener: (error: unknown, batchId: string) => void): void;
  /** Resolves once nothing runs in the background here. */
  idle(): Promise<void>;
  stop(): Promise<void>;
}

export interface DownloadedFile<T> {
  readonly batch: Batch;
  readonly file: BatchFile;
  readonly content: T;
}

export function createBatchService(deps: BatchServiceDeps): BatchService {
  const { repository, unitOfWork, runner } = deps;
  const { batches } = repository;
  const background = new Set<Promise<void>>();
  let failure: (error: unknown, batchId: string) => void = () => undefined;

  /** Goes on after the reply; what stops it is told, and taken up again by whoever resumes. */
  function start(batchId: string): void {
    const running = runner
      .advance(batchId)
      .then(() => undefined)
      .catch((error: unknown) => failure(error, batchId))
      .finally(() => background.delete(running));
    background.add(running);
  }

  const idle = async (): Promise<void> => {
    while (background.size > 0) await Promise.all(background);
  };

  /** A decision that one header write makes. */
  const decide = (
    command: Command,
    id: string,
    event: { readonly action: string; readonly reason?: string | undefined },
    decision: (batch: Batch) => Draft<Batch> | Promise<Draft<Batch>>,
  ): Promise<BatchView> =>
    unitOfWork.run(command, async () => {
      const before = await batches.require(id);
      requireVersion(command, 'payment_batch', before.version);
      const { entity, writes } = batches.update(command, before, await decision(before), event);
      return { result: await deps.views.of(entity), writes };
    });

  /** A decision on what the file is made of, which the settings stay at until it is committed. */
  const decideOnFile = (
    command: Command,
    id: string,
    event: { readonly action: string; readonly reason?: string | undefined },
    decision: (batch: Batch, debtor: DebtorAccount, facts: Pinned) => Promise<Draft<Batch>>,
  ): Promise<BatchView> =>
    unitOfWork.run(command, async () => {
      const before = await batches.require(id);
      requireVersion(command, 'payment_batch', before.version);
      const { debtor, facts } = await fileFacts(deps, before);
      const { entity, writes } = batches.update(command, before, await decision(before, debtor, facts), event);
      return {
        result: await deps.views.of(entity),
        writes: [...writes, deps.settings.debtorAccountUnchanged(debtor)],
      };
    });

  /** The decision and the release of its members: at once where they fit into its transaction, else in the background. */
  async function decideAndRelease(
    command: Command,
    id: string,
    event: { readonly action: string; readonly reason?: string | undefined },
    decision: (batch: Batch) => Draft<Batch>,
  ): Promise<BatchView> {
    let goesOn = false;
    const view = await unitOfWork.run(command, async (): Promise<Decision<BatchView>> => {
      const [before, plan, run] = await Promise.all([batches.require(id), repository.plan(id), repository.run(id)]);
      requireVersion(command, 'payment_batch', before.version);
      goesOn = false;
      if (before.status === 'cancelling') {
        goesOn = true;
        return { result: await deps.views.of(before), writes: [] };
      }
      const after = decision(before);
      if (after.status !== 'cancelling' && after.status !== 'rejected') {
        const saved = batches.update(command, before, after, { ...event, action: `${event.action}_requested` });
        return { result: await deps.views.of(saved.entity), writes: saved.writes };
      }
      const ended = run === undefined ? [] : [repository.runEnd(run)];
      const chunk = plan.length > CHUNK ? undefined : await runner.chunk(command, before, 'release', plan);
      if (chunk?.consumed === plan.length) {
        const over =
          after.status === 'rejected' ? after : { ...after, status: 'cancelled' as const, ...nothing(before.currency) };
        const saved = batches.update(command, before, over, event);
        const skipped = (await deps.views.of(before)).skipped;
        return { result: viewOf(saved.entity, { skipped }), writes: [...saved.writes, ...chunk.writes, ...ended] };
      }
      goesOn = true;
      const saved = batches.update(command, before, after, event);
      const begun = runner.begun(command, id, 'release', plan.length, before.currency);
      const view = { ...(await deps.views.of(saved.entity)), progress: progressOf(begun) };
      return { result: view, writes: [...saved.writes, repository.runWrite(run, begun)] };
    });
    if (goesOn && !command.dryRun) start(id);
    return view;
  }

  async function create(command: Command, body: CreateBatch): Promise<BatchView> {
    let goesOn = false;
    const view = await unitOfWork.run(command, async (): Promise<Decision<BatchView>> => {
      const debtor = await requireNamed(
        deps.settings.debtorAccount(body.debtor_account_id),
        'payment_batch.unknown-debtor-account',
        '/debtor_account_id',
      );
      await requireCreatable(deps, body, debtor, command.now);
      const candidates = await candidatesOf(deps, body);
      const draft = newBatch({
        ...body,
        id: command.ids.next('payment_batch'),
        created_by: command.actor.id,
        currency: debtor.currency,
        creditor_address: debtor.creditor_address,
      });
      const fixed = [repository.planWrite(draft.id, candidates), deps.settings.debtorAccountUnchanged(debtor)];
      const chunk = candidates.length > CHUNK ? undefined : await runner.chunk(command, draft, 'join', candidates);
      goesOn = chunk?.consumed !== candidates.length;
      if (chunk !== undefined && !goesOn) {
        const { count, control_sum, barred_approvers, credit_vendors, members, skips } = chunk;
        const built = {
          ...draft,
          status: 'draft' as const,
          count,
          control_sum,
          barred_approvers: [...barred_approvers],
          notices: await chunk.notices(credit_vendors),
        };
        const { entity, writes } = batches.create(command, built);
        const result = viewOf(entity, { payments: members, skipped: skips });
        return { result, writes: [...writes, ...chunk.writes, ...fixed] };
      }
      const { entity, writes } = batches.create(command, draft);
      const run = runner.begun(command, draft.id, 'join', candidates.length, draft.currency);
      return { result: viewOf(entity, { run }), writes: [...writes, ...fixed, repository.runWrite(undefined, run)] };
    });
    if (goesOn && !command.dryRun) start(view.id);
    return view;
  }

  /**
   * The header goes to `generating` first, with all that the file is made of; then vendors, accounts and invoices are read again. A small
   * batch is answered when its file lies in storage. Until then its Idempotency-Key keeps no last reply: the same request again, after a
   * crash or beside the first, takes up what stands and is told what came of it.
   */
  async function generate(command: Command, id: string): Promise<BatchView> {
    // Fixed when the batch was created.
    const plan = await repository.plan(id);
    const small = plan.length <= CHUNK;
    const view = await unitOfWork.run(command, async (): Promise<Decision<BatchView>> => {
      const { batch: before, run } = await repository.withRun(id);
      if (command.idempotency?.begun !== true) requireGeneratable(before);
      if (before.status !== 'approved') return standing(before);
      requireVersion(command, 'payment_batch', before.version);
      const { debtor, facts } = await fileFacts(deps, before);
      const file = await fixedFile(deps, before, debtor, requirePinned(before, facts), command.now);
      const { entity, writes } = batches.update(command, before, generatingBatch(before, command.actor.id, file), {
        action: 'generate',
      });
      const begun = runner.begun(command, id, 'check', plan.length, before.currency);
      const guards = [
        await deps.recovery.paymentsReleasedCheck(),
        repository.messageIdWrite(id, file.message_id),
        deps.settings.debtorAccountUnchanged(debtor),
        repository.runWrite(run, begun),
      ];
      // A small batch is shown as its file leaves it.
      const result = small
        ? viewOf(entity, { run: begun })
        : { ...(await deps.views.of(entity)), progress: progressOf(begun) };
      return { result, writes: [...writes, ...guards], reply: 'unfinished' };
    });
    if (view.status !== 'generating') return view;
    if (small) return (await runner.advance(id, command)) ?? generatedElsewhere(command, id);
    start(id);
    return view;
  }

  const standing = async (batch: Batch): Promise<Decision<BatchView>> => ({
    result: await deps.views.of(batch),
    writes: [],
    ...(batch.status === 'generating' ? { reply: 'unfinished' } : {}),
  });

  /** Another task has the run: a small one is over in a moment. */
  async function generatedElsewhere(command: Command, id: string): Promise<BatchView> {
    for (let tries = 0; tries < 20 && (await batches.require(id)).status === 'generating'; tries += 1) await sleep(50);
    return unitOfWork.run(command, async () => standing(await batches.require(id)));
  }

  return {
    get: deps.views.get,
    list: (query, page) => repository.list(query, page),
    async listWithFile(query, page) {
      const { data, next_cursor } = await repository.listWithFile(query, page);
      const found = await Promise.all(data.map((id) => batches.require(id)));
      return { data: found.filter(({ status }) => WITH_FILE.includes(status)), next_cursor };
    },
    async listMembers(id, page) {
      await batches.require(id);
      return deps.payments.list({ batch_id: id }, page);
    },
    async listSkipped(id, page) {
      await batches.require(id);
      return repository.skips(id, page);
    },
    create,
    submit: (command, id) =>
      decideOnFile(command, id, { action: 'submit' }, async (batch, debtor, facts) => {
        const submitted = submittedBatch(batch, command.actor.id, facts);
        await requireFileCanBeMade(deps, batch, debtor, command.now);
        await requireApprover(deps, submitted, command.now);
        return { ...submitted, notices: await runner.notices(batch) };
      }),
    recall: (command, id, reason) => decide(command, id, { action: 'recall', reason }, (batch) => recalledBatch(batch)),
    approve: (command, id, reason) =>
      decideOnFile(command, id, { action: 'approve', reason }, async (batch, _debtor, facts) => {
        const approved = approvedBatch(batch, command.actor.id);
        requirePinned(batch, facts);
        const { approval_limit } = await deps.withRate(command.actor, batch.currency, command.now);
        requireWithinLimit('payment_batch', approval_limit, batch.control_sum, batch.currency);
        return approved;
      }),
    reject: (command, id, reason) => decideAndRelease(command, id, { action: 'reject', reason }, rejectedBatch),
    generate,
    send: (command, id, body) =>
      unitOfWork.run(command, async () => {
        const before = await batches.require(id);
        requireVersion(command, 'payment_batch', before.version);
        const after = sentBatch(before, body, command.actor.id, command.now);
        const released = await deps.recovery.paymentsReleasedCheck();
        const { entity, writes } = batches.update(command, before, after, { action: 'send', reason: body.reason });
        return { result: await deps.views.of(entity), writes: [...writes, released] };
      }),
    cancel: (command, id, body) =>
      decideAndRelease(command, id, { action: 'cancel', reason: body.reason }, (batch) =>
        cancelledBatch(batch, body, command.actor.id, command.now),
      ),
    download: (command, id, format, fetch) =>
      unitOfWork.run(command, async () => {
        const before = await batches.require(id);
        const after = downloadedBatch(before, command.now);
        const file = before.files.find((candidate) => candidate.format === format);
        if (file === undefined) throw notFound('export', `${id}/${format}`);
        // Before it is on record: what is refused was not downloaded.
        const content = await fetch(file);
        const { entity, writes } = batches.update(command, before, after, { action: `downloaded_${format}` });
        return { result: { batch: entity, file, content }, writes };
      }),
    async resumeBatches() {
      let [resumed, failed] = [0, 0];
      for await (const id of repository.running()) {
        try {
          if ((await runner.advance(id)) !== undefined) resumed += 1;
        } catch (error) {
          failed += 1;
          failure(error, id);
        }
      }
      return { resumed, failed };
    },
    runsUnderWay: () => repository.running(),
    onFailure(listener) {
      failure = listener;
    },
    idle,
    async stop() {
      runner.stop();
      await idle();
    },
  };
}

const progressOf = ({ step, done, total }: { step: RunStep; done: number; total: number }) => ({ step, done, total });
