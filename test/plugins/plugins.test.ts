import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type TSchema, Type } from '@sinclair/typebox';
import Fastify, { type FastifyInstance } from 'fastify';
import t from 'tap';
import { authenticationPlugin, type Identity, type Person } from '../../src/plugins/authentication.ts';
import { authorizationPlugin } from '../../src/plugins/authorization.ts';
import { errorHandlerPlugin } from '../../src/plugins/error-handler.ts';
import { healthPlugin } from '../../src/plugins/health.ts';
import { metricsPlugin } from '../../src/plugins/metrics.ts';
import { pressurePlugin } from '../../src/plugins/pressure.ts';
import { rateLimitPlugin } from '../../src/plugins/rate-limit.ts';
import { requestLogPlugin } from '../../src/plugins/request-log.ts';
import { securityHeadersPlugin } from '../../src/plugins/security-headers.ts';
import { validationPlugin, validatorBuilder } from '../../src/plugins/validation.ts';
import { DomainError, type ErrorKind } from '../../src/shared/errors.ts';
import { actorOf } from '../../src/shared/http/carry-out.ts';
import { pageRequest } from '../../src/shared/http/paging.ts';
import {
  Amount,
  CalendarDate,
  CountryCode,
  Email,
  Line,
  Nullable,
  OptionalLine,
  Strict,
} from '../../src/shared/http/schemas.ts';
import { createMetrics } from '../../src/shared/metrics.ts';

const SECRET = 'a secret that only this test file knows';
const PERSON: Person = {
  id: 'usr_1',
  status: 'active',
  roles: ['buyer'],
  auth_epoch: 1,
  password_one_time: false,
  approval_limit: null,
};
const IDENTITY: Identity = { person: async () => PERSON, machine: async () => undefined };

interface Keys {
  readonly secret?: string;
  readonly previousSecret?: string;
  readonly privateKey?: string;
  readonly previousPrivateKey?: string;
}

const limitsOf = (n: number) => ({ anonymous: n, sign_in: n, read: n, command: n, export: n });

async function server(
  routes: (app: FastifyInstance) => void | Promise<void>,
  {
    keys = { secret: SECRET },
    identity = IDENTITY,
    denied,
    corsOrigins = [],
    perMinute,
  }: {
    keys?: Keys;
    identity?: Identity;
    denied?: () => void;
    corsOrigins?: readonly string[];
    perMinute?: number;
  } = {},
): Promise<FastifyInstance> {
  const app = Fastify({ schemaController: { compilersFactory: { buildValidator: validatorBuilder(false) as never } } });
  await app.register(requestLogPlugin);
  await app.register(errorHandlerPlugin);
  await app.register(securityHeadersPlugin, { corsOrigins });
  await app.register(validationPlugin);
  if (perMinute !== undefined) await app.register(rateLimitPlugin, { limits: limitsOf(perMinute) });
  await app.register(authenticationPlugin, { identity, ...keys });
  await app.register(authorizationPlugin, denied === undefined ? {} : { denied });
  await routes(app);
  await app.ready();
  t.teardown(() => app.close());
  return app;
}

const open = { config: { public: true } } as const;
const anyone = { config: { anyone: true } } as const;
const asked = (app: FastifyInstance, url: string, token?: string, method: 'GET' | 'POST' = 'GET') =>
  app.inject({ method, url, headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });
const claims = { sub: 'usr_1', roles: ['buyer'], epoch: 1 } as const;

t.test('each kind of refusal has its status, and a defect says nothing of the inside', async (t) => {
  const kinds: Record<ErrorKind, number> = {
    malformed: 400,
    unauthenticated: 401,
    forbidden: 403,
    not_found: 404,
    conflict: 409,
    stale: 412,
    too_large: 413,
    rule: 422,
    precondition_required: 428,
    too_many_requests: 429,
    unavailable: 503,
  };
  const fail = (error: unknown) => async () => {
    throw error;
  };
  const app = await server((app) => {
    for (const kind of Object.keys(kinds) as ErrorKind[])
      app.get(`/${kind}`, open, fail(new DomainError(kind, 'vendor.some-reason', 'Because.', { retryAfter: 3 })));
    app.get('/defect', open, fail(new RangeError('table p2p_vendors')));
    app.get('/store', open, fail(Object.assign(new Error('x'), { name: 'ThrottlingException' })));
    app.get('/teapot', open, fail(Object.assign(new Error('x'), { statusCode: 418 })));
    app.get('/limited', open, fail(Object.assign(new Error('x'), { statusCode: 429 })));
  });
  for (const [kind, status] of Object.entries(kinds)) {
    const reply = await asked(app, `/${kind}?secret=1`);
    t.equal(reply.statusCode, status, kind);
    t.equal(reply.headers['content-type'], 'application/problem+json; charset=utf-8');
    t.match(reply.json(), { status, code: 'vendor.some-reason', detail: 'Because.', instance: `/${kind}` });
    t.equal(reply.json().request_id, reply.headers['x-request-id']);
    t.equal(reply.headers['retry-after'], '3');
  }
  const defect = await asked(app, '/defect');
  t.equal(defect.statusCode, 500);
  t.notMatch(defect.body, /p2p_|Range/);
  t.match((await asked(app, '/store')).json(), { status: 503, code: 'store.unreachable' });
  t.match((await asked(app, '/teapot')).json(), { status: 418, title: 'Error', code: 'request.invalid' });
  t.match((await asked(app, '/limited')).json(), { status: 429, code: 'request.rate-limited' });
  t.match((await asked(app, '/nowhere')).json(), { status: 404, code: 'request.no-such-route' });
});

t.test('bodies are strict, and all that is wrong is told in words', async (t) => {
  const body = Strict({
    name: Line(5),
    amount: Amount,
    kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b')])),
    mode: Type.Optional(Type.Unsafe<string>({ enum: ['x', 'y'] })),
    id: Type.Optional(Type.String({ pattern: '^ven_[0-9a-f]{4}$' })),
    rate: Type.Optional(Type.String({ pattern: '^\\d{1,3}(\\.\\d{1,6})?$' })),
    code: Type.Optional(Type.String({ pattern: '^[A-Z]{3}$' })),
    count: Type.Optional(Type.Integer({ minimum: 1 })),
  });
  const app = await server((app) => {
    const querystring = Strict({ limit: Type.Integer({ default: 20 }) });
    app.post(
      '/things/:id',
      { ...open, schema: { body, querystring, params: Strict({ id: Type.Integer() }) } },
      async (request) => request.query,
    );
  });
  const post = (payload: unknown, path = '/things/1', type = 'application/json') =>
    app.inject({
      method: 'POST',
      url: path,
      headers: { 'content-type': type },
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    });
  t.same((await post({ name: 'A', amount: '1.50' }, '/things/1?limit=5')).json(), { limit: 5 });
  const wrong = await post({
    name: '\u0000',
    amount: 1.5,
    kind: 'c',
    mode: 'z',
    id: 'x',
    rate: 'x',
    code: 'x',
    count: '1',
    'a/b': 1,
  });
  t.equal(wrong.statusCode, 400);
  const found = new Map(
    wrong.json().errors.map(({ pointer, detail }: { pointer: string; detail: string }) => [pointer, detail]),
  );
  t.match(Object.fromEntries(found), {
    '#/a~1b': 'is not known here',
    '#/name': /control characters/,
    '#/amount': /must be string/,
    '#/kind': 'must be one of a, b',
    '#/mode': 'must be one of x, y',
    '#/id': /id that starts with ven_/,
    '#/rate': /percentage/,
    '#/code': /ISO 4217/,
    '#/count': /must be integer/,
  });
  t.match((await post({})).json().errors, [{ pointer: '#/name', detail: 'is required' }, { pointer: '#/amount' }]);
  t.match((await post({ name: 'A', amount: '1e5' })).json().errors, [{ detail: /exact decimal as a string/ }]);
  t.match((await post({ name: 'A', amount: '1' }, '/things/1?limit=x')).json().errors, [{ pointer: '#/query/limit' }]);
  t.match((await post({ name: 'A', amount: '1' }, '/things/one')).json(), {
    status: 404,
    code: 'request.no-such-resource',
  });
  t.match((await post('{')).json(), { status: 400, code: 'request.invalid-json' });
  t.match((await post('{"__proto__": {"admin": true}}')).json(), { status: 400 });
  t.match((await post('<a/>', '/things/1', 'application/xml')).json(), {
    status: 415,
    code: 'request.unsupported-media-type',
  });
  t.match((await post('x'.repeat(1_100_000))).json(), { status: 413, code: 'request.too-large' });
  t.match((await post(' ')).json().errors, [{ detail: 'is required' }, { detail: 'is required' }], 'no body equals {}');
});

t.test('each finding is told once, in words that say what to send', async (t) => {
  const told = async (schema: TSchema, value: unknown) => {
    const app = await server((app) => {
      app.post('/', { ...open, schema: { body: Strict({ v: schema }) } }, async () => 'taken');
    });
    const reply = await app.inject({ method: 'POST', url: '/', payload: { v: value } });
    return (reply.json().errors ?? []).map(({ detail }: { detail: string }) => detail);
  };
  const text = 'must be text without control characters or direction overrides';
  const cases: readonly (readonly [TSchema, unknown, readonly string[]])[] = [
    [Type.Literal('only'), 'x', ['must be only']],
    [Type.Unsafe({ enum: ['only'] }), 'x', ['must be only']],
    [Nullable(CalendarDate), '2026-02-30', ['must be a calendar day that exists, YYYY-MM-DD']],
    [Nullable(CalendarDate), 5, ['must be string']],
    [Type.Null(), 5, ['must be null']],
    [Email, 'nobody', ['must be an e-mail address']],
    [Type.String({ format: 'uuid' }), 'x', ['must be of the form uuid']],
    [Line(3), '', [`${text}, and not blank`]],
    [Line(3), 'four', ['must have at most 3 characters']],
    [OptionalLine(9), '\u202e', [text]],
    [Type.String({ minLength: 1 }), '', ['must have at least 1 character']],
    [Type.Array(Type.Integer(), { minItems: 2 }), [1], ['must have at least 2 items']],
    [Type.Array(Type.Integer(), { uniqueItems: true, maxItems: 1 }), [1, 1], ['must have at most 1 item']],
    [Type.Array(Type.Integer(), { uniqueItems: true, maxItems: 2 }), [1, 1], ['must name nothing twice']],
    [Type.Object({}, { minProperties: 1 }), {}, ['must have at least 1 member']],
    [CountryCode, 'nl', ['must be an ISO 3166-1 code of two capitals, such as NL']],
    [Type.String({ pattern: '^[0-9a-f]{64}$' }), 'x', ['must be 64 hexadecimal digits in lower case']],
    [Type.String({ pattern: '^(ven|inv)_[0-9a-f]{4}$' }), 'x', ['must be an id that starts with ven_ or inv_']],
    [Type.String({ pattern: '^#+$' }), 'x', ['must match ^#+$']],
  ];
  for (const [schema, value, details] of cases) t.same(await told(schema, value), details, JSON.stringify(value));
});

t.test('a route that says nothing of who may use it does not start', async (t) => {
  await t.rejects(
    server((app) => void app.get('/forgotten', async () => 'x')),
    /declares neither config.permission nor config.public/,
  );
});

t.test('a caller without the permission is refused and told of; one of several is enough', async (t) => {
  let told = 0;
  const app = await server(
    (app) => {
      app.get('/one', { config: { permission: 'payment:approve' } }, async () => 'in');
      app.get('/either', { config: { permission: ['payment:approve', 'vendor:read'] } }, async () => 'in');
    },
    {
      denied: () => {
        told += 1;
      },
    },
  );
  const token = app.signAccessToken(claims);
  t.match((await asked(app, '/one', token)).json(), {
    status: 403,
    code: 'auth.permission-missing',
    detail: /payment:approve.*buyer/,
  });
  t.match((await asked(app, '/one', app.signAccessToken({ ...claims, roles: [] }))).json(), {
    detail: /roles are none/,
  });
  t.equal((await asked(app, '/either', token)).statusCode, 200);
  t.equal(told, 2);
});

t.test('during a rotation tokens of both keys are accepted, and none of a third', async (t) => {
  const routes = (app: FastifyInstance) => void app.get('/me', anyone, async (request) => actorOf(request).id);
  const [before, after, other] = await Promise.all([
    server(routes, { keys: { secret: 'the old secret, which is long enough' } }),
    server(routes, { keys: { secret: SECRET, previousSecret: 'the old secret, which is long enough' } }),
    server(routes, { keys: { secret: 'a third secret, also long enough by far' } }),
  ]);
  t.equal((await asked(after, '/me', before.signAccessToken(claims))).statusCode, 200);
  t.equal((await asked(after, '/me', after.signAccessToken(claims))).statusCode, 200);
  t.equal((await asked(after, '/me', other.signAccessToken(claims))).statusCode, 401);
});

t.test(
  'of two ES256 keys both verify during a rotation, the new one signs, and one that was taken away is refused',
  async (t) => {
    const pem = () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const [old, next] = [pem(), pem()];
    const routes = (app: FastifyInstance) => void app.get('/me', anyone, async (request) => actorOf(request).id);
    const [before, during, after] = await Promise.all([
      server(routes, { keys: { privateKey: old } }),
      server(routes, { keys: { privateKey: next, previousPrivateKey: old } }),
      server(routes, { keys: { privateKey: next } }),
    ]);
    const kidIn = (token: string): string =>
      JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()).kid;
    const [first, second] = [before.signAccessToken(claims), during.signAccessToken(claims)];
    t.not(kidIn(first), kidIn(second));
    t.equal(kidIn(second), kidIn(after.signAccessToken(claims)));
    t.equal((await asked(during, '/me', first)).statusCode, 200);
    t.equal((await asked(during, '/me', second)).statusCode, 200);
    t.equal((await asked(after, '/me', second)).statusCode, 200);
    t.match((await asked(after, '/me', first)).json(), { status: 401, code: 'auth.invalid' });
    t.equal((await asked(before, '/me', second)).statusCode, 401);
    const [head, body] = second.split('.');
    const signature = first.split('.')[2];
    t.equal((await asked(during, '/me', `${head}.${body}.${signature}`)).statusCode, 401, 'each kid has its own key');
  },
);

t.test('a token that was good a moment ago is not once it is over, though its signature is known', async (t) => {
  const app = await server((app) => void app.get('/me', anyone, async (request) => actorOf(request).id));
  const token = app.jwt.sign(claims, { expiresIn: 2 });
  t.equal((await asked(app, '/me', token)).statusCode, 200);
  t.equal((await asked(app, '/me', token)).statusCode, 200);
  await sleep(2100);
  const refused = await asked(app, '/me', token);
  t.equal(refused.statusCode, 401);
  t.equal(refused.json().code, 'auth.expired');
  const [head, body, signature = ''] = app.signAccessToken(claims).split('.');
  t.equal((await asked(app, '/me', `${head}.${body}.${signature}`)).statusCode, 200);
  const forged = `${head}.${body}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`;
  t.equal((await asked(app, '/me', forged)).statusCode, 401, 'what is known is the whole token');
});

t.test('with a private key tokens are ES256, and the public key is no HS256 secret', async (t) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const routes = (app: FastifyInstance) => void app.get('/me', anyone, async (request) => actorOf(request).id);
  const app = await server(routes, { keys: { privateKey: pem } });
  const token = app.signAccessToken(claims);
  t.match(JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()), { alg: 'ES256' });
  t.equal((await asked(app, '/me', token)).statusCode, 200);
  const hmac = await server(routes);
  t.equal((await asked(app, '/me', hmac.signAccessToken(claims))).statusCode, 401);
  t.equal((await asked(hmac, '/me', token)).statusCode, 401);
});

t.test('a command reads the person again, a GET trusts its token; a lost store is no sign-in refused', async (t) => {
  const people: Record<string, Person | undefined> = {
    usr_1: PERSON,
    usr_2: { ...PERSON, status: 'disabled' },
    usr_3: { ...PERSON, auth_epoch: 2 },
    usr_4: { ...PERSON, password_one_time: true },
  };
  const refused: string[] = [];
  const identity: Identity = {
    person: async (id) => {
      if (id === 'usr_lost') throw Object.assign(new Error('x'), { name: 'TimeoutError' });
      return people[id];
    },
    machine: async () => undefined,
    refused: ({ reason }) => void refused.push(reason),
  };
  const app = await server(
    (app) => {
      app.get('/me', anyone, async (request) => actorOf(request).id);
      app.post('/me', anyone, async (request) => actorOf(request).id);
    },
    { identity },
  );
  const statuses = async (sub: string) => {
    const token = app.signAccessToken({ ...claims, sub });
    return [(await asked(app, '/me', token)).statusCode, (await asked(app, '/me', token, 'POST')).statusCode];
  };
  t.same(await statuses('usr_1'), [200, 200]);
  t.same(await statuses('usr_2'), [200, 401]);
  t.same(await statuses('usr_3'), [200, 401]);
  t.same(await statuses('usr_4'), [200, 403]);
  t.same(await statuses('usr_none'), [200, 401]);
  t.same(await statuses('usr_lost'), [200, 503]);
  t.same(refused, ['auth.ended', 'auth.ended', 'auth.ended']);
  const key = await app.inject({ method: 'GET', url: '/me', headers: { 'x-api-key': 'x' } });
  t.equal(key.json().code, 'auth.invalid-key');
});

t.test('a public route knows nobody', async (t) => {
  const app = await server((app) => {
    app.get('/who', open, async (request) => actorOf(request));
    app.get('/page', open, async (request) => pageRequest(request).binding);
  });
  for (const url of ['/who', '/page?limit=2'])
    t.match((await asked(app, url)).json(), { status: 401, code: 'auth.missing' }, url);
});

t.test('a principal has so many requests a minute, and health checks are not counted', async (t) => {
  const app = await server(
    async (app) => {
      app.get('/live', open, async () => 'live');
      app.get('/open', open, async () => 'open');
      app.get('/me', anyone, async () => 'me');
    },
    { perMinute: 2 },
  );
  const statuses = async (url: string, token?: string) => {
    const found = [];
    for (let n = 0; n < 3; n += 1) found.push((await asked(app, url, token)).statusCode);
    return found;
  };
  t.same(await statuses('/open'), [200, 200, 429]);
  t.same(await statuses('/me', app.signAccessToken(claims)), [200, 200, 429]);
  t.same(await statuses('/me', app.signAccessToken({ ...claims, sub: 'usr_2' })), [200, 200, 429]);
  t.same(await statuses('/live'), [200, 200, 200]);
  const limited = await asked(app, '/open');
  t.equal(limited.json().code, 'request.rate-limited');
  t.ok(limited.headers['retry-after']);
});

t.test('what is refused counts: a token or key by address, a missing permission by who asks', async (t) => {
  const told: string[] = [];
  const app = await server(
    (app) => {
      app.get('/guarded', { config: { permission: 'vendor:approve' } }, async () => 'never');
      app.get('/open', open, async () => 'open');
    },
    {
      perMinute: 2,
      identity: { ...IDENTITY, refused: ({ reason }) => told.push(reason) },
      denied: () => told.push('denied'),
    },
  );
  const from = (remoteAddress: string, headers: Record<string, string>, url = '/guarded') =>
    app.inject({ url, headers, remoteAddress });
  const wrong = [{ authorization: 'Bearer a.b.c' }, { 'x-api-key': 'key_1.guess' }, {}];
  const refused = [];
  for (const headers of wrong) refused.push(await from('192.0.2.1', headers));
  t.same(
    refused.map(({ statusCode }) => statusCode),
    [401, 401, 429],
  );
  t.ok(refused.at(-1)?.headers['retry-after']);
  t.equal((await from('192.0.2.2', {})).statusCode, 401, 'another address is not held');
  t.same(told.splice(0), ['auth.invalid', 'auth.invalid-key', 'auth.missing'], 'what is over the limit is not logged');

  const headers = { authorization: `Bearer ${app.signAccessToken(claims)}` };
  const statuses = [];
  for (const address of ['192.0.2.1', '192.0.2.3', '192.0.2.4'])
    statuses.push((await from(address, headers)).statusCode);
  t.same(statuses, [403, 403, 429]);
  t.same(told, ['denied', 'denied']);
});

t.test('ready says what is not reachable, live always answers', async (t) => {
  let reachable = true;
  const checks = {
    dynamodb: async () => {
      if (!reachable) throw new Error('ECONNREFUSED 10.0.0.1');
    },
    storage: async () => undefined,
  };
  let stopping = false;
  const draining = () => stopping;
  const app = await server(async (app) => void (await app.register(healthPlugin, { checks, draining })));
  t.same((await asked(app, '/ready')).json(), { status: 'ready', checks: { dynamodb: 'ok', storage: 'ok' } });
  reachable = false;
  const lost = await asked(app, '/ready');
  t.match(lost.json(), { status: 503, code: 'service.not-ready', detail: 'Not reachable: dynamodb.' });
  t.notMatch(lost.body, /10\.0\.0\.1/);
  const live = await asked(app, '/live');
  t.same(live.json(), { status: 'live' });
  t.not(live.headers.connection, 'close');
  reachable = stopping = true;
  t.match((await asked(app, '/ready')).json(), { status: 503, code: 'service.draining' }, 'a stopping one is not');
  t.match(
    await asked(app, '/live'),
    { statusCode: 200, headers: { connection: 'close' } },
    'it serves, once a connection',
  );
});

t.test('requests are timed and failures counted, health checks are not', async (t) => {
  const lines: Record<string, unknown>[] = [];
  const metrics = createMetrics({ namespace: 'p2p', write: (line) => lines.push(JSON.parse(line)) });
  const app = await server(async (app) => {
    await app.register(metricsPlugin, { metrics });
    await app.register(healthPlugin, { checks: {}, draining: () => true });
    app.get('/well', open, async () => 'well');
    app.get('/defect', open, async () => {
      throw new RangeError('x');
    });
  });
  for (const path of ['/well', '/defect', '/nowhere', '/live', '/ready']) await asked(app, path);
  await app.close();
  t.match(lines, [{ requests_failed: 1 }, { request_duration_ms: [Number, Number, Number] }]);
  t.equal(lines.length, 2);
});

t.test('browsers are held to a strict policy, and call from listed origins only', async (t) => {
  const routes = (app: FastifyInstance) => {
    app.get('/open', open, async () => 'open');
    app.post('/me', anyone, async () => 'me');
  };
  const listed = await server(routes, { corsOrigins: ['https://erp.example'] });
  const from = (origin: string) => listed.inject({ method: 'GET', url: '/open', headers: { origin } });
  const reply = await from('https://erp.example');
  t.match(reply.headers['content-security-policy'], /default-src 'none'/);
  t.equal(reply.headers['x-content-type-options'], 'nosniff');
  t.equal(reply.headers['access-control-allow-origin'], 'https://erp.example');
  t.notOk((await from('https://elsewhere.example')).headers['access-control-allow-origin']);
  const preflight = await listed.inject({
    method: 'OPTIONS',
    url: '/me',
    headers: { origin: 'https://erp.example', 'access-control-request-method': 'POST' },
  });
  t.equal(preflight.statusCode, 204, 'a preflight has no token');
  const closed = await server(routes);
  t.notOk((await asked(closed, '/open')).headers['access-control-allow-origin']);
});

t.test('a server that is late refuses at once, and health checks still answer', async (t) => {
  const app = await server(async (app) => {
    await app.register(pressurePlugin, { maxDelayMs: 100 });
    await app.register(healthPlugin, { checks: {}, draining: () => false });
    app.get('/open', open, async () => 'open');
  });
  const late = async (): Promise<boolean> => {
    // Nothing else runs for longer than a sample of the delay takes.
    for (const end = Date.now() + 1500; Date.now() < end; );
    await sleep(0);
    return (await asked(app, '/open')).statusCode === 503;
  };
  let refused = await late();
  for (let n = 0; n < 5 && !refused; n += 1) refused = await late();
  t.ok(refused);
  const reply = await asked(app, '/open');
  t.match(reply.json(), { status: 503, code: 'service.overloaded' });
  t.equal(reply.headers['retry-after'], '2');
  for (const path of ['/live', '/ready']) t.equal((await asked(app, path)).statusCode, 200, path);
});
