/** Why nobody is signed in: told to the caller in general, to the security log in particular. Pure. */
import { DomainError } from '../../shared/errors.ts';

export type RefusalReason = 'state' | 'provider' | 'code' | 'token' | 'user';

const DETAILS: Readonly<Record<RefusalReason, string>> = {
  state:
    'This sign-in was not begun in this browser, was used already, or took longer than 10 minutes. Begin again at GET /api/v1/auth/oidc/login.',
  provider: 'The identity provider did not sign you in. Begin again at GET /api/v1/auth/oidc/login.',
  code: 'The code of the identity provider is not valid, was used already, or is of another sign-in. Begin again.',
  token:
    'What the identity provider said of you could not be verified. Begin again; tell an administrator if it stays so.',
  user: 'No user of this system signs in with this account at the identity provider. An administrator invites you, with the e-mail that the provider has verified or by a link.',
};

/** A refusal whose particular reason only the security log learns. */
export class SignInRefused extends DomainError {
  readonly why: string;
  constructor(reason: RefusalReason, why: string) {
    super('unauthenticated', `auth.oidc-${reason}`, DETAILS[reason]);
    this.why = `${reason} ${why}`;
  }
}

export const refused = (reason: RefusalReason, why: string): SignInRefused => new SignInRefused(reason, why);

const RETRY_SECONDS = 10;
export const UNAVAILABLE = 'auth.oidc-unavailable';

/** @returns the error itself where it says already what a caller is told */
export const unavailable = (cause: unknown): DomainError =>
  cause instanceof DomainError
    ? cause
    : new DomainError(
        'unavailable',
        UNAVAILABLE,
        'The identity provider cannot be reached now. Try again, or sign in with a password if you have one.',
        { retryAfter: RETRY_SECONDS, cause },
      );

export const notConfigured = (): DomainError =>
  new DomainError(
    'not_found',
    'auth.oidc-not-configured',
    'This server has no identity provider. Sign in with a password.',
  );
