/** Nothing acknowledged is lost, and nothing is done twice, when the server or its database is killed at a random moment under load. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { ADMIN, type ServerProcess, serverEnvironment, startServer } from '../support/server-process.ts';

const ROUNDS = 5;
const WORKERS = 4;
const MANAGER = { email: 'manager@example.com', password: 'a manager of vendors' };

t.setTimeout(600_000);
const dataDir = t.testdir();
const environment = serverEnvironment(dataDir);

interface Sent {
  readonly key: string;
  readonly name: string;
  id: string | undefined;
}

async function call(url: string, method: string, path: string, token: string, body?: object, key?: string) {
  const response = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
}

async function signIn(url: string, person: { email: string; password: string }): Promise<string> {
  const { body } = await call(url, 'POST', '/auth/token', '', person);
  return body.access_token;
}

const vendor = (name: string) => ({ name, email: 'billing@vendor.example', payment_terms: 'NET 30', currency: 'EUR' });

/** Sends until told to stop; what was answered has an id, what was not may or may not have been done. */
async function load(server: ServerProcess, token: string, worker: string, sent: Sent[], running: () => boolean) {
  for (let n = 0; running(); n += 1) {
    const one: Sent = { key: `${worker}-${n}`, name: `Killed ${worker} ${n}`, id: undefined };
    sent.push(one);
    try {
      const reply = await call(server.url, 'POST', '/vendors', token, vendor(one.name), one.key);
      if (reply.status === 201) one.id = reply.body.id;
      else if (reply.status !== 503) throw new Error(`unexpected ${reply.status}: ${JSON.stringify(reply.body)}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // fetch failed: the connection died with the server
      return;
    }
  }
}

t.test('killed with -9 five times under load, nothing acknowledged is lost and nothing is done twice', async (t) => {
  let server = await startServer(environment);
  const admin = await signIn(server.url, ADMIN);
  const made = await call(server.url, 'POST', '/users', admin, {
    email: MANAGER.email,
    name: 'Manager',
    roles: ['vendor_manager'],
  });
  t.equal(made.status, 201, JSON.stringify(made.body));
  const chosen = { token: made.body.enrolment.token, password: MANAGER.password };
  t.equal((await call(server.url, 'POST', '/auth/enrol', '', chosen)).status, 200);

  let acknowledged = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const token = await signIn(server.url, MANAGER);
    const sent: Sent[] = [];
    let running = true;
    const workers = Array.from({ length: WORKERS }, (_, n) =>
      load(server, token, `${round}.${n}`, sent, () => running),
    );
    await sleep(200 + Math.random() * 1000);
    const database = round % 2 === 1;
    if (database)
      process.kill(
        (JSON.parse(readFileSync(`${dataDir}/dynamodb/jvm.json`, 'utf8')) as { pid: number }).pid,
        'SIGKILL',
      );
    else server.signal('SIGKILL');
    if (database) await sleep(500);
    running = false;
    await Promise.all(workers);
    if (!database) {
      await server.ended;
      server = await startServer(environment);
    }
    await ready(server);
    acknowledged += await verify(t, server, sent);
  }
  t.comment(`${acknowledged} vendors acknowledged in ${ROUNDS} rounds, all there`);
  t.ok(acknowledged > 0);
  server.signal('SIGTERM');
  t.equal(await server.ended, 0, 'it stops cleanly at the end');
});

/** A server whose database was killed starts it again, and says 503 until then. */
async function ready(server: ServerProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const response = await fetch(`${server.url}/ready`);
    await response.arrayBuffer();
    if (response.status === 200) return;
    await sleep(100);
  }
  throw new Error(`not ready again within a minute:\n${server.output()}`);
}

/** Every acknowledged vendor stands; sending what was not answered again, with its key, leaves exactly one of each name. */
async function verify(
  t: Pick<typeof import('tap').t, 'same'>,
  server: ServerProcess,
  sent: readonly Sent[],
): Promise<number> {
  const token = await signIn(server.url, MANAGER);
  const lost: string[] = [];
  for (const { id, name, key } of sent) {
    if (id !== undefined) {
      const found = await call(server.url, 'GET', `/vendors/${id}`, token);
      if (found.status !== 200 || found.body.name !== name) lost.push(`${name}: ${found.status}`);
      continue;
    }
    const again = await call(server.url, 'POST', '/vendors', token, vendor(name), key);
    const named = await call(server.url, 'GET', `/vendors?q=${encodeURIComponent(name)}`, token);
    const exact = named.body.data.filter((found: { name: string }) => found.name === name);
    if (again.status !== 201 || exact.length !== 1)
      lost.push(`${name}: sent again ${again.status}, found ${exact.length}`);
  }
  t.same(lost, []);
  return sent.filter(({ id }) => id !== undefined).length;
}
