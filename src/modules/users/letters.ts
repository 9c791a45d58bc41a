/** What the server writes to people. A letter names no secret but the link that is its purpose. Pure. */
import type { Letter } from '../../shared/mail/mail.ts';
import { ENROLMENT_HOURS } from './enrolment.ts';

interface Addressee {
  readonly email: string;
  readonly name: string;
}

/** @param page the page of the installation that takes the token after `#`; undefined where there is none */
export function invitation(person: Addressee, token: string, page: string | undefined): Letter {
  const way =
    page === undefined
      ? `Send this token with a password of your own to POST /api/v1/auth/enrol:\n\n${token}`
      : `Choose your password here:\n\n${page}#${token}`;
  return letter(
    person,
    'Choose your password',
    `An administrator invited you to procure-to-pay, or reset your password.\n\n${way}\n\nThe link works once and ends after ${ENROLMENT_HOURS} hours. Nobody else needs it: do not pass it on.`,
  );
}

export type NoticeOf =
  | 'roles_changed'
  | 'roles_proposed'
  | 'disabled'
  | 'enabled'
  | 'confirmed'
  | 'factor_set'
  | 'recovery_used'
  | 'unlinked'
  | 'key_made';

const NOTICES: Readonly<Record<NoticeOf, string>> = {
  roles_changed: 'Your roles or your approval limit were changed.',
  roles_proposed: 'A change of your roles, limit or status was proposed. Another administrator decides it.',
  disabled: 'Your account was disabled.',
  enabled: 'Your account was enabled again.',
  confirmed: 'A second administrator confirmed the reset of your password: you decide again.',
  factor_set: 'A second factor was set for your account. Signing in takes a code of it from now on.',
  recovery_used: 'A recovery code was used for your account.',
  unlinked:
    'Your account at the identity provider was unlinked from this system. It no longer signs you in; an invitation links it again.',
  key_made:
    'An API key was made that acts in your name. GET /api/v1/me/api-keys shows it. Where its status is proposed it works only once you consent (POST /api/v1/me/api-keys/{id}/consent).',
};

export const notice = (person: Addressee, of: NoticeOf, actor: string): Letter =>
  letter(
    person,
    'Your account was changed',
    `${NOTICES[of]}\n\nBy: ${actor}\n\nIf you did not expect this, tell an administrator other than that one.`,
  );

const letter = ({ email, name }: Addressee, subject: string, text: string): Letter => ({
  to: email,
  subject,
  text: `Dear ${name},\n\n${text}`,
});
