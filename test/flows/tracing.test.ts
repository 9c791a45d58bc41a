/** Traces, from the request to what the collector receives: in this process over DynamoDB Local, and of the server as a process. */
import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import Fastify, { LogController } from 'fastify';
import { pino } from 'pino';
import t from 'tap';
import { readConfig } from '../../src/config.ts';
import { requestLogPlugin } from '../../src/plugins/request-log.ts';
import { tracingPlugin } from '../../src/plugins/tracing.ts';
import { createDocumentClient } from '../../src/shared/dynamo/client.ts';
import { s3Client, s3Storage } from '../../src/shared/storage/s3-storage.ts';
import { startTracing } from '../../src/start-tracing.ts';
import { type CollectedSpan, startCollector } from '../support/collector.ts';
import { testDynamo } from '../support/dynamodb-local.ts';
import { ADMIN, startServer, taskEnvironment } from '../support/server-process.ts';

t.setTimeout(120_000);
const TRACE = '0af7651916cd43dd8448eb211c80319c';
const SPAN = 'b7ad6b7169203331';
const dynamo = await testDynamo(t);
await dynamo.createTables();

/** A small server with the plugin as app.ts registers it. */
async function traced(t: { teardown(fn: () => Promise<void> | void): unknown }, url: string, share = '1') {
  const client = createDocumentClient(dynamo.config);
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  const config = readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: `${url}/`, OTEL_TRACES_SAMPLER_ARG: share });
  const s3 = s3Client({
    region: 'local',
    endpoint: 'http://127.0.0.1:1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'tests', secretAccessKey: 'tests' },
  });
  const tracing = await startTracing(config, { version: '1.2.3', clients: [client, s3], log });
  if (tracing === undefined) throw new Error('a collector is named, so there are traces');
  const app = Fastify({ loggerInstance: log, logController: new LogController({ disableRequestLogging: true }) });
  await app.register(tracingPlugin, { tracer: tracing });
  await app.register(requestLogPlugin);
  const Key = { id: 'ven_secret' };
  app.get('/live', async () => 'live');
  app.post('/things/:id', async (request) => {
    await client.send(new GetCommand({ TableName: dynamo.names.vendors, Key }));
    request.log.info('inside');
    const put = (id: string) => ({ Put: { TableName: dynamo.names.keys, Item: { id } } });
    await client.send(new TransactWriteCommand({ TransactItems: [put('a'), put('b')] }));
    return { done: true };
  });
  app.get('/lost', () => client.send(new GetCommand({ TableName: 'p2p_none', Key })));
  app.get('/file', () => s3Storage({ client: s3, bucket: 'b', trustChecksums: true }).head('secret/key'));
  app.post('/api/v1/payments/:id/approve', async () => ({ done: true }));
  t.teardown(async () => {
    await app.close();
    await tracing.close();
    client.destroy();
    s3.destroy();
  });
  return { app, tracing, lines };
}

const named = (spans: readonly CollectedSpan[], name: string): CollectedSpan => {
  const span = spans.find((candidate) => candidate.name === name);
  if (span === undefined) throw new Error(`no span ${name} among ${spans.map((one) => one.name).join(', ')}`);
  return span;
};

t.test('a request is a span, its calls of DynamoDB are spans within it, and the log names the trace', async (t) => {
  const collector = await startCollector(t);
  const { app, tracing, lines } = await traced(t, collector.url);
  const sent = {
    method: 'POST',
    url: '/things/ven_secret?q=secret',
    headers: { traceparent: `00-${TRACE}-${SPAN}-01`, 'user-agent': 'secret', authorization: 'Bearer secret' },
    payload: { name: 'secret' },
  } as const;
  t.equal((await app.inject(sent)).statusCode, 200);
  await tracing.flush();
  await collector.collected(3);
  const request = named(collector.spans, 'POST /things/:id');
  t.match(request, {
    traceId: TRACE,
    parentSpanId: SPAN,
    kind: 2,
    status: 0,
    service: { 'service.name': 'p2p', 'service.version': '1.2.3' },
  });
  t.strictSame(request.attributes, {
    'http.request.method': 'POST',
    'http.route': '/things/:id',
    'http.response.status_code': 200,
  });
  const call = { 'rpc.system': 'aws-api', 'rpc.service': 'DynamoDB' };
  const within = { traceId: TRACE, parentSpanId: request.spanId, kind: 3, status: 0 };
  t.match(named(collector.spans, 'DynamoDB.GetItem'), {
    ...within,
    attributes: { ...call, 'rpc.method': 'GetItem', 'aws.dynamodb.table_names': [dynamo.names.vendors] },
  });
  t.match(named(collector.spans, 'DynamoDB.TransactWriteItems'), {
    ...within,
    attributes: { ...call, 'aws.dynamodb.table_names': [dynamo.names.keys] },
  });
  t.notMatch(collector.text(), /secret/, 'no id, address, header or body leaves with it');
  t.same(
    lines.map(({ trace_id, msg }) => [trace_id, msg]),
    [
      [TRACE, 'inside'],
      [TRACE, 'request'],
    ],
  );
});

t.test('what fails is an error with its kind; what the caller got wrong is none', async (t) => {
  const collector = await startCollector(t);
  const { app, tracing } = await traced(t, collector.url);
  for (const url of ['/lost', '/file', '/nowhere/secret', '/live']) await app.inject({ url });
  await tracing.flush();
  await collector.collected(5);
  t.match(named(collector.spans, 'GET /lost'), {
    status: 2,
    attributes: { 'http.response.status_code': 500, 'error.type': '500' },
  });
  t.match(named(collector.spans, 'DynamoDB.GetItem'), {
    status: 2,
    attributes: { 'error.type': 'ResourceNotFoundException' },
  });
  t.match(named(collector.spans, 'S3.HeadObject'), { status: 2, attributes: { 'error.type': String } });
  t.match(named(collector.spans, 'GET'), { status: 0, attributes: { 'http.response.status_code': 404 } });
  t.equal(collector.spans.length, 5, 'a health check leaves none');
  t.notMatch(collector.text(), /secret/);
});

t.test('what moves money is always kept, else a share, unless the caller has decided', async (t) => {
  const collector = await startCollector(t);
  const { app, tracing } = await traced(t, collector.url, '0');
  const amazon = (sampled: string) => ({
    'x-amzn-trace-id': `Root=1-${TRACE.slice(0, 8)}-${TRACE.slice(8)}${sampled}`,
  });
  const url = '/api/v1/payments/pay_1/approve';
  await app.inject({ url: '/lost' });
  await app.inject({ url: '/lost', headers: amazon('') });
  await app.inject({ method: 'POST', url, headers: amazon(`;Parent=${SPAN};Sampled=0`) });
  await app.inject({ method: 'POST', url, headers: amazon('') });
  await app.inject({ method: 'POST', url, headers: amazon(`;Parent=${SPAN}`) });
  await app.inject({ url: '/lost', headers: amazon(`;Parent=${SPAN};Sampled=1`) });
  await tracing.flush();
  await collector.collected(4);
  t.same(
    collector.spans.map(({ name, traceId, parentSpanId = '' }) => [name, traceId, parentSpanId]).slice(0, 2),
    [
      ['POST /api/v1/payments/:id/approve', TRACE, ''],
      ['POST /api/v1/payments/:id/approve', TRACE, SPAN],
    ],
    'a load balancer names the trace and nothing to hang it on',
  );
  t.same(
    collector.spans
      .map(({ name }) => name)
      .slice(2)
      .sort(),
    ['DynamoDB.GetItem', 'GET /lost'],
  );
});

t.test('without a collector nothing is made, and one that refuses is told in the log', async (t) => {
  const log = pino({ level: 'silent' });
  t.equal(await startTracing(readConfig({}), { version: '1', clients: [], log }), undefined);
  const collector = await startCollector(t, [400]);
  const { app, tracing, lines } = await traced(t, collector.url);
  t.equal((await app.inject({ url: '/nowhere' })).statusCode, 404);
  await tracing.flush();
  t.match(
    lines.find(({ msg }) => msg === 'traces could not be sent'),
    { level: 40, reason: /./ },
  );
});

t.test('the server as a process sends its traces, also when it stops', async (t) => {
  const collector = await startCollector(t);
  const server = await startServer(
    taskEnvironment(dynamo, t.testdir(), {
      P2P_DRAIN_SECONDS: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_SERVICE_NAME: 'p2p-test',
    }),
  );
  t.teardown(() => server.signal('SIGKILL'));
  const post = (path: string, body: object, headers: Record<string, string> = {}) =>
    fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const signedIn = await post('/auth/token', ADMIN, { traceparent: `00-${TRACE}-${SPAN}-01` });
  t.equal(signedIn.status, 200);
  const { access_token } = (await signedIn.json()) as { access_token: string };
  const user = { email: 'x@example.com', name: 'X', roles: ['ap_clerk'] };
  t.equal((await post('/users', user, { authorization: `Bearer ${access_token}` })).status, 201);
  server.signal('SIGTERM');
  t.equal(await server.ended, 0);
  t.match(named(collector.spans, 'POST /api/v1/auth/token'), {
    traceId: TRACE,
    service: { 'service.name': 'p2p-test' },
  });
  const created = named(collector.spans, 'POST /api/v1/users');
  const calls = collector.spans.filter(({ parentSpanId }) => parentSpanId === created.spanId).map(({ name }) => name);
  t.ok(calls.includes('DynamoDB.GetItem'), 'what a command reads');
  t.equal(calls.filter((name) => name === 'DynamoDB.TransactWriteItems').length, 1, 'and its one transaction');
  t.match(server.output(), new RegExp(`"trace_id":"${TRACE}"[^\\n]*"route":"/api/v1/auth/token"`));
  t.notMatch(collector.text(), /example\.com|usr_|Bearer/);
});
