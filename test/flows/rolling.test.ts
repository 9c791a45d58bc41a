/** A release replaces every server while callers go on: no request of theirs fails. */
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { testDynamo } from '../support/dynamodb-local.ts';
import { type LoadBalancer, startLoadBalancer } from '../support/load-balancer.ts';
import { ADMIN, type ServerProcess, startServer, taskEnvironment } from '../support/server-process.ts';

const WORKERS = 2;
const PAUSE_MS = 40;

t.setTimeout(120_000);
const dynamo = await testDynamo(t);
await dynamo.createTables();
const environment = taskEnvironment(dynamo, t.testdir(), { P2P_DRAIN_SECONDS: '2' });

const servers: Promise<ServerProcess>[] = [];
const balancer = await startLoadBalancer();
t.teardown(async () => {
  for (const server of await Promise.allSettled(servers))
    if (server.status === 'fulfilled') server.value.signal('SIGKILL');
  await balancer.close();
});

async function start(): Promise<ServerProcess> {
  const starting = startServer(environment);
  servers.push(starting);
  const server = await starting;
  await balancer.register(server.url);
  return server;
}

async function call(method: string, path: string, token: string, body?: object, headers = {}) {
  const response = await fetch(`${balancer.url}/api/v1${path}`, {
    method,
    headers: {
      ...headers,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return JSON.parse(text);
}

const signIn = async (person: typeof ADMIN): Promise<string> =>
  (await call('POST', '/auth/token', '', person)).access_token;

/** Two admins give a role, and each person chooses a password by a link. */
async function manager(): Promise<string> {
  const first = await signIn(ADMIN);
  const invite = async (email: string, role: string) => {
    const { id, version, enrolment } = await call('POST', '/users', first, { email, name: email, roles: [role] });
    const accept = async (): Promise<string> => {
      const chosen = { token: enrolment.token, password: 'a sentence nobody else knows' };
      return (await call('POST', '/auth/enrol', '', chosen)).access_token;
    };
    return { id, version, accept };
  };
  const second = await (await invite('second.admin@example.com', 'admin')).accept();
  const { id, version, accept } = await invite('manager@example.com', 'vendor_manager');
  await call('POST', `/users/${id}/approve`, second, {}, { 'if-match': `"${version}"` });
  return accept();
}

interface Load {
  readonly failures: string[];
  readonly created: string[];
  requests: number;
  running: boolean;
}

/** Sends one request after the other and nothing twice; what it creates, it reads again at once, from whichever server. */
async function work(name: string, token: string, load: Load): Promise<void> {
  const facts = { email: 'billing@vendor.example', payment_terms: 'NET 30', currency: 'EUR' };
  for (let n = 0; load.running; n += 1) {
    try {
      load.requests += 1;
      const { id } = await call('POST', '/vendors', token, { name: `Rolling ${name} ${n}`, ...facts });
      load.created.push(id);
      load.requests += 1;
      await call('GET', `/vendors/${id}`, token);
    } catch (error) {
      load.failures.push(String(error instanceof TypeError ? error.cause : error));
    }
    await sleep(PAUSE_MS);
  }
}

/** As ECS stops a task: taken out first, told to stop when its requests are answered. */
async function replaceDeregistered(old: ServerProcess): Promise<void> {
  await start();
  await balancer.deregister(old.url);
  old.signal('SIGTERM');
}

/** As a task that is stopped from outside: only its `/ready` tells the balancer, which sends it requests until then. */
async function replaceUntold(t: Tap, balancer: LoadBalancer, old: ServerProcess): Promise<number | null> {
  await start();
  const before = balancer.sent.get(old.url)?.requests ?? 0;
  old.signal('SIGTERM');
  while (balancer.inService(old.url)) await sleep(10);
  const after = balancer.sent.get(old.url)?.requests ?? 0;
  t.ok(after > before, `the stopping server still answered ${after - before} requests`);
  const code = await old.ended;
  await balancer.deregister(old.url);
  return code;
}

interface Tap {
  ok(value: unknown, message: string): unknown;
}

t.test('two servers are replaced one after the other under load, and no request fails', async (t) => {
  const [first, second] = await Promise.all([start(), start()]);
  const token = await manager();
  const load: Load = { failures: [], created: [], requests: 0, running: true };
  const workers = Array.from({ length: WORKERS }, (_, n) => work(String(n), token, load));
  await replaceDeregistered(first);
  t.equal(await replaceUntold(t, balancer, second), 0, 'the second stops cleanly');
  t.equal(await first.ended, 0, 'the first stops cleanly');
  await sleep(300);
  load.running = false;
  await Promise.all(workers);

  t.same(load.failures.slice(0, 5), [], 'no request failed');
  const sent = [...balancer.sent.values()];
  t.equal(sent.length, 4);
  for (const { requests, connections } of sent) {
    t.ok(requests > 0, `a server was sent ${requests} requests on ${connections} connections`);
    t.ok(requests < 20 || connections < requests / 2, 'connections were kept, as a load balancer keeps them');
  }
  t.equal(new Set(load.created).size, load.created.length);
  t.comment(`${load.requests} requests while both servers were replaced, ${load.failures.length} failed`);
});
