/** Reads the trail, and tells whether it is whole. */
import type { AuditEvent, ChainVerdict } from '../../shared/audit/event.ts';
import type { Actor } from '../../shared/command.ts';
import type { Vault } from '../../shared/crypto.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import { DomainError, notFound } from '../../shared/errors.ts';
import type { TrailRepository } from './trail.repository.ts';
import type { Subject } from './trail.schema.ts';
import { isIdOf, shownEvent, TABLE_OF, verdictOn } from './trail.ts';

export interface TrailService {
  /** Newest first. */
  list(actor: Actor, subject: Subject, page: PageRequest): Promise<Page<AuditEvent>>;
  /** @throws DomainError 404 where there is neither the entity nor an event */
  verify(subject: Subject): Promise<ChainVerdict>;
}

export interface TrailServiceDeps {
  readonly repository: TrailRepository;
  readonly vault: Pick<Vault, 'open'>;
}

/** An entity that is decided on while its chain is read is read again, this often. */
const ATTEMPTS = 5;

export function createTrailService({ repository, vault }: TrailServiceDeps): TrailService {
  return {
    async list(actor, subject, page) {
      requireKind(subject);
      const found = await repository.list(subject.entity_id, page);
      const open = actor.permissions.has('bank_details:read') ? vault.open : undefined;
      return { ...found, data: found.data.map((event) => shownEvent(event, open)) };
    },
    async verify(subject) {
      requireKind(subject);
      const { entity, entity_id } = subject;
      const table = TABLE_OF[entity];
      let before = await repository.anchor(table, entity_id);
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const events = await repository.chain(entity_id);
        const after = await repository.anchor(table, entity_id);
        if (before.exists === after.exists && before.head?.hash === after.head?.hash) {
          if (!after.exists && events.length === 0) throw notFound(entity, entity_id);
          return verdictOn(subject, events, after);
        }
        before = after;
      }
      throw new DomainError('unavailable', 'audit.busy', 'The entity changes faster than its trail is read.', {
        retryAfter: 1,
      });
    },
  };
}

function requireKind(subject: Subject): void {
  if (!isIdOf(subject)) throw notFound(subject.entity, subject.entity_id);
}
