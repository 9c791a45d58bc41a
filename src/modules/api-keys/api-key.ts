/** What a key may be given, and what it may now. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { MACHINE_PERMISSIONS, type Permission, permissionsOf, type Role } from '../../shared/permissions.ts';
import { refuseOwnHand } from '../../shared/proposal.ts';
import type { ApiKey, CreateApiKey } from './api-key.schema.ts';

/** Whose acts a key's are. */
export interface Owner {
  readonly id: string;
  readonly status: string;
  readonly roles: readonly Role[];
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
  refuseIfAny('api_key.invalid', 'The key cannot be made as it is.', findings(body, owner, facts.now));
  return {
    id,
    status: facts.secondAdmin && body.scopes.some(decides) ? 'proposed' : 'active',
    name: body.name,
    owner_id: owner.id,
    scopes: body.scopes,
    expires_at: body.expires_at ?? null,
    secret_sha256,
    approved_by: null,
    created_by: facts.actorId,
  };
}

/** In production a key that decides is as good as an approving role. @throws DomainError 409, 403 for its maker */
export function approvedApiKey(key: ApiKey, actorId: string): Draft<ApiKey> {
  requireStatus(key, 'approve', ['proposed']);
  refuseOwnHand('api_key', [key.created_by], actorId);
  return { ...key, status: 'active', approved_by: actorId };
}

export function revokedApiKey(key: ApiKey): Draft<ApiKey> {
  requireStatus(key, 'revoke', ['proposed', 'active']);
  return { ...key, status: 'revoked' };
}

/** Scopes that the owner still covers: a key never may more than its owner does at that moment. */
export function effectiveScopes(scopes: readonly Permission[], owner: Owner): readonly Permission[] {
  const mayGive = grantable(owner);
  return scopes.filter((scope) => mayGive.has(scope));
}

export const isUsable = (key: ApiKey, now: Date): boolean =>
  key.status === 'active' && (key.expires_at === null || Date.parse(key.expires_at) > now.getTime());

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
  return owner.roles.includes('integration') ? new Set([...own, ...machineWork]) : own;
}

function findings({ scopes, expires_at }: CreateApiKey, owner: Owner, now: Date): ErrorItem[] {
  const mayGive = grantable(owner);
  const errors: ErrorItem[] = [];
  for (const [index, scope] of scopes.entries())
    if (!mayGive.has(scope))
      errors.push({
        pointer: `/scopes/${index}`,
        detail: `is not a permission of the owner${decides(scope) ? '' : '; an owner with the role integration covers it'}`,
      });
  if (typeof expires_at === 'string' && Date.parse(expires_at) <= now.getTime())
    errors.push({ pointer: '/expires_at', detail: 'is in the past' });
  return errors;
}

function requireStatus(key: ApiKey, action: string, from: readonly ApiKey['status'][]): void {
  if (!from.includes(key.status))
    throw conflictError(
      'api_key.wrong-status',
      `A key that is ${key.status} cannot take ${action}; it must be ${from.join(' or ')}.`,
    );
}
