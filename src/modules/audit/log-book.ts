/** The entries of one day of the security log, checked as they come: in the order of their ids, which is nearly that of their chains. Pure. */
import { GENESIS_HASH } from '../../shared/audit/event.ts';
import type { LogEntry } from './log-chain.ts';

export interface LogFinding {
  readonly entity: 'security_log';
  /** The chain, or the day of an entry that is in none. */
  readonly entity_id: string;
  readonly seq: number;
  readonly reason: string;
}

/** What of an entry is checked. */
export type LogLink = Pick<LogEntry, 'day' | 'chain' | 'seq' | 'prev_hash' | 'hash' | 'lost'> & {
  /** Why it is not what this system wrote. */
  readonly broken?: string | undefined;
};

export interface LogBook {
  take(link: LogLink): void;
  readonly entries: number;
  /** Each chain and where it ends. */
  heads(): ReadonlyMap<string, Pick<LogEntry, 'seq' | 'hash'>>;
  /** Names of entries that others say could not be written. */
  readonly told: ReadonlySet<string>;
  findings(): readonly LogFinding[];
  /** Entries that are missing inside a chain: those that are told of are none. */
  missing(): readonly LogFinding[];
}

interface Chain {
  next: number;
  hash: string;
  /** What came before its turn. */
  readonly early: Map<number, LogLink>;
  head: Pick<LogEntry, 'seq' | 'hash'>;
}

export function createLogBook(): LogBook {
  const chains = new Map<string, Chain>();
  const told = new Set<string>();
  const findings: LogFinding[] = [];
  let entries = 0;
  const tell = ({ chain, seq }: Pick<LogLink, 'chain' | 'seq'>, reason: string): void =>
    void findings.push({ entity: 'security_log', entity_id: chain, seq, reason });

  function follow(chain: Chain, link: LogLink): void {
    if (link.prev_hash !== chain.hash) tell(link, 'it does not follow the entry before it');
    Object.assign(chain, { next: link.seq + 1, hash: link.hash });
  }

  return {
    told,
    get entries() {
      return entries;
    },
    take(link) {
      entries += 1;
      // What it says of its place is not to be believed.
      if (link.broken !== undefined) return tell(link, link.broken);
      for (const name of link.lost ?? []) told.add(name);
      const known: Chain = chains.get(link.chain) ?? {
        next: 1,
        hash: GENESIS_HASH,
        early: new Map(),
        head: { seq: 0, hash: GENESIS_HASH },
      };
      chains.set(link.chain, known);
      if (link.seq > known.head.seq) known.head = { seq: link.seq, hash: link.hash };
      if (link.seq < known.next || known.early.has(link.seq)) return tell(link, 'it is there twice');
      known.early.set(link.seq, link);
      for (let due = known.early.get(known.next); due !== undefined; due = known.early.get(known.next)) {
        known.early.delete(due.seq);
        follow(known, due);
      }
    },
    heads: () => new Map([...chains].map(([chain, { head }]) => [chain, head])),
    findings: () => findings,
    missing: () => [...chains].flatMap(([chain, state]) => gaps(chain, state)),
  };
}

/** What follows a gap cannot be held against it. */
function gaps(chain: string, { next, early, head }: Chain): readonly LogFinding[] {
  const found: LogFinding[] = [];
  if (early.size === 0) return found;
  for (let seq = next; seq < head.seq; seq += 1)
    if (!early.has(seq))
      found.push({ entity: 'security_log', entity_id: chain, seq, reason: `entry ${seq} is missing` });
  return found;
}
