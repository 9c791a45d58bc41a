/** `X-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256(secret, t + "." + raw body)>`: who has the secret sent this body, lately. Pure. */
import { createHmac } from 'node:crypto';
import { equalText } from '../../shared/crypto.ts';

/** A callback older than this, or from further ahead, is refused: it may be one that was overheard. */
export const TOLERANCE_SECONDS = 300;

const HEADER = /^t=(\d{1,12}),\s?v1=([0-9a-f]{64})$/i;

export interface SignedRequest {
  readonly header: string | undefined;
  /** The body's exact text. */
  readonly body: string;
  readonly now: Date;
}

/** False without a secret: then nobody can have signed. */
export function isSigned(secret: string | undefined, { header, body, now }: SignedRequest): boolean {
  const [, seconds, given] = HEADER.exec(header ?? '') ?? [];
  if (secret === undefined || seconds === undefined || given === undefined) return false;
  const fresh = Math.abs(now.getTime() / 1000 - Number(seconds)) <= TOLERANCE_SECONDS;
  return equalText(signatureOf(secret, seconds, body), given.toLowerCase()) && fresh;
}

export const signatureOf = (secret: string, seconds: string, body: string): string =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
