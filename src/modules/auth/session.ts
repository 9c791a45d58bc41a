/**
 * A sign-in as it is kept: the generation its newest refresh token has. Nothing secret is stored: a token is the session, the
 * generation and a signature over both. Pure.
 */

import { PROVIDER_FACTOR, showsFactor, type User } from '../users/index.ts';

export interface Session {
  readonly id: string;
  readonly user_id: string;
  /** Of the newest refresh token; each refresh raises it. */
  readonly generation: number;
  readonly rotated_at: string;
  /** The user's, when the session began: another one ends it. */
  readonly auth_epoch: number;
  /** The second factor that was shown: of another one than the person has by now it is over. */
  readonly factor?: string | undefined;
  readonly created_at: string;
  /** Epoch seconds. */
  readonly expires_at: number;
}

export const SESSION_SECONDS = 7 * 24 * 3600;
/** A working day: whoever the identity provider no longer knows is out by then. */
const PROVIDER_SECONDS = 12 * 3600;
/** Two tabs, or a reply that was lost: the token before is accepted for as long. */
const GRACE_MS = 10_000;

export interface SessionFacts {
  readonly id: string;
  readonly factor?: string | undefined;
}

export const newSession = (
  { id, factor }: SessionFacts,
  user: { readonly id: string; readonly auth_epoch: number },
  now: Date,
): Session => ({
  id,
  user_id: user.id,
  generation: 1,
  rotated_at: now.toISOString(),
  auth_epoch: user.auth_epoch,
  ...(factor === undefined ? {} : { factor }),
  created_at: now.toISOString(),
  expires_at: Math.floor(now.getTime() / 1000) + (factor === PROVIDER_FACTOR ? PROVIDER_SECONDS : SESSION_SECONDS),
});

type Owner = Pick<User, 'id' | 'auth_epoch' | 'second_factor'>;

/** Another epoch or another second factor of the user ends it. */
export const isOf = (session: Session, user: Owner): boolean =>
  session.user_id === user.id && session.auth_epoch === user.auth_epoch && showsFactor(user, session.factor);

/** Whether what was signed in then still is. */
export const isLive = (session: Session, user: Owner, now: Date): boolean =>
  isOf(session, user) && session.expires_at * 1000 > now.getTime();

export type RefreshVerdict = 'rotate' | 'same_successor' | 'reused' | 'over';

/** What a refresh token of that generation may do. An older one was used already: somebody has a copy. */
export function decideRefresh(session: Session, generation: number, now: Date): RefreshVerdict {
  if (session.expires_at * 1000 <= now.getTime()) return 'over';
  if (generation === session.generation) return 'rotate';
  const isPrevious = generation === session.generation - 1;
  return isPrevious && now.getTime() - Date.parse(session.rotated_at) <= GRACE_MS ? 'same_successor' : 'reused';
}

export interface TokenParts {
  readonly id: string;
  readonly generation: number;
  readonly signature: string;
}

export const signedPart = (id: string, generation: number): string => `${id}.${generation}`;

export function parseRefreshToken(token: string): TokenParts | undefined {
  const match = /^([0-9a-f-]{36})\.(\d{1,9})\.([\w-]{43})$/.exec(token);
  if (match === null) return undefined;
  const [, id = '', generation = '', signature = ''] = match;
  return { id, generation: Number(generation), signature };
}
