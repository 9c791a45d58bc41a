/** Reads the trail, and tells whether it is whole. */
import type { AuditEvent, ChainVerdict } from '../../shared/audit/event.ts';
import type { Actor } from '../../shared/command.ts';
import type { Vault } from '../../shared/crypto.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import { DomainError, notFound } from '../../shared/errors.ts';
import type { TrailRepository } from './trail.repository.ts';
import type { Subject } from './trail.schema.ts';
import { type HeldHead, isIdOf, shownEvent, TABLE_OF, verdictOn } from './trail.ts';

export interface TrailService {
  /** Newest first. */
  list(actor: Actor, subject: Subject, page: PageRequest): Promise<Page<AuditEvent>>;
  /** @throws DomainError 404 where there is neither the entity nor an event */
  verify(subject: Subject): Promise<ChainVerdict>;
  /** The chain and the head the entity holds, of one moment. @throws DomainError 503 where it changes faster than it is read */
  whole(subject: Subject): Promise<WholeChain>;
  /** See the repository: for jobs that read everything. */
  readonly allHeads: TrailRepository['allHeads'];
  readonly allChains: TrailRepository['allChains'];
}

export interface WholeChain {
  readonly events: readonly AuditEvent[];
  readonly held: HeldHead;
}

export interface TrailServiceDeps {
  readonly repository: TrailRepository;
  readonly vault: Pick<Vault, 'open'>;
}

/** An entity that is decided on while its chain is read is read again, this often. */
const ATTEMPTS = 5;

export function createTrailService({ repository, vault }: TrailServiceDeps): TrailService {
  async function whole({ entity, entity_id }: Subject): Promise<WholeChain> {
    const table = TABLE_OF[entity];
    let before = await repository.held(table, entity_id);
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const events = await repository.chain(entity_id);
      const held = await repository.held(table, entity_id);
      if (before.exists === held.exists && before.head?.hash === held.head?.hash) return { events, held };
      before = held;
    }
    throw new DomainError('unavailable', 'audit.busy', 'The entity changes faster than its trail is read.', {
      retryAfter: 1,
    });
  }

  return {
    async list(actor, subject, page) {
      requireKind(subject);
      const found = await repository.list(subject.entity_id, page);
      const open = actor.permissions.has('bank_details:read') ? vault.open : undefined;
      return { ...found, data: found.data.map((event) => shownEvent(event, open)) };
    },
    async verify(subject) {
      requireKind(subject);
      const { events, held } = await whole(subject);
      if (!held.exists && events.length === 0) throw notFound(subject.entity, subject.entity_id);
      return verdictOn(subject, events, held);
    },
    whole,
    allHeads: repository.allHeads,
    allChains: repository.allChains,
  };
}

function requireKind(subject: Subject): void {
  if (!isIdOf(subject)) throw notFound(subject.entity, subject.entity_id);
}
