/** Which event entities hold as their last, beside those that their chains have. Pure. */
import { type AuditHead, GENESIS_HASH } from '../../shared/audit/event.ts';
import type { Finding, Owner } from './finding.ts';

export interface HeadBook {
  entity(owner: Owner, head: AuditHead): void;
  event(event: LoggedEvent): void;
  /** Whether there is such an entity. */
  knows(id: string): boolean;
  findings(): readonly Finding[];
}

export interface LoggedEvent extends AuditHead {
  readonly entity_id: string;
  readonly action: string;
}

interface Chain {
  readonly events: number;
  readonly last: LoggedEvent;
}

export function createHeadBook(): HeadBook {
  const heads = new Map<string, { readonly owner: Owner; readonly head: AuditHead }>();
  const chains = new Map<string, Chain>();
  return {
    entity: (owner, head) => void heads.set(owner.id, { owner, head }),
    knows: (id) => heads.has(id),
    event(event) {
      const chain = chains.get(event.entity_id);
      const last = chain === undefined || event.seq > chain.last.seq ? event : chain.last;
      chains.set(event.entity_id, { events: (chain?.events ?? 0) + 1, last });
    },
    findings: () => [
      ...[...heads.values()].flatMap(({ owner, head }) => differing(owner, head, chains.get(owner.id))),
      ...[...chains].flatMap(([id, { last }]) => (heads.has(id) ? [] : missing(id, last))),
    ],
  };
}

function differing(owner: Owner, head: AuditHead, chain: Chain | undefined): readonly Finding[] {
  const { seq, hash } = chain?.last ?? { seq: 0, hash: GENESIS_HASH };
  const gaps = seq - (chain?.events ?? 0);
  const gap = { kind: 'audit_head', id: owner.id, message: `${gaps} events are missing inside its trail.` } as const;
  const found: Finding[] = gaps > 0 ? [gap] : [];
  if (head.seq === seq && head.hash === hash) return found;
  const message = `It holds event ${head.seq} as its last, its trail ends with ${seq}.`;
  return [...found, { kind: 'audit_head', id: owner.id, message, mend: { owner, head: { seq, hash } } }];
}

function missing(id: string, { seq, action }: LoggedEvent): readonly Finding[] {
  if (action === 'deleted') return [];
  return [{ kind: 'audit_head', id, message: `It is not there, though its trail has ${seq} events.` }];
}
