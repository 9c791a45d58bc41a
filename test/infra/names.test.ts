/**
 * Every name of the plans against what the roles of the workflows may touch: a role, bucket, table or log group that is named outside
 * what the apply role may make or refresh fails here by its name, not in the middle of an apply.
 */
import t from 'tap';
import { type Call, type Statement, simulate } from '../support/iam.ts';
import { boundaryOf, documentsOf, PLANS, type Planned, rolesOf } from '../support/infra-plan.ts';

/** What Terraform asks for when it makes and refreshes a resource, by type; `*` stands for the resource's own address. */
const ASKED: Readonly<Record<string, { readonly make: readonly string[]; readonly refresh: readonly string[] }>> = {
  aws_backup_vault: { make: ['backup:CreateBackupVault'], refresh: ['backup:DescribeBackupVault', 'backup:ListTags'] },
  aws_cloudwatch_event_rule: {
    make: ['events:PutRule'],
    refresh: ['events:DescribeRule', 'events:ListTagsForResource'],
  },
  aws_cloudwatch_log_group: {
    make: ['logs:CreateLogGroup', 'logs:PutRetentionPolicy'],
    refresh: ['logs:DescribeLogGroups'],
  },
  aws_cloudwatch_metric_alarm: { make: ['cloudwatch:PutMetricAlarm'], refresh: ['cloudwatch:DescribeAlarms'] },
  aws_codebuild_project: { make: ['codebuild:CreateProject'], refresh: ['codebuild:BatchGetProjects'] },
  aws_codepipeline: { make: ['codepipeline:CreatePipeline'], refresh: ['codepipeline:GetPipeline'] },
  aws_dynamodb_table: {
    make: [
      'dynamodb:CreateTable',
      'dynamodb:UpdateContinuousBackups',
      'dynamodb:UpdateTable',
      'dynamodb:UpdateTimeToLive',
    ],
    refresh: ['dynamodb:DescribeContinuousBackups', 'dynamodb:DescribeTable', 'dynamodb:DescribeTimeToLive'],
  },
  aws_ecr_repository: {
    make: ['ecr:CreateRepository', 'ecr:SetRepositoryPolicy'],
    refresh: ['ecr:DescribeRepositories'],
  },
  aws_ecs_cluster: { make: ['ecs:CreateCluster'], refresh: ['ecs:DescribeClusters'] },
  aws_ecs_service: { make: ['ecs:CreateService', 'ecs:UpdateService'], refresh: ['ecs:DescribeServices'] },
  aws_iam_role: {
    make: ['iam:CreateRole', 'iam:DeleteRole', 'iam:PutRolePolicy', 'iam:TagRole', 'iam:UpdateAssumeRolePolicy'],
    refresh: ['iam:GetRole', 'iam:GetRolePolicy', 'iam:ListAttachedRolePolicies', 'iam:ListRolePolicies'],
  },
  aws_kms_key: { make: ['kms:CreateKey', 'kms:PutKeyPolicy'], refresh: ['kms:DescribeKey', 'kms:GetKeyPolicy'] },
  aws_lambda_function: { make: ['lambda:CreateFunction'], refresh: ['lambda:GetFunction'] },
  aws_s3_bucket: {
    make: [
      's3:CreateBucket',
      's3:DeleteBucket',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutLifecycleConfiguration',
    ],
    refresh: ['s3:GetBucketPolicy', 's3:GetBucketVersioning', 's3:GetLifecycleConfiguration', 's3:ListBucket'],
  },
  aws_scheduler_schedule: { make: ['scheduler:CreateSchedule'], refresh: ['scheduler:GetSchedule'] },
  aws_secretsmanager_secret: {
    make: ['secretsmanager:CreateSecret', 'secretsmanager:PutResourcePolicy'],
    refresh: ['secretsmanager:DescribeSecret', 'secretsmanager:GetResourcePolicy'],
  },
  aws_sns_topic: { make: ['sns:CreateTopic'], refresh: ['sns:GetTopicAttributes'] },
  aws_sqs_queue: { make: ['sqs:CreateQueue'], refresh: ['sqs:GetQueueAttributes'] },
  aws_ssm_parameter: { make: ['ssm:PutParameter'], refresh: ['ssm:GetParameter', 'ssm:DescribeParameters'] },
};

/** What opens or ends what prod holds is an administrator's: IAM has no condition on what such a change says (infra/README.md). */
const ADMINISTRATORS = [
  'dynamodb:UpdateContinuousBackups',
  'iam:UpdateAssumeRolePolicy',
  'kms:PutKeyPolicy',
  's3:PutBucketPolicy',
  's3:PutBucketVersioning',
];

const addressed = (plan: readonly Planned[]): readonly Planned[] =>
  plan.filter(({ type, arn }) => type in ASKED && arn !== undefined);

function calls(planned: Planned, which: 'make' | 'refresh'): readonly Call[] {
  const context: Call['context'] =
    planned.permissions_boundary === undefined ? {} : { 'iam:PermissionsBoundary': planned.permissions_boundary };
  return (ASKED[planned.type]?.[which] ?? []).map((action) => ({ action, resource: planned.arn ?? '', context }));
}

for (const environment of ['dev', 'prod'] as const) {
  const plan = PLANS[environment];

  t.test(
    `${environment}: the apply role may make and refresh everything of the plan, by its name, but what is an administrator's`,
    async (t) => {
      const apply = documentsOf(`p2p-github-apply-${environment}`);
      t.ok(addressed(plan).length > 20, `${addressed(plan).length} resources`);
      for (const planned of addressed(plan))
        for (const call of [...calls(planned, 'make'), ...calls(planned, 'refresh')]) {
          const answer = simulate(apply, call);
          const wanted = environment === 'dev' || !ADMINISTRATORS.includes(call.action);
          if (answer.allowed !== wanted)
            t.fail(`${planned.address} (${planned.arn}): ${call.action}: ${JSON.stringify(answer)}`);
        }
    },
  );

  t.test(`${environment}: the plan role may refresh everything of the plan`, async (t) => {
    const role = documentsOf('p2p-github-plan');
    for (const planned of addressed(plan))
      for (const call of calls(planned, 'refresh')) {
        const answer = simulate(role, call);
        if (!answer.allowed) t.fail(`${planned.address} (${planned.arn}): ${call.action}: ${answer.why}`);
      }
    t.pass();
  });

  t.test(`${environment}: the apply role may hand every role to the service that assumes it`, async (t) => {
    const apply = documentsOf(`p2p-github-apply-${environment}`);
    for (const { name, arn = '', assume_role_policy: trust } of rolesOf(plan)) {
      const service = trust?.Statement[0]?.Principal.Service ?? '';
      const answer = simulate(apply, {
        action: 'iam:PassRole',
        resource: arn,
        context: { 'iam:PassedToService': service },
      });
      t.ok(answer.allowed, `${name} to ${service}`);
    }
  });

  t.test(`${environment}: the apply role may attach what the plan attaches`, async (t) => {
    const attachments = plan.filter(({ type }) => type === 'aws_iam_role_policy_attachment');
    for (const { role, policy_arn: policy = '' } of attachments) {
      const planned = rolesOf(plan).find(({ name }) => name === role);
      const context = {
        'iam:PermissionsBoundary': planned?.permissions_boundary ?? '',
        'iam:PolicyARN': policy,
      };
      const call: Call = { action: 'iam:AttachRolePolicy', resource: planned?.arn ?? '', context };
      t.ok(simulate(documentsOf(`p2p-github-apply-${environment}`), call).allowed, `${role}: ${policy}`);
    }
  });

  t.test(`${environment}: every role may, within its boundary, do all that its own documents allow`, async (t) => {
    for (const role of rolesOf(plan)) {
      const inline = plan.filter((one) => one.type === 'aws_iam_role_policy' && one.role === role.name);
      const policies = inline.flatMap(({ policy }) => (policy === undefined ? [] : [policy]));
      const documents = { policies, boundary: boundaryOf(role) };
      for (const call of policies.flatMap(({ Statement }) => Statement.flatMap(callsThatItAllows))) {
        const answer = simulate(documents, call);
        t.ok(answer.allowed, `${role.name}: ${call.action} on ${call.resource}`);
      }
    }
  });
}

t.test('a role that is named outside the pattern of its environment is found by its name', async (t) => {
  const role = rolesOf(PLANS.prod)[0];
  const strayed = { ...role, arn: 'arn:aws:iam::123456789012:role/p2p-automation-replication' } as Planned;
  const answers = calls(strayed, 'refresh').map((call) => simulate(documentsOf('p2p-github-apply-prod'), call).allowed);
  t.notOk(answers.some(Boolean));
});

t.test('no name of one environment is another one of the same account', async (t) => {
  const arns = [PLANS.dev, PLANS.prod].map((plan) => new Set(addressed(plan).map(({ arn }) => arn)));
  t.strictSame(
    [...(arns[0] ?? [])].filter((arn) => arns[1]?.has(arn)),
    [],
  );
});

t.test("documents are within AWS's sizes", async (t) => {
  const size = (document: unknown): number => JSON.stringify(document).replaceAll(/\s/g, '').length;
  for (const [root, plan] of Object.entries(PLANS)) {
    for (const { name, policy } of plan.filter(({ type }) => type === 'aws_iam_policy'))
      t.ok(size(policy) <= 6144, `${root}: ${name}: ${size(policy)} of 6144 characters of a managed policy`);
    for (const { name = '', assume_role_policy: trust } of rolesOf(plan)) {
      const inline = plan.filter((one) => one.type === 'aws_iam_role_policy' && one.role === name);
      const total = inline.reduce((sum, { policy }) => sum + size(policy), 0);
      t.ok(total <= 10_240, `${name}: ${total} of 10240 characters of a role's own policies`);
      t.ok(size(trust) <= 2048, `${name}: ${size(trust)} of 2048 characters of a trust policy`);
      t.ok(name.length <= 64, `${name} is a name that IAM takes`);
    }
    for (const { bucket } of plan.filter(({ type }) => type === 'aws_s3_bucket'))
      t.match(bucket, /^[a-z0-9-]{3,63}$/, `${bucket} is a name that S3 takes`);
  }
});

/** One call of every action and resource that a statement names. */
const callsThatItAllows = ({ Action = [], Resource = [], Condition }: Statement): readonly Call[] =>
  [Action].flat().flatMap((action) =>
    [Resource].flat().map((resource) => ({
      action,
      resource: resource.replaceAll('*', 'x'),
      context: contextOf(Condition),
    })),
  );

/** What makes the conditions of a statement true. */
function contextOf(condition: Statement['Condition']): Record<string, string> {
  const keys = Object.values(condition ?? {});
  return Object.fromEntries(
    keys
      .flatMap((one) => Object.entries(one))
      .map(([key, value]) => [key, ([value].flat()[0] ?? '').replaceAll('*', 'x')]),
  );
}
