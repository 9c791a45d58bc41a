/** A sign-in under way, kept encrypted in a cookie of the browser that began it. Pure. */
import type { Vault } from '../../shared/crypto.ts';
import { equalText } from '../../shared/crypto.ts';
import type { Binding } from './provider.ts';

export interface PendingLogin extends Binding {
  /** Milliseconds since the epoch. */
  readonly expires_at: number;
  /** The token of an invitation, where this sign-in links an account by it. */
  readonly invitation?: string | undefined;
}

export const LOGIN_SECONDS = 600;
const CONTEXT = 'oidc sign-in';

/** `__Host-`: no neighbouring host can set it. It needs https, which a laptop does not have. */
const cookieName = (redirectUri: string): string => (redirectUri.startsWith('https:') ? '__Host-p2p_oidc' : 'p2p_oidc');

export function cookieOf(vault: Vault, redirectUri: string, pending: PendingLogin): string {
  return cookie(redirectUri, Buffer.from(vault.seal(pending, CONTEXT)).toString('base64url'), LOGIN_SECONDS);
}

export const noCookie = (redirectUri: string): string => cookie(redirectUri, '', 0);

function cookie(redirectUri: string, value: string, seconds: number): string {
  const secure = redirectUri.startsWith('https:') ? '; Secure' : '';
  return `${cookieName(redirectUri)}=${value}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
}

/** @returns undefined for whatever is not the sign-in of this state, begun in this browser within the last 10 minutes */
export function pendingLogin(
  vault: Vault,
  redirectUri: string,
  { header, state, now }: { readonly header: string | undefined; readonly state: string; readonly now: Date },
): PendingLogin | undefined {
  const name = cookieName(redirectUri);
  const values = (header ?? '').split(';').map((each) => each.trim());
  const found = values.find((each) => each.startsWith(`${name}=`))?.slice(name.length + 1);
  if (found === undefined) return undefined;
  const pending = opened(vault, Buffer.from(found, 'base64url').toString());
  if (pending === undefined || pending.expires_at <= now.getTime()) return undefined;
  return equalText(pending.state, state) ? pending : undefined;
}

function opened(vault: Vault, sealed: string): PendingLogin | undefined {
  try {
    return vault.open(sealed, CONTEXT) as PendingLogin;
  } catch {
    return undefined;
  }
}
