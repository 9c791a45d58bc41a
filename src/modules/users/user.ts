/** What a user may become, and who may decide it. Pure: hashes, the person and the moment are given. */
import { requireStatus } from '../../shared/decisions/status.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError, DomainError, type ErrorItem, refuseIfAny, ruleError } from '../../shared/errors.ts';
import { amount, compare, fitsCurrency, isCurrency } from '../../shared/money.ts';
import { APPROVING_ROLES, GUARDED_ROLES, type Role } from '../../shared/permissions.ts';
import { type Proposal, proposal, proposersOf, refuseOwnHand } from '../../shared/proposal.ts';
import type { Enrolment } from './enrolment.ts';
import { passwordFindings } from './password-rules.ts';
import { type FactorRule, lacksFactor, withoutFactor } from './second-factor.ts';
import type { CreateUser, UpdateUser, User } from './user.schema.ts';

export interface UserFacts {
  readonly actorId: string;
  readonly now: Date;
  /** docs/rules.md#users: in production giving a guarded role takes a second admin. */
  readonly secondAdmin: boolean;
  /** Until a second admin was named there is nobody to be the second. */
  readonly namesSecondAdmin: boolean;
  /** Confirms a reset: an admin; where none is left who could, anybody who approves. */
  readonly mayConfirm: boolean;
}

/** @param password_hash one that no password has: the person chooses theirs by the link */
export function newUser(
  id: string,
  body: CreateUser,
  password_hash: string,
  enrolment: Enrolment,
  facts: UserFacts,
): Draft<User> {
  refuseIfAny('user.invalid', 'The user is invalid.', limitFindings(body.approval_limit));
  const waits = needsSecondAdmin(guardedGiven([], body.roles), facts);
  return {
    id,
    status: 'active',
    email: body.email,
    name: body.name,
    roles: waits ? body.roles.filter((role) => !GUARDED_ROLES.has(role)) : body.roles,
    approval_limit: canonicalLimit(body.approval_limit ?? null),
    password_hash,
    password_one_time: false,
    auth_epoch: 1,
    enrolment,
    suspended: null,
    proposed: waits ? proposal({ roles: body.roles }, facts.actorId, facts.now, null) : null,
    created_by: facts.actorId,
  };
}

/**
 * In production a guarded role, another limit of whoever approves, the end of an administrator, and any change of one's own rights
 * take a second admin; everything else takes effect at once.
 */
export function changedUser(user: User, body: UpdateUser, facts: UserFacts): Draft<User> {
  refuseIfAny('user.invalid', 'The user is invalid.', limitFindings(body.approval_limit));
  const { name = user.name, ...rights } = body;
  const renamed = { ...user, name };
  if (Object.keys(rights).length === 0) return renamed;
  const { roles = user.roles } = rights;
  const approval_limit =
    rights.approval_limit === undefined ? user.approval_limit : canonicalLimit(rights.approval_limit);
  const after = { roles, approval_limit };
  if (takesSecondAdmin(user, after, facts)) return proposed(renamed, after, facts);
  return withRights(renamed, after);
}

function takesSecondAdmin(user: User, { roles, approval_limit }: Rights, facts: UserFacts): boolean {
  if (!facts.secondAdmin) return false;
  const otherLimit = !sameLimit(approval_limit, user.approval_limit);
  const own = user.id === facts.actorId && (otherLimit || !sameRoles(user.roles, roles));
  const endsAdmin = isActiveAdmin(user) && !roles.includes('admin');
  return (
    own || endsAdmin || (otherLimit && approves(roles)) || needsSecondAdmin(guardedGiven(user.roles, roles), facts)
  );
}

/** @throws DomainError 409 where nothing waits, 403 for who proposed it and for whom it is about */
export function approvedUser(user: User, actorId: string): Draft<User> {
  const pending = waiting(user);
  refuseOwnHand('user', [...proposersOf(pending), user.id], actorId);
  const { roles = user.roles, approval_limit = user.approval_limit, status = user.status } = pending.changes;
  return withStatus(withRights(user, { roles, approval_limit }), status);
}

/** Whoever proposed it may take it back; whom it is about may not. */
export function rejectedUser(user: User, actorId: string): Draft<User> {
  if (waiting(user).proposed_by !== actorId) refuseOwnHand('user', [user.id], actorId);
  return { ...user, proposed: null };
}

/** Every token made before is over. In production an administrator is disabled by two. */
export function disabledUser(user: User, facts: UserFacts): Draft<User> {
  requireStatus('user', user.status, { action: 'disable', from: ['active'] });
  if (facts.secondAdmin && isActiveAdmin(user)) return proposed(user, { status: 'disabled' }, facts);
  return withStatus(user, 'disabled');
}

/** In production whoever decides comes back by two. */
export function enabledUser(user: User, facts: UserFacts): Draft<User> {
  requireStatus('user', user.status, { action: 'enable', from: ['disabled'] });
  if (facts.secondAdmin && isGuarded(user)) return proposed(user, { status: 'active' }, facts);
  return withStatus(user, 'active');
}

/** What others propose about a person is not replaced by that person. */
function proposed(user: User, changes: Changes, { actorId, now }: UserFacts): Draft<User> {
  if (user.id === actorId && user.proposed !== null && user.proposed.proposed_by !== actorId)
    throw conflictError(
      'user.proposal-pending',
      'Another administrator proposed a change about you: that one is decided first.',
    );
  return { ...user, proposed: proposal(changes, actorId, now, user.proposed) };
}

const withStatus = (user: Draft<User>, status: User['status']): Draft<User> => ({
  ...user,
  status,
  auth_epoch: user.auth_epoch + (user.status === 'active' && status === 'disabled' ? 1 : 0),
});

/** Cheaper than a hash: asked before one is made, and again of what stands when it is kept. @throws DomainError 422 */
export const refuseWeakPassword = (password: string, user: Pick<User, 'email' | 'name'>): void =>
  refuseIfAny('user.invalid', 'Choose another password.', passwordFindings(password, user));

/** A password that the person chose. */
export function withPassword(user: User, password: string, password_hash: string): Draft<User> {
  refuseWeakPassword(password, user);
  return { ...user, password_hash, password_one_time: false, enrolment: null, auth_epoch: user.auth_epoch + 1 };
}

/** The old password and the second factor are over at once; in production whoever decides does not until a second admin confirms the reset. */
export function resetUser(user: User, password_hash: string, enrolment: Enrolment, facts: UserFacts): Draft<User> {
  if (user.id === facts.actorId)
    throw ruleError(
      'user.own-password',
      'Change your own password at POST /api/v1/auth/password, with the one you have.',
    );
  requireStatus('user', user.status, { action: 'reset-password', from: ['active'] });
  const auth_epoch = user.auth_epoch + 1;
  const after = { ...user, ...withoutFactor, password_hash, password_one_time: false, enrolment, auth_epoch };
  return facts.secondAdmin ? { ...after, suspended: suspension(user, facts) } : after;
}

/** Also of whoever decides nothing yet, since roles may be given later. All who reset the password since stay barred from confirming. */
export function suspension(user: User, { actorId, now }: UserFacts): NonNullable<User['suspended']> {
  const before = user.suspended ?? { since: now.toISOString(), reset_by: [] };
  return { ...before, reset_by: [...new Set([...before.reset_by, actorId])] };
}

/** @throws DomainError 409 where nothing is to be confirmed, 403 for who reset it, for whom it is about, and beside an admin */
export function confirmedUser(
  user: User,
  { actorId, mayConfirm }: Pick<UserFacts, 'actorId' | 'mayConfirm'>,
): Draft<User> {
  const suspended = user.suspended ?? undefined;
  if (suspended === undefined)
    throw conflictError('user.nothing-to-confirm', 'No reset of this user is pending confirmation.');
  if (!canConfirm(user, actorId))
    throw forbidden(
      'user.segregation-of-duties',
      'You reset this person, or it is about you. Another administrator confirms it; where none is left, a person with the role vendor_manager, approver, ap_manager or treasurer does.',
    );
  if (!mayConfirm)
    throw forbidden(
      'user.administrator-confirms',
      'There is an administrator who can confirm this reset. Others do so only where none is left.',
    );
  if (isEnrolling(user))
    throw conflictError(
      'user.not-enrolled',
      'The person has not chosen a password yet. Ask them, and confirm once they have.',
    );
  return { ...user, suspended: null };
}

/** Whether this person could confirm the reset of that one, as far as its history goes. */
export const canConfirm = ({ id, suspended }: Pick<User, 'id' | 'suspended'>, actorId: string): boolean =>
  id !== actorId && suspended?.reset_by.includes(actorId) === false;

const forbidden = (code: string, detail: string): DomainError => new DomainError('forbidden', code, detail);

/** Roles that act now: those that are guarded rest after a reset, and where a second factor is required and was not shown. */
export function rolesInForce(user: Pick<User, 'roles' | 'suspended'>, factor?: FactorRule): Role[] {
  const suspended = user.suspended !== undefined && user.suspended !== null;
  const rest = suspended || (factor !== undefined && lacksFactor(user, factor));
  return rest ? user.roles.filter((role) => !GUARDED_ROLES.has(role)) : user.roles;
}

export const isEnrolling = ({ enrolment }: Pick<User, 'enrolment'>): boolean =>
  enrolment !== undefined && enrolment !== null;

/** Counts as one of the administrators there must be: may act, and has a password. */
export const isAbleAdmin = (user: Pick<User, 'status' | 'roles' | 'suspended' | 'enrolment'>): boolean =>
  user.status === 'active' && rolesInForce(user).includes('admin') && !isEnrolling(user);

const isGuarded = ({ roles }: Pick<User, 'roles'>): boolean => roles.some((role) => GUARDED_ROLES.has(role));

/** True where this change takes an active admin away. */
export const losesAdmin = (before: User, after: Pick<User, 'status' | 'roles'>): boolean =>
  isActiveAdmin(before) && !isActiveAdmin(after);

export const isActiveAdmin = ({ status, roles }: Pick<User, 'status' | 'roles'>): boolean =>
  status === 'active' && roles.includes('admin');

/** How many other administrators must stay when one goes: two in production, so that no change is decided by one. */
export const adminsToStay = ({ secondAdmin }: Pick<UserFacts, 'secondAdmin'>): number => (secondAdmin ? 2 : 1);

export const lastAdmin = (toStay: number) =>
  toStay === 1
    ? conflictError('user.last-admin', 'This is the last active administrator. Name another one first.')
    : conflictError('user.last-admins', 'Fewer than two active administrators would stay. Name another one first.');

export const gainsAdmin = (before: readonly Role[], after: readonly Role[]): boolean =>
  after.includes('admin') && !before.includes('admin');

type Rights = Pick<User, 'roles' | 'approval_limit'>;
type Changes = Partial<Rights & Pick<User, 'status'>>;

export function withRights(user: User, rights: Rights): Draft<User> {
  const auth_epoch = user.auth_epoch + (sameRoles(user.roles, rights.roles) ? 0 : 1);
  return { ...user, ...rights, proposed: null, auth_epoch };
}

const sameRoles = (a: readonly Role[], b: readonly Role[]): boolean => [...a].sort().join() === [...b].sort().join();

const guardedGiven = (before: readonly Role[], after: readonly Role[]): readonly Role[] =>
  after.filter((role) => GUARDED_ROLES.has(role) && !before.includes(role));

const needsSecondAdmin = (given: readonly Role[], facts: UserFacts): boolean =>
  facts.secondAdmin && given.some((role) => !(role === 'admin' && facts.namesSecondAdmin));

const approves = (roles: readonly Role[]): boolean => roles.some((role) => APPROVING_ROLES.includes(role));

function waiting(user: User): Proposal<Changes> {
  if (user.proposed === null) throw conflictError('user.nothing-proposed', 'No change of this user is pending.');
  return user.proposed;
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
