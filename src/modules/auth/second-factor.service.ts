/**
 * Codes of the second factor: each is shown once, and used up by the transaction of what it was shown for. A person sets a factor with the
 * password and, where there is one, a code of the factor before.
 */
import { randomUUID } from 'node:crypto';
import { type Command, idSource } from '../../shared/command.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import type { PendingWrite, UnitOfWork } from '../../shared/dynamo/unit-of-work.ts';
import { DomainError } from '../../shared/errors.ts';
import type { SecurityLog } from '../audit/index.ts';
import {
  factorOf,
  pendingFactor,
  recoveryHash,
  type SecondFactor,
  type User,
  type UserRepository,
  type UserService,
  withFactor,
  withoutRecoveryCode,
  withPendingFactor,
  withRecoveryCodes,
} from '../users/index.ts';
import type { FactorSecret, ShownCode } from './auth.schema.ts';
import { type Lockout, type Origin, SECOND_FACTOR_REQUIRED } from './lockout.service.ts';
import type { SessionRepository } from './session.repository.ts';
import { newSession, type Session } from './session.ts';
import { newRecoveryCodes, newTotpSecret, totpStep, totpUri } from './totp.ts';

export interface SecondFactorService {
  /** A sign-in of who has shown the right password. @throws DomainError 401 where a code is missing or wrong, 429 */
  signIn(verified: User, shown: ShownCode, origin: Origin): Promise<Session>;
  /** A secret that waits for its first code. @throws DomainError 403 where a code of the factor before is missing or wrong, 429 */
  begin(command: Command, verified: User, shown: ShownCode, origin: Origin): Promise<FactorSecret>;
  /** @throws DomainError 403 for a wrong code, 409 where nothing waits, 429 */
  confirm(command: Command, person: User, code: string, origin: Origin): Promise<Confirmed>;
  /** Ten new ones; those before are over. @throws DomainError 403, 409 without a second factor, 429 */
  renewRecoveryCodes(command: Command, verified: User, shown: ShownCode, origin: Origin): Promise<string[]>;
}

export interface Confirmed {
  readonly user: User;
  readonly session: Session;
  readonly recovery_codes: string[];
}

export interface SecondFactorDeps {
  readonly repository: Pick<UserRepository, 'users'>;
  readonly users: Pick<UserService, 'notify'>;
  readonly sessions: Pick<SessionRepository, 'write' | 'useStep'>;
  readonly unitOfWork: UnitOfWork;
  /** For what changes no person: that is done in every Region. */
  readonly everywhere: UnitOfWork;
  readonly lockout: Lockout;
  readonly securityLog: Pick<SecurityLog, 'record'>;
}

type Refusal = 'unauthenticated' | 'forbidden';

/** What a code leaves of the person, and what uses it up. */
interface Spent {
  readonly user: User | Draft<User>;
  readonly factor: SecondFactor;
  readonly writes: readonly PendingWrite[];
  readonly recovery: boolean;
}

interface Outcome<T> {
  readonly draft: User | Draft<User>;
  readonly action: string;
  readonly writes?: readonly PendingWrite[];
  readonly result: (user: User) => T;
}

export function createSecondFactorService(deps: SecondFactorDeps): SecondFactorService {
  const { sessions, lockout, securityLog } = deps;
  const { users } = deps.repository;

  const stepUsed = (factorId: string, step: number, refusal: Refusal): PendingWrite =>
    sessions.useStep(factorId, step, () => wrongCode(refusal, 'totp_code'));

  /** @throws DomainError where it is no code of this person that counts now */
  function spend(user: User, shown: ShownCode, refusal: Refusal, now: Date): Spent {
    const factor = factorOf(user);
    if (factor === undefined) throw noFactor();
    if (shown.totp_code !== undefined) {
      const step = totpStep(factor.secret, shown.totp_code, now);
      if (step === undefined) throw wrongCode(refusal, 'totp_code');
      return { user, factor, writes: [stepUsed(factor.id, step, refusal)], recovery: false };
    }
    if (shown.recovery_code === undefined) throw codeMissing(refusal);
    const left = withoutRecoveryCode(user, factor, shown.recovery_code);
    if (left === undefined) throw wrongCode(refusal, 'recovery_code');
    return { user: left, factor: factorOf(left) ?? factor, writes: [], recovery: true };
  }

  /** One transaction: what the code is shown for, and that it was. @param verified the person as they were when the password was compared */
  async function commit<T>(
    command: Command,
    verified: User,
    decide: (user: User) => Outcome<T>,
    work: UnitOfWork = deps.unitOfWork,
  ): Promise<T> {
    return work.run(command, async () => {
      const user = await users.require(verified.id);
      if (user.auth_epoch !== verified.auth_epoch || user.status !== 'active') throw changedMeanwhile();
      const { draft, action, writes = [], result } = decide(user);
      if (draft === user) return { result: result(user), writes };
      const saved = users.update(command, user, draft, { action });
      return { result: result(saved.entity), writes: [...saved.writes, ...writes] };
    });
  }

  /** Counts, runs, and tells of what was refused. */
  function withCode<T>(person: User, { ip, request_id, ...origin }: Origin, run: () => Promise<T>): Promise<T> {
    return lockout.attemptCode(person.email, { ip, request_id, ...origin }, () =>
      run().catch((error: unknown) => {
        if (error instanceof DomainError && error.code === WRONG_CODE)
          securityLog.record({ kind: 'second_factor_refused', actor_id: person.id, ip, request_id });
        throw error;
      }),
    );
  }

  const tellRecovery = async (person: User, { ip, request_id }: Origin): Promise<void> => {
    securityLog.record({ kind: 'recovery_code_used', actor_id: person.id, ip, request_id });
    await deps.users.notify(person, 'recovery_used', person.id);
  };

  /** A decision that takes a code of the factor there is. */
  async function shownFor<T>(
    command: Command,
    verified: User,
    shown: ShownCode,
    origin: Origin,
    decide: (spent: Spent) => Outcome<T>,
    refusal: Refusal = 'forbidden',
    work: UnitOfWork = deps.unitOfWork,
  ): Promise<T> {
    let recovery = false;
    const spending = (user: User): Outcome<T> => {
      const spent = spend(user, shown, refusal, command.now);
      recovery = spent.recovery;
      const outcome = decide(spent);
      return { ...outcome, writes: [...spent.writes, ...(outcome.writes ?? [])] };
    };
    const result = await withCode(verified, origin, () => commit(command, verified, spending, work));
    if (recovery) await tellRecovery(verified, origin);
    return result;
  }

  return {
    signIn(verified, shown, origin) {
      const id = randomUUID();
      const decide = ({ user, factor }: Spent): Outcome<Session> => {
        const session = newSession({ id, factor: factor.id }, verified, origin.now);
        return { draft: user, action: 'recovery_code_used', writes: [sessions.write(session)], result: () => session };
      };
      const work = shown.totp_code === undefined ? deps.unitOfWork : deps.everywhere;
      return shownFor(ownCommand(verified.id, origin), verified, shown, origin, decide, 'unauthenticated', work);
    },
    async begin(command, verified, shown, origin) {
      const secret = newTotpSecret();
      const begun = (user: User | Draft<User>): Outcome<User> => ({
        draft: withPendingFactor(user, secret, command.now),
        action: 'second_factor_begun',
        result: itself,
      });
      const after =
        factorOf(verified) === undefined
          ? await commit(command, verified, (user) => {
              if (factorOf(user) !== undefined) throw changedMeanwhile();
              return begun(user);
            })
          : await shownFor(command, verified, shown, origin, ({ user }) => begun(user));
      const { kind, expires_at } = pendingFactor(after, command.now);
      return { kind, secret, uri: totpUri(secret, verified.email), expires_at };
    },
    async confirm(command, person, code, origin) {
      const { now } = command;
      const [id, sessionId, recovery_codes] = [randomUUID(), randomUUID(), newRecoveryCodes()];
      const recovery = recovery_codes.map((each) => recoveryHash(person.id, each));
      const confirmed = await withCode(person, origin, () =>
        commit(command, person, (user): Outcome<Confirmed> => {
          const pending = pendingFactor(user, now);
          const step = totpStep(pending.secret, code, now);
          if (step === undefined) throw wrongCode('forbidden', 'totp_code');
          const session = newSession({ id: sessionId, factor: id }, user, now);
          return {
            draft: withFactor(user, pending, { id, recovery, now }),
            action: 'second_factor_set',
            writes: [stepUsed(id, step, 'forbidden'), sessions.write(session)],
            result: (after) => ({ user: after, session, recovery_codes }),
          };
        }),
      );
      const { ip, request_id } = origin;
      securityLog.record({ kind: 'second_factor_set', actor_id: person.id, ip, request_id });
      await deps.users.notify(person, 'factor_set', person.id);
      return confirmed;
    },
    async renewRecoveryCodes(command, verified, shown, origin) {
      const codes = newRecoveryCodes();
      const recovery = codes.map((each) => recoveryHash(verified.id, each));
      await shownFor(command, verified, shown, origin, ({ user, factor }) => ({
        draft: withRecoveryCodes(user, factor, recovery),
        action: 'recovery_codes_renewed',
        result: itself,
      }));
      const { ip, request_id } = origin;
      securityLog.record({ kind: 'recovery_codes_renewed', actor_id: verified.id, ip, request_id });
      return codes;
    },
  };
}

const itself = (user: User): User => user;

/** Of who signs in: nobody has asked yet. */
const ownCommand = (id: string, { now, request_id }: Origin): Command => ({
  actor: { id, roles: [], permissions: new Set() },
  now,
  request_id,
  dryRun: false,
  ids: idSource(),
});

const WRONG_CODE = 'auth.wrong-code';

const wrongCode = (refusal: Refusal, field: keyof ShownCode): DomainError =>
  new DomainError(refusal, WRONG_CODE, 'The code is wrong, over, or was used before. Wait for the next one.', {
    errors: [{ pointer: `/${field}`, detail: 'is no code that is good now' }],
  });

const codeMissing = (refusal: Refusal): DomainError =>
  new DomainError(
    refusal,
    SECOND_FACTOR_REQUIRED,
    'This account has a second factor. Send the same request with totp_code, or with a recovery_code.',
    { errors: [{ pointer: '/totp_code', detail: 'is required' }] },
  );

const noFactor = (): DomainError =>
  new DomainError(
    'conflict',
    'auth.no-second-factor',
    'You have no second factor. Set one at POST /api/v1/auth/second-factor.',
  );

const changedMeanwhile = (): DomainError =>
  new DomainError('unauthenticated', 'auth.ended', 'The account was changed meanwhile. Sign in again.');
