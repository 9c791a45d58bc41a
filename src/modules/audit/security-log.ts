/**
 * The security log: sign-ins, refusals, denials and role changes, by day. Writing it never fails and never delays a request; what is
 * under way is awaited when the server closes.
 */
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { SecurityLogRepository } from './security-log.repository.ts';
import type { SecurityEntry, SecurityKind } from './security-log.schema.ts';

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

export interface SecurityLog {
  record(facts: SecurityFacts): void;
  /** The same, but what a stranger can repeat at will is kept once a minute. */
  recordOnce(facts: SecurityFacts): void;
  list(day: string, page: PageRequest): Promise<Page<SecurityEntry>>;
  /** Returns when everything recorded so far is written, or was reported as lost. */
  drain(): Promise<void>;
  /** Where a lost entry is told; the process's warnings until then. */
  reportTo(lost: (error: unknown, facts: SecurityFacts) => void): void;
}

const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export function createSecurityLog(repository: SecurityLogRepository): SecurityLog {
  const underWay = new Set<Promise<void>>();
  const seen = new Map<string, number>();
  let report = (error: unknown, _facts: SecurityFacts): void =>
    process.emitWarning(`an entry of the security log is lost: ${String(error)}`);

  function record(facts: SecurityFacts): void {
    const writing = repository
      .put(facts, new Date())
      .catch((error: unknown) => report(error, facts))
      .finally(() => underWay.delete(writing));
    underWay.add(writing);
  }

  return {
    record,
    recordOnce(facts) {
      const now = Date.now();
      const key = [facts.kind, facts.actor_id, facts.ip, facts.detail].join(' ');
      if ((seen.get(key) ?? 0) > now) return;
      if (seen.size >= MAX_REMEMBERED) seen.clear();
      seen.set(key, now + REPEAT_MS);
      record(facts);
    },
    list: (day, page) => repository.list(day, page),
    async drain() {
      await Promise.all(underWay);
    },
    reportTo(lost) {
      report = lost;
    },
  };
}
