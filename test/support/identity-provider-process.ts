/** A real OpenID provider in a process of its own. Whoever started it tells it what to say, and when to fail. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { exportJWK, generateKeyPair, type JWK, SignJWT, UnsecuredJWT } from 'jose';
import { Provider } from 'oidc-provider';

export interface Tampering {
  /** Null takes one away. */
  readonly claims?: Record<string, unknown>;
  readonly kid?: string;
  /** `public`: HS256 with the public key as the secret, which who reads the keys has. */
  readonly signature?: 'other key' | 'none' | 'public';
}

export type Fault = 'error' | 'redirect' | 'large' | 'hangs' | 'garbage';

export type Order =
  | { readonly do: 'account'; readonly id: string; readonly claims: Record<string, unknown> }
  | { readonly do: 'tamper'; readonly how: Tampering | null }
  | { readonly do: 'fail'; readonly path: string; readonly how: Fault | null }
  | { readonly do: 'publish'; readonly metadata: Record<string, unknown> }
  | { readonly do: 'rotate' }
  | { readonly do: 'count'; readonly path: string };

const [issuer = '', redirectUri = '', clientSecret = ''] = process.argv.slice(2);
const accounts = new Map<string, Record<string, unknown>>();
const faults = new Map<string, Fault>();
const counts = new Map<string, number>();
let metadata: Record<string, unknown> = {};
let tampering: Tampering | null = null;
let keys = 0;
let signing = await newKey();
let handle = serve();

async function newKey() {
  keys += 1;
  const pair = await generateKeyPair('RS256', { extractable: true });
  const known = { kid: `key-${keys}`, alg: 'RS256', use: 'sig' };
  return { ...pair, kid: known.kid, jwk: { ...(await exportJWK(pair.privateKey)), ...known } satisfies JWK };
}

function serve() {
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'p2p',
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        response_types: ['code'],
        grant_types: ['authorization_code'],
      },
    ],
    jwks: { keys: [signing.jwk] },
    cookies: { keys: ['known to everyone'] },
    scopes: ['openid', 'email', 'groups'],
    claims: { openid: ['sub', 'amr', 'acr'], email: ['email', 'email_verified'], groups: ['groups', '_claim_names'] },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_context: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    findAccount: (_context: unknown, accountId: string) => ({
      accountId,
      claims: async () => ({ sub: accountId, ...accounts.get(accountId) }),
    }),
    async loadExistingGrant({ oidc }: Parameters<Parameters<Provider['use']>[0]>[0]) {
      const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid email groups');
      await grant.save();
      return grant;
    },
  });
  provider.use(async (context, next) => {
    await next();
    if (context.path === '/.well-known/openid-configuration') context.body = { ...Object(context.body), ...metadata };
    const body = context.body as { id_token?: string };
    if (context.path === '/token' && tampering !== null && body.id_token !== undefined)
      context.body = { ...body, id_token: await tampered(body.id_token, tampering) };
  });
  const callback = provider.callback();
  return (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url?.startsWith('/interaction/') !== true) return void callback(request, response);
    const accountId = String(request.headers['x-account']);
    const { amr, acr } = accounts.get(accountId) ?? {};
    const login = { accountId, amr, acr };
    void provider.interactionFinished(request, response, { login });
  };
}

async function tampered(token: string, { claims, kid, signature }: Tampering): Promise<string> {
  const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  const said = Object.fromEntries(Object.entries({ ...payload, ...claims }).filter(([, value]) => value !== null));
  if (signature === 'none') return new UnsecuredJWT(said).encode();
  if (signature === 'public') {
    const { d: _d, p: _p, q: _q, dp: _dp, dq: _dq, qi: _qi, ...open } = signing.jwk as JWK;
    const secret = new TextEncoder().encode(JSON.stringify(open));
    return new SignJWT(said).setProtectedHeader({ alg: 'HS256', kid: signing.kid }).sign(secret);
  }
  const key = signature === 'other key' ? (await generateKeyPair('RS256')).privateKey : signing.privateKey;
  return new SignJWT(said).setProtectedHeader({ alg: 'RS256', kid: kid ?? signing.kid }).sign(key);
}

const FAULTS: Readonly<Record<Fault, (response: ServerResponse) => void>> = {
  error: (response) => void response.writeHead(502).end('bad gateway'),
  redirect: (response) => void response.writeHead(302, { location: `${issuer}/elsewhere` }).end(),
  large: (response) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ a: 'a'.repeat(400_000) })),
  hangs: () => undefined,
  garbage: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{'),
};

const server = createServer((request, response) => {
  const path = request.url?.split('?')[0] ?? '';
  counts.set(path, (counts.get(path) ?? 0) + 1);
  const fault = faults.get(path);
  if (fault === undefined) handle(request, response);
  else FAULTS[fault](response);
});

async function carryOut(order: Order): Promise<unknown> {
  switch (order.do) {
    case 'account':
      return accounts.set(order.id, order.claims).size;
    case 'tamper':
      tampering = order.how;
      return undefined;
    case 'fail':
      return order.how === null ? faults.delete(order.path) : faults.set(order.path, order.how).size;
    case 'publish':
      metadata = order.metadata;
      return undefined;
    case 'rotate':
      signing = await newKey();
      handle = serve();
      return undefined;
    case 'count':
      return counts.get(order.path) ?? 0;
  }
}

process.on('message', async ({ id, order }: { id: number; order: Order }) => {
  process.send?.({ id, result: await carryOut(order) });
});
process.on('disconnect', () => process.exit(0));
server.listen(Number(new URL(issuer).port), '127.0.0.1', () => process.send?.({ id: 0 }));
