/** Signing in through the identity provider: whose account it is here, and what they then may. */
import { randomBytes } from 'node:crypto';
import type { Vault } from '../../shared/crypto.ts';
import { DomainError } from '../../shared/errors.ts';
import type { SecurityLog } from '../audit/index.ts';
import type { AuthService, Grant, Origin } from '../auth/index.ts';
import { PROVIDER_FACTOR, type User, type UserService } from '../users/index.ts';
import { type Assertion, assertionOf, isStrongEnough } from './claims.ts';
import type { OidcOptions } from './options.ts';
import { cookieOf, LOGIN_SECONDS, noCookie, type PendingLogin, pendingLogin } from './pending-login.ts';
import type { Provider } from './provider.ts';
import { notConfigured, refused, SignInRefused, UNAVAILABLE } from './refusals.ts';
import type { UsedLoginRepository } from './used-login.repository.ts';

/** Where the browser goes, and what it keeps meanwhile. */
export interface Begun {
  readonly url: string;
  readonly cookie: string;
}

/** What came back from the provider by way of the browser. */
export interface Answer {
  readonly query: URLSearchParams;
  readonly cookies: string | undefined;
}

export interface OidcService {
  /** Null where there is no provider. */
  readonly name: string | null;
  /** @throws DomainError 404 where there is no provider, 503 where it cannot be reached */
  begin(origin: Origin): Promise<Begun>;
  /** Begins a sign-in that links the account to whom the invitation is for. @throws DomainError 401 */
  beginByInvitation(token: string, origin: Origin): Promise<Begun>;
  /** @throws DomainError 401 for any reason, 403 for a sign-in that is too weak for the roles, 409, 503 */
  complete(answer: Answer, origin: Origin): Promise<Grant>;
  /** Ends what the browser keeps. */
  cleared(): string;
}

export interface OidcServiceDeps {
  readonly options: OidcOptions | undefined;
  readonly provider: Provider | undefined;
  readonly used: UsedLoginRepository;
  readonly users: UserService;
  readonly auth: Pick<AuthService, 'begin'>;
  readonly vault: Vault;
  readonly securityLog: Pick<SecurityLog, 'record' | 'recordOnce'>;
}

export function createOidcService(deps: OidcServiceDeps): OidcService {
  const { used, users, auth, vault, securityLog } = deps;

  function configured() {
    const { options, provider } = deps;
    if (options === undefined || provider === undefined) throw notConfigured();
    return { options, provider };
  }

  async function beginWith(now: Date, invitation?: string): Promise<Begun> {
    const { options, provider } = configured();
    const [state, nonce, verifier] = [random(), random(), random()];
    const pending: PendingLogin = {
      state,
      nonce,
      verifier,
      invitation,
      expires_at: now.getTime() + LOGIN_SECONDS * 1000,
    };
    return { url: await provider.authorizationUrl(pending), cookie: cookieOf(vault, options.redirectUri, pending) };
  }

  /** What the browser kept is used up, whatever comes of it. */
  async function takePending({ query, cookies }: Answer, now: Date): Promise<PendingLogin> {
    const { redirectUri } = configured().options;
    const state = query.get('state') ?? '';
    const pending = pendingLogin(vault, redirectUri, { header: cookies, state, now });
    if (pending === undefined) throw refused('state', 'not of this browser');
    if (!(await used.use(state, pending.expires_at))) throw refused('state', 'used');
    return pending;
  }

  async function signedIn(assertion: Assertion, pending: PendingLogin, origin: Origin): Promise<User> {
    const { options } = configured();
    const user = await userOf(assertion, pending, origin);
    if (user.status !== 'active') throw refused('user', 'disabled');
    const { roles } = assertion;
    const now = roles === undefined ? user : await users.applyRoles(user.id, roles, origin);
    requireStrength(now, assertion, options);
    return now;
  }

  async function userOf(assertion: Assertion, { invitation }: PendingLogin, origin: Origin): Promise<User> {
    const { identity } = assertion;
    const known = await users.findByIdentity(identity);
    if (invitation !== undefined) {
      requireStrength(await users.invitedBy(invitation, origin.now), assertion, configured().options);
      return users.linkByInvitation(identity, invitation, origin);
    }
    return known ?? (await linkedByEmail(assertion, origin));
  }

  /** Of two first sign-ins at once one links the account; the other finds it linked. */
  async function linkedByEmail(assertion: Assertion, origin: Origin): Promise<User> {
    const { identity, email } = assertion;
    if (email === undefined) throw refused('user', 'no verified e-mail');
    const approve = (user: User): void => requireStrength(user, assertion, configured().options);
    try {
      const linked = await users.linkByEmail(identity, email, approve, origin);
      if (linked !== undefined) return linked;
    } catch (error) {
      if (!(error instanceof DomainError && error.kind === 'conflict')) throw error;
    }
    const known = await users.findByIdentity(identity);
    if (known === undefined) throw refused('user', 'no such user');
    return known;
  }

  /** What goes wrong is told to the security log, where the caller learns nothing particular. */
  async function told<T>({ ip, request_id }: Pick<Origin, 'ip' | 'request_id'>, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      if (error instanceof SignInRefused)
        securityLog.record({ kind: 'identity_refused', ip, request_id, detail: error.why });
      if (error instanceof DomainError && error.code === UNAVAILABLE)
        securityLog.recordOnce({ kind: 'identity_provider_lost', detail: causesOf(error) });
      throw error;
    }
  }

  return {
    name: deps.options?.name ?? null,
    begin: (origin) => told(origin, () => beginWith(origin.now)),
    beginByInvitation: (token, origin) =>
      told(origin, async () => {
        configured();
        await users.invitedBy(token, origin.now);
        return beginWith(origin.now, token);
      }),
    complete: (answer, origin) =>
      told(origin, async () => {
        const { options, provider } = configured();
        const pending = await takePending(answer, origin.now);
        const assertion = assertionOf(await provider.claims(answer.query, pending), options);
        const user = await signedIn(assertion, pending, origin);
        const { ip, request_id } = origin;
        securityLog.record({ kind: 'signed_in', actor_id: user.id, ip, request_id, detail: 'identity provider' });
        return auth.begin(user, origin.now, PROVIDER_FACTOR);
      }),
    cleared: () => noCookie(configured().options.redirectUri),
  };
}

const random = (): string => randomBytes(32).toString('base64url');

/** Roles that rest count too: a sign-in outlasts the moment in which another admin confirms them. */
function requireStrength({ roles }: User, assertion: Assertion, options: OidcOptions): void {
  if (isStrongEnough(roles, assertion, options)) return;
  throw new DomainError(
    'forbidden',
    'auth.oidc-second-factor-missing',
    'Your roles take a sign-in with a second factor at the identity provider. Set one up there, and begin again.',
  );
}

/** The messages of an error and its causes: the last says what happened. */
function causesOf(error: Error): string {
  const messages: string[] = [];
  for (let each: unknown = error.cause; each instanceof Error && messages.length < 5; each = each.cause)
    messages.push(each.message);
  return messages.join(': ').slice(0, 300);
}
