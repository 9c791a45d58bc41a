/**
 * Every audit chain there is, held against itself, against the head its entity holds and against what anchors hold. All tables are read
 * through once; what looks broken is read again by itself, so that a decision made meanwhile is no finding.
 */
import { entityOf, type HeldHead, type Subject, type TrailService, verdictOn } from '../modules/audit/index.ts';
import type { AuditEvent, AuditHead } from '../shared/audit/event.ts';
import { headKey, isLogKey } from './anchor.ts';
import type { FixedHead, FixedHeads } from './anchored.ts';
import type { JobContext } from './job.ts';

export interface ChainFinding {
  readonly entity: string;
  readonly entity_id: string;
  /** Where it breaks. */
  readonly seq: number;
  readonly reason: string;
  /** The anchor that says so. */
  readonly anchor?: number;
  /** What a restore left behind: anchored before it, and not in the backup. */
  readonly lost?: true;
}

export interface ChainCheck {
  /** None to hold against anchors: then a cut tail whose entity was put back too is not found. */
  readonly fixed?: FixedHeads;
  /** When the tables were restored: what was anchored before that and is not there was lost by it. */
  readonly restoredAt?: string | null;
}

export interface Counted {
  chains: number;
  events: number;
}

type Context = Pick<JobContext, 'report' | 'signal'> & { readonly trail: TrailService };

/** @param counted what was read so far, for the sentence at the end */
export async function* chainFindings(
  { trail, report, signal }: Context,
  { fixed = new Map(), restoredAt = null }: ChainCheck,
  counted: Counted,
): AsyncGenerator<ChainFinding, void, undefined> {
  const heads = new Map<string, AuditHead | undefined>();
  for await (const { entity, entity_id: id, head } of trail.allHeads()) heads.set(headKey({ entity, id }), head);
  const judged = new Set<string>();
  const of = (key: string): readonly FixedHead[] => fixed.get(key) ?? [];

  for await (const { entity_id, events } of trail.allChains()) {
    signal.throwIfAborted();
    report.progress('chains', judged.size, heads.size);
    const entity = entityOf(entity_id);
    if (entity === undefined) {
      yield { entity: String(events[0]?.entity), entity_id, seq: 1, reason: 'its id is that of no entity' };
      continue;
    }
    const [subject, key] = [{ entity, entity_id }, headKey({ entity, id: entity_id })];
    counted.events += events.length;
    if (judged.has(key)) continue;
    judged.add(key);
    const held = { exists: heads.has(key), head: heads.get(key) };
    if (findingsOf(subject, events, held, of(key), restoredAt).length > 0)
      yield* await judgedAlone(trail, subject, of(key), restoredAt);
  }
  for (const key of new Set([...heads.keys(), ...fixed.keys()])) {
    if (judged.has(key) || isLogKey(key)) continue;
    judged.add(key);
    const [name = '', entity_id = ''] = key.split(' ');
    const entity = entityOf(entity_id);
    if (entity === undefined || entity !== name)
      yield { entity: name, entity_id, seq: 1, reason: 'an anchor holds it, but its id is that of no entity' };
    else yield* await judgedAlone(trail, { entity, entity_id }, of(key), restoredAt);
  }
  counted.chains = judged.size;
}

async function judgedAlone(
  trail: TrailService,
  subject: Subject,
  fixed: readonly FixedHead[],
  restoredAt: string | null,
): Promise<readonly ChainFinding[]> {
  const { events, held } = await trail.whole(subject);
  return findingsOf(subject, events, held, fixed, restoredAt);
}

function findingsOf(
  subject: Subject,
  events: readonly AuditEvent[],
  held: HeldHead,
  fixed: readonly FixedHead[],
  restoredAt: string | null,
): readonly ChainFinding[] {
  const found: ChainFinding[] = [];
  // Where nothing is left of it only an anchor can say so.
  if (held.exists || events.length > 0) {
    const { first_broken } = verdictOn(subject, events, held);
    if (first_broken !== undefined) found.push({ ...subject, ...first_broken });
  }
  const differing = fixed.filter(({ seq, hash }) => events[seq - 1]?.hash !== hash);
  const since = differing.find(({ taken_at }) => restoredAt === null || taken_at >= restoredAt);
  const first = since ?? differing[0];
  if (first === undefined) return found;
  const { seq, anchor } = first;
  const reason =
    events.length < seq
      ? `the chain ends at ${events.length}, where an anchor holds event ${seq}`
      : `event ${seq} is another one than an anchor holds`;
  found.push({ ...subject, seq, reason, anchor, ...(since === undefined ? { lost: true } : {}) });
  return found;
}
