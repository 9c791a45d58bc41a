/** What a key may be given, and what it may now. Pure. */
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import {
  MACHINE_PERMISSIONS,
  PERSON_PERMISSIONS,
  type Permission,
  permissionsOf,
  type Role,
} from '../../shared/permissions.ts';
import { refuseOwnHand } from '../../shared/proposal.ts';
import type { ApiKey, CreateApiKey } from './api-key.schema.ts';

/** Whose acts a key's are. */
export interface Owner {
  readonly id: string;
  readonly status: string;
  readonly roles: readonly Role[];
  /** Rises with a disabling, other roles and another password. */
  readonly auth_epoch: number;
}

export interface KeyFacts {
  readonly actorId: string;
  readonly now: Date;
  readonly secondAdmin: boolean;
}

export function newApiKey(
  id: string,
  body: CreateApiKey,
  owner: Owner,
  secret_sha256: string,
  facts: KeyFacts,
): Draft<ApiKey> {
  if (owner.status !== 'active')
    throw ruleError('api_key.owner-disabled', 'The owner of a key must be an active user.', [
      { pointer: '/owner_id', detail: `is ${owner.status}` },
    ]);
  refuseIfAny('api_key.invalid', 'The API key is invalid.', findings(body, owner, facts.now));
  const awaits = awaited(body, owner, facts);
  return {
    id,
    status: awaits.length > 0 ? 'proposed' : 'active',
    name: body.name,
    owner_id: owner.id,
    scopes: body.scopes,
    expires_at: body.expires_at ?? daysAfter(facts.now, MAX_DAYS),
    awaits,
    secret_sha256,
    owner_epoch: owner.auth_epoch,
    approved_by: null,
    created_by: facts.actorId,
  };
}

type Awaited = NonNullable<ApiKey['awaits']>;

/** In production a key is as good as its owner's hand: one for somebody else takes that person and a second admin, one that decides the admin. */
function awaited({ scopes }: CreateApiKey, owner: Owner, { actorId, secondAdmin }: KeyFacts): Awaited {
  if (!secondAdmin) return [];
  if (owner.id !== actorId) return ['consent', 'approval'];
  return scopes.some(decides) ? ['approval'] : [];
}

/** @throws DomainError 409, 403 for its maker and for its owner */
export function approvedApiKey(key: ApiKey, actorId: string): Draft<ApiKey> {
  requireStatus('api_key', key.status, { action: 'approve', from: ['proposed'] });
  if (!awaitedBy(key).includes('approval'))
    throw conflictError('api_key.approved', 'The key is approved already; the consent of its owner is pending.');
  refuseOwnHand('api_key', [key.created_by, key.owner_id], actorId);
  return { ...without(key, 'approval'), approved_by: actorId };
}

/** The owner agrees to the key; after another password or other roles, again. @throws DomainError 409 */
export function consentedApiKey(key: ApiKey, { auth_epoch }: Pick<Owner, 'auth_epoch'>): Draft<ApiKey> {
  requireStatus('api_key', key.status, { action: 'consent', from: ['proposed', 'active'] });
  return { ...without(key, 'consent'), owner_epoch: auth_epoch };
}

/** Keys from before consent was asked wait for an approval alone. */
const awaitedBy = ({ status, awaits }: ApiKey): Awaited => awaits ?? (status === 'proposed' ? ['approval'] : []);

function without(key: ApiKey, given: Awaited[number]): Draft<ApiKey> {
  const awaits = awaitedBy(key).filter((each) => each !== given);
  return { ...key, awaits, status: awaits.length > 0 ? 'proposed' : 'active' };
}

export function revokedApiKey(key: ApiKey): Draft<ApiKey> {
  requireStatus('api_key', key.status, { action: 'revoke', from: ['proposed', 'active'] });
  return { ...key, status: 'revoked' };
}

/** Scopes that the owner still covers: a key never may more than its owner does at that moment. */
export function effectiveScopes(scopes: readonly Permission[], owner: Owner): readonly Permission[] {
  const mayGive = grantable(owner);
  return scopes.filter((scope) => mayGive.has(scope));
}

/** A key outlives neither its time nor what its owner's sign-ins do not outlive. */
export const isUsable = (key: ApiKey, owner: Pick<Owner, 'auth_epoch'>, now: Date): boolean =>
  key.status === 'active' &&
  Date.parse(key.expires_at ?? daysAfter(new Date(key.created_at), MAX_DAYS)) > now.getTime() &&
  (key.owner_epoch === undefined || key.owner_epoch === owner.auth_epoch);

const MAX_DAYS = 366;
const daysAfter = (at: Date, days: number): string => new Date(at.getTime() + days * 86_400_000).toISOString();

/** `key_<uuid>.<secret>` */
export function parseKey(text: string): { readonly id: string; readonly secret: string } | undefined {
  const match = /^(key_[0-9a-f-]{36})\.([\w-]{43})$/.exec(text);
  if (match === null) return undefined;
  const [, id = '', secret = ''] = match;
  return { id, secret };
}

const machineWork: ReadonlySet<Permission> = new Set(MACHINE_PERMISSIONS);
const decides = (scope: Permission): boolean => !machineWork.has(scope);

/** The owner's own permissions; with the role `integration` a machine's work besides (docs/contract.md#who-may). */
function grantable(owner: Owner): ReadonlySet<Permission> {
  const own = permissionsOf(owner.roles);
  const may = owner.roles.includes('integration') ? [...own, ...machineWork] : [...own];
  return new Set(may.filter((permission) => !PERSON_PERMISSIONS.has(permission)));
}

function findings({ scopes, expires_at }: CreateApiKey, owner: Owner, now: Date): ErrorItem[] {
  const mayGive = grantable(owner);
  const errors: ErrorItem[] = [];
  for (const [index, scope] of scopes.entries())
    if (!mayGive.has(scope))
      errors.push({
        pointer: `/scopes/${index}`,
        detail: PERSON_PERMISSIONS.has(scope)
          ? 'is for people alone: no key may have it'
          : `is not a permission of the owner${decides(scope) ? '' : '; an owner with the role integration covers it'}`,
      });
  if (typeof expires_at === 'string' && Date.parse(expires_at) <= now.getTime())
    errors.push({ pointer: '/expires_at', detail: 'is in the past' });
  if (typeof expires_at === 'string' && Date.parse(expires_at) > Date.parse(daysAfter(now, MAX_DAYS)))
    errors.push({ pointer: '/expires_at', detail: `is more than ${MAX_DAYS} days ahead` });
  return errors;
}
