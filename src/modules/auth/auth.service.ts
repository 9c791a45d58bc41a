/** Signing in, staying signed in, and out. What fails tells an outsider nothing: not whether the account exists, nor whether it is disabled. */
import { randomUUID } from 'node:crypto';
import type { Actor, Command } from '../../shared/command.ts';
import type { Vault } from '../../shared/crypto.ts';
import { DomainError } from '../../shared/errors.ts';
import type { Role } from '../../shared/permissions.ts';
import type { SecurityLog } from '../audit/index.ts';
import {
  type FactorRule,
  factorOf,
  hasShownFactor,
  lacksFactor,
  rolesInForce,
  type User,
  type UserService,
  unmatchableHash,
  verifyPassword,
} from '../users/index.ts';
import type {
  BeginFactor,
  ChangePassword,
  ConfirmFactor,
  Enrol,
  FactorSecret,
  Me,
  RecoveryCodes,
  SignIn,
} from './auth.schema.ts';
import type { Lockout, Origin } from './lockout.service.ts';
import type { SecondFactorService } from './second-factor.service.ts';
import type { SessionRepository } from './session.repository.ts';
import { decideRefresh, isLive, isOf, newSession, parseRefreshToken, type Session, signedPart } from './session.ts';

/** What the caller now has; the route signs the access token. */
export interface Grant {
  readonly sub: string;
  readonly roles: readonly Role[];
  readonly epoch: number;
  readonly sid: string;
  /** The second factor that was shown. */
  readonly factor?: string;
  readonly one_time?: true;
  readonly refresh_token: string;
  /** Guarded roles rest until the person sets one. */
  readonly lacks_factor: boolean;
}

export interface AuthService {
  /** @throws DomainError 401 for any reason, 429 after too many failures */
  signIn(body: SignIn, origin: Origin): Promise<Grant>;
  /** Chooses a password by a link. @throws DomainError 401 for a link that is not good, 422, 429 */
  enrol(body: Enrol, origin: Origin): Promise<Grant>;
  /** @throws DomainError 401; an old token ends the session it belongs to */
  refresh(token: string, origin: Origin): Promise<Grant>;
  signOut(token: string, origin: Origin): Promise<void>;
  /** Ends every other sign-in and gives a new one. @throws DomainError 403 for the wrong current password, 429 */
  changePassword(command: Command, body: ChangePassword, origin: Origin): Promise<Grant>;
  /** A second factor that waits for its first code. @throws DomainError 403 for a wrong password or code, 429 */
  beginFactor(command: Command, body: BeginFactor, origin: Origin): Promise<FactorSecret>;
  /** Its first code: the reply is a sign-in that has shown it, every other one is over. @throws DomainError 403, 409, 429 */
  confirmFactor(command: Command, body: ConfirmFactor, origin: Origin): Promise<Grant & RecoveryCodes>;
  /** @throws DomainError 403, 409 without a second factor, 429 */
  renewRecoveryCodes(command: Command, body: BeginFactor, origin: Origin): Promise<RecoveryCodes>;
  me(actor: Actor): Promise<Me>;
  /** Whose access token it is, with the roles that it has now: undefined where that sign-in was ended. A token of an earlier release names no session. */
  person(id: string, sid: string | undefined, now: Date): Promise<User | undefined>;
  /** A sign-in of somebody who has shown who they are, with that second factor. */
  begin(user: User, now: Date, factor?: string): Promise<Grant>;
}

export interface AuthServiceDeps {
  readonly users: UserService;
  readonly sessions: SessionRepository;
  readonly lockout: Lockout;
  readonly secondFactors: SecondFactorService;
  /** Guarded roles take a second factor. */
  readonly secondFactor: boolean;
  readonly vault: Vault;
  readonly securityLog: Pick<SecurityLog, 'record' | 'recordOnce'>;
}

/** No user has it: read where an e-mail is unknown, so that both cases cost the same reads. */
const NOBODY = 'usr_nobody';

export function createAuthService(deps: AuthServiceDeps): AuthService {
  const { users, sessions, lockout, secondFactors, vault, securityLog } = deps;
  const nobodysHash = unmatchableHash();

  const refreshToken = ({ id, generation }: Pick<Session, 'id' | 'generation'>): string =>
    `${signedPart(id, generation)}.${vault.sign('refresh', signedPart(id, generation))}`;

  async function begin(user: User, now: Date, factor?: string): Promise<Grant> {
    const session = newSession({ id: randomUUID(), factor }, user, now);
    await sessions.put(session);
    return grant(user, session);
  }

  const ruleFor = (user: User, factor: string | undefined): FactorRule => ({
    required: deps.secondFactor,
    shown: hasShownFactor(user, factor),
  });

  const grant = (user: User, { id, generation, factor }: Pick<Session, 'id' | 'generation' | 'factor'>): Grant => ({
    sub: user.id,
    roles: rolesInForce(user, ruleFor(user, factor)),
    epoch: user.auth_epoch,
    sid: id,
    ...(factor === undefined ? {} : { factor }),
    ...(user.password_one_time ? { one_time: true } : {}),
    refresh_token: refreshToken({ id, generation }),
    lacks_factor: lacksFactor(user, ruleFor(user, factor)),
  });

  /** For what a person decides about their own sign-in: a stolen token is not enough. */
  async function withOwnPassword<T>(
    command: Command,
    current: string,
    origin: Origin,
    run: (user: User) => Promise<T>,
  ): Promise<T> {
    const user = await ownUser(command);
    return lockout.attempt(user.email, origin, 'counts nothing', async () => {
      if (await verifyPassword(current, user.password_hash)) return run(user);
      throw new DomainError('forbidden', 'auth.wrong-password', 'The current password is wrong.', {
        errors: [{ pointer: '/current_password', detail: 'is not the password of this user' }],
      });
    });
  }

  async function ownUser({ actor }: Command): Promise<User> {
    if (actor.via !== undefined)
      throw new DomainError('forbidden', 'auth.person-only', 'A person does this for themselves, and no key for them.');
    return users.get(actor.id);
  }

  async function refreshed(session: Session, generation: number, origin: Origin): Promise<Grant> {
    const user = await users.find(session.user_id);
    if (user === undefined || user.status !== 'active' || !isOf(session, user))
      return end(session, 'auth.ended', 'The sign-in was ended by a change of the account. Sign in again.');
    switch (decideRefresh(session, generation, origin.now)) {
      case 'over':
        return end(session, 'auth.ended', 'The sign-in has expired. Sign in again.');
      case 'reused': {
        const { ip, request_id } = origin;
        securityLog.record({ kind: 'refresh_token_reused', actor_id: user.id, ip, request_id });
        return end(session, 'auth.refresh-token-reused', 'This refresh token was used before. Sign in again.');
      }
      case 'same_successor':
        return grant(user, session);
      case 'rotate': {
        const successor = { ...session, generation: session.generation + 1 };
        if (await sessions.rotate(session, origin.now)) return grant(user, successor);
        const now = await sessions.get(session.id);
        if (now === undefined) throw invalidRefresh();
        return refreshed(now, generation, origin);
      }
    }
  }

  async function end(session: Session, code: string, detail: string): Promise<never> {
    await sessions.remove(session.id);
    throw new DomainError('unauthenticated', code, detail);
  }

  const genuine = (token: string) => {
    const parts = parseRefreshToken(token);
    if (parts === undefined) return undefined;
    return vault.verify('refresh', signedPart(parts.id, parts.generation), parts.signature) ? parts : undefined;
  };

  return {
    begin,
    signIn: ({ email, password, ...shown }, origin) =>
      lockout.attempt(email, origin, 'forgets', async () => {
        const { ip, request_id } = origin;
        const user = (await users.findByEmail(email)) ?? (await users.find(NOBODY));
        const matches = await verifyPassword(password, user?.password_hash ?? nobodysHash);
        if (user === undefined || !matches || user.status !== 'active') {
          securityLog.record({ kind: 'sign_in_refused', subject_id: user?.id, ip, request_id });
          throw new DomainError('unauthenticated', 'auth.invalid-credentials', 'The e-mail or the password is wrong.');
        }
        const signedIn =
          factorOf(user) === undefined
            ? await begin(user, origin.now)
            : grant(user, await secondFactors.signIn(user, shown, origin));
        securityLog.record({ kind: 'signed_in', actor_id: user.id, ip, request_id });
        return signedIn;
      }),
    enrol: (body, origin) =>
      // Counted under the user that the token names: a token is as good as a password.
      lockout.attempt(body.token.split('.')[0] ?? '', origin, 'forgets', async () =>
        begin(await users.enrol(body, origin), origin.now),
      ),
    async refresh(token, origin) {
      const parts = genuine(token);
      const session = parts === undefined ? undefined : await sessions.get(parts.id);
      if (parts === undefined || session === undefined) throw invalidRefresh();
      return refreshed(session, parts.generation, origin);
    },
    async signOut(token, { ip, request_id }) {
      const parts = genuine(token);
      const session = parts === undefined ? undefined : await sessions.get(parts.id);
      if (session === undefined) return;
      await sessions.remove(session.id);
      securityLog.record({ kind: 'signed_out', actor_id: session.user_id, ip, request_id });
    },
    async changePassword(command, { current_password, password }, origin) {
      await withOwnPassword(command, current_password, origin, async () => undefined);
      if (current_password === password)
        throw new DomainError('rule', 'auth.same-password', 'The new password is the old one.', {
          errors: [{ pointer: '/password', detail: 'must be another than before' }],
        });
      return begin(await users.changeOwnPassword(command, password), origin.now, command.actor.factor);
    },
    beginFactor: (command, { current_password, ...shown }, origin) =>
      withOwnPassword(command, current_password, origin, (user) => secondFactors.begin(command, user, shown, origin)),
    async confirmFactor(command, { totp_code }, origin) {
      const person = await ownUser(command);
      const { user, session, recovery_codes } = await lockout.attempt(person.email, origin, 'counts nothing', () =>
        secondFactors.confirm(command, person, totp_code, origin),
      );
      return { ...grant(user, session), recovery_codes };
    },
    renewRecoveryCodes: (command, { current_password, ...shown }, origin) =>
      withOwnPassword(command, current_password, origin, async (user) => ({
        recovery_codes: await secondFactors.renewRecoveryCodes(command, user, shown, origin),
      })),
    async person(id, sid, now) {
      if (sid === undefined) {
        const user = await users.find(id);
        return user && { ...user, roles: rolesInForce(user, ruleFor(user, factorOf(user)?.id)) };
      }
      const { session, user: item } = await sessions.getWithUser(sid, id);
      if (session === undefined || item === undefined) return undefined;
      const user = users.fromItem(item);
      if (!isLive(session, user, now)) return undefined;
      return { ...user, roles: rolesInForce(user, ruleFor(user, session.factor)) };
    },
    async me(actor) {
      const user = await users.get(actor.id);
      const { id, email, name, approval_limit, password_one_time } = user;
      const permissions = [...actor.permissions].sort();
      const factor = factorOf(user);
      const rule = ruleFor(user, actor.factor);
      return {
        id,
        email,
        name,
        roles: actor.via === undefined ? rolesInForce(user, rule) : [...actor.roles],
        permissions,
        approval_limit,
        password_one_time,
        suspended: (user.suspended ?? null) !== null,
        second_factor:
          factor === undefined
            ? null
            : {
                kind: factor.kind,
                confirmed_at: factor.confirmed_at,
                recovery_codes_left: factor.recovery.length,
              },
        second_factor_required: actor.via === undefined && lacksFactor(user, rule),
        via: actor.via ?? null,
      };
    },
  };
}

const invalidRefresh = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'auth.invalid-refresh-token',
    'The refresh token is not one of this server, or its sign-in has ended. Sign in again.',
  );
