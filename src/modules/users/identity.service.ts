/** Accounts at an outside provider as commands on users: linked, unlinked, and the roles that a sign-in brings. */
import { type Command, idSource } from '../../shared/command.ts';
import type { Draft, EventFacts } from '../../shared/dynamo/entity-store.ts';
import type { SecurityFacts } from '../audit/index.ts';
import { invalidEnrolment, parseEnrolmentToken, requireEnrolment } from './enrolment.ts';
import {
  type ClaimedRoles,
  linkedByEmail,
  linkedUser,
  mayLinkByEmail,
  type ProviderIdentity,
  rolesByClaim,
  unlinkedUser,
} from './identity.ts';
import type { UserRepository } from './user.repository.ts';
import type { User } from './user.schema.ts';
import type { UserFacts } from './user.ts';

/** In which request somebody signs in. */
export interface SignInRequest {
  readonly now: Date;
  readonly request_id: string;
}

export interface IdentityService {
  findByIdentity(identity: ProviderIdentity): Promise<User | undefined>;
  /**
   * Links the account to the user with that verified e-mail. @param approve throws where this sign-in is not one for that user
   * @throws DomainError 409 where another account was linked at the same moment @returns undefined where there is no such user
   */
  linkByEmail(
    identity: ProviderIdentity,
    email: string,
    approve: (user: User) => void,
    request: SignInRequest,
  ): Promise<User | undefined>;
  /** Links the account to the user whose link this is. @throws DomainError 401 for a link that is not good, 409 */
  linkByInvitation(identity: ProviderIdentity, token: string, request: SignInRequest): Promise<User>;
  /** Whom the link is of. @throws DomainError 401 */
  invitedBy(token: string, now: Date): Promise<User>;
  applyRoles(id: string, claimed: ClaimedRoles, request: SignInRequest): Promise<User>;
  unlink(command: Command, id: string, reason: string | undefined): Promise<User>;
}

export interface IdentityServiceDeps {
  readonly repository: UserRepository;
  readonly changing: (
    command: Command,
    id: string,
    event: EventFacts,
    decide: (user: User, facts: UserFacts) => User | Draft<User>,
    present: (user: User) => User,
  ) => Promise<User>;
  readonly record: (facts: SecurityFacts) => void;
}

export function createIdentityService({ repository, changing, record }: IdentityServiceDeps): IdentityService {
  const { users, findByIdentity } = repository;

  async function link(id: string, decide: (user: User) => Draft<User>, request: SignInRequest): Promise<User> {
    const user = await changing(ownCommand(id, request), id, { action: 'identity_linked' }, decide, itself);
    record({ kind: 'identity_linked', actor_id: id, request_id: request.request_id });
    return user;
  }

  async function invitedBy(token: string, now: Date): Promise<User> {
    const parts = parseEnrolmentToken(token);
    if (parts === undefined) throw invalidEnrolment();
    return requireEnrolment(await users.get(parts.userId), parts.secret, now);
  }

  return {
    findByIdentity,
    async linkByEmail(identity, email, approve, request) {
      const user = await repository.findByEmail(email);
      if (user === undefined || !mayLinkByEmail(user, identity.issuer, email)) return undefined;
      approve(user);
      return link(user.id, (before) => linkedByEmail(before, identity, email, request.now), request);
    },
    invitedBy,
    async linkByInvitation(identity, token, request) {
      const { id } = await invitedBy(token, request.now);
      const secret = parseEnrolmentToken(token)?.secret ?? '';
      const decide = (before: User): Draft<User> =>
        linkedUser(requireEnrolment(before, secret, request.now), identity, request.now);
      return link(id, decide, request);
    },
    applyRoles: (id, claimed, request) =>
      changing(
        ownCommand(id, request),
        id,
        { action: 'roles_by_claim' },
        (before, facts) => rolesByClaim(before, claimed, facts),
        itself,
      ),
    async unlink(command, id, reason) {
      const event = { action: 'identity_unlinked', reason };
      const user = await changing(command, id, event, (before, facts) => unlinkedUser(before, facts), itself);
      const { actor, request_id } = command;
      if (!command.dryRun) record({ kind: 'identity_unlinked', actor_id: actor.id, subject_id: id, request_id });
      return user;
    },
  };
}

const itself = (user: User): User => user;

/** A sign-in is the person's own act, before they may anything. */
const ownCommand = (id: string, { now, request_id }: SignInRequest): Command => ({
  actor: { id, roles: [], permissions: new Set() },
  now,
  request_id,
  dryRun: false,
  ids: idSource(),
});
