/** A single-use link by which a person chooses a password that nobody else knows. Only its hash is stored. Pure. */
import { sha256 } from '../../shared/audit/canonical.ts';
import { equalText } from '../../shared/crypto.ts';
import { DomainError } from '../../shared/errors.ts';
import type { User } from './user.schema.ts';

export const ENROLMENT_HOURS = 24;

export type Enrolment = NonNullable<User['enrolment']>;

export interface EnrolmentLink {
  readonly secret: string;
  readonly enrolment: Enrolment;
}

/** @param secret 256 random bits in base64url */
export const newEnrolment = (secret: string, now: Date): EnrolmentLink => ({
  secret,
  enrolment: {
    token_sha256: sha256(secret),
    expires_at: new Date(now.getTime() + ENROLMENT_HOURS * 3_600_000).toISOString(),
  },
});

/** `usr_<uuid>.<secret>`: the user is found by the token itself. */
export const enrolmentToken = (userId: string, secret: string): string => `${userId}.${secret}`;

export function parseEnrolmentToken(token: string): { readonly userId: string; readonly secret: string } | undefined {
  const match = /^(usr_[0-9a-f-]{36})\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const [, userId = '', secret = ''] = match;
  return { userId, secret };
}

/** @throws DomainError 401, for every reason alike */
export function requireEnrolment(user: User | undefined, secret: string, now: Date): User {
  const pending = user?.enrolment ?? undefined;
  const good =
    user?.status === 'active' &&
    pending !== undefined &&
    equalText(sha256(secret), pending.token_sha256) &&
    Date.parse(pending.expires_at) > now.getTime();
  if (!good) throw invalidEnrolment();
  return user;
}

export const invalidEnrolment = (): DomainError =>
  new DomainError(
    'unauthenticated',
    'auth.invalid-enrolment',
    'The link is unknown, was used, was replaced by a later one, or ended after 24 hours. An administrator sends another.',
  );
