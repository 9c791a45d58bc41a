/** All anchors together: whether they are whole themselves, and every head that any of them holds. */
import { merkleRoot } from '../shared/audit/merkle.ts';
import type { ObjectStorage } from '../shared/storage/storage.ts';
import {
  type Anchor,
  type AnchoredHead,
  anchorKeys,
  FOLDER,
  foldHeads,
  type HeadLines,
  headKey,
  inOrder,
  isAnchorKey,
  numberIn,
  readAnchor,
  readHeads,
  type StoredAnchor,
  sortedLines,
} from './anchor.ts';
import type { JobContext } from './job.ts';

/** Where a chain stood when an anchor was taken. */
export interface FixedHead {
  readonly seq: number;
  readonly hash: string;
  readonly anchor: number;
  readonly taken_at: string;
}

/** By `headKey`, in the order of the anchors, each head once. */
export type FixedHeads = ReadonlyMap<string, readonly FixedHead[]>;

export interface AnchorFinding {
  readonly anchor: string;
  readonly reason: string;
}

export interface Anchored {
  readonly count: number;
  readonly last: Anchor | undefined;
  readonly heads: FixedHeads;
  readonly findings: readonly AnchorFinding[];
}

const READ_AT_ONCE = 16;

/** Those of every bucket that has held anchors: the ones from before they had a bucket of their own count like the others. */
export async function readAnchored(context: JobContext): Promise<Anchored> {
  const { anchors, backups } = context.infrastructure.storage;
  const earlier = await readBucket(context, backups);
  return anchors === undefined ? earlier : together(earlier, await readBucket(context, anchors));
}

function together(earlier: Anchored, later: Anchored): Anchored {
  const heads = new Map(earlier.heads);
  for (const [key, fixed] of later.heads) heads.set(key, [...(heads.get(key) ?? []), ...fixed]);
  return {
    count: earlier.count + later.count,
    last: later.last ?? earlier.last,
    heads,
    findings: [...earlier.findings, ...later.findings],
  };
}

async function readBucket({ report, signal }: JobContext, storage: ObjectStorage): Promise<Anchored> {
  const history = await storage.history(FOLDER);
  // One that was hidden under a delete marker was there all the same.
  const keys = inOrder([...new Set([...(await anchorKeys(storage)), ...[...history.keys()].filter(isAnchorKey)])]);
  // Nobody puts or deletes an anchor again: whatever came after its first version is somebody else's.
  const first = { get: (key: string) => storage.get(key, history.get(key)?.first) };
  const found = collector();
  for (const [key, { changes }] of history)
    if (changes > 1) found.tell(key, `it was put or deleted ${changes} times; what was first counts`);
  for (let start = 0; start < keys.length; start += READ_AT_ONCE) {
    signal.throwIfAborted();
    report.progress('anchors', start, keys.length);
    const some = keys.slice(start, start + READ_AT_ONCE).map(async (key): Promise<Read> => {
      const stored = await attempted(() => readAnchor(first, key));
      if ('failed' in stored) return { key, stored };
      return { key, stored, lines: await attempted(() => readHeads(first, stored.done.anchor)) };
    });
    for (const read of await Promise.all(some)) found.take(read);
  }
  return found.end(keys.length);
}

type Attempt<T> = { readonly done: T } | { readonly failed: string };

interface Read {
  readonly key: string;
  readonly stored: Attempt<StoredAnchor>;
  readonly lines?: Attempt<readonly AnchoredHead[]>;
}

async function attempted<T>(read: () => Promise<T>): Promise<Attempt<T>> {
  try {
    return { done: await read() };
  } catch (error) {
    return { failed: error instanceof Error ? error.message : String(error) };
  }
}

/** Takes one anchor after another. Where one cannot be read, what changed by it is unknown until the next whole one. */
function collector() {
  const findings: AnchorFinding[] = [];
  const fixed = new Map<string, FixedHead[]>();
  let current: HeadLines | undefined = new Map();
  let [expected, previous, last]: [number, StoredAnchor | undefined, Anchor | undefined] = [1, undefined, undefined];

  function keep(anchor: Anchor, lines: readonly AnchoredHead[]): void {
    for (const head of lines) {
      if (head.seq === 0) continue;
      const heads = fixed.get(headKey(head)) ?? [];
      const { seq, hash } = head;
      if (heads.at(-1)?.seq !== seq || heads.at(-1)?.hash !== hash)
        heads.push({ seq, hash, anchor: anchor.number, taken_at: anchor.taken_at });
      fixed.set(headKey(head), heads);
    }
  }

  return {
    tell: (anchor: string, reason: string): void => void findings.push({ anchor, reason }),
    take({ key, stored, lines }: Read): void {
      const tell = (reason: string): void => void findings.push({ anchor: key, reason });
      for (const number = numberIn(key); expected < number; expected += 1) {
        tell(`anchor ${expected} is missing before it`);
        [current, previous] = [undefined, undefined];
      }
      expected = numberIn(key) + 1;
      if ('failed' in stored) {
        tell(stored.failed);
        [current, previous] = [undefined, undefined];
        return;
      }
      const { anchor } = stored.done;
      if (anchor.number !== numberIn(key)) tell(`it says that it is anchor ${anchor.number}`);
      if (previous !== undefined && anchor.previous?.sha256 !== previous.sha256)
        tell('it does not follow the anchor before it');
      [previous, last] = [stored.done, anchor];
      if (lines === undefined || 'failed' in lines) {
        tell(lines?.failed ?? 'its heads are missing');
        current = undefined;
        return;
      }
      keep(anchor, lines.done);
      current =
        current === undefined && !anchor.whole ? undefined : foldHeads(current ?? new Map(), anchor, lines.done);
      if (anchor.whole && !isRootOf(anchor, current)) tell('its root is not that of its heads');
    },
    end(count: number): Anchored {
      if (last !== undefined && !last.whole && current !== undefined && !isRootOf(last, current))
        findings.push({ anchor: previous?.key ?? '', reason: 'its root is not that of the heads up to it' });
      return { count, last, heads: fixed, findings };
    },
  };
}

const isRootOf = (anchor: Anchor, heads: HeadLines | undefined): boolean =>
  heads !== undefined && heads.size === anchor.heads && merkleRoot(sortedLines(heads)) === anchor.root;
