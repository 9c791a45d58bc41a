/**
 * The image's target `lambda`: Lambda's runtime client in it opens the app, and answers events that the runtime API gives it.
 * `npm run test:image` builds it, or takes the one P2P_TEST_LAMBDA_IMAGE names; where there is no container engine it says so and skips.
 */
import t from 'tap';
import { GenericContainer, Network, Wait } from 'testcontainers';
import { ADMIN, dynamodbIn, engineWithImage, hardened, NO_ENGINE, START_MS } from './containers.ts';

const IMAGE = process.env['P2P_TEST_LAMBDA_IMAGE'] ?? 'p2p-lambda:test';

if ((await engineWithImage(IMAGE, 'lambda', process.env['P2P_TEST_LAMBDA_IMAGE'])) === undefined) t.plan(0, NO_ENGINE);
else await testFunction();

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

async function testFunction(): Promise<void> {
  const network = await new Network().start();
  t.teardown(() => network.stop());
  const dynamodb = await dynamodbIn(network);
  t.teardown(() => dynamodb.stop());
  const setup = await hardened(IMAGE, network, 1)
    .withEntrypoint(['node'])
    .withCommand(['dist/cli.js', 'setup'])
    .withWaitStrategy(Wait.forOneShotStartup())
    .start();
  await setup.stop();
  const runtime = await new GenericContainer(IMAGE)
    .withNetwork(network)
    .withNetworkAliases('runtime')
    .withCopyFilesToContainer([{ source: 'test/image/runtime-api.ts', target: '/tmp/runtime-api.ts' }])
    .withEntrypoint(['node'])
    .withCommand(['/tmp/runtime-api.ts'])
    .withExposedPorts(9001)
    .withWaitStrategy(Wait.forLogMessage('listening'))
    .withStartupTimeout(START_MS)
    .start();
  t.teardown(() => runtime.stop());
  const started = await hardened(IMAGE, network, 1)
    .withEnvironment({
      // As Lambda sets them for an image: its handler's name is empty.
      _HANDLER: '',
      AWS_LAMBDA_RUNTIME_API: 'runtime:9001',
      AWS_LAMBDA_FUNCTION_NAME: 'p2p-dev',
      AWS_LAMBDA_FUNCTION_VERSION: '1',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
      AWS_LAMBDA_LOG_GROUP_NAME: '/p2p-dev/server',
      AWS_LAMBDA_LOG_STREAM_NAME: 'stream',
    })
    .start();
  t.teardown(() => started.stop());
  const invoke = `http://${runtime.getHost()}:${runtime.getMappedPort(9001)}/invoke`;

  async function call(method: string, path: string, headers: Record<string, string> = {}, body?: object) {
    const event = {
      resource: '/{proxy+}',
      path,
      httpMethod: method,
      headers: { host: 'api.example.com', ...headers },
      queryStringParameters: null,
      requestContext: { stage: 'live', path: `/live${path}`, identity: { sourceIp: '203.0.113.7' } },
      body: body === undefined ? null : JSON.stringify(body),
      isBase64Encoded: false,
    };
    const reply = await fetch(invoke, {
      method: 'POST',
      body: JSON.stringify(event),
      signal: AbortSignal.timeout(START_MS),
    });
    const text = await reply.text();
    if (reply.status !== 200) throw new Error(`the function failed: ${text}`);
    const answer = JSON.parse(text) as Answer;
    return { status: answer.statusCode, body: JSON.parse(answer.body) };
  }

  t.test('events become requests, and replies their answers', async (t) => {
    t.match(await call('GET', '/ready'), { status: 200, body: { checks: { dynamodb: 'ok', storage: 'ok' } } });
    t.match(await call('GET', '/api/v1/users'), { status: 401, body: { code: 'auth.missing' } });
    const signedIn = await call('POST', '/api/v1/auth/token', { 'content-type': 'application/json' }, ADMIN);
    t.equal(signedIn.status, 200, signedIn.body.detail);
    const authorization = `Bearer ${signedIn.body.access_token}`;
    t.match(await call('GET', '/api/v1/users', { authorization }), {
      status: 200,
      body: { data: [{ status: 'active' }] },
    });
  });

  t.test('it runs as nobody in particular, with the client alone beside what the server has', async (t) => {
    t.equal((await started.exec(['id', '-u'])).output.trim(), '1000');
    const { output } = await started.exec(['ls', '/opt/lambda-client/node_modules']);
    t.same(output.trim().split(/\s+/).sort(), ['@aws', 'aws-lambda-ric']);
  });
}
