/**
 * The security log is one hash chain per writer and day, so that no writer waits for another. An entry that could not be written leaves a gap;
 * the next one names it. Pure.
 */
import { canonicalJson, sha256 } from '../../shared/audit/canonical.ts';
import { GENESIS_HASH } from '../../shared/audit/event.ts';
import type { SecurityKind } from './security-log.schema.ts';

export interface SecurityFacts {
  readonly kind: SecurityKind;
  readonly actor_id?: string | undefined;
  /** Whom or what it was about, where that is not the actor. */
  readonly subject_id?: string | undefined;
  readonly via?: string | undefined;
  readonly ip?: string | undefined;
  readonly request_id?: string | undefined;
  readonly detail?: string | undefined;
}

/** An entry as it is stored, but for its seal. */
export interface LogEntry extends SecurityFacts {
  readonly day: string;
  readonly id: string;
  readonly at: string;
  /** Day and writer. */
  readonly chain: string;
  /** From 1 without a gap. */
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
  /** Entries before it that could not be written, as `chain#seq`. */
  readonly lost?: readonly string[] | undefined;
}

export interface LogChain {
  next(facts: SecurityFacts, id: string, now: Date): LogEntry;
  /** It was not written, and what it said of others that were lost was not either. */
  lost(entry: LogEntry): void;
}

/** An entry stays small; what is lost beyond this is told by the log of the process alone. */
const MAX_LOST = 200;

export const lostName = ({ chain, seq }: Pick<LogEntry, 'chain' | 'seq'>): string => `${chain}#${seq}`;

/** @param writer an id of this process alone */
export function createLogChain(writer: string): LogChain {
  let last: Pick<LogEntry, 'day' | 'seq' | 'hash'> = { day: '', seq: 0, hash: GENESIS_HASH };
  let untold: readonly string[] = [];
  return {
    next(facts, id, now) {
      const at = now.toISOString();
      const day = at.slice(0, 10);
      const before = last.day === day ? last : { seq: 0, hash: GENESIS_HASH };
      const link = { day, id, at, chain: `${day}#${writer}`, seq: before.seq + 1, prev_hash: before.hash };
      const content = { ...facts, ...link, ...(untold.length === 0 ? {} : { lost: untold }) };
      untold = [];
      const entry = { ...content, hash: logHash(content) };
      last = entry;
      return entry;
    },
    lost(entry) {
      untold = [...untold, ...(entry.lost ?? []), lostName(entry)].slice(0, MAX_LOST);
    },
  };
}

/** Over everything but the hash itself. */
export const logHash = (content: object): string => sha256(canonicalJson({ ...content, hash: undefined }));
