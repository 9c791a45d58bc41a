/** Whom an account at the outside provider belongs to, and the roles that its claims give. Pure. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, ruleError } from '../../shared/errors.ts';
import { GUARDED_ROLES, type Role } from '../../shared/permissions.ts';
import { type Proposal, proposal } from '../../shared/proposal.ts';
import type { User } from './user.schema.ts';
import { suspension, type UserFacts, withRights } from './user.ts';

/** One person at one provider. The subject never changes and is never given to another; an e-mail is. */
export interface ProviderIdentity {
  readonly issuer: string;
  readonly subject: string;
}

export interface ClaimedRoles {
  /** Every role that the mapping names: only these are given and taken by the claim. */
  readonly governed: readonly Role[];
  readonly given: readonly Role[];
  /** Guarded roles take effect without a second admin. */
  readonly trusted: boolean;
}

export const identitiesOf = ({ identities }: Pick<User, 'identities'>): NonNullable<User['identities']> =>
  identities ?? [];

export const hasIdentity = (user: Pick<User, 'identities'>, { issuer, subject }: ProviderIdentity): boolean =>
  identitiesOf(user).some((each) => each.issuer === issuer && each.subject === subject);

const ASCII = /^[\x21-\x7e]+$/;

/**
 * Whether the first sign-in of this account may find this user by e-mail. Letters beyond ASCII are compared with nothing: some of them
 * become an ASCII letter in upper or lower case.
 */
export function mayLinkByEmail(user: User, issuer: string, email: string): boolean {
  if (user.status !== 'active' || user.link_by_invitation === true || hasIssuer(user, issuer)) return false;
  return ASCII.test(email) && email.toLowerCase() === user.email.toLowerCase();
}

/** A link that was not used yet is used by this. @throws DomainError 409 where the user has another account at this provider */
export function linkedUser(user: User, identity: ProviderIdentity, now: Date): Draft<User> {
  const { issuer, subject } = identity;
  const after = { ...user, enrolment: null, link_by_invitation: false };
  if (hasIdentity(user, identity)) return after;
  if (hasIssuer(user, issuer))
    throw conflictError(
      'user.identity-exists',
      'This user has an account at the provider already. An administrator unlinks it first.',
    );
  return { ...after, identities: [...identitiesOf(user), { issuer, subject, linked_at: now.toISOString() }] };
}

/** @throws DomainError 409 where this e-mail links no account to this user any more */
export function linkedByEmail(user: User, identity: ProviderIdentity, email: string, now: Date): Draft<User> {
  if (!mayLinkByEmail(user, identity.issuer, email))
    throw conflictError('user.not-linkable', 'This account is not linked to this user by its e-mail.');
  return linkedUser(user, identity, now);
}

/** Ends every sign-in. From then on only an invitation links an account; in production guarded roles rest as after a reset. */
export function unlinkedUser(user: User, facts: UserFacts): Draft<User> {
  if (user.id === facts.actorId)
    throw ruleError('user.own-identity', 'Another administrator unlinks your account at the provider.');
  if (identitiesOf(user).length === 0)
    throw conflictError('user.no-identity', 'This user has no account at an outside provider.');
  const after = { ...user, identities: [], link_by_invitation: true, auth_epoch: user.auth_epoch + 1 };
  return facts.secondAdmin ? { ...after, suspended: suspension(user, facts) } : after;
}

/**
 * What the claim no longer gives is taken at once. What it newly gives takes effect at once as well, except guarded roles where a second
 * admin is asked: they are proposed by the person whose sign-in brought them, who therefore does not approve them.
 * @returns the user itself where nothing changes
 */
export function rolesByClaim(user: User, claimed: ClaimedRoles, facts: UserFacts): User | Draft<User> {
  const { governed, given, trusted } = claimed;
  const kept = user.roles.filter((role) => !governed.includes(role) || given.includes(role));
  const gained = given.filter((role) => !user.roles.includes(role));
  const waits = (role: Role): boolean => facts.secondAdmin && !trusted && GUARDED_ROLES.has(role);
  const roles = [...kept, ...gained.filter((role) => !waits(role))];
  const proposed = proposedByClaim(user, [...roles, ...gained.filter(waits)], roles, facts);
  const changed = kept.length < user.roles.length || roles.length > kept.length;
  if (!changed && proposed === user.proposed) return user;
  const { approval_limit } = user;
  return { ...(changed ? withRights(user, { roles, approval_limit }) : user), proposed };
}

/** What an administrator proposed stays; what an earlier sign-in proposed is replaced by what this one brings. */
function proposedByClaim(
  user: User,
  wanted: readonly Role[],
  roles: readonly Role[],
  { now }: UserFacts,
): User['proposed'] {
  const { proposed } = user;
  if (proposed !== null && !isOfClaim(user, proposed)) return proposed;
  if (wanted.length === roles.length) return null;
  const same = proposed?.changes.roles?.join() === wanted.join();
  return same ? proposed : proposal({ roles: [...wanted] }, user.id, now, null);
}

const isOfClaim = ({ id }: User, { changes, proposed_by, also_proposed_by }: Proposal<object>): boolean =>
  proposed_by === id && also_proposed_by === undefined && Object.keys(changes).join() === 'roles';

const hasIssuer = (user: User, issuer: string): boolean => identitiesOf(user).some((each) => each.issuer === issuer);
