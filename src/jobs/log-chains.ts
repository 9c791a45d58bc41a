/** Every chain of the security log, held against itself and against what anchors hold. */
import { createLogBook, type LogBook, type LogFinding, lostName } from '../modules/audit/index.ts';
import { isLogKey, LOG } from './anchor.ts';
import type { FixedHead, FixedHeads } from './anchored.ts';
import type { ChainFinding } from './chains.ts';
import type { JobContext } from './job.ts';

export interface LogVerdict {
  readonly entries: number;
  readonly findings: readonly (LogFinding | ChainFinding)[];
}

interface Wanted extends FixedHead {
  readonly chain: string;
}

export async function logFindings(
  { dependencies: { securityLog }, report, signal }: Pick<JobContext, 'dependencies' | 'report' | 'signal'>,
  fixed: FixedHeads,
  restoredAt: string | null,
): Promise<LogVerdict> {
  const wanted = wantedOf(fixed);
  const told = new Set<string>();
  const missing: LogFinding[] = [];
  const findings: (LogFinding | ChainFinding)[] = [];
  const unchained = new Map<string, number>();
  const chained = new Set<string>();
  let entries = 0;

  function close(book: LogBook): void {
    entries += book.entries;
    findings.push(...book.findings());
    missing.push(...book.missing());
    for (const name of book.told) told.add(name);
  }
  /** What was being written while the day was read is there when it is read again. */
  async function closeDay(day: string, book: LogBook): Promise<void> {
    if (book.findings().length + book.missing().length === 0) return close(book);
    const again = createLogBook();
    for await (const { link } of securityLog.linksOf(day)) if (link !== undefined) again.take(link);
    close(again);
  }

  let [day, book] = ['', createLogBook()];
  for await (const { day: next, link } of securityLog.allLinks()) {
    signal.throwIfAborted();
    report.progress('entries of the security log', entries + book.entries);
    if (next !== day) {
      await closeDay(day, book);
      [day, book] = [next, createLogBook()];
    }
    if (link === undefined) unchained.set(day, (unchained.get(day) ?? 0) + 1);
    else {
      chained.add(day);
      if (link.broken === undefined) wanted.delete(wantedKey(link));
      book.take(link);
    }
  }
  await closeDay(day, book);
  return {
    entries,
    findings: [
      ...findings,
      ...missing.filter(({ entity_id, seq }) => !told.has(lostName({ chain: entity_id, seq }))),
      ...[...wanted.values()].map((head) => notAnchored(head, restoredAt)),
      ...foreign(unchained, chained),
    ],
  };
}

const wantedKey = ({ chain, seq, hash }: Pick<Wanted, 'chain' | 'seq' | 'hash'>): string => `${chain} ${seq} ${hash}`;

function wantedOf(fixed: FixedHeads): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const [key, heads] of fixed)
    if (isLogKey(key))
      for (const head of heads) {
        const one = { ...head, chain: key.slice(LOG.length + 1) };
        wanted.set(wantedKey(one), one);
      }
  return wanted;
}

function notAnchored({ chain, seq, anchor, taken_at }: Wanted, restoredAt: string | null): ChainFinding {
  const finding = {
    entity: LOG,
    entity_id: chain,
    seq,
    reason: `entry ${seq} is not the one that an anchor holds`,
    anchor,
  };
  return restoredAt !== null && taken_at < restoredAt ? { ...finding, lost: true } : finding;
}

/** Before the first day with a chain there were none. On that day old and new servers wrote beside each other. */
function foreign(unchained: ReadonlyMap<string, number>, chained: ReadonlySet<string>): readonly LogFinding[] {
  const first = [...chained].sort()[0];
  return [...unchained].flatMap(([day, count]) =>
    first === undefined || day <= first
      ? []
      : [{ entity: LOG, entity_id: day, seq: 0, reason: `${count} entries are in no chain` }],
  );
}
