/**
 * Carries a run through its steps, a transaction a chunk, under a lease that any task may take over once it ran out. What a task that lost
 * its lease still had in hand fails under the run's version and writes nothing.
 */
import { randomUUID } from 'node:crypto';
import { type Command, idSource, type RenderedReply } from '../../shared/command.ts';
import type { Saved } from '../../shared/dynamo/entity-store.ts';
import type { Decision, PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { conflictError } from '../../shared/errors.ts';
import type { ObjectStorage } from '../../shared/storage/storage.ts';
import type { InvoiceService } from '../invoices/index.ts';
import { type Payment, summaryOf } from '../payments/index.ts';
import { storeBatchFiles } from './batch-files.ts';
import type { Decide, Documents, Header } from './candidate.ts';
import { createLedger } from './ledger.ts';
import type { Members } from './members.ts';
import { creditNotices, type OpenCredits, openCredits } from './open-credits.ts';
import type { BatchRepository } from './payment-batch.repository.ts';
import type { Batch, BatchStatus, Notice, RunStep } from './payment-batch.schema.ts';
import { generatedBatch } from './payment-batch.ts';
import { advanced, CHUNK, type Chunk, chunkOf, fits, nothing, type Outcome, type Run } from './run.ts';
import type { BatchView, BatchViews } from './view.ts';

export interface RunnerDeps {
  readonly repository: BatchRepository;
  readonly unitOfWork: UnitOfWork;
  readonly members: Members;
  readonly invoices: InvoiceService;
  readonly storage: ObjectStorage;
  readonly views: BatchViews;
  /** How long a task that says nothing keeps its run. */
  readonly leaseMs: number;
  /** False while the payments of a restored service are held: what it had begun waits too. */
  readonly mayGoOn: () => Promise<boolean>;
}

export interface Runner {
  /** Goes on with the batch's run until no step is left; undefined where another task holds it, or there is none. */
  advance(batchId: string, finishing?: Command): Promise<BatchView | undefined>;
  /** One chunk over these candidates, for a step that fits into the transaction that begins it. */
  chunk(command: Command, batch: Header, step: RunStep, candidates: readonly string[]): Promise<Taken>;
  /** What an approver should know of these vendors now. */
  notices(batch: Pick<Batch, 'notices' | 'currency'>): Promise<Notice[]>;
  /** Where a step begins: nobody works on it yet. */
  begun(command: Command, batchId: string, step: RunStep, total: number, currency: string): Omit<Run, 'version'>;
  /** Ends every advance after its current chunk. */
  stop(): void;
}

export interface Taken extends Chunk {
  /** Notices about these vendors once the chunk is committed. */
  readonly notices: (vendorIds: readonly string[]) => Promise<Notice[]>;
}

/** The header's statuses in which a step may go on. */
const STATUSES: Readonly<Record<RunStep, readonly BatchStatus[]>> = {
  join: ['building'],
  check: ['generating'],
  render: ['generating'],
  mark: ['generated', 'sent', 'partially_accepted', 'completed'],
  release: ['rejected', 'cancelling'],
};

/** What a chunk leaves: more to do, a lease that another task took, or the batch at the end of its run. */
type Turn = { readonly next: 'more' | 'lost' } | { readonly next: 'over'; readonly view: BatchView };

export function createRunner(deps: RunnerDeps): Runner {
  const { repository, unitOfWork, members } = deps;
  const { batches } = repository;
  let stopped = false;

  async function chunk(
    command: Command,
    batch: Header,
    step: RunStep,
    candidates: readonly string[],
    credits: OpenCredits = openCredits(deps.invoices),
  ): Promise<Taken> {
    const ledger = createLedger(deps.invoices.requireForDecision);
    const documents = { ledger, credits };
    const decisions = await Promise.all(
      candidates.map((candidate) => read(command, batch, step, candidate, documents)),
    );
    const taken: Outcome[] = [];
    for (const decide of decisions) {
      const outcome = await decide();
      if (!fits(taken, outcome)) break;
      ledger.keep(outcome.changed);
      taken.push(outcome);
    }
    const notices = (vendorIds: readonly string[]) => creditNotices(vendorIds, batch.currency, credits, ledger.invoice);
    return { ...chunkOf(taken, batch.currency), notices };
  }

  /** Candidates are read side by side, and decided on one after another. */
  function read(
    command: Command,
    batch: Header,
    step: RunStep,
    candidate: string,
    documents: Documents,
  ): Promise<Decide> {
    switch (step) {
      case 'join':
        return members.join(command, batch, candidate, documents);
      case 'check':
        return members.check(command, batch, candidate, documents);
      case 'mark':
        return members.mark(command, batch, candidate);
      case 'release':
        return members.release(command, batch, candidate, documents);
      case 'render':
        throw new TypeError('a file is rendered at once');
    }
  }

  const leased = (run: Run, token: string, now: Date): Omit<Run, 'version'> => ({
    ...run,
    lease_token: token,
    lease_until: new Date(now.getTime() + deps.leaseMs).toISOString(),
  });

  async function takeLease(batchId: string, token: string): Promise<boolean> {
    const run = await repository.run(batchId);
    const now = new Date();
    if (run === undefined || (run.lease_token !== '' && run.lease_until > now.toISOString())) return false;
    return unitOfWork.run(commandOf(run, now), async () => {
      const current = await repository.run(batchId);
      if (current?.version !== run.version) return { result: false, writes: [] };
      return { result: true, writes: [repository.runWrite(current, leased(current, token, now))] };
    });
  }

  /** Whoever comes next need not wait for the lease to run out. */
  async function giveBack(batchId: string, token: string): Promise<void> {
    const run = await repository.run(batchId);
    if (run?.lease_token !== token) return;
    const free = { ...run, lease_token: '', lease_until: '' };
    await unitOfWork.run(commandOf(run), async () => ({
      result: undefined,
      writes: [{ ...repository.runWrite(run, free), refuse: () => conflictError('payment_batch.run-taken', '') }],
    }));
  }

  /** The header and the run, while this task holds it and the header lets the step go on. */
  async function held(batchId: string, token: string) {
    const { batch, run } = await repository.withRun(batchId);
    if (run === undefined || run.lease_token !== token || !STATUSES[run.step].includes(batch.status)) return undefined;
    return { batch, run };
  }

  const headerStays = ({ id, version }: Batch) =>
    batches.check(id, { kind: 'equals', attribute: 'version', value: version });

  async function turn(
    batchId: string,
    token: string,
    plan: readonly string[],
    credits: OpenCredits,
    finishing: Command | undefined,
  ): Promise<Turn> {
    const found = await held(batchId, token);
    if (found === undefined) return { next: 'lost' };
    if (found.run.step === 'render') return render(found.batch, found.run, plan, finishing);
    const command = commandOf(found.run);
    let spent: readonly string[] = [];
    const done = await unitOfWork.run(command, async (): Promise<Decision<Turn>> => {
      const now = await held(batchId, token);
      if (now === undefined || now.run.done !== found.run.done || now.run.step !== found.run.step) return LOST;
      const { batch, run } = now;
      const some = await chunk(command, batch, run.step, plan.slice(run.done, run.done + CHUNK), credits);
      spent = some.spent_credits;
      const after = advanced(run, some, batch.currency);
      if (after.done >= after.total) return finish(command, batch, run, after, some);
      return more([...some.writes, headerStays(batch), repository.runWrite(run, leased(after, token, new Date()))]);
    });
    credits.spent(spent);
    return done;
  }

  /** The last chunk of a step and what the header becomes by it, in one transaction. */
  async function finish(command: Command, batch: Batch, run: Run, after: Run, some: Taken): Promise<Decision<Turn>> {
    if (run.step === 'check') {
      const next = { ...leased(after, run.lease_token, new Date()), step: 'render' as const };
      return more([...some.writes, headerStays(batch), repository.runWrite(run, next)]);
    }
    const ended = [...some.writes, repository.runEnd(run)];
    const { count, control_sum, barred_approvers } = after;
    if (run.step === 'join') {
      const notices = await some.notices(after.credit_vendors);
      const approvers = { barred_approvers: [...barred_approvers], notices };
      const built = { ...batch, status: 'draft' as const, count, control_sum, ...approvers };
      const saved = batches.update(command, batch, built, { action: 'built' });
      return over(saved.entity, [...ended, ...saved.writes]);
    }
    if (batch.status !== 'cancelling') return over(batch, [...ended, headerStays(batch)]);
    const gone = { ...batch, status: 'cancelled' as const, ...nothing(batch.currency) };
    const saved = batches.update(command, batch, gone, { action: 'cancelled' });
    return over(saved.entity, [...ended, ...saved.writes]);
  }

  const over = async (batch: Batch, writes: readonly PendingWrite[]): Promise<Decision<Turn>> => ({
    result: { next: 'over', view: { ...(await deps.views.of(batch)), progress: null } },
    writes,
  });

  /** Files lie in storage before the header names them. */
  async function render(
    batch: Batch,
    run: Run,
    plan: readonly string[],
    finishing: Command | undefined,
  ): Promise<Turn> {
    const included = await loadMembers(batch.id, plan);
    if (run.count !== included.length)
      throw new Error(`${batch.id} has ${included.length} members where ${run.count} were checked`);
    const files = included.length === 0 ? [] : await storeBatchFiles(deps.storage, batch, included);
    const small = plan.length <= CHUNK || included.length === 0;
    const command = small && finishing !== undefined ? replyingWithView(finishing) : commandOf(run);
    return unitOfWork.run(command, async (): Promise<Decision<Turn>> => {
      const now = await held(batch.id, run.lease_token);
      if (now === undefined || now.run.step !== 'render') return LOST;
      const after = generatedBatch(now.batch, { files, count: run.count, control_sum: run.control_sum });
      const saved = batches.update(command, now.batch, after, { action: 'generated' });
      if (small) return marked(command, saved, now.run, included, plan);
      const next = { ...leased(now.run, run.lease_token, new Date()), step: 'mark' as const, done: 0 };
      return more([...saved.writes, repository.runWrite(now.run, next)]);
    });
  }

  async function marked(
    command: Command,
    saved: Saved<Batch>,
    run: Run,
    included: readonly Payment[],
    plan: readonly string[],
  ): Promise<Decision<Turn>> {
    const marks = await chunk(command, saved.entity, 'mark', included.length === 0 ? [] : plan);
    const payments = included.map((payment) => ({
      ...summaryOf(payment),
      version: payment.version + 1,
      updated_at: command.now.toISOString(),
      integration_status: 'exported' as const,
      processed_by: saved.entity.generated_by,
    }));
    const view = { ...(await deps.views.of(saved.entity)), payments, progress: null };
    return { result: { next: 'over', view }, writes: [...saved.writes, ...marks.writes, repository.runEnd(run)] };
  }

  async function loadMembers(batchId: string, plan: readonly string[]): Promise<readonly Payment[]> {
    const found: Payment[] = [];
    for (let start = 0; start < plan.length; start += READ_AT_ONCE) {
      const some = plan.slice(start, start + READ_AT_ONCE).map((candidate) => members.load(batchId, candidate));
      for (const payment of await Promise.all(some)) if (payment !== undefined) found.push(payment);
    }
    return found;
  }

  return {
    chunk,
    notices: ({ notices = [], currency }) =>
      creditNotices(
        notices.map(({ vendor_id }) => vendor_id),
        currency,
        openCredits(deps.invoices),
        deps.invoices.requireForDecision,
      ),
    async advance(batchId, finishing) {
      const token = randomUUID();
      if (!(await deps.mayGoOn())) return undefined;
      if (!(await takeLease(batchId, token))) return undefined;
      try {
        const [plan, credits] = [await repository.plan(batchId), openCredits(deps.invoices)];
        while (!stopped) {
          const done = await turn(batchId, token, plan, credits, finishing);
          if (done.next === 'over') return done.view;
          if (done.next === 'lost') return undefined;
        }
      } catch (error) {
        await giveBack(batchId, token).catch(() => undefined);
        throw error;
      }
      await giveBack(batchId, token);
      return undefined;
    },
    begun: (command, batchId, step, total, currency) => ({
      batch_id: batchId,
      step,
      done: 0,
      total,
      ...nothing(currency),
      barred_approvers: [],
      credit_vendors: [],
      actor_id: command.actor.id,
      ...(command.actor.via === undefined ? {} : { via: command.actor.via }),
      ...(command.actor.key_maker === undefined ? {} : { key_maker: command.actor.key_maker }),
      request_id: command.request_id,
      lease_token: '',
      lease_until: '',
      created_at: command.now.toISOString(),
    }),
    stop() {
      stopped = true;
    },
  };
}

const READ_AT_ONCE = 50;

const LOST: Decision<Turn> = { result: { next: 'lost' }, writes: [], reply: 'none' };
const more = (writes: readonly PendingWrite[]): Decision<Turn> => ({ result: { next: 'more' }, writes });

/** The reply that is stored with the last transaction is the view it leaves. */
function replyingWithView(command: Command): Command {
  const { idempotency, render: rendered } = command;
  if (rendered === undefined) return command;
  const render = (turn: unknown): RenderedReply => rendered((turn as { view: BatchView }).view);
  return { ...command, render, ...(idempotency === undefined ? {} : { idempotency: { ...idempotency, render } }) };
}

/** The person whose command began the step answers for what it does. */
const commandOf = (run: Run, now = new Date()): Command => ({
  actor: { id: run.actor_id, via: run.via, key_maker: run.key_maker, roles: [], permissions: new Set() },
  now,
  request_id: run.request_id,
  dryRun: false,
  ids: idSource(),
});
