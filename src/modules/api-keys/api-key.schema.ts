/** A key for a machine. Its secret is shown once; the table has its SHA-256. */
import { type Static, Type } from '@sinclair/typebox';
import {
  AuditHeadSchema,
  CalendarDate,
  entityFields,
  Id,
  Line,
  Nullable,
  pageOf,
  pageQuery,
  Strict,
  Timestamp,
} from '../../shared/http/schemas.ts';
import { PERMISSIONS } from '../../shared/permissions.ts';

const API_KEY_STATUSES = ['proposed', 'active', 'revoked'] as const;
const Status = Type.Union(API_KEY_STATUSES.map((status) => Type.Literal(status)));
const Scopes = Type.Array(Type.Union(PERMISSIONS.map((permission) => Type.Literal(permission))), {
  minItems: 1,
  maxItems: PERMISSIONS.length,
  uniqueItems: true,
  description: "Permissions, each one of its owner's; what the owner loses later the key loses too",
});

const shown = {
  ...entityFields('api_key'),
  status: Status,
  name: Line(140),
  owner_id: Id('user'),
  scopes: Scopes,
  expires_at: Nullable(Timestamp),
  awaits: Type.Optional(
    Type.Array(Type.Union([Type.Literal('consent'), Type.Literal('approval')]), {
      description: "What is pending for a proposed key: its owner's consent, a second admin's approval",
    }),
  ),
};

export const ApiKeyRecord = Type.Object({
  ...shown,
  secret_sha256: Type.String(),
  /** The owner's, when they agreed last: another one ends the key until they agree again. Absent on keys from before it was kept. */
  owner_epoch: Type.Optional(Type.Integer()),
  approved_by: Nullable(Id('user')),
  audit: AuditHeadSchema,
});
export type ApiKey = Static<typeof ApiKeyRecord>;

const lastUse = {
  last_used_on: Type.Optional(
    Nullable({ ...CalendarDate, description: 'Day (UTC) of its last use; null where none is known' }),
  ),
};

export const ApiKeyReply = Type.Object({ ...shown, approved_by: Nullable(Id('user')), ...lastUse }, { $id: 'ApiKey' });

export const CreatedApiKey = Type.Object(
  {
    ...shown,
    approved_by: Nullable(Id('user')),
    key: Nullable(Type.String({ description: 'Send it as X-API-Key. Shown this once; null in a dry run' })),
  },
  { $id: 'CreatedApiKey' },
);

export const ApiKeySummary = Type.Object({ ...shown, ...lastUse }, { $id: 'ApiKeySummary' });
export type ApiKeySummary = Static<typeof ApiKeySummary>;
export const ApiKeyPage = pageOf(ApiKeySummary, 'ApiKeyPage');

export const CreateApiKey = Strict(
  {
    name: Line(140),
    scopes: Scopes,
    owner_id: Type.Optional({ ...Id('user'), description: 'Whose acts they are; you where absent' }),
    expires_at: Type.Optional(
      Nullable({ ...Timestamp, description: 'At most 366 days ahead, which is also what holds where it is absent' }),
    ),
  },
  { $id: 'CreateApiKey', examples: [{ name: 'Scanner', scopes: ['invoice:create', 'invoice:read'] }] },
);
export type CreateApiKey = Static<typeof CreateApiKey>;

export const ApiKeyQuery = Strict({ ...pageQuery, status: Type.Optional(Status) });
export type ApiKeyQuery = Static<typeof ApiKeyQuery>;
