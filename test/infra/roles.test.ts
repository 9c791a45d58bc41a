/**
 * What every role of infra/ may do is what it was seen to do: each recorded call is allowed by its documents within its boundary, each action
 * that they allow was recorded, and what it must never do is denied. moto enforces none of this.
 */
import t from 'tap';
import { type Call, simulate } from '../support/iam.ts';
import { boundaryOf, documentsOf, PLANS, rolesOf, without } from '../support/infra-plan.ts';
import * as recorded from '../support/recorded-calls.ts';
import { releaseCalls } from '../support/release-calls.ts';

const prod = recorded.namesOf(PLANS.prod);
const dev = recorded.namesOf(PLANS.dev);
const log = (group: string) => recorded.logCalls(recorded.arnOf(prod, group));
const step = [...recorded.artifactCalls(prod), ...log('module.pipeline[0].aws_cloudwatch_log_group.this')];
const release = releaseCalls(prod, 'prod');
const to = (calls: readonly Call[], actions: RegExp): readonly Call[] =>
  calls.filter(({ action }) => actions.test(action));

/** By the role's name. */
const CALLS: Readonly<Record<string, readonly Call[]>> = {
  'p2p-dev-function': [
    ...recorded.serverCalls(dev),
    ...recorded.secretCalls(dev),
    ...recorded.logCalls(recorded.arnOf(dev, 'module.lambda[0].aws_cloudwatch_log_group.this')),
  ],
  'p2p-prod-task': recorded.serverCalls(prod),
  'p2p-prod-job': recorded.jobCalls(prod),
  'p2p-prod-execution': recorded.startCalls(prod),
  'p2p-prod-scheduler': recorded.scheduleCalls(prod),
  'p2p-prod-pipeline': recorded.pipelineCalls(prod),
  'p2p-prod-pipeline-build': [...step, ...to(release, /^ecr:(?!DescribeImageScan)/)],
  'p2p-prod-pipeline-test': step,
  'p2p-prod-pipeline-scan': [...step, ...to(release, /^ecr:DescribeImageScanFindings$/)],
  'p2p-prod-pipeline-deploy': [...step, ...to(release, /^(ecs|iam|ssm):/)],
  'p2p-github-deploy-dev': releaseCalls(dev, 'dev'),
  'p2p-github-deploy-prod': release,
};

const allows = (role: string, call: Call) => simulate(documentsOf(role), call);

for (const [role, calls] of Object.entries(CALLS)) {
  t.test(`${role} may do what it was seen to do`, async (t) => {
    t.ok(calls.length > 4, `${calls.length} calls`);
    for (const call of calls) {
      const answer = allows(role, call);
      if (!answer.allowed) t.fail(`${call.action} on ${call.resource}: ${answer.why}`);
    }
  });

  t.test(`${role}: without any one of its statements something that it was seen to do is denied`, async (t) => {
    const documents = documentsOf(role);
    const names = documents.policies.flatMap(({ Statement }) => Statement).map(({ Sid = '' }) => Sid);
    for (const sid of names)
      t.ok(
        calls.some((call) => !simulate(without(documents, sid), call).allowed),
        `${sid} is needed`,
      );
  });
}

t.test('no role may do an action that it was not seen to do', async (t) => {
  // What builds and what promotes an image are one statement in two roles.
  const images = ['p2p-github-deploy-dev', 'p2p-github-deploy-prod', 'p2p-prod-pipeline-build'];
  for (const [role, calls] of Object.entries(CALLS)) {
    const seen = images.includes(role) ? images.flatMap((one) => CALLS[one] ?? []) : calls;
    const allowed = documentsOf(role).policies.flatMap(({ Statement }) =>
      Statement.flatMap(({ Action = [] }) => Action),
    );
    t.strictSame(
      [...new Set(allowed)].filter((action) => !seen.some((call) => call.action === action)),
      [],
      role,
    );
  }
});

const FORBIDDEN: readonly (readonly [role: string, sentence: string, call: Call])[] = [
  [
    'p2p-prod-task',
    'changes no event of the audit trail',
    { action: 'dynamodb:UpdateItem', resource: table('p2p_audit_log') },
  ],
  [
    'p2p-prod-task',
    'deletes no event of the audit trail',
    { action: 'dynamodb:DeleteItem', resource: table('p2p_audit_log') },
  ],
  ['p2p-prod-task', 'scans no table', { action: 'dynamodb:Scan', resource: table('p2p_invoices') }],
  ['p2p-prod-task', 'reads no table of dev', { action: 'dynamodb:GetItem', resource: table('p2p_dev_invoices') }],
  [
    'p2p-prod-task',
    'deletes no payment file',
    { action: 's3:DeleteObject', resource: 'arn:aws:s3:::p2p-automation-123456789012-prod-payments/a' },
  ],
  [
    'p2p-prod-task',
    'uses the data key only through a service',
    { action: 'kms:Decrypt', resource: recorded.arnOf(prod, 'module.keys.aws_kms_key.this["data"]') },
  ],
  [
    'p2p-prod-job',
    'deletes no backup',
    { action: 's3:DeleteObject', resource: 'arn:aws:s3:::p2p-automation-123456789012-prod-backups/a' },
  ],
  [
    'p2p-prod-scheduler',
    'starts no task of the server',
    {
      action: 'ecs:RunTask',
      resource: 'arn:aws:ecs:eu-west-1:123456789012:task-definition/p2p-prod:1',
      context: { 'ecs:cluster': recorded.arnOf(prod, 'module.service.aws_ecs_cluster.this') },
    },
  ],
  [
    'p2p-prod-scheduler',
    'tags no task that it does not start',
    {
      action: 'ecs:TagResource',
      resource: 'arn:aws:ecs:eu-west-1:123456789012:task/p2p-prod/a',
      context: { 'ecs:CreateAction': 'StartTask' },
    },
  ],
  [
    'p2p-prod-pipeline-test',
    'pushes no image',
    { action: 'ecr:PutImage', resource: recorded.arnOf(prod, 'module.registry.aws_ecr_repository.this') },
  ],
  [
    'p2p-prod-pipeline-build',
    'changes no image of dev',
    { action: 'ecr:PutImage', resource: 'arn:aws:ecr:eu-west-1:123456789012:repository/p2p-dev' },
  ],
  [
    'p2p-github-deploy-dev',
    'moves no service of prod',
    { action: 'ecs:UpdateService', resource: 'arn:aws:ecs:eu-west-1:123456789012:service/p2p-prod/p2p-prod' },
  ],
  [
    'p2p-github-deploy-prod',
    'hands over no role but those of tasks',
    {
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::123456789012:role/p2p-prod-scheduler',
      context: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' },
    },
  ],
  ['p2p-github-plan', 'reads no item', { action: 'dynamodb:GetItem', resource: table('p2p_invoices') }],
  [
    'p2p-github-plan',
    'reads no secret',
    {
      action: 'secretsmanager:GetSecretValue',
      resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:p2p-prod/P2P_ENCRYPTION_KEY-AbCdEf',
    },
  ],
  [
    'p2p-github-apply-prod',
    'assumes no role',
    { action: 'sts:AssumeRole', resource: 'arn:aws:iam::123456789012:role/p2p-prod-job' },
  ],
  [
    'p2p-github-apply-prod',
    'deletes no older state',
    {
      action: 's3:DeleteObjectVersion',
      resource: 'arn:aws:s3:::p2p-terraform-state-123456789012-eu-west-1/prod/terraform.tfstate',
    },
  ],
  [
    'p2p-github-apply-dev',
    'touches no role of prod',
    {
      action: 'iam:PutRolePolicy',
      resource: 'arn:aws:iam::123456789012:role/p2p-prod-job',
      context: { 'iam:PermissionsBoundary': 'arn:aws:iam::123456789012:policy/p2p-dev-boundary' },
    },
  ],
];
function table(name: string): string {
  return `arn:aws:dynamodb:eu-west-1:123456789012:table/${name}`;
}

for (const [role, sentence, call] of FORBIDDEN)
  t.test(`${role} ${sentence}`, async (t) => t.notOk(allows(role, call).allowed));

t.test(
  "whatever a policy of a role says, its boundary keeps it from identities and from what is others'",
  async (t) => {
    const everything = {
      Version: '2012-10-17',
      Statement: [{ Sid: 'All', Effect: 'Allow', Action: '*', Resource: '*' }],
    } as const;
    const beyond: readonly Call[] = [
      { action: 'iam:CreateRole', resource: 'arn:aws:iam::123456789012:role/p2p-prod-new' },
      { action: 'sts:AssumeRole', resource: 'arn:aws:iam::123456789012:role/admin' },
      { action: 'dynamodb:GetItem', resource: table('others') },
      {
        action: 's3:GetObject',
        resource: 'arn:aws:s3:::p2p-terraform-state-123456789012-eu-west-1/prod/terraform.tfstate',
      },
      {
        action: 'secretsmanager:GetSecretValue',
        resource: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:other-AbCdEf',
      },
    ];
    for (const role of [...rolesOf(PLANS.dev), ...rolesOf(PLANS.prod)])
      for (const call of beyond)
        t.notOk(
          simulate({ policies: [everything], boundary: boundaryOf(role) }, call).allowed,
          `${role.name} ${call.action}`,
        );
  },
);
