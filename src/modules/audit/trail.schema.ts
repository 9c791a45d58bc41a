/** The trail of one entity as the auditor sees it, and the verdict on its chain. */
import { type Static, Type } from '@sinclair/typebox';
import { AUDITED_ENTITIES, type AuditEvent, type AuditedEntity } from '../../shared/audit/event.ts';
import { Id, Nullable, pageOf, pageQuery, Strict, Timestamp } from '../../shared/http/schemas.ts';

const Entity = Type.Unsafe<AuditedEntity>({
  type: 'string',
  enum: [...AUDITED_ENTITIES],
  description: 'The kind, in the singular',
});
const Hash = Type.String({ maxLength: 64, description: 'SHA-256 in hex' });

const Change = Type.Object({
  field: Type.String(),
  before: Type.Unknown({ description: 'null where there was nothing; a digest where it was very long' }),
  after: Type.Unknown({ description: 'null where nothing is left; a digest where it is very long' }),
});

const EXAMPLE_EVENT = {
  id: 'evt_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3d',
  entity: 'vendor',
  entity_id: 'ven_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3e',
  seq: 2,
  action: 'approve',
  actor: 'usr_0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a3f',
  on_behalf_of: null,
  via: null,
  reason: 'known to us',
  changes: [{ field: 'status', before: 'pending', after: 'active' }],
  at: '2026-01-31T10:00:00.000Z',
  request_id: '0196f2b4-6f0a-7d11-9d0a-0c6f5c1b2a40',
  prev_hash: 'a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f90',
  hash: '0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0',
};

export const AuditEventReply = Type.Object(
  {
    id: Id('event'),
    entity: Entity,
    entity_id: Type.String(),
    seq: Type.Integer({ minimum: 1, description: 'From 1 without a gap' }),
    action: Type.String(),
    actor: Type.String({ description: 'Who did it, by id' }),
    on_behalf_of: Nullable(Type.String()),
    via: Nullable(Type.String({ description: 'The API key a machine used' })),
    reason: Nullable(Type.String()),
    changes: Type.Unsafe<AuditEvent['changes']>(
      Type.Array(Change, { description: 'Bank details are "sealed" for callers without bank_details:read' }),
    ),
    at: Timestamp,
    request_id: Type.String(),
    prev_hash: Hash,
    hash: Hash,
  },
  { $id: 'AuditEvent', examples: [EXAMPLE_EVENT] },
);
export const AuditPage = pageOf(AuditEventReply, 'AuditPage');

const subject = { entity: Entity, entity_id: Type.String({ minLength: 1, maxLength: 60 }) };
export const TrailQuery = Strict({ ...pageQuery, ...subject });
export const VerifyQuery = Strict(subject);
export type Subject = Static<typeof VerifyQuery>;

export const AuditVerdict = Type.Object(
  {
    valid: Type.Boolean(),
    events: Type.Integer({ minimum: 0 }),
    head_hash: Nullable(Hash),
    first_broken: Type.Optional(
      Type.Object(
        { seq: Type.Integer({ minimum: 1 }), reason: Type.String() },
        { description: 'Where the chain breaks first' },
      ),
    ),
  },
  {
    $id: 'AuditVerdict',
    examples: [
      { valid: true, events: 2, head_hash: EXAMPLE_EVENT.hash },
      {
        valid: false,
        events: 2,
        head_hash: EXAMPLE_EVENT.hash,
        first_broken: { seq: 2, reason: 'its content was changed' },
      },
    ],
  },
);
export type AuditVerdict = Static<typeof AuditVerdict>;
