/** Starts a real OpenID provider on loopback, and is the browser that goes to and fro. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { OidcOptions } from '../../src/modules/oidc/index.ts';
import type { TestApi, TestReply } from './api.ts';
import type { Fault, Order, Tampering } from './identity-provider-process.ts';

export interface IdentityProvider {
  readonly options: OidcOptions;
  /** Somebody who has an account there, and what it says of them. */
  account(id: string, claims: Record<string, unknown>): Promise<void>;
  tamper(how: Tampering | null): Promise<void>;
  fail(path: string, how: Fault | null): Promise<void>;
  publish(metadata: Record<string, unknown>): Promise<void>;
  rotate(): Promise<void>;
  /** How often that path was asked for. */
  count(path: string): Promise<number>;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export const REDIRECT_URI = 'https://p2p.example.com/api/v1/auth/oidc/callback';
const CLIENT_SECRET = 'known to the provider and to this test';

export async function identityProvider(t: { teardown(fn: () => Promise<void>): unknown }): Promise<IdentityProvider> {
  const issuer = `http://127.0.0.1:${await freePort()}`;
  let child: ChildProcess | undefined;
  let orders = 0;
  const start = async (): Promise<void> => {
    const script = fileURLToPath(new URL('identity-provider-process.ts', import.meta.url));
    // It warns that it was not tested on this Node.
    const stdio = ['ignore', 'ignore', process.env['OIDC_DEBUG'] ? 'inherit' : 'ignore', 'ipc'] as const;
    child = fork(script, [issuer, REDIRECT_URI, CLIENT_SECRET], { execArgv: ['--import', 'tsx'], stdio: [...stdio] });
    await once(child, 'message');
  };
  const stop = async (): Promise<void> => {
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  const send = (order: Order): Promise<unknown> =>
    new Promise((resolve) => {
      orders += 1;
      const id = orders;
      const listen = (reply: { id: number; result: unknown }): void => {
        if (reply.id !== id) return;
        child?.off('message', listen);
        resolve(reply.result);
      };
      child?.on('message', listen);
      child?.send({ id, order });
    });
  await start();
  t.teardown(stop);
  return {
    options: {
      issuer,
      clientId: 'p2p',
      clientSecret: CLIENT_SECRET,
      scopes: 'openid email groups',
      redirectUri: REDIRECT_URI,
      name: 'Example directory',
      roles: {},
      trustGuardedRoles: false,
    },
    account: async (id, claims) => void (await send({ do: 'account', id, claims })),
    tamper: async (how) => void (await send({ do: 'tamper', how })),
    fail: async (path, how) => void (await send({ do: 'fail', path, how })),
    publish: async (metadata) => void (await send({ do: 'publish', metadata })),
    rotate: async () => void (await send({ do: 'rotate' })),
    count: async (path) => Number(await send({ do: 'count', path })),
    start,
    stop,
  };
}

/** What a browser holds after the provider has sent it back. */
export interface Return {
  readonly cookie: string;
  readonly query: string;
}

type Api = Pick<TestApi, 'raw'>;

/** Begins at the server and signs in at the provider. */
export async function goToProvider(api: Api, account: string): Promise<Return> {
  const begun = await api.raw('GET', '/api/v1/auth/oidc/login');
  if (begun.status !== 302) throw new Error(JSON.stringify(begun.body));
  return signInThere(String(begun.headers.location), cookieFrom(begun), account);
}

export const cookieFrom = ({ headers }: TestReply): string => String(headers['set-cookie']).split(';')[0] ?? '';

/** Follows the provider's redirects until they lead back. */
export async function signInThere(url: string, cookie: string, account: string): Promise<Return> {
  const jar = new Map<string, string>();
  for (let next = url, steps = 0; steps < 10; steps += 1) {
    if (next.startsWith(REDIRECT_URI)) return { cookie, query: new URL(next).search };
    const cookies = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const reply = await fetch(next, { redirect: 'manual', headers: { cookie: cookies, 'x-account': account } });
    for (const set of reply.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') jar.delete(name);
      else jar.set(name, value);
    }
    const location = reply.headers.get('location');
    if (location === null) throw new Error(`the provider stopped at ${next}: ${reply.status} ${await reply.text()}`);
    next = new URL(location, next).href;
  }
  throw new Error('the provider redirects without an end');
}

export const comeBack = (api: Api, { cookie, query }: Return): Promise<TestReply> =>
  api.raw('GET', `/api/v1/auth/oidc/callback${query}`, { headers: { cookie } });

export const signInThrough = async (api: Api, account: string): Promise<TestReply> =>
  comeBack(api, await goToProvider(api, account));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}
