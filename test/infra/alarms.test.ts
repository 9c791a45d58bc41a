/** Every alarm of the plans names its runbook, which says what to do about it; every chart shows metrics that somebody writes. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { PLANS, type Planned } from '../support/infra-plan.ts';

const alarms = (['dev', 'prod'] as const).flatMap((environment) =>
  PLANS[environment]
    .filter(({ type }) => type === 'aws_cloudwatch_metric_alarm')
    .map((alarm) => ({
      environment,
      name: String(alarm['alarm_name']).replace(`p2p-${environment}-`, ''),
      description: String(alarm['alarm_description']),
    })),
);
const runbookOf = (description: string): string => /docs\/runbooks\/[a-z-]+\.md/.exec(description)?.[0] ?? '';

/** How a runbook writes the names of several alarms. */
const writtenAs = (name: string): string =>
  name.replace(/^job-.*/, 'job-NAME').replace(/^(throttled(?:-index-(?:reads|writes))?)-.*/, '$1-TABLE');

t.test('every alarm names a runbook that is there and that speaks of it', async (t) => {
  t.ok(alarms.length > 30, `${alarms.length} alarms`);
  for (const { environment, name, description } of alarms) {
    const runbook = runbookOf(description);
    t.ok(runbook !== '' && existsSync(runbook), `${environment} ${name}: ${description}`);
    t.match(readFileSync(runbook, 'utf8'), `\`${writtenAs(name)}\``, `${runbook} speaks of ${name}`);
  }
});

t.test(
  'every runbook is reached: by an alarm, by another runbook or by the README of the infrastructure',
  async (t) => {
    const books = readdirSync('docs/runbooks');
    const texts = books.map((book) => [book, readFileSync(`docs/runbooks/${book}`, 'utf8')] as const);
    const named = new Set(alarms.map(({ description }) => runbookOf(description)));
    for (const book of books) {
      const elsewhere = texts.some(([other, text]) => other !== book && text.includes(book));
      t.ok(
        named.has(`docs/runbooks/${book}`) || elsewhere || readFileSync('infra/README.md', 'utf8').includes(book),
        book,
      );
    }
  },
);

t.test('every script that a runbook names is there', async (t) => {
  for (const book of readdirSync('docs/runbooks'))
    for (const [script] of readFileSync(`docs/runbooks/${book}`, 'utf8').matchAll(/scripts\/[a-z-]+/g))
      t.ok(existsSync(script), `${book}: ${script}`);
});

const OURS = Object.keys(JSON.parse(readFileSync('infra/metrics.json', 'utf8')).metrics);
/** Those of AWS that are read, by namespace: what its documentation says each service writes. */
const AWS: Readonly<Record<string, readonly string[]>> = {
  'AWS/ApplicationELB': [
    'HTTPCode_ELB_5XX_Count',
    'HTTPCode_Target_5XX_Count',
    'RequestCount',
    'TargetResponseTime',
    'UnHealthyHostCount',
  ],
  'AWS/ApiGateway': ['5XXError'],
  'AWS/DynamoDB': ['ConsumedWriteCapacityUnits', 'ReadThrottleEvents', 'TransactionConflict', 'WriteThrottleEvents'],
  'AWS/ECS': ['CPUUtilization', 'MemoryUtilization'],
  'AWS/Lambda': ['Duration', 'Errors', 'Invocations', 'Throttles'],
  'AWS/SQS': ['ApproximateNumberOfMessagesVisible'],
  'AWS/WAFV2': ['BlockedRequests', 'CountedRequests'],
  'ECS/ContainerInsights': ['RunningTaskCount'],
};

type Cell = string | { readonly expression?: string };
interface Widget {
  readonly properties: { readonly title: string; readonly metrics?: readonly (readonly Cell[])[] };
}
const widgetsOf = (plan: readonly Planned[]): readonly Widget[] =>
  plan
    .filter(({ type }) => type === 'aws_cloudwatch_dashboard')
    .flatMap((dashboard) => (dashboard['dashboard_body'] as { widgets: readonly Widget[] }).widgets);

for (const environment of ['dev', 'prod'] as const)
  t.test(`${environment}: every widget shows metrics that are written, of resources that are planned`, async (t) => {
    const plan = PLANS[environment];
    const tables = new Set(plan.filter(({ type }) => type === 'aws_dynamodb_table').map(({ name }) => name));
    let rows = 0;
    for (const { properties } of widgetsOf(plan))
      for (const [first, second, ...dimensions] of properties.metrics ?? []) {
        rows += 1;
        if (typeof first === 'object') {
          const search = /^SEARCH\('\{"([^"]+)",\w+\} MetricName="(\w+)"'/.exec(first.expression ?? '');
          t.equal(search?.[1], `p2p-${environment}`, `${properties.title}: a namespace with a hyphen is quoted`);
          t.ok(OURS.includes(search?.[2] ?? ''), `${properties.title}: ${search?.[2]}`);
          continue;
        }
        const written = first === `p2p-${environment}` ? OURS : AWS[first ?? ''];
        t.ok(written?.includes(String(second)), `${properties.title}: ${first} ${second}`);
        if (dimensions[0] === 'TableName')
          t.ok(tables.has(String(dimensions[1])), `${properties.title}: ${dimensions[1]}`);
      }
    t.ok(rows > 30, `${rows} rows`);
  });

t.test('every alarm watches a metric that is written', async (t) => {
  for (const plan of [PLANS.dev, PLANS.prod])
    for (const alarm of plan.filter(({ type }) => type === 'aws_cloudwatch_metric_alarm')) {
      const queries = (alarm['metric_query'] ?? []) as readonly {
        metric?: readonly { namespace: string; metric_name: string }[];
      }[];
      const read = queries.flatMap(({ metric = [] }) => metric.map((one) => [one.namespace, one.metric_name] as const));
      if (typeof alarm['metric_name'] === 'string') read.push([String(alarm['namespace']), alarm['metric_name']]);
      t.ok(read.length > 0, String(alarm['alarm_name']));
      for (const [namespace, metric] of read)
        t.ok((AWS[namespace] ?? OURS).includes(metric), `${alarm['alarm_name']}: ${namespace} ${metric}`);
    }
});
