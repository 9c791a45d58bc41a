/** The image in a container as production runs it, and DynamoDB Local beside it. */
import { spawnSync } from 'node:child_process';
import {
  type ContainerRuntimeClient,
  GenericContainer,
  getContainerRuntimeClient,
  type StartedNetwork,
  type StartedTestContainer,
  Wait,
} from 'testcontainers';

export const ADMIN = { email: 'admin@example.com', password: 'an administrator of tests' };
export const WEBHOOK_SECRET = 'a webhook secret that only this test file knows';
export const NO_ENGINE = 'skipped: no container engine here (DOCKER_HOST, or a docker command to build with)';
export const START_MS = 180_000;
const DYNAMODB = process.env['P2P_DYNAMODB_IMAGE'] ?? 'amazon/dynamodb-local:latest';

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

/**
 * @param given the image to take instead of one built here
 * @returns undefined where no container engine is at hand
 * @throws Error where there is one and the build fails
 */
export async function engineWithImage(
  image: string,
  target: 'server' | 'lambda',
  given: string | undefined,
): Promise<ContainerRuntimeClient | undefined> {
  const engine = await getContainerRuntimeClient().catch(() => undefined);
  if (engine === undefined || given !== undefined) return engine;
  const build = ['build', '--quiet', '--tag', image, '--target', target, '.'];
  const { status, error } = spawnSync('docker', build, { stdio: 'inherit' });
  if (error !== undefined) return undefined;
  if (status !== 0) throw new Error('docker build failed');
  return engine;
}

export const dynamodbIn = (network: StartedNetwork): Promise<StartedTestContainer> =>
  new GenericContainer(DYNAMODB)
    .withNetwork(network)
    .withNetworkAliases('dynamodb')
    .withExposedPorts(8000)
    .withWaitStrategy(Wait.forHttp('/', 8000).forStatusCode(400))
    .withStartupTimeout(START_MS)
    .start();

/** @param port of the host, under which the server's signed URLs are reached */
export function hardened(image: string, network: StartedNetwork, port: number): GenericContainer {
  return new HardenedContainer(image)
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
