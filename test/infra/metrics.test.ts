/**
 * Names that nothing else holds together: the metrics that server and jobs write, those of infra/metrics.json, those that alarms and
 * dashboard read, and the fields of the log that saved queries ask for.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pino } from 'pino';
import t from 'tap';
import { buildApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { decisionMetrics } from '../../src/decision-metrics.ts';
import { createDependencies } from '../../src/dependencies.ts';
import { runCommandLine } from '../../src/jobs/command-line.ts';
import { createMetrics } from '../../src/shared/metrics.ts';
import { type Caller, caller, type Loose, type TestReply, testApi } from '../support/api.ts';
import { invoiceBody, receive } from '../support/invoices.ts';
import { activeVendor, sentOrder } from '../support/orders.ts';
import { payables } from '../support/payables.ts';

t.setTimeout(120_000);
/** What the process would have: the SDK takes credentials from there. */
process.env['AWS_ACCESS_KEY_ID'] = 'tests';
process.env['AWS_SECRET_ACCESS_KEY'] = 'tests';

interface Definition {
  readonly unit: string;
  readonly dimensions: readonly string[];
}
const { metrics: DEFINED } = JSON.parse(readFileSync('infra/metrics.json', 'utf8')) as {
  readonly metrics: Readonly<Record<string, Definition>>;
};
const OBSERVABILITY = 'infra/modules/observability';
const terraform = (file: string): string => readFileSync(`${OBSERVABILITY}/${file}`, 'utf8');

/** Lines of the log, metrics and others, from wherever they came. */
const lines: Loose[] = [];
const written = (): Record<string, Definition> => {
  const found: Record<string, Definition> = {};
  for (const { _aws } of lines)
    for (const { Dimensions, Metrics } of _aws?.CloudWatchMetrics ?? [])
      for (const { Name, Unit } of Metrics) {
        const definition = { unit: Unit, dimensions: Dimensions.flat() };
        if (found[Name] !== undefined) t.strictSame(definition, found[Name], `${Name} is written in one way`);
        found[Name] = definition;
      }
  return found;
};
const take = (text: string): void => {
  for (const line of text.trimEnd().split('\n')) lines.push(JSON.parse(line));
};
const ok = (reply: TestReply, status = 200): Loose => {
  if (reply.status !== status) throw new Error(`${reply.status}: ${JSON.stringify(reply.body)}`);
  return reply.body;
};

t.test('what server and jobs write is what infra/metrics.json defines, name by name', async (t) => {
  const api = await testApi(t);
  const metrics = createMetrics({ namespace: 'tests', write: take });
  const dependencies = createDependencies({ ...api.infrastructure, observer: decisionMetrics(metrics) });
  const app = await buildApp({
    config: api.config,
    dependencies,
    logger: pino({ level: 'info' }, { write: take }),
    version: '0.0.0-test',
    checks: {},
    metrics,
  });
  const as = ({ id, token }: Caller): Caller => caller(app, id, token);
  const [clerk, treasurer] = [as(await api.as('ap_clerk')), as(await api.as('treasurer'))];

  const vendor = await activeVendor(api);
  const order = await sentOrder(api, vendor.id);
  await receive(api, order.id, '60');
  for (const quantity of ['60', '90']) {
    const { id } = ok(await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity }])), 201);
    ok(await clerk.post(`/invoices/${id}/match`, {}));
  }
  const received = ok(await clerk.post('/invoices', invoiceBody(vendor.id, order.id, [{ quantity: '1' }])), 201);
  const store = payables(api);
  const invoice = await store.invoice((await store.vendor()).id);
  // DynamoDB Local never raises a conflict of transactions.
  api.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== 'TransactWriteItemsCommand') return next(args);
      api.client.middlewareStack.remove('conflict');
      throw Object.assign(new Error('conflict'), { name: 'TransactionConflictException' });
    },
    { step: 'initialize', name: 'conflict' },
  );
  ok(await treasurer.post('/payments', { invoice_id: invoice.id }), 201);
  const broken = await buildApp({
    config: api.config,
    dependencies: createDependencies({ ...api.infrastructure, regions: { here: 'a', writing: 'b' } }),
    logger: pino({ level: 'silent' }),
    version: '0.0.0-test',
    checks: {},
    metrics,
  });
  t.equal((await caller(broken, treasurer.id, treasurer.token).post('/payments', {})).status, 503);
  api.client.middlewareStack.add(
    (next, context) => async (args) => {
      if (context['commandName'] !== 'PutItemCommand') return next(args);
      api.client.middlewareStack.remove('out of reach');
      throw new Error('out of reach');
    },
    { step: 'initialize', name: 'out of reach' },
  );
  dependencies.securityLog.record({ kind: 'denied' });
  await dependencies.securityLog.drain();
  await Promise.all([app.close(), broken.close()]);

  const environment = {
    P2P_STORE: 'aws',
    P2P_JWT_SECRET: 'a secret that only this test file knows',
    P2P_WEBHOOK_SECRET: 'a webhook secret that only this test knows',
    P2P_ENCRYPTION_KEY: api.config.secrets.encryptionKey,
    AWS_REGION: String(api.dynamo.config.region),
    AWS_ENDPOINT_URL_DYNAMODB: String(api.dynamo.config.endpoint),
    P2P_STORAGE_DIR: t.testdir(),
  };
  const job = (name: string, P2P_TABLE_PREFIX: string, more: NodeJS.ProcessEnv = {}) =>
    runCommandLine({
      args: ['job', name],
      config: () => readConfig({ ...environment, P2P_TABLE_PREFIX, ...more }),
      stdout: { write: take },
      stderr: { write: () => undefined },
      signal: new AbortController().signal,
      version: '0.0.0-test',
    });
  const another = { P2P_ENCRYPTION_KEY: randomBytes(32).toString('base64') };
  t.equal(await job('match-received', api.dynamo.prefix, another), 1, 'what another key sealed is not decided on');
  for (const name of ['match-received', 'export-monitor', 'report-overdue'])
    t.equal(await job(name, api.dynamo.prefix), 0, name);
  t.match(await (await api.as('ap_clerk')).get(`/invoices/${received.id}`), { body: { status: 'exception' } });
  t.match(
    lines.findLast(({ invoice_exceptions }) => invoice_exceptions !== undefined),
    { invoice_exceptions: 1 },
  );
  t.equal(await job('report-overdue', 'none_'), 1);

  const defined = Object.fromEntries(
    Object.entries(DEFINED).map(([name, { unit, dimensions }]) => [name, { unit, dimensions }]),
  );
  t.same(written(), defined);
});

t.test(
  'alarms and dashboard read what is defined, by its dimensions, and nothing is defined that they do not read',
  async (t) => {
    const [dashboard, alarms] = [terraform('dashboard.tf'), terraform('alarms.tf')];
    const read: (readonly [name: string, dimensions: readonly string[]])[] = [];
    const ours = [...dashboard.matchAll(/\[var\.name, (\S+?),([^\]{]*)/g)];
    for (const [, metric = '', rest = ''] of ours)
      read.push([metric, [...rest.matchAll(/"(\w+)", /g)].map(([, d = '']) => d)]);
    for (const [, dimension = '', metric = ''] of dashboard.matchAll(
      /SEARCH\('\{\\"\$\{var\.name\}\\",(\w+)\} MetricName=\\"\$\{(\S+?)\}/g,
    ))
      read.push([metric, [dimension]]);
    for (const [, metric = '', dimensions = ''] of alarms.matchAll(
      /namespace += var\.name\s+metric += (\S+)\s+dimensions += \{ ?([^}]*?) ?\}/g,
    ))
      read.push([metric, [...dimensions.matchAll(/(\w+) = /g)].map(([, d = '']) => d)]);

    const mentions =
      `${dashboard}${alarms}`.match(/\[var\.name,|\{\\"\$\{var\.name\}\\",|namespace += var\.name$/gm) ?? [];
    t.equal(read.length, mentions.length, 'every place that reads a metric of ours was understood');
    for (const [metric, dimensions] of read) {
      const name = metric.replace(/^local\.metric\./, '');
      t.not(name, metric, `${metric} is taken from the list, so that a plan fails where it is not in it`);
      t.strictSame(dimensions, DEFINED[name]?.dimensions, `${name} by ${dimensions}`);
    }
    t.strictSame(
      [...new Set(read.map(([metric]) => metric.replace('local.metric.', '')))].sort(),
      Object.keys(DEFINED).sort(),
    );
  },
);

t.test('saved queries ask for fields that the log has', async (t) => {
  const queries = [...terraform('dashboard.tf').matchAll(/^ {4}"([^"]+)" += "(fields .*)"$/gm)];
  t.equal(queries.length, 4);
  const known = new Set(lines.flatMap((line) => Object.keys(line)));
  // Not in every line: of a trace, where there are traces, and of an error.
  for (const name of ['trace_id', 'err']) known.add(name);
  for (const [, title, query = ''] of queries) {
    const plain = query.replaceAll(/'[^']*'|\/[^/]*\//g, '');
    const words = plain.match(/[a-z_][\w.]*/g) ?? [];
    const fields = words.filter((word) => !INSIGHTS.has(word)).map((word) => word.split('.')[0] ?? '');
    t.strictSame(
      [...new Set(fields)].filter((field) => !known.has(field)),
      [],
      `${title}: ${query}`,
    );
  }
});

/** Words of the query language, and what it calls its own fields. */
const INSIGHTS = new Set(
  'fields filter sort desc limit or and in not like ispresent timestamp message logStream'.split(' '),
);
