/** The second factor in a person's record: which one is asked for, which one waits for its first code, which recovery codes are left. Pure. */
import { sha256 } from '../../shared/audit/canonical.ts';
import type { Draft } from '../../shared/dynamo/entity-store.ts';
import { conflictError } from '../../shared/errors.ts';
import { GUARDED_ROLES, type Role } from '../../shared/permissions.ts';
import type { User } from './user.schema.ts';

export type SecondFactor = NonNullable<User['second_factor']>;
type PendingFactor = NonNullable<User['second_factor_pending']>;
type Factored = Pick<User, 'second_factor'>;

export const RECOVERY_CODES = 10;
/** How long a secret waits for its first code. */
const PENDING_MINUTES = 15;

export const factorOf = ({ second_factor }: Factored): SecondFactor | undefined => second_factor ?? undefined;

/** What a sign-in through the identity provider has shown: that provider asks for a second factor of its own. */
export const PROVIDER_FACTOR = 'provider';

/** What a sign-in has shown besides a password: the id of the person's factor. */
export const showsFactor = (user: Factored, shown: string | undefined): boolean =>
  factorOf(user) === undefined || hasShownFactor(user, shown);

export const hasShownFactor = (user: Factored, shown: string | undefined): boolean =>
  shown === PROVIDER_FACTOR || (shown !== undefined && shown === factorOf(user)?.id);

/** Whether there is a sign-in of the person that shows one. */
export const hasFactor = (user: Pick<User, 'second_factor' | 'identities'>): boolean =>
  factorOf(user) !== undefined || (user.identities ?? []).length > 0;

/** A secret that does not count yet: the factor there is stays until the new one has shown a code. */
export const withPendingFactor = (user: User | Draft<User>, secret: string, now: Date): Draft<User> => ({
  ...user,
  second_factor_pending: {
    kind: 'totp',
    secret,
    expires_at: new Date(now.getTime() + PENDING_MINUTES * 60_000).toISOString(),
  },
});

/** @throws DomainError 409 where none waits */
export function pendingFactor({ second_factor_pending: pending }: User, now: Date): PendingFactor {
  if (pending === undefined || pending === null || Date.parse(pending.expires_at) <= now.getTime())
    throw conflictError(
      'auth.no-second-factor-pending',
      `No second factor waits for its first code, or its ${PENDING_MINUTES} minutes are over. Begin at POST /api/v1/auth/second-factor.`,
    );
  return pending;
}

/** The factor whose first code was shown takes the place of the one before, with recovery codes of its own. */
export const withFactor = (
  user: Draft<User>,
  pending: PendingFactor,
  made: { readonly id: string; readonly recovery: readonly string[]; readonly now: Date },
): Draft<User> => ({
  ...user,
  second_factor: {
    kind: pending.kind,
    id: made.id,
    secret: pending.secret,
    confirmed_at: made.now.toISOString(),
    recovery: [...made.recovery],
  },
  second_factor_pending: null,
});

export const withoutFactor = { second_factor: null, second_factor_pending: null } as const;

export const withRecoveryCodes = (
  user: Draft<User>,
  factor: SecondFactor,
  recovery: readonly string[],
): Draft<User> => ({
  ...user,
  second_factor: { ...factor, recovery: [...recovery] },
});

/** Undefined where this is none of the codes that are left. */
export function withoutRecoveryCode(user: User, factor: SecondFactor, code: string): Draft<User> | undefined {
  const used = recoveryHash(user.id, code);
  const left = factor.recovery.filter((hash) => hash !== used);
  return left.length < factor.recovery.length ? withRecoveryCodes(user, factor, left) : undefined;
}

/** 80 random bits: a fast hash is enough, and the person's id makes equal codes of two people two hashes. Case and dashes do not count. */
export const recoveryHash = (userId: string, code: string): string =>
  sha256(`${userId} ${code.replaceAll(/[^0-9a-z]/gi, '').toUpperCase()}`);

export interface FactorRule {
  /** docs/rules.md#second-factor: guarded roles take one. */
  readonly required: boolean;
  /** In this sign-in; or, where a key acts, that its owner has one. */
  readonly shown: boolean;
}

export const lacksFactor = ({ roles }: Pick<User, 'roles'>, { required, shown }: FactorRule): boolean =>
  required && !shown && roles.some(isGuardedRole);

const isGuardedRole = (role: Role): boolean => GUARDED_ROLES.has(role);
