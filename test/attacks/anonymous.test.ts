/** Somebody without a sign-in, against a server with production rules. docs/threats.md says what stops each attack. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { type TestReply, testApi } from '../support/api.ts';
import { processorMs } from '../support/growth.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

const timeouts = { headersMs: 400, requestMs: 800, checkMs: 100 };
const api = await testApi(t, PRODUCTION, PRODUCTION_RULES, { timeouts });
await api.app.listen({ host: '127.0.0.1', port: 0 });
const { port } = new URL(api.app.listeningOrigin);

const OPEN_DOORS = ['/auth/token', '/auth/refresh', '/auth/logout', '/workday/callback'];
const json = { 'content-type': 'application/json' };
const post = (path: string, payload: string, headers: Record<string, string> = {}): Promise<TestReply> =>
  api.raw('POST', `/api/v1${path}`, { headers: { ...json, ...headers }, payload });

const unknownMembers = (count: number): string =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, 1])));

t.test('a body of 16,000 or 150,000 unknown members takes no time of the server', async (t) => {
  for (const door of OPEN_DOORS) {
    await post(door, '{}');
    for (const count of [16_000, 150_000]) {
      const payload = unknownMembers(count);
      const ms = await processorMs(async () => {
        const reply = await post(door, payload);
        t.equal(reply.status, 413, door);
        t.equal(reply.body.code, 'request.too-large');
        t.match(reply.body.detail, /16 KB/);
      });
      t.ok(ms < 200, `${door} with ${count}: ${ms} ms`);
    }
    const largest = unknownMembers(1500);
    t.ok(largest.length < 16 * 1024);
    const ms = await processorMs(async () => t.ok([400, 401].includes((await post(door, largest)).status), door));
    t.ok(ms < 200, `${door} with what it takes: ${ms} ms`);
  }
});

t.test('a body nested 8,000 levels deep is refused, with an Idempotency-Key too', async (t) => {
  const deep = `{"email":${'['.repeat(8000)}${']'.repeat(8000)}}`;
  for (const door of OPEN_DOORS) {
    const reply = await post(door, deep, { 'idempotency-key': 'one' });
    t.equal(reply.status, 400, door);
    t.match(reply.body, { code: 'request.too-complex', errors: [{ pointer: '#', detail: /deeper than 12/ }] });
  }
});

/** Writes to a connection of its own, and resolves with all that came back once the server has ended it. */
async function talk(write: (socket: Socket) => Promise<void> | void): Promise<{ text: string; ms: number }> {
  const socket = connect(Number(port), '127.0.0.1');
  const began = Date.now();
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString())).on('error', () => undefined);
  const ended = new Promise((resolve) => socket.once('close', resolve));
  await write(socket);
  await ended;
  return { text, ms: Date.now() - began };
}

const head = (path: string, length: number, more = ''): string =>
  `POST /api/v1${path} HTTP/1.1\r\nHost: p2p\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${more}\r\n`;

t.test('headers and bodies that come a byte at a time are not waited for', async (t) => {
  const drip = (text: string) => async (socket: Socket) => {
    for (const byte of text) {
      if (socket.destroyed) return;
      socket.write(byte);
      await sleep(50);
    }
  };
  const slowHeaders = await talk(drip(`GET /api/v1/vendors HTTP/1.1\r\nHost: ${'p'.repeat(2000)}`));
  const slowBody = await talk(async (socket) => {
    socket.write(head('/auth/token', 5000));
    await drip(`{"email":"${'x'.repeat(2000)}`)(socket);
  });
  for (const { text, ms } of [slowHeaders, slowBody]) {
    t.match(text, /^HTTP\/1.1 408 .*application\/problem\+json/s);
    t.match(text, /"code":"request.timeout"/);
    t.ok(ms < 20_000, `${ms} ms`);
  }
});

t.test('as shipped, headers arrive within 10 seconds and a whole request within 30', async (t) => {
  const shipped = await testApi(t, PRODUCTION, PRODUCTION_RULES);
  t.match(shipped.app.server, { headersTimeout: 10_000, requestTimeout: 30_000 });
});

t.test('a connection whose request was refused before its body came is closed', async (t) => {
  const refused = await talk((socket) => void socket.write(head('/vendors', 1_000_000)));
  t.match(refused.text, /^HTTP\/1.1 401 /);
  t.match(refused.text, /connection: close/i);
  t.ok(refused.ms < 20_000, 'not only at the end of the time a request has');
});

t.test('what is no HTTP gets a problem, and so do headers of 20 KB', async (t) => {
  const noise = await talk((socket) => void socket.write('\u0016\u0003\u0001 hello\r\n\r\n'));
  t.match(noise.text, /^HTTP\/1.1 400 .*"code":"request.unreadable"/s);
  const large = await talk((socket) => void socket.write(head('/auth/token', 2, `X-A: ${'a'.repeat(20_000)}\r\n`)));
  t.match(large.text, /^HTTP\/1.1 431 .*"code":"request.headers-too-large"/s);
});

t.test('in production nobody is shown the routes', async (t) => {
  for (const path of ['/docs', '/docs/', '/docs/static/index.html', '/openapi.json'])
    t.equal((await api.raw('GET', path)).status, 404, path);
  const asked = await testApi(t, { ...PRODUCTION, P2P_DOCS: 'on' }, PRODUCTION_RULES);
  t.equal((await asked.raw('GET', '/openapi.json')).status, 200, 'unless asked');
});

t.test('no reply of the API is kept by a browser or a proxy, and https is promised over https alone', async (t) => {
  const behindProxy = await testApi(t, { ...PRODUCTION, TRUST_PROXY: '127.0.0.1/32' }, PRODUCTION_RULES);
  const auditor = await behindProxy.as('auditor');
  for (const path of ['/vendors', '/auth/me', '/nowhere', '/vendors/none']) {
    const plain = await auditor.get(path);
    t.equal(plain.headers['cache-control'], 'no-store', path);
    t.notOk(plain.headers['strict-transport-security'], path);
    const secure = await auditor.get(path, { headers: { 'x-forwarded-proto': 'https' } });
    t.match(secure.headers['strict-transport-security'], /max-age=\d{7,}/, path);
  }
  const forged = await api.raw('GET', '/live', { headers: { 'x-forwarded-proto': 'https' } });
  t.notOk(forged.headers['strict-transport-security'], 'a header of whoever calls promises nothing');
});

t.test('an address that guesses is held: for routes, tokens, keys and addresses that are no URL', async (t) => {
  const limited = await testApi(t, { ...PRODUCTION, P2P_RATE_LIMIT: '5' }, PRODUCTION_RULES);
  const from = (remoteAddress: string, url: string, headers: Record<string, string> = {}) =>
    limited.app.inject({ url, headers, remoteAddress });
  const guesses: readonly (readonly [string, Record<string, string>, number])[] = [
    ['/wp-login.php', {}, 404],
    ['/api/v1/vendors', { authorization: 'Bearer a.b.c' }, 401],
    ['/api/v1/vendors', { 'x-api-key': 'key_1.guess' }, 401],
    ['/api/v1/vendors/%', {}, 400],
  ];
  for (const [index, [url, headers, status]] of guesses.entries()) {
    const statuses = [];
    // Each from another address of one customer's network.
    for (let n = 1; n <= 6; n += 1) statuses.push((await from(`2001:db8:${index}:1::${n}`, url, headers)).statusCode);
    t.same(statuses, [status, status, status, status, status, 429], url);
    const next = await from(`2001:db8:${index}:1:ffff::1`, url, headers);
    t.equal(next.statusCode, 429);
    t.ok(Number(next.headers['retry-after']) > 0);
    t.equal((await from(`2001:db8:${index}:2::1`, url, headers)).statusCode, status, 'the next network is not held');
  }
});

t.test('an address that guessed keys too often causes no further look-up, and holds nobody with a token', async (t) => {
  const limited = await testApi(t, { ...PRODUCTION, P2P_RATE_LIMIT: '5' }, PRODUCTION_RULES);
  const auditor = await limited.as('auditor');
  for (let n = 0; n < 6; n += 1)
    await limited.raw('GET', '/api/v1/vendors', { headers: { 'x-api-key': 'key_1.guess' } });
  const { client } = limited;
  let asked = 0;
  client.middlewareStack.add(
    (next) => (args) => {
      asked += 1;
      return next(args);
    },
    { step: 'initialize' },
  );
  const held = await limited.raw('GET', '/api/v1/vendors', { headers: { 'x-api-key': 'key_1.guess' } });
  t.equal(held.status, 429);
  t.equal(asked, 0, 'the store is not asked');
  t.equal((await auditor.get('/vendors')).status, 200);
  t.ok(asked > 0);
});
