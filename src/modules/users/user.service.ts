/** Commands on users: load, decide, commit in one unit of work; what changes who may do what goes to the security log too. */
import { randomBytes } from 'node:crypto';
import { type Actor, type Command, idSource, requireVersion } from '../../shared/command.ts';
import type { Item } from '../../shared/dynamo/codec.ts';
import type { Draft, EventFacts } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { Letter, Mail } from '../../shared/mail/mail.ts';
import type { Role } from '../../shared/permissions.ts';
import type { SecurityFacts } from '../audit/index.ts';
import { enrolmentToken, invalidEnrolment, newEnrolment, parseEnrolmentToken, requireEnrolment } from './enrolment.ts';
import { createIdentityService, type IdentityService } from './identity.service.ts';
import { identitiesOf } from './identity.ts';
import { invitation, type NoticeOf, notice } from './letters.ts';
import { hashPassword, unmatchableHash } from './password.ts';
import type { UserRepository } from './user.repository.ts';
import type { CreateUser, UpdateUser, User, UserQuery, UserSummary } from './user.schema.ts';
import {
  adminsToStay,
  approvedUser,
  canConfirm,
  changedUser,
  confirmedUser,
  disabledUser,
  enabledUser,
  gainsAdmin,
  isAbleAdmin,
  lastAdmin,
  losesAdmin,
  newUser,
  refuseWeakPassword,
  rejectedUser,
  resetUser,
  type UserFacts,
  withPassword,
} from './user.ts';

export type UserAction = 'disable' | 'enable' | 'approve' | 'reject' | 'confirm';

/** A person with the link that was made for them. */
export interface Invited extends Omit<User, 'enrolment'> {
  /** The token only where replies show it. */
  readonly enrolment: { readonly expires_at: string; readonly token: string | null };
}

export interface Enrolling {
  readonly token: string;
  readonly password: string;
}

export interface UserService extends IdentityService {
  /** @throws DomainError 404 */
  get(id: string): Promise<User>;
  find(id: string): Promise<User | undefined>;
  /** Of an item that was read together with another. */
  fromItem(item: Item): User;
  findByEmail(email: string): Promise<User | undefined>;
  list(query: UserQuery, page: PageRequest): Promise<Page<UserSummary>>;
  /** Active people with that role, as of a moment ago. */
  activeWithRole(role: Role): Promise<readonly UserSummary[]>;
  /** Invites the person: nobody else ever knows the password. */
  create(command: Command, body: CreateUser): Promise<Invited>;
  update(command: Command, id: string, body: UpdateUser): Promise<User>;
  act(command: Command, id: string, action: UserAction, reason: string | undefined): Promise<User>;
  /** Whether this person may confirm that one's reset: an admin, or who approves where no admin is left for it. */
  mayConfirmReset(user: User, actor: Pick<Actor, 'id' | 'permissions'>): Promise<boolean>;
  /** By an admin, for another person: ends the password there is and sends a link. */
  resetPassword(command: Command, id: string, reason: string | undefined): Promise<Invited>;
  /** By the person, who has the link. @throws DomainError 401 for a link that is not good, 422 for a password that is not */
  enrol(body: Enrolling, request: { readonly now: Date; readonly request_id: string }): Promise<User>;
  /** Writes to the person; where that fails the security log tells. */
  notify(person: Pick<User, 'id' | 'email' | 'name'>, of: NoticeOf, actorId: string): Promise<void>;
  /** By the person, who has shown the old one. */
  changeOwnPassword(command: Command, password: string): Promise<User>;
}

export interface UserServiceDeps {
  readonly repository: UserRepository;
  readonly unitOfWork: UnitOfWork;
  readonly secondAdmin: boolean;
  /** Replies show the token of a link: where there is no mail to send it by. */
  readonly showLinks: boolean;
  readonly enrolmentPage?: string | undefined;
  readonly mail: Mail;
  readonly record: (facts: SecurityFacts) => void;
  /** Ends every lockout of these accounts, in the transaction that this is part of. */
  readonly forgetFailures: (accounts: readonly string[], now: Date) => readonly PendingWrite[];
}

export function createUserService(deps: UserServiceDeps): UserService {
  const { repository, unitOfWork } = deps;
  const { users } = repository;

  async function factsOf({ actor, now }: Command, user?: User): Promise<UserFacts> {
    const { secondAdmin } = deps;
    const namesSecondAdmin = secondAdmin && !(await repository.secondAdminNamed());
    const mayConfirm = user !== undefined && (await mayConfirmReset(user, actor));
    return { actorId: actor.id, now, secondAdmin, namesSecondAdmin, mayConfirm };
  }

  async function mayConfirmReset(user: User, { id, permissions }: Pick<Actor, 'id' | 'permissions'>): Promise<boolean> {
    if (!canConfirm(user, id)) return false;
    if (permissions.has('user:approve')) return true;
    for await (const admin of repository.activeWithRole('admin')) {
      const other = canConfirm(user, admin.id) ? await users.get(admin.id) : undefined;
      if (other !== undefined && isAbleAdmin(other)) return false;
    }
    return permissions.has('user:confirm');
  }

  /** What the decision was given is what the transaction is held to: of two at once one names the second admin. */
  const namingWrites = (facts: UserFacts, before: readonly Role[], after: Draft<User>): readonly PendingWrite[] =>
    facts.namesSecondAdmin && gainsAdmin(before, after.roles) ? [repository.nameSecondAdmin(after.id)] : [];

  /** Where an admin goes, others must stay: held by a condition on each, so that no two remove each other. */
  async function adminsStay(before: User, after: Draft<User>): Promise<readonly PendingWrite[]> {
    const rests = isAbleAdmin(before) && !isAbleAdmin(after);
    const toStay = losesAdmin(before, after) ? adminsToStay(deps) : rests ? 1 : 0;
    const checks: PendingWrite[] = [];
    if (toStay === 0) return checks;
    for await (const { id } of repository.activeWithRole('admin')) {
      const other = id === before.id ? undefined : await users.get(id);
      if (other === undefined || !isAbleAdmin(other)) continue;
      checks.push(users.check(id, { kind: 'equals', attribute: 'version', value: other.version }));
      if (checks.length === toStay) return checks;
    }
    throw lastAdmin(toStay);
  }

  async function changing<T extends Pick<User, 'id'> = User>(
    command: Command,
    id: string,
    event: EventFacts,
    decide: (user: User, facts: UserFacts) => User | Draft<User>,
    present: (user: User) => T,
    beside: (user: User) => readonly PendingWrite[] = () => [],
  ): Promise<T> {
    let decidedOn: User | undefined;
    let decided: User | undefined;
    // The result is what the caller is told: with a key it is rendered and kept by the transaction.
    const result = await unitOfWork.run(command, async () => {
      const before = await users.require(id);
      decidedOn = before;
      requireVersion(command, 'user', before.version);
      const facts = await factsOf(command, before);
      const draft = decide(before, facts);
      if (draft === before) {
        decided = undefined;
        return { result: present(before), writes: [] };
      }
      const { entity, writes } = users.update(command, before, draft, event);
      decided = entity;
      return {
        result: present(entity),
        writes: [
          ...writes,
          ...beside(before),
          ...repository.identityWrites(before, entity),
          ...(await adminsStay(before, draft)),
          ...namingWrites(facts, before.roles, draft),
        ],
      };
    });
    if (decided !== undefined) await tell(command, decidedOn, decided);
    return result;
  }

  async function tell(command: Command, before: User | undefined, after: User): Promise<void> {
    if (command.dryRun) return;
    const facts = {
      actor_id: command.actor.id,
      subject_id: after.id,
      via: command.actor.via,
      request_id: command.request_id,
    };
    if (before === undefined) return deps.record({ ...facts, kind: 'user_created', detail: after.roles.join(' ') });
    const notices = noticesOf(before, after);
    if (notices.includes('disabled')) deps.record({ ...facts, kind: 'user_disabled' });
    if (notices.includes('enabled')) deps.record({ ...facts, kind: 'user_enabled' });
    if (notices.includes('confirmed')) deps.record({ ...facts, kind: 'reset_confirmed' });
    if (before.roles.join() !== after.roles.join())
      deps.record({ ...facts, kind: 'roles_changed', detail: `${before.roles.join(' ')} -> ${after.roles.join(' ')}` });
    if (notices.includes('roles_proposed'))
      deps.record({ ...facts, kind: 'roles_proposed', detail: after.proposed?.changes.roles?.join(' ') });
    for (const of of notices) await notify(after, of, command.actor.id);
  }

  /** A letter that is lost undoes nothing: an administrator sends another link. */
  const send = (letter: Letter, subject_id: string): Promise<void> =>
    deps.mail.send(letter).catch((error: unknown) => {
      deps.record({ kind: 'mail_failed', subject_id, detail: error instanceof Error ? error.name : undefined });
    });

  async function notify(person: Pick<User, 'id' | 'email' | 'name'>, of: NoticeOf, actorId: string): Promise<void> {
    if (person.id === actorId && !OF_ONESELF.has(of)) return;
    const actor = await users.get(actorId);
    await send(notice(person, of, actor?.name ?? actorId), person.id);
  }

  const invite = (person: Pick<User, 'id' | 'email' | 'name'>, secret: string): Promise<void> =>
    send(invitation(person, enrolmentToken(person.id, secret), deps.enrolmentPage), person.id);

  const invited = (command: Command, user: User, secret: string): Invited => {
    const token = deps.showLinks && !command.dryRun ? enrolmentToken(user.id, secret) : null;
    return { ...user, enrolment: { expires_at: user.enrolment?.expires_at ?? '', token } };
  };

  const linkAt = (now: Date) => newEnrolment(randomBytes(32).toString('base64url'), now);

  return {
    get: (id) => users.require(id),
    find: (id) => users.get(id),
    fromItem: users.fromItem,
    findByEmail: (email) => repository.findByEmail(email),
    list: (query, page) => repository.list(query, page),
    async activeWithRole(role) {
      const found: UserSummary[] = [];
      for await (const summary of repository.activeWithRole(role)) found.push(summary);
      return found;
    },
    async create(command, body) {
      const { secret, enrolment } = linkAt(command.now);
      let made: User | undefined;
      const result = await unitOfWork.run(command, async () => {
        const facts = await factsOf(command);
        const draft = newUser(command.ids.next('user'), body, unmatchableHash(), enrolment, facts);
        const { entity, writes } = users.create(command, draft);
        made = entity;
        const claims = [...repository.emailWrites(undefined, entity), ...namingWrites(facts, [], draft)];
        return { result: invited(command, entity, secret), writes: [...writes, ...claims] };
      });
      if (made !== undefined) await tell(command, undefined, made);
      if (!command.dryRun) await invite(result, secret);
      return result;
    },
    update: (command, id, body) =>
      changing(command, id, { action: 'updated' }, (before, facts) => changedUser(before, body, facts), itself),
    act: (command, id, action, reason) =>
      changing(command, id, { action, reason }, (before, facts) => decided(before, action, facts), itself),
    async resetPassword(command, id, reason) {
      const { secret, enrolment } = linkAt(command.now);
      const result = await changing(
        command,
        id,
        { action: 'password_reset', reason },
        (before, facts) => resetUser(before, unmatchableHash(), enrolment, facts),
        (user) => invited(command, user, secret),
        // Sign-ins are counted by e-mail, links by the person's id.
        (user) => deps.forgetFailures([user.email, user.id], command.now),
      );
      if (command.dryRun) return result;
      const { actor, request_id } = command;
      deps.record({ kind: 'password_reset', actor_id: actor.id, subject_id: id, request_id });
      await invite(result, secret);
      return result;
    },
    async enrol({ token, password }, { now, request_id }) {
      const parts = parseEnrolmentToken(token);
      if (parts === undefined) throw invalidEnrolment();
      const person = requireEnrolment(await users.get(parts.userId), parts.secret, now);
      const { id } = person;
      refuseWeakPassword(password, person);
      const hash = await hashPassword(password);
      const command: Command = {
        actor: { id, roles: [], permissions: new Set() },
        now,
        request_id,
        dryRun: false,
        ids: idSource(),
      };
      const chosen = (user: User): Draft<User> =>
        withPassword(requireEnrolment(user, parts.secret, now), password, hash);
      const user = await changing(command, id, { action: 'enrolled' }, chosen, itself);
      deps.record({ kind: 'enrolled', actor_id: id, request_id });
      return user;
    },
    async changeOwnPassword(command, password) {
      const { id } = command.actor;
      refuseWeakPassword(password, await users.require(id));
      const hash = await hashPassword(password);
      const chosen = (user: User): Draft<User> => withPassword(user, password, hash);
      const user = await changing(command, id, { action: 'password_changed' }, chosen, itself);
      deps.record({ kind: 'password_changed', actor_id: id, subject_id: id, request_id: command.request_id });
      return user;
    },
    notify,
    mayConfirmReset,
    ...createIdentityService({ repository, changing, record: deps.record }),
  };
}

/** Told also of one's own act: it may be another's who has the password. */
const OF_ONESELF: ReadonlySet<NoticeOf> = new Set<NoticeOf>(['factor_set', 'recovery_used']);

const itself = (user: User): User => user;

function noticesOf(before: User, after: User): NoticeOf[] {
  const notices: NoticeOf[] = [];
  if (before.status !== after.status) notices.push(after.status === 'active' ? 'enabled' : 'disabled');
  const rights = ({ roles, approval_limit }: User): string => JSON.stringify([roles, approval_limit]);
  if (rights(before) !== rights(after)) notices.push('roles_changed');
  if (after.proposed !== null && after.proposed !== before.proposed) notices.push('roles_proposed');
  if ((before.suspended ?? null) !== null && after.suspended === null) notices.push('confirmed');
  if (identitiesOf(before).length > identitiesOf(after).length) notices.push('unlinked');
  return notices;
}

function decided(user: User, action: UserAction, facts: UserFacts): Draft<User> {
  switch (action) {
    case 'disable':
      return disabledUser(user, facts);
    case 'enable':
      return enabledUser(user, facts);
    case 'approve':
      return approvedUser(user, facts.actorId);
    case 'reject':
      return rejectedUser(user, facts.actorId);
    case 'confirm':
      return confirmedUser(user, facts);
  }
}
