import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import t from 'tap';
import { type Config, ConfigError, readConfig } from '../src/config.ts';
import { type LambdaServer, openLambda } from '../src/lambda-handler.ts';
import { withSecretValues } from '../src/secret-values.ts';
import { createDocumentClient } from '../src/shared/dynamo/client.ts';
import { scanItems } from '../src/shared/dynamo/wire.ts';
import type { Loose } from './support/api.ts';
import { type TestDynamo, testDynamo } from './support/dynamodb-local.ts';

t.setTimeout(300_000);
process.env['AWS_ACCESS_KEY_ID'] = 'tests';
process.env['AWS_SECRET_ACCESS_KEY'] = 'tests';

const ADMIN = { email: 'admin@example.com', password: 'an administrator of tests' };
const context = { getRemainingTimeInMillis: () => 30_000 };
const ARNS: Readonly<Record<string, string>> = {
  P2P_JWT_SECRET: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:p2p/jwt',
  P2P_ENCRYPTION_KEY: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:p2p/encryption',
};
const SECRETS: Record<string, string> = {
  [ARNS['P2P_JWT_SECRET'] ?? '']: 'a secret that only this test file knows',
  [ARNS['P2P_ENCRYPTION_KEY'] ?? '']: randomBytes(32).toString('base64'),
};

/** As Secrets Manager answers: by ARN, or that there is none. */
async function secretsManager(t: { teardown(fn: () => void): unknown }, values: Record<string, string> = SECRETS) {
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { SecretId } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { SecretId: string };
      const value = values[SecretId];
      reply.statusCode = value === undefined ? 400 : 200;
      reply.setHeader('content-type', 'application/x-amz-json-1.1');
      reply.end(
        JSON.stringify(
          value === undefined
            ? { __type: 'ResourceNotFoundException', Message: 'no such secret' }
            : { ARN: SecretId, ...(value === '' ? {} : { SecretString: value }) },
        ),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const environment = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  P2P_STORE: 'aws',
  AWS_REGION: 'eu-west-1',
  P2P_WEBHOOK_SECRET: 'a webhook secret that only this test knows',
  P2P_SECRET_ARNS: JSON.stringify(ARNS),
  P2P_ADMIN_EMAIL: ADMIN.email,
  P2P_ADMIN_PASSWORD: ADMIN.password,
  LOG_LEVEL: 'silent',
  ...more,
});

/** REST API, payload version 1.0. */
const version1 = (method: string, path: string, { headers = {}, query, body }: Sent = {}) => ({
  resource: '/{proxy+}',
  path,
  httpMethod: method,
  headers: { host: 'api.example.com', 'x-forwarded-for': '203.0.113.7', ...headers },
  multiValueHeaders: Object.fromEntries(
    Object.entries({ host: 'api.example.com', 'x-forwarded-for': '203.0.113.7', ...headers }).map(([name, value]) => [
      name,
      [value],
    ]),
  ),
  queryStringParameters: query ?? null,
  multiValueQueryStringParameters:
    query === undefined ? null : Object.fromEntries(Object.entries(query).map(([name, value]) => [name, [value]])),
  pathParameters: { proxy: path.slice(1) },
  stageVariables: null,
  requestContext: { stage: 'live', path: `/live${path}`, identity: { sourceIp: '203.0.113.7' } },
  body: body === undefined ? null : JSON.stringify(body),
  isBase64Encoded: false,
});

/** HTTP API, payload version 2.0. */
const version2 = (method: string, path: string, { headers = {}, query, body }: Sent = {}) => ({
  version: '2.0',
  routeKey: '$default',
  rawPath: path,
  rawQueryString: new URLSearchParams(query).toString(),
  headers: { host: 'api.example.com', 'x-forwarded-for': '203.0.113.7', ...headers },
  ...(query === undefined ? {} : { queryStringParameters: query }),
  requestContext: { stage: '$default', http: { method, path, sourceIp: '203.0.113.7' } },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  isBase64Encoded: false,
});

interface Sent {
  readonly headers?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: object;
}

const json = { 'content-type': 'application/json' };

async function opened(
  t: { teardown(fn: () => Promise<void> | void): unknown },
  more: NodeJS.ProcessEnv = {},
): Promise<LambdaServer & { readonly dynamo: TestDynamo; readonly metrics: Loose[] }> {
  const metrics: Loose[] = [];
  const dynamo = await testDynamo(t);
  await dynamo.createTables();
  process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = await secretsManager(t);
  const stores = {
    AWS_REGION: String(dynamo.config.region),
    AWS_ENDPOINT_URL_DYNAMODB: String(dynamo.config.endpoint),
    AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1',
    P2P_TABLE_PREFIX: dynamo.prefix,
    ...more,
  };
  const write = (line: string) => metrics.push(JSON.parse(line));
  const server = await openLambda(readConfig(environment(stores)), '0.0.0-test', write);
  t.teardown(() => server.close());
  return { ...server, dynamo, metrics };
}

t.test('events of API Gateway of both versions are requests like any other', async (t) => {
  const { handler, dynamo } = await opened(t);
  for (const [version, event] of [
    ['1.0', version1],
    ['2.0', version2],
  ] as const) {
    const call = async (method: string, path: string, sent: Sent = {}) => {
      const reply = await handler(event(method, path, sent), context);
      const type = String(reply.headers?.['content-type']);
      return { ...reply, body: (type.includes('json') ? JSON.parse(reply.body) : reply.body) as Loose };
    };
    t.match(await call('GET', '/live'), { statusCode: 200 }, version);
    t.match(await call('GET', '/api/v1/vendors'), { statusCode: 401, body: { code: 'auth.missing' } }, version);
    const signedIn = await call('POST', '/api/v1/auth/token', { headers: json, body: ADMIN });
    t.equal(signedIn.statusCode, 200, JSON.stringify(signedIn.body));
    const authorization = `Bearer ${signedIn.body.access_token}`;
    const listed = await call('GET', '/api/v1/users', { headers: { authorization }, query: { limit: '1' } });
    t.match(listed, { statusCode: 200, body: { data: [{ status: 'active' }] } }, version);
    t.match(
      await call('GET', '/api/v1/users', { headers: { authorization }, query: { limit: '1,2' } }),
      { statusCode: 400 },
      'a comma does not make two of a parameter',
    );
    const user = { email: `clerk${version}@example.com`, name: 'Clerk', roles: ['ap_clerk'] };
    const made = await call('POST', '/api/v1/users', { headers: { authorization, ...json }, body: user });
    t.equal(made.statusCode, 201, JSON.stringify(made.body));
    t.match(await call('GET', '/nowhere'), { statusCode: 404 }, version);
  }
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  const addresses = new Set<unknown>();
  for await (const { ip } of scanItems(client, dynamo.names.security_log)) if (ip !== undefined) addresses.add(ip);
  t.strictSame([...addresses], ['203.0.113.7'], 'the security log has the caller, as API Gateway names it');
});

t.test('what a call counted is in the log when it ends, for between calls the function stands still', async (t) => {
  const { handler, metrics } = await opened(t, { P2P_WRITING_REGION: 'eu-west-1', P2P_METRICS_NAMESPACE: 'tests' });
  await handler(version2('GET', '/api/v1/vendors'), context);
  t.match(metrics, [{ _aws: { CloudWatchMetrics: [{ Namespace: 'tests' }] }, request_duration_ms: [Number] }]);
  await handler(version2('GET', '/live'), context);
  t.equal(metrics.length, 1, 'nothing, where nothing was counted');
});

t.test('in a standby Region the function opens, makes no first admin and takes no command', async (t) => {
  const { handler, dynamo } = await opened(t, { P2P_WRITING_REGION: 'eu-west-1' });
  const client = createDocumentClient(dynamo.config);
  t.teardown(() => client.destroy());
  for (const table of [dynamo.names.users, dynamo.names.settings, dynamo.names.audit_log])
    t.strictSame(await scanItems(client, table).next(), { done: true, value: undefined }, `nothing in ${table}`);
  t.match(await handler(version2('GET', '/live'), context), { statusCode: 200 });
});

t.test('the image of a page leaves as base64, its text as text', async (t) => {
  const { handler } = await opened(t);
  t.match(await handler(version2('GET', '/openapi.json'), context), { statusCode: 200, isBase64Encoded: false });
  const icon = await handler(version2('GET', '/docs/static/favicon-32x32.png'), context);
  t.match(icon, { statusCode: 200, isBase64Encoded: true });
  t.equal(Buffer.from(icon.body, 'base64').subarray(1, 4).toString('latin1'), 'PNG');
});

t.test('a function that cannot work does not open, and says why without a value', async (t) => {
  await t.rejects(openLambda(readConfig({}), '0.0.0-test'), { message: /set P2P_STORE=aws/ });
  const findings = (more: NodeJS.ProcessEnv): readonly string[] => {
    try {
      readConfig(environment(more));
      return [];
    } catch (error) {
      if (error instanceof ConfigError) return error.findings;
      throw error;
    }
  };
  t.match(findings({ P2P_SECRET_ARNS: 'not json' })[0], /^P2P_SECRET_ARNS must be a JSON object/);
  t.match(findings({ P2P_SECRET_ARNS: '[]' })[0], /^P2P_SECRET_ARNS must be a JSON object/);
  t.match(findings({ P2P_SECRET_ARNS: JSON.stringify({ ...ARNS, PORT: 'arn' }) }), [/^P2P_SECRET_ARNS names PORT/]);
  t.match(findings({ P2P_SECRET_ARNS: JSON.stringify({ ...ARNS, P2P_JWT_SECRET: 1 }) }), [/no ARN for P2P_JWT_SECRET/]);

  const config = (): Config => readConfig(environment());
  const credentials = { accessKeyId: 'tests', secretAccessKey: 'tests' };
  const missing = { endpoint: await secretsManager(t, {}), credentials };
  await t.rejects(withSecretValues(config(), missing), { message: /^P2P_JWT_SECRET could not be read/ });
  const binary = { endpoint: await secretsManager(t, { ...SECRETS, [ARNS['P2P_JWT_SECRET'] ?? '']: '' }), credentials };
  await t.rejects(withSecretValues(config(), binary), { message: 'The secret of P2P_JWT_SECRET holds no text.' });
  const weak = {
    endpoint: await secretsManager(t, { ...SECRETS, [ARNS['P2P_JWT_SECRET'] ?? '']: 'short' }),
    credentials,
  };
  const refusal: unknown = await withSecretValues(config(), weak).catch((error: unknown) => error);
  t.match(refusal, { name: 'ConfigError', message: /P2P_JWT_SECRET, as Secrets Manager has it, must NOT have fewer/ });
  t.notMatch(String(refusal), 'short', 'the value is not repeated');
});

t.test('without ARNs nothing is asked', async (t) => {
  const config = readConfig({});
  t.equal(await withSecretValues(config, { endpoint: 'http://127.0.0.1:1' }), config);
});
