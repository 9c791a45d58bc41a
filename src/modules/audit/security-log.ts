/**
 * The security log: sign-ins, refusals, denials and role changes, by day. Writing it never fails and never delays a request; what is
 * under way is awaited when the server closes.
 */
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import { newId } from '../../shared/ids.ts';
import { createLogChain, type SecurityFacts } from './log-chain.ts';
import type { SecurityLogRepository } from './security-log.repository.ts';
import type { SecurityEntry } from './security-log.schema.ts';

export interface SecurityLog {
  record(facts: SecurityFacts): void;
  /** The same, but what a stranger can repeat at will is kept once a minute. */
  recordOnce(facts: SecurityFacts): void;
  list(day: string, page: PageRequest): Promise<Page<SecurityEntry>>;
  /** Returns when everything recorded so far is written, or was reported as lost. */
  drain(): Promise<void>;
  /** Where a lost entry is told; the process's warnings until then. */
  reportTo(lost: (error: unknown, facts: SecurityFacts) => void): void;
  /** For jobs that check the log. */
  readonly linksOf: SecurityLogRepository['linksOf'];
  readonly allLinks: SecurityLogRepository['allLinks'];
}

const REPEAT_MS = 60_000;
const MAX_REMEMBERED = 10_000;

/** @param counted told of each entry that is lost, to count them */
export function createSecurityLog(repository: SecurityLogRepository, counted?: () => void): SecurityLog {
  const chain = createLogChain(newId('event'));
  const underWay = new Set<Promise<void>>();
  const seen = new Map<string, number>();
  let report = (error: unknown, _facts: SecurityFacts): void =>
    process.emitWarning(`an entry of the security log is lost: ${String(error)}`);

  function record(facts: SecurityFacts): void {
    const entry = chain.next(facts, newId('event'), new Date());
    const writing = repository
      .put(entry)
      .catch((error: unknown) => {
        chain.lost(entry);
        counted?.();
        report(error, facts);
      })
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
    linksOf: repository.linksOf,
    allLinks: repository.allLinks,
  };
}
