/** An entry of the security log as the auditor sees it. People are named by id only. */
import { type Static, Type } from '@sinclair/typebox';
import type { Item } from '../../shared/dynamo/codec.ts';
import { CalendarDate, Id, Nullable, pageOf, pageQuery, Strict, Timestamp } from '../../shared/http/schemas.ts';

export const SECURITY_KINDS = [
  'signed_in',
  'sign_in_refused',
  'sign_in_throttled',
  'signed_out',
  'refresh_token_reused',
  'password_changed',
  'password_reset',
  'reset_confirmed',
  'enrolled',
  'second_factor_set',
  'second_factor_refused',
  'recovery_code_used',
  'recovery_codes_renewed',
  'identity_linked',
  'identity_unlinked',
  'identity_refused',
  'identity_provider_lost',
  'mail_failed',
  'user_created',
  'user_disabled',
  'user_enabled',
  'roles_proposed',
  'roles_changed',
  'api_key_created',
  'api_key_consented',
  'api_key_approved',
  'api_key_revoked',
  'document_infected',
  'token_refused',
  'denied',
  'integrity_broken',
] as const;
const SecurityKind = Type.Union(SECURITY_KINDS.map((kind) => Type.Literal(kind)));
export type SecurityKind = (typeof SECURITY_KINDS)[number];

export const SecurityEntry = Type.Object(
  {
    id: Id('event'),
    at: Timestamp,
    kind: SecurityKind,
    actor_id: Nullable(Type.String()),
    subject_id: Nullable(Type.String({ description: 'Whom or what it was about, where that is not the actor' })),
    via: Nullable(Type.String({ description: 'The API key a machine used' })),
    ip: Nullable(Type.String()),
    request_id: Nullable(Type.String()),
    detail: Nullable(Type.String()),
  },
  { $id: 'SecurityEntry' },
);
export type SecurityEntry = Static<typeof SecurityEntry>;
export const SecurityPage = pageOf(SecurityEntry, 'SecurityPage');

export const SecurityQuery = Strict({
  ...pageQuery,
  day: Type.Optional({ ...CalendarDate, description: 'UTC; today where absent' }),
});
export type SecurityQuery = Static<typeof SecurityQuery>;

export function toSecurityEntry(item: Item): SecurityEntry {
  const { id, at, kind } = item as Pick<SecurityEntry, 'id' | 'at' | 'kind'>;
  const text = (name: string): string | null => (item[name] === undefined ? null : String(item[name]));
  return {
    ...{ id, at, kind, actor_id: text('actor_id'), subject_id: text('subject_id'), via: text('via') },
    ...{ ip: text('ip'), request_id: text('request_id'), detail: text('detail') },
  };
}
