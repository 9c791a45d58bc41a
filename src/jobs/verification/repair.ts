/** Mends what a verification found and can be mended: an entity a transaction, each told in its trail. */
import { told } from '../../shared/audit/event.ts';
import type { EntityRecord } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError } from '../../shared/errors.ts';
import { type JobContext, jobCommand, type Outcome, UsageError } from '../job.ts';
import type { Finding, Mend, Owner } from './finding.ts';
import { type AnyStore, createRepositories, storeOf } from './stores.ts';
import { countsOf, findAll } from './verify.ts';

/** Claims of nobody in one transaction: DynamoDB takes 100 writes, and the trail's are among them. */
const CLAIMS_AT_ONCE = 50;
const MAX_REASON = 500;

/** @throws UsageError on a service that takes commands: what it decides meanwhile would be taken for a disagreement. */
export async function repair(context: JobContext): Promise<Outcome> {
  const { status } = await context.dependencies.recovery.get();
  if (status !== 'read_only')
    throw new UsageError(
      'p2p repair works on restored tables before the service is opened: while commands are taken, a decision under way looks like a disagreement. p2p verify tells of them at any time.',
    );
  const findings = await findAll(context);
  const left = findings.filter(({ mend }) => mend === undefined);
  for (const { kind, id, message } of left) context.report.line(message, { kind, id, mended: false });
  const repairs = repairsOf(findings);
  let [mended, failed] = [0, 0];
  for (const [done, one] of repairs.entries()) {
    context.signal.throwIfAborted();
    context.report.progress('repairs', done, repairs.length);
    try {
      await carryOut(context, one);
      mended += one.findings.length;
      for (const { kind, id, message } of one.findings) context.report.line(message, { kind, id, mended: true });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      failed += one.findings.length;
      for (const { kind, id } of one.findings) context.report.line(error.message, { kind, id, mended: false });
    }
  }
  const facts = { mended, failed, left: left.length, ...countsOf(findings) };
  const would = context.dryRun ? 'would be' : 'are';
  const sentence = `${mended} disagreements ${would} mended, ${failed} could not be, ${left.length} are for people to judge.`;
  return { result: failed > 0 ? 'failed' : left.length > 0 ? 'findings' : 'ok', sentence, facts };
}

interface Repair {
  readonly owner: Owner | undefined;
  readonly findings: readonly Finding[];
  readonly mends: readonly Mend[];
}

/** All that was found of one entity is mended at once; claims of nobody go together. */
function repairsOf(findings: readonly Finding[]): readonly Repair[] {
  const byOwner = new Map<string, Finding[]>();
  const unowned: Finding[] = [];
  for (const finding of findings) {
    if (finding.mend === undefined) continue;
    const owner = finding.mend.owner?.id;
    if (owner === undefined) unowned.push(finding);
    else byOwner.set(owner, [...(byOwner.get(owner) ?? []), finding]);
  }
  const chunks = Array.from({ length: Math.ceil(unowned.length / CLAIMS_AT_ONCE) }, (_, at) =>
    unowned.slice(at * CLAIMS_AT_ONCE, (at + 1) * CLAIMS_AT_ONCE),
  );
  return [...byOwner.values(), ...chunks].map((group) => {
    const mends = group.flatMap(({ mend }) => (mend === undefined ? [] : [mend]));
    const owners = mends.flatMap(({ owner }) => (owner === undefined ? [] : [owner]));
    // A vendor that others refer to is named without its version: whatever else was found of it has that.
    return { owner: owners.find(({ version }) => version > 0) ?? owners[0], findings: group, mends };
  });
}

async function carryOut(context: JobContext, { owner, findings, mends }: Repair): Promise<void> {
  const repositories = createRepositories(context.infrastructure);
  const store = storeOf(repositories, owner?.entity ?? 'settings', owner?.id ?? 'recovery');
  const command = jobCommand(context, 'repair');
  await context.dependencies.unitOfWork.run(command, async () => {
    const stored = await store.require(owner?.id ?? 'recovery');
    if (owner !== undefined && owner.version > 0 && stored.version !== owner.version) throw changed();
    const head = mends.find((mend) => mend.head !== undefined)?.head;
    const change = Object.assign({}, ...mends.map((mend) => mend.change ?? {})) as object;
    const before = head === undefined ? stored : { ...(await asTold(context, store, owner, stored)), audit: head };
    const after = { ...stored, ...change };
    const reason = findings.map(({ id, message }) => (owner === undefined ? `${id}: ${message}` : message)).join(' ');
    const event = { action: 'repaired', reason: reason.slice(0, MAX_REASON) };
    const claims = mends.flatMap((mend) => (mend.writes ?? []).map((write) => ({ ...write, refuse: changed })));
    const { writes } = store.update(command, before, after, event);
    return { result: undefined, writes: [...writes, ...claims] };
  });
}

/** Where the trail ends elsewhere, its next event tells of all that the entity holds and the trail does not say. */
async function asTold(
  { dependencies: { trail } }: JobContext,
  store: AnyStore,
  owner: Owner | undefined,
  stored: EntityRecord,
): Promise<EntityRecord> {
  if (owner === undefined) return stored;
  const { events } = await trail.whole({ entity: owner.entity, entity_id: owner.id });
  return store.told.asTold(stored, told(events));
}

const changed = () => conflictError('repair.changed', 'It was changed since it was read; run p2p repair again.');
