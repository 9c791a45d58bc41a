/** What a verified ID token says of a person, in our terms. Pure. */
import { GUARDED_ROLES, type Role } from '../../shared/permissions.ts';
import type { ClaimedRoles, ProviderIdentity } from '../users/index.ts';
import type { OidcOptions } from './options.ts';
import { refused } from './refusals.ts';

export interface Assertion {
  readonly identity: ProviderIdentity;
  /** Only one that the provider has verified. */
  readonly email: string | undefined;
  /** Undefined where roles are ours alone. */
  readonly roles: ClaimedRoles | undefined;
  /** Every way and level of signing in that the provider names. */
  readonly factors: readonly string[];
}

type Claims = Readonly<Record<string, unknown>>;

/** OpenID Connect Core, section 2: at most 255 ASCII characters. */
const SUBJECT = /^[\x20-\x7e]{1,255}$/;
const MAX_EMAIL = 254;
const MAX_VALUES = 1000;

/** @throws DomainError 401 where the claims cannot be read as what they should be */
export function assertionOf(
  claims: Claims,
  options: Pick<OidcOptions, 'roleClaim' | 'roles' | 'trustGuardedRoles'>,
): Assertion {
  const { sub, iss, email, email_verified, amr, acr } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub)) throw refused('token', 'sub');
  const verified = email_verified === true && typeof email === 'string' && email.length <= MAX_EMAIL;
  return {
    identity: { issuer: String(iss), subject: sub },
    email: verified ? email : undefined,
    roles: options.roleClaim === undefined ? undefined : claimedRoles(claims, options.roleClaim, options),
    factors: [...(texts(amr) ?? []), ...(texts(acr) ?? [])],
  };
}

function claimedRoles(
  claims: Claims,
  name: string,
  { roles, trustGuardedRoles: trusted }: Pick<OidcOptions, 'roles' | 'trustGuardedRoles'>,
): ClaimedRoles {
  const values = valuesOf(claims, name);
  const mapped = Object.entries(roles);
  const distinct = (of: typeof mapped): Role[] => [...new Set(of.flatMap(([, each]) => each))].sort();
  return { governed: distinct(mapped), given: distinct(mapped.filter(([value]) => values.includes(value))), trusted };
}

/** A claim that is not there gives nothing. One that only says where its values can be fetched is no claim that gives nothing. */
function valuesOf(claims: Claims, name: string): readonly string[] {
  const elsewhere = claims['_claim_names'];
  if (typeof elsewhere === 'object' && elsewhere !== null && name in elsewhere)
    throw refused('token', 'claim by reference');
  const values = claims[name] === undefined ? [] : texts(claims[name]);
  if (values === undefined || values.length > MAX_VALUES) throw refused('token', 'claim of roles');
  return values;
}

/** A text, or a list of texts. */
function texts(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;
}

/** Whether this sign-in is strong enough for these roles. */
export function isStrongEnough(
  roles: readonly Role[],
  { factors }: Pick<Assertion, 'factors'>,
  { secondFactor }: Pick<OidcOptions, 'secondFactor'>,
): boolean {
  if (secondFactor === undefined || secondFactor.includes('any')) return true;
  return !roles.some((role) => GUARDED_ROLES.has(role)) || factors.some((factor) => secondFactor.includes(factor));
}
