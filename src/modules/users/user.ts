/** What a user may become, and who may decide it. Pure: hashes, the person and the moment are given. */
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { amount, compare, fitsCurrency, isCurrency } from '../../shared/money.ts';
import { APPROVING_ROLES, type Role } from '../../shared/permissions.ts';
import { type Proposal, proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import type { CreateUser, UpdateUser, User } from './user.schema.ts';

export interface UserFacts {
  readonly actorId: string;
  readonly now: Date;
  /** docs/rules.md#users: in production giving an approving role takes a second admin. */
  readonly secondAdmin: boolean;
  /** Until a second admin was named there is nobody to be the second. */
  readonly namesSecondAdmin: boolean;
}

/** Who may name admins decides who decides: that role is guarded like those that approve. */
const GUARDED_ROLES: ReadonlySet<Role> = new Set([...APPROVING_ROLES, 'admin']);

export function newUser(id: string, body: CreateUser, password_hash: string, facts: UserFacts): Draft<User> {
  refuseIfAny('user.invalid', 'The user cannot be kept as it is.', [
    ...limitFindings(body.approval_limit),
    ...passwordFindings(body.password, body),
  ]);
  const waits = needsSecondAdmin(guardedGiven([], body.roles), facts);
  return {
    id,
    status: 'active',
    email: body.email,
    name: body.name,
    roles: waits ? body.roles.filter((role) => !GUARDED_ROLES.has(role)) : body.roles,
    approval_limit: canonicalLimit(body.approval_limit ?? null),
    password_hash,
    password_one_time: facts.secondAdmin,
    auth_epoch: 1,
    proposed: waits ? proposal({ roles: body.roles }, facts.actorId, facts.now, null) : null,
    created_by: facts.actorId,
  };
}

/** A guarded role, or another limit of whoever approves, waits for a second admin; everything else takes effect at once. */
export function changedUser(user: User, body: UpdateUser, facts: UserFacts): Draft<User> {
  refuseIfAny('user.invalid', 'The user cannot be kept as it is.', limitFindings(body.approval_limit));
  const { name = user.name, ...rights } = body;
  const renamed = { ...user, name };
  if (Object.keys(rights).length === 0) return renamed;
  const { roles = user.roles } = rights;
  const approval_limit =
    rights.approval_limit === undefined ? user.approval_limit : canonicalLimit(rights.approval_limit);
  const otherLimit = !sameLimit(approval_limit, user.approval_limit) && approves(roles);
  if (facts.secondAdmin && (otherLimit || needsSecondAdmin(guardedGiven(user.roles, roles), facts)))
    return { ...renamed, proposed: proposal({ roles, approval_limit }, facts.actorId, facts.now, user.proposed) };
  return withRights(renamed, { roles, approval_limit });
}

/** @throws DomainError 409 where nothing waits, 403 for who proposed it and for whom it is about */
export function approvedUser(user: User, actorId: string): Draft<User> {
  const proposed = waiting(user);
  refuseOwnHand('user', [...proposersOf(proposed), user.id], actorId);
  const { roles = user.roles, approval_limit = user.approval_limit } = proposed.changes;
  return withRights(user, { roles, approval_limit });
}

export function rejectedUser(user: User): Draft<User> {
  waiting(user);
  return { ...user, proposed: null };
}

/** Every token made before is over. */
export function disabledUser(user: User): Draft<User> {
  requireStatus(user, 'disable', 'active');
  return { ...user, status: 'disabled', auth_epoch: user.auth_epoch + 1 };
}

export function enabledUser(user: User): Draft<User> {
  requireStatus(user, 'enable', 'disabled');
  return { ...user, status: 'active' };
}

/** A password that another set is one-time in production: its first use changes it. */
export function withPassword(user: User, password: string, password_hash: string, oneTime: boolean): Draft<User> {
  refuseIfAny('user.invalid', 'The password cannot be taken.', passwordFindings(password, user));
  return { ...user, password_hash, password_one_time: oneTime, auth_epoch: user.auth_epoch + 1 };
}

export function refuseOwnReset(user: User, actorId: string): void {
  if (user.id === actorId)
    throw ruleError(
      'user.own-password',
      'Change your own password at POST /api/v1/auth/password, with the one you have.',
    );
}

/** True where this change takes an active admin away. */
export const losesAdmin = (before: User, after: Pick<User, 'status' | 'roles'>): boolean =>
  isActiveAdmin(before) && !isActiveAdmin(after);

export const isActiveAdmin = ({ status, roles }: Pick<User, 'status' | 'roles'>): boolean =>
  status === 'active' && roles.includes('admin');

export const lastAdmin = () =>
  conflictError('user.last-admin', 'This is the last active administrator. Name another one first.');

export const gainsAdmin = (before: readonly Role[], after: readonly Role[]): boolean =>
  after.includes('admin') && !before.includes('admin');

type Rights = Pick<User, 'roles' | 'approval_limit'>;

function withRights(user: User, rights: Rights): Draft<User> {
  const sameRoles = [...user.roles].sort().join() === [...rights.roles].sort().join();
  return { ...user, ...rights, proposed: null, auth_epoch: user.auth_epoch + (sameRoles ? 0 : 1) };
}

const guardedGiven = (before: readonly Role[], after: readonly Role[]): readonly Role[] =>
  after.filter((role) => GUARDED_ROLES.has(role) && !before.includes(role));

const needsSecondAdmin = (given: readonly Role[], facts: UserFacts): boolean =>
  facts.secondAdmin && given.some((role) => !(role === 'admin' && facts.namesSecondAdmin));

const approves = (roles: readonly Role[]): boolean => roles.some((role) => APPROVING_ROLES.includes(role));

function waiting(user: User): Proposal<Partial<Rights>> {
  if (user.proposed === null) throw conflictError('user.nothing-proposed', 'No change of this user waits.');
  return user.proposed;
}

function requireStatus(user: User, action: string, status: User['status']): void {
  if (user.status !== status)
    throw conflictError(
      'user.wrong-status',
      `A user who is ${user.status} cannot take ${action}; it must be ${status}.`,
    );
}

type Limit = User['approval_limit'];

const canonicalLimit = (limit: Limit): Limit =>
  limit === null ? null : { ...limit, amount: amount(limit.amount, limit.currency) };

const sameLimit = (a: Limit, b: Limit): boolean =>
  a === null || b === null ? a === b : a.currency === b.currency && compare(a.amount, b.amount) === 0;

function limitFindings(limit: Limit | undefined): ErrorItem[] {
  if (limit === undefined || limit === null) return [];
  if (!isCurrency(limit.currency))
    return [{ pointer: '/approval_limit/currency', detail: 'is not a currency of ISO 4217 that is paid in' }];
  if (!fitsCurrency(limit.amount, limit.currency))
    return [{ pointer: '/approval_limit/amount', detail: `has more digits than ${limit.currency} has` }];
  return [];
}

const FEWEST_CHARACTERS = 5;

/** NIST SP 800-63B: length, not composition; but not what everyone knows of the person, nor one character again and again. */
function passwordFindings(password: string, { email, name }: Pick<User, 'email' | 'name'>): ErrorItem[] {
  const given = password.trim().toLowerCase();
  if ([email, name, email.replace(/@.*/, '')].some((known) => known.toLowerCase() === given))
    return [{ pointer: '/password', detail: 'is the name or the e-mail of the user' }];
  if (new Set(given).size < FEWEST_CHARACTERS)
    return [{ pointer: '/password', detail: `has fewer than ${FEWEST_CHARACTERS} different characters` }];
  return [];
}
