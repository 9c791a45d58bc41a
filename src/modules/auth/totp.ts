/** Time-based one-time passwords (RFC 6238) as every authenticator app has them: SHA-1, 6 digits, 30 seconds. Pure but for random secrets. */
import { randomBytes } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { RECOVERY_CODES } from '../users/index.ts';

const ISSUER = 'procure-to-pay';
const SECONDS = 30;
/** RFC 6238, 5.2: one step before and after, for clocks that differ. */
const WINDOW = 1;

/** 160 bits, as long as the hash (RFC 4226, 4), in base32. */
export const newTotpSecret = (): string => new Secret({ size: 20 }).base32;

const totpOf = (secret: string, label: string): TOTP =>
  new TOTP({ issuer: ISSUER, label, algorithm: 'SHA1', digits: 6, period: SECONDS, secret: Secret.fromBase32(secret) });

/** What an authenticator app reads, usually as a QR code. */
export const totpUri = (secret: string, email: string): string => totpOf(secret, email).toString();

/** The time step that the code is of; undefined where it is of none that counts now. */
export function totpStep(secret: string, code: string, now: Date): number | undefined {
  const totp = totpOf(secret, '');
  const timestamp = now.getTime();
  const delta = totp.validate({ token: code, timestamp, window: WINDOW });
  return delta === null ? undefined : totp.counter({ timestamp }) + delta;
}

/** Epoch seconds after which no code of that step, or of one before, counts. */
export const stepEnds = (step: number): number => (step + 1 + WINDOW) * SECONDS;

/** Crockford's alphabet: no I, L, O, U. */
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const newRecoveryCodes = (): string[] => Array.from({ length: RECOVERY_CODES }, newRecoveryCode);

/** 16 letters of 5 random bits. */
const newRecoveryCode = (): string =>
  [...randomBytes(16)]
    .map((byte, index) => `${index > 0 && index % 4 === 0 ? '-' : ''}${LETTERS.charAt(byte & 31)}`)
    .join('');
