/** Commands on users: load, decide, commit in one unit of work; what changes who may do what goes to the security log too. */
import { type Command, requireVersion } from '../../shared/command.ts';
import type { Draft, EventFacts } from '../../shared/dynamo/entity-store.ts';
import type { Page, PageRequest } from '../../shared/dynamo/query.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import type { Role } from '../../shared/permissions.ts';
import type { SecurityFacts } from '../audit/index.ts';
import { hashPassword } from './password.ts';
import type { UserRepository } from './user.repository.ts';
import type { CreateUser, UpdateUser, User, UserQuery, UserSummary } from './user.schema.ts';
import {
  approvedUser,
  changedUser,
  disabledUser,
  enabledUser,
  gainsAdmin,
  isActiveAdmin,
  lastAdmin,
  losesAdmin,
  newUser,
  refuseOwnReset,
  rejectedUser,
  type UserFacts,
  withPassword,
} from './user.ts';

export type UserAction = 'disable' | 'enable' | 'approve' | 'reject';

export interface UserService {
  /** @throws DomainError 404 */
  get(id: string): Promise<User>;
  find(id: string): Promise<User | undefined>;
  findByEmail(email: string): Promise<User | undefined>;
  list(query: UserQuery, page: PageRequest): Promise<Page<UserSummary>>;
  /** Active people with that role, as of a moment ago. */
  activeWithRole(role: Role): Promise<readonly UserSummary[]>;
  create(command: Command, body: CreateUser): Promise<User>;
  update(command: Command, id: string, body: UpdateUser): Promise<User>;
  act(command: Command, id: string, action: UserAction, reason: string | undefined): Promise<User>;
  /** By an admin, for another person. */
  resetPassword(command: Command, id: string, password: string, reason: string | undefined): Promise<User>;
  /** By the person, who has shown the old one. */
  changeOwnPassword(command: Command, password: string): Promise<User>;
}

export interface UserServiceDeps {
  readonly repository: UserRepository;
  readonly unitOfWork: UnitOfWork;
  readonly secondAdmin: boolean;
  readonly record: (facts: SecurityFacts) => void;
}

export function createUserService(deps: UserServiceDeps): UserService {
  const { repository, unitOfWork } = deps;
  const { users } = repository;

  async function factsOf(command: Command): Promise<UserFacts> {
    const { secondAdmin } = deps;
    const namesSecondAdmin = secondAdmin && !(await repository.secondAdminNamed());
    return { actorId: command.actor.id, now: command.now, secondAdmin, namesSecondAdmin };
  }

  /** What the decision was given is what the transaction is held to: of two at once one names the second admin. */
  const namingWrites = (facts: UserFacts, before: readonly Role[], after: Draft<User>): readonly PendingWrite[] =>
    facts.namesSecondAdmin && gainsAdmin(before, after.roles) ? [repository.nameSecondAdmin(after.id)] : [];

  /** Where an active admin goes, another one must stay: held by a condition on that one, so that two cannot remove each other. */
  async function adminStays(before: User, after: Draft<User>): Promise<readonly PendingWrite[]> {
    if (!losesAdmin(before, after)) return [];
    for await (const { id } of repository.activeWithRole('admin')) {
      const other = id === before.id ? undefined : await users.get(id);
      if (other !== undefined && isActiveAdmin(other))
        return [users.check(id, { kind: 'equals', attribute: 'version', value: other.version })];
    }
    throw lastAdmin();
  }

  async function changing(
    command: Command,
    id: string,
    event: EventFacts,
    decide: (user: User, facts: UserFacts) => Draft<User>,
  ): Promise<User> {
    let decidedOn: User | undefined;
    // The result is what the caller is told: with a key it is rendered and kept by the transaction.
    const after = await unitOfWork.run(command, async () => {
      const before = await users.require(id);
      decidedOn = before;
      requireVersion(command, 'user', before.version);
      const facts = await factsOf(command);
      const draft = decide(before, facts);
      const { entity, writes } = users.update(command, before, draft, event);
      return {
        result: entity,
        writes: [...writes, ...(await adminStays(before, draft)), ...namingWrites(facts, before.roles, draft)],
      };
    });
    tell(command, decidedOn, after);
    return after;
  }

  function tell(command: Command, before: User | undefined, after: User): void {
    if (command.dryRun) return;
    const facts = {
      actor_id: command.actor.id,
      subject_id: after.id,
      via: command.actor.via,
      request_id: command.request_id,
    };
    if (before === undefined) deps.record({ ...facts, kind: 'user_created', detail: after.roles.join(' ') });
    else if (before.status !== after.status)
      deps.record({ ...facts, kind: after.status === 'active' ? 'user_enabled' : 'user_disabled' });
    else if (before.roles.join() !== after.roles.join())
      deps.record({ ...facts, kind: 'roles_changed', detail: `${before.roles.join(' ')} -> ${after.roles.join(' ')}` });
    if (after.proposed !== null && after.proposed !== before?.proposed)
      deps.record({ ...facts, kind: 'roles_proposed', detail: after.proposed.changes.roles?.join(' ') });
  }

  const setPassword = async (
    command: Command,
    id: string,
    password: string,
    reset: { readonly reason?: string | undefined } | undefined,
  ): Promise<User> => {
    const hash = await hashPassword(password);
    const action = reset === undefined ? 'password_changed' : 'password_reset';
    const user = await changing(command, id, { action, reason: reset?.reason }, (before) => {
      if (reset !== undefined) refuseOwnReset(before, command.actor.id);
      return withPassword(before, password, hash, reset !== undefined && deps.secondAdmin);
    });
    if (!command.dryRun)
      deps.record({ kind: action, actor_id: command.actor.id, subject_id: id, request_id: command.request_id });
    return user;
  };

  return {
    get: (id) => users.require(id),
    find: (id) => users.get(id),
    findByEmail: (email) => repository.findByEmail(email),
    list: (query, page) => repository.list(query, page),
    async activeWithRole(role) {
      const found: UserSummary[] = [];
      for await (const summary of repository.activeWithRole(role)) found.push(summary);
      return found;
    },
    async create(command, body) {
      const hash = await hashPassword(body.password);
      const created = await unitOfWork.run(command, async () => {
        const facts = await factsOf(command);
        const draft = newUser(command.ids.next('user'), body, hash, facts);
        const { entity, writes } = users.create(command, draft);
        const claims = [...repository.emailWrites(undefined, entity), ...namingWrites(facts, [], draft)];
        return { result: entity, writes: [...writes, ...claims] };
      });
      tell(command, undefined, created);
      return created;
    },
    update: (command, id, body) =>
      changing(command, id, { action: 'updated' }, (before, facts) => changedUser(before, body, facts)),
    act: (command, id, action, reason) =>
      changing(command, id, { action, reason }, (before) => decided(before, action, command.actor.id)),
    resetPassword: (command, id, password, reason) => setPassword(command, id, password, { reason }),
    changeOwnPassword: (command, password) => setPassword(command, command.actor.id, password, undefined),
  };
}

function decided(user: User, action: UserAction, actorId: string): Draft<User> {
  switch (action) {
    case 'disable':
      return disabledUser(user);
    case 'enable':
      return enabledUser(user);
    case 'approve':
      return approvedUser(user, actorId);
    case 'reject':
      return rejectedUser(user);
  }
}
