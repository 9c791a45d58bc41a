/** A server in a standby Region, as a process: it starts, signs people in and reads, and sends who commands to the Region that writes. */
import t from 'tap';
import { testDynamo } from '../support/dynamodb-local.ts';
import { ADMIN, startServer, taskEnvironment } from '../support/server-process.ts';

t.setTimeout(120_000);
const dynamo = await testDynamo(t);
await dynamo.createTables();
const environment = taskEnvironment(dynamo, t.testdir(), { P2P_DRAIN_SECONDS: '0' });
const here = environment['AWS_REGION'];

async function call(url: string, method: string, path: string, token = '', body?: object) {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

t.test('it reads what the writing Region wrote, and refuses to write', async (t) => {
  const writer = await startServer({ ...environment, P2P_WRITING_REGION: here });
  t.teardown(() => writer.signal('SIGKILL'));
  const standby = await startServer({ ...environment, P2P_WRITING_REGION: 'eu-west-1' });
  t.teardown(() => standby.signal('SIGKILL'));
  t.match(standby.output(), /"level":"?(40|warn)"?.*another Region writes: this server only reads/);
  t.notMatch(writer.output(), /another Region writes/);
  t.notMatch(writer.output(), /Warning/, 'nothing that concerns only who raises versions');

  t.match(await call(standby.url, 'GET', '/ready'), { status: 200 }, 'it serves');
  const { body: signedIn } = await call(standby.url, 'POST', '/api/v1/auth/token', '', ADMIN);
  const user = {
    email: 'clerk@example.com',
    name: 'Clerk',
    roles: ['ap_clerk'],
  };
  const refused = await call(standby.url, 'POST', '/api/v1/users', signedIn.access_token, user);
  t.match(refused, { status: 503, body: { code: 'service.standby-region' } });
  t.match(refused.body.detail, `This server is in ${here} and only reads, for eu-west-1 writes`);
  t.match(await call(writer.url, 'POST', '/api/v1/users', signedIn.access_token, user), { status: 201 });
  t.match(await call(standby.url, 'GET', '/api/v1/users', signedIn.access_token), { body: { data: { length: 2 } } });

  for (const server of [writer, standby]) server.signal('SIGTERM');
  t.same(await Promise.all([writer.ended, standby.ended]), [0, 0]);
});
