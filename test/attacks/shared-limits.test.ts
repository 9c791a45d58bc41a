/** Two servers, one Valkey: limits are shared, and a Valkey that is lost or slow costs nobody their request. Runs on Debian's redis-server. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testApi } from '../support/api.ts';
import { PRODUCTION, PRODUCTION_RULES } from '../support/production.ts';

const missing = spawnSync('redis-server', ['--version']).status !== 0;
if (missing) t.fail('redis-server is not installed: scripts/ci-prepare installs it');

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });

const port = await freePort();
const url = `redis://127.0.0.1:${port}`;
let redis: ChildProcess | undefined;

async function startRedis(): Promise<void> {
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]);
  redis = child;
  await new Promise<void>((resolve) =>
    child.stdout?.on('data', (chunk: Buffer) => chunk.toString().includes('Ready to accept') && resolve()),
  );
}

async function stopRedis(): Promise<void> {
  const ended = new Promise((resolve) => redis?.once('exit', resolve));
  redis?.kill('SIGKILL');
  await ended;
}

await startRedis();
t.teardown(() => void redis?.kill('SIGKILL'));
const api = await testApi(t, { ...PRODUCTION, P2P_RATE_LIMIT: '6', REDIS_URL: url }, PRODUCTION_RULES);
const other = await api.another();
const auditor = await api.as('auditor');
const warnings = (): number => api.log.filter((line) => line.includes('counts requests by itself')).length;

const asked = async (n: number, token: string, path = '/api/v1/vendors'): Promise<number[]> => {
  const statuses = [];
  for (let index = 0; index < n; index += 1) {
    const app = index % 2 === 0 ? api.app : other;
    statuses.push((await app.inject({ url: path, headers: { authorization: `Bearer ${token}` } })).statusCode);
  }
  return statuses;
};

t.test('servers count a principal, and an address without a sign-in, together', async (t) => {
  t.same(await asked(7, auditor.token), [200, 200, 200, 200, 200, 200, 429]);
  t.same(await asked(7, 'a.b.c'), [401, 401, 401, 401, 401, 401, 429]);
  t.same(await asked(2, (await api.as('auditor', 'another')).token), [200, 200], 'each principal apart');
  t.equal(warnings(), 0);
});

t.test('each class of requests has its own limit', async (t) => {
  const manager = await api.as('vendor_manager', 'busy');
  const statuses = [];
  for (let n = 0; n < 7; n += 1) statuses.push((await manager.post('/vendors?dry_run=true', {})).status);
  t.same(statuses, [400, 400, 400, 400, 400, 400, 429], 'commands');
  t.equal((await manager.get('/vendors')).status, 200);
});

t.test('a Valkey that stands still holds a request up once, then each server counts for itself', async (t) => {
  const patient = await api.as('auditor', 'patient');
  redis?.kill('SIGSTOP');
  t.same(await asked(2, patient.token), [200, 200]);
  const began = Date.now();
  t.same(await asked(4, patient.token), [200, 200, 200, 200]);
  t.ok(Date.now() - began < 3000, 'later requests do not wait for it');
  t.ok(warnings() >= 1, 'the log says so');
  redis?.kill('SIGCONT');
});

t.test('a Valkey that is lost costs nobody a request, and its return is noticed', async (t) => {
  await stopRedis();
  await sleep(100);
  const steady = await api.as('auditor', 'steady');
  t.same(await asked(6, steady.token), Array(6).fill(200));
  t.same((await asked(14, steady.token)).at(-1), 429, 'in memory the limit holds for each server');
  await startRedis();
  const back = (): boolean => api.log.some((line) => line.includes('count requests together again'));
  for (let n = 0; n < 200 && !back(); n += 1) {
    await asked(2, auditor.token);
    await sleep(100);
  }
  t.ok(back());
  const secrets = api.log.filter((line) => line.includes(url));
  t.same(secrets, [], 'the address, which may hold a password, is not logged');
});

t.test('a server starts without its Valkey', async (t) => {
  const lone = await testApi(
    t,
    { ...PRODUCTION, REDIS_URL: `redis://127.0.0.1:${await freePort()}` },
    PRODUCTION_RULES,
  );
  t.equal((await (await lone.as('auditor')).get('/vendors')).status, 200);
  t.ok(lone.log.some((line) => line.includes('counts requests by itself')));
});
