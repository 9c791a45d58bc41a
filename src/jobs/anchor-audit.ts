/** Fixes the heads of all audit chains where nobody can change them: what `p2p verify-audit` holds the chains against. */
import { createLogBook } from '../modules/audit/index.ts';
import { merkleRoot } from '../shared/audit/merkle.ts';
import { addDays } from '../shared/clock.ts';
import { DomainError } from '../shared/errors.ts';
import {
  type Anchor,
  anchorKey,
  anchorStorage,
  changedLines,
  foldHeads,
  type HeadLines,
  headKey,
  headLine,
  LOG,
  lastAnchorKey,
  readAnchor,
  readHeads,
  type StoredAnchor,
  sortedLines,
  writeAnchor,
} from './anchor.ts';
import type { Job, JobContext, Outcome } from './job.ts';

export const anchorAudit: Job = {
  summary: 'fixes the state of the audit trail under object lock',
  async run(context) {
    const storage = anchorStorage(context.infrastructure.storage);
    const before = await lastAnchor(context);
    const heads = new Map([...(await allHeads(context)), ...(await logHeads(context, before))]);
    const taken = laterOf(context.now().toISOString(), before?.last.anchor.taken_at);
    const whole = before?.heads === undefined || taken.slice(0, 10) !== before.last.anchor.taken_at.slice(0, 10);
    const lines = whole ? sortedLines(heads) : changedLines(before.heads, heads);
    const number = (before?.last.anchor.number ?? 0) + 1;
    const anchor: Omit<Anchor, 'lines'> = {
      format: 'p2p-anchor/1',
      number,
      taken_at: taken,
      table_prefix: context.infrastructure.tableNames.vendors.replace(/vendors$/, ''),
      root: merkleRoot(sortedLines(heads)),
      heads: heads.size,
      whole,
      previous: before === undefined ? null : { key: before.last.key, sha256: before.last.sha256 },
    };
    const key = anchorKey(number, before?.last.anchor.taken_at ?? taken);
    const facts = { anchor: key, number, root: anchor.root, heads: heads.size, lines: lines.length };
    if (!context.dryRun && !(await written(() => writeAnchor(storage, anchor, key, lines))))
      return { result: 'ok', sentence: `Another run anchored the trail meanwhile, as ${key}.`, facts: { anchor: key } };
    return outcome(context, before, facts);
  },
};

function outcome(context: JobContext, before: Before | undefined, facts: Outcome['facts']): Outcome {
  const said = `${facts['heads']} chains ${context.dryRun ? 'would be' : 'are'} anchored in ${facts['anchor']}: ${facts['root']}.`;
  if (before?.damage === undefined) return { result: 'ok', sentence: said, facts };
  return {
    result: 'findings',
    sentence: `${said} What was anchored before is not whole; run p2p verify-audit.`,
    facts: { ...facts, damage: before.damage },
  };
}

interface Before {
  readonly last: StoredAnchor;
  /** What it and those before it say; undefined where that cannot be read. */
  readonly heads: HeadLines | undefined;
  readonly damage?: string;
}

/** The last anchor with its heads: those of the last whole one, and the changes since. */
async function lastAnchor({ infrastructure, now }: JobContext): Promise<Before | undefined> {
  const storage = anchorStorage(infrastructure.storage);
  const key = await lastAnchorKey(storage, now());
  if (key === undefined) return undefined;
  const last = await readAnchor(storage, key);
  const chain = [last];
  try {
    for (let first = last; !first.anchor.whole && first.anchor.previous !== null; ) {
      const { previous } = first.anchor;
      first = await readAnchor(storage, previous.key);
      if (first.sha256 !== previous.sha256) throw new Error(`${previous.key} is not what the anchor after it says`);
      chain.unshift(first);
    }
    let heads: HeadLines = new Map();
    for (const { anchor } of chain) heads = foldHeads(heads, anchor, await readHeads(storage, anchor));
    return { last, heads };
  } catch (error) {
    return { last, heads: undefined, damage: String(error) };
  }
}

async function allHeads({ dependencies: { trail }, report, signal }: JobContext): Promise<HeadLines> {
  const heads = new Map<string, string>();
  for await (const { entity, entity_id: id, head } of trail.allHeads()) {
    signal.throwIfAborted();
    report.progress('chains', heads.size);
    // Without a head there is nothing to fix; verify-audit tells of it.
    if (head !== undefined) heads.set(headKey({ entity, id }), headLine({ entity, id, ...head }));
  }
  return heads;
}

/** Of the security log the days since the anchor before: what was anchored of a day that is over does not change. */
async function logHeads({ dependencies, now, signal }: JobContext, before: Before | undefined): Promise<HeadLines> {
  const today = now().toISOString().slice(0, 10);
  const heads = new Map<string, string>();
  for (let day = before?.last.anchor.taken_at.slice(0, 10) ?? today; day <= today; day = addDays(day, 1)) {
    const book = createLogBook();
    for await (const { link } of dependencies.securityLog.linksOf(day)) {
      signal.throwIfAborted();
      if (link !== undefined) book.take(link);
    }
    for (const [id, head] of book.heads())
      heads.set(headKey({ entity: LOG, id }), headLine({ entity: LOG, id, ...head }));
  }
  return heads;
}

/** False where another run took the number meanwhile. */
async function written(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (error instanceof DomainError && error.code === 'storage.object-differs') return false;
    throw error;
  }
}

/** A clock that went back does not put an anchor before the one it follows. */
const laterOf = (now: string, before = ''): string => (now > before ? now : before);
