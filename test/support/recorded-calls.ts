/**
 * What each role was seen to do, as calls that IAM is asked about. The server's and the jobs' are those of infra/actions.json, which
 * test/infra/actions.test.ts compares with what they do; the releases' are the commands that the scripts give a stand-in for aws and docker;
 * those of AWS's own services (ECS, EventBridge Scheduler, CodePipeline) are what its documentation says they ask for.
 */
import { readFileSync } from 'node:fs';
import type { Call } from './iam.ts';
import type { Planned } from './infra-plan.ts';

type Groups = Readonly<Record<string, readonly string[]>>;
const ACTIONS = JSON.parse(readFileSync('infra/actions.json', 'utf8')) as { server: Groups; jobs: Groups };
const APPEND_ONLY = /(audit|security)_log$/;

/** Names of the resources that calls are about. */
export interface Names {
  readonly plan: readonly Planned[];
  readonly region: string;
}
export const namesOf = (plan: readonly Planned[]): Names => ({ plan, region: 'eu-west-1' });

const of = ({ plan }: Names, type: string): readonly Planned[] => plan.filter((one) => one.type === type);
export const arnOf = (names: Names, address: string): string => {
  const arn = names.plan.find((one) => one.address === address)?.arn;
  if (arn === undefined) throw new Error(`The plan has no address of ${address}.`);
  return arn;
};
const has = (names: Names, address: string): boolean => names.plan.some((one) => one.address === address);

const every = (
  actions: readonly string[],
  resources: readonly string[],
  context: Call['context'] = {},
): readonly Call[] => actions.flatMap((action) => resources.map((resource) => ({ action, resource, context })));

function dataCalls(names: Names, groups: Groups): readonly Call[] {
  const tables = of(names, 'aws_dynamodb_table').map(({ arn = '' }) => arn);
  const bucket = (purpose: string): string => arnOf(names, `module.storage.aws_s3_bucket.this["${purpose}"]`);
  const anchors = of(names, 'aws_s3_bucket')
    .filter(({ address }) => address.startsWith('module.anchors['))
    .map(({ arn = '' }) => arn);
  const definitions = JSON.parse(readFileSync('infra/tables.json', 'utf8')).tables as Record<
    string,
    { indexes: object }
  >;
  const indexed = tables.filter((arn) =>
    Object.entries(definitions).some(
      ([name, { indexes }]) => arn.endsWith(`_${name}`) && Object.keys(indexes).length > 0,
    ),
  );
  const resources: Readonly<Record<string, readonly string[]>> = {
    tables: tables.filter((arn) => !APPEND_ONLY.test(arn)),
    append_only_tables: tables.filter((arn) => APPEND_ONLY.test(arn)),
    indexes: indexed.map((arn) => `${arn}/index/by_status`),
    payments: [`${bucket('payments')}/a/b.xml`],
    documents: [`${bucket('documents')}/vendor/a/b`],
    backups: [`${bucket('backups')}/anchors/a`],
    anchors: anchors.map((arn) => `${arn}/anchors/a`),
    anchors_bucket: anchors,
    buckets: ['payments', 'documents', 'backups'].map(bucket),
  };
  const context = { 's3:ResourceAccount': '123456789012' };
  return Object.entries(groups).flatMap(([group, actions]) => every(actions, resources[group] ?? [], context));
}

function keyCalls(
  names: Names,
  key: string,
  actions: readonly string[],
  services: readonly string[] = [],
): readonly Call[] {
  const address = `module.keys.aws_kms_key.this["${key}"]`;
  if (!has(names, address)) return [];
  const arn = arnOf(names, address);
  if (services.length === 0) return every(actions, [arn]);
  return services.flatMap((service) =>
    every(actions, [arn], { 'kms:ViaService': `${service}.${names.region}.amazonaws.com` }),
  );
}

const tracing = every(['xray:PutTelemetryRecords', 'xray:PutTraceSegments'], ['*']);
const USE_KEY = ['kms:Decrypt', 'kms:GenerateDataKey'];

export const serverCalls = (names: Names): readonly Call[] => [
  ...dataCalls(names, ACTIONS.server),
  ...keyCalls(names, 'data', USE_KEY, ['dynamodb', 's3']),
  ...tracing,
];
export const jobCalls = (names: Names): readonly Call[] => [...serverCalls(names), ...dataCalls(names, ACTIONS.jobs)];

export const secretCalls = (names: Names): readonly Call[] => [
  ...every(
    ['secretsmanager:GetSecretValue'],
    of(names, 'aws_secretsmanager_secret').map(({ arn = '' }) => arn),
  ),
  ...keyCalls(names, 'secrets', ['kms:Decrypt'], ['secretsmanager']),
];
export const logCalls = (group: string): readonly Call[] =>
  every(['logs:CreateLogStream', 'logs:PutLogEvents'], [`${group}:log-stream:one`]);

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];

/** ECS starts a task: image, secrets, log. */
export const startCalls = (names: Names): readonly Call[] => [
  ...every(['ecr:GetAuthorizationToken'], ['*']),
  ...every(PULL, [arnOf(names, 'module.registry.aws_ecr_repository.this')]),
  ...logCalls(arnOf(names, 'module.service.aws_cloudwatch_log_group.this')),
  ...secretCalls(names),
];

/** EventBridge Scheduler starts a job by the family's name, whose definition's tags the task takes over. */
export function scheduleCalls(names: Names): readonly Call[] {
  const family = arnOf(names, 'module.jobs.aws_ecs_task_definition.this').replace(/:\d+$/, '');
  const cluster = arnOf(names, 'module.service.aws_ecs_cluster.this');
  const task = `${cluster.replace(':cluster/', ':task/')}/0123456789abcdef`;
  return [
    ...every(['ecs:RunTask'], [family, `${family}:7`], { 'ecs:cluster': cluster }),
    ...every(['ecs:TagResource'], [task], { 'ecs:CreateAction': 'RunTask', 'ecs:cluster': cluster }),
    ...every(
      ['iam:PassRole'],
      ['module.jobs.aws_iam_role.job', 'module.service.aws_iam_role.execution'].map((role) => arnOf(names, role)),
      { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    ),
    ...every(['sqs:SendMessage'], [arnOf(names, 'module.jobs.aws_sqs_queue.not_started')]),
    ...keyCalls(names, 'logs', USE_KEY),
  ];
}

/** CodePipeline, and CodeBuild in each step: artifacts and their key. */
export function artifactCalls(names: Names): readonly Call[] {
  const bucket = arnOf(names, 'module.pipeline[0].aws_s3_bucket.artifacts');
  return [
    ...every(['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject'], [`${bucket}/p2p-prod/source/a`]),
    ...every(['s3:GetBucketLocation', 's3:ListBucket'], [bucket]),
    ...keyCalls(names, 'data', USE_KEY),
  ];
}
export const pipelineCalls = (names: Names): readonly Call[] => [
  ...artifactCalls(names),
  ...every(
    ['codebuild:BatchGetBuilds', 'codebuild:StartBuild'],
    of(names, 'aws_codebuild_project').map(({ arn = '' }) => arn),
  ),
  ...every(
    ['codestar-connections:UseConnection'],
    [arnOf(names, 'module.pipeline[0].aws_codestarconnections_connection.this')],
  ),
  ...every(['sns:Publish'], [arnOf(names, 'module.observability.aws_sns_topic.alarms')]),
  ...keyCalls(names, 'logs', USE_KEY),
];
