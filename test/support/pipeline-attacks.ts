/** What somebody with a role of the workflows would try, as calls that IAM is asked about. */
import type { Call } from './iam.ts';

const ACCOUNT = '123456789012';
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const table = (name: string): string => `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/${name}`;
const bucket = (name: string): string => `arn:aws:s3:::p2p-automation-${ACCOUNT}-${name}`;
const BOUNDARY = { 'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/p2p-prod-boundary` };
const TAGGED_PROD = { 'aws:ResourceTag/Environment': 'prod' };

/** Continues the sentence that begins with the role's name. */
export type Attack = readonly [sentence: string, ...calls: readonly Call[]];
const on = (resource: string, actions: readonly string[], context: Call['context'] = {}): readonly Call[] =>
  actions.map((action) => ({ action, resource, context }));

const READ = ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'PartiQLSelect', 'ExportTableToPointInTime', 'GetRecords'];
const WRITE = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'PartiQLInsert',
  'PartiQLUpdate',
  'PartiQLDelete',
];
const RESTORE = ['RestoreTableFromBackup', 'RestoreTableFromAwsBackup', 'RestoreTableToPointInTime', 'ImportTable'];
const STREAM = ['EnableKinesisStreamingDestination', 'UpdateKinesisStreamingDestination', 'GetShardIterator'];
const dynamodb = (actions: readonly string[]): readonly string[] => actions.map((action) => `dynamodb:${action}`);
const SECRET = `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:p2p-prod/P2P_ENCRYPTION_KEY-AbCdEf`;

/** Of every role that a workflow gets. */
export const OF_ANY: readonly Attack[] = [
  ['reads bank data, by no way that DynamoDB has', ...on(table('p2p_vendor_accounts'), dynamodb([...READ, ...STREAM]))],
  ['writes an item, by no way that DynamoDB has', ...on(table('p2p_payments'), dynamodb([...WRITE, ...RESTORE]))],
  [
    'takes a payment file or puts another',
    ...on(`${bucket('prod-payments')}/a`, ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', 's3:DeleteObject']),
  ],
  [
    'reads or replaces a secret',
    ...on(
      SECRET,
      ['GetSecretValue', 'PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage'].map(
        (one) => `secretsmanager:${one}`,
      ),
    ),
  ],
  [
    'reads the log',
    ...on(`arn:aws:logs:eu-west-1:${ACCOUNT}:log-group:/p2p-prod/server`, [
      'logs:GetLogEvents',
      'logs:FilterLogEvents',
      'logs:StartQuery',
      'logs:StartLiveTail',
    ]),
  ],
  ['becomes a role of the service', ...on(role('p2p-prod-job'), ['sts:AssumeRole'])],
  [
    'makes a user, a key or a group of its own',
    ...on(`arn:aws:iam::${ACCOUNT}:user/mallory`, [
      'iam:CreateUser',
      'iam:CreateAccessKey',
      'iam:AddUserToGroup',
      'iam:CreateLoginProfile',
    ]),
  ],
  [
    'trusts another provider',
    ...on(`arn:aws:iam::${ACCOUNT}:oidc-provider/evil`, ['iam:CreateOpenIDConnectProvider', 'iam:CreateSAMLProvider']),
  ],
  [
    'widens a role of the workflows',
    ...['p2p-github-plan', 'p2p-github-apply-prod', 'p2p-github-deploy-prod'].flatMap((name) =>
      on(
        role(name),
        ['iam:PutRolePolicy', 'iam:AttachRolePolicy', 'iam:UpdateAssumeRolePolicy', 'iam:DeleteRolePolicy'],
        { ...BOUNDARY, 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' },
      ),
    ),
  ],
  [
    'changes the boundary',
    ...on(`arn:aws:iam::${ACCOUNT}:policy/p2p-prod-boundary`, [
      'iam:CreatePolicyVersion',
      'iam:SetDefaultPolicyVersion',
      'iam:DeletePolicyVersion',
      'iam:DeletePolicy',
    ]),
  ],
  [
    'hands the key of the data on',
    ...on(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/data`, ['kms:CreateGrant'], { 'kms:GrantIsForAWSResource': 'false' }),
  ],
];

export const APPLY_PROD: readonly Attack[] = [
  ['makes a role without the boundary', ...on(role('p2p-prod-new'), ['iam:CreateRole'])],
  [
    "makes a role with dev's boundary, or one of its own",
    ...['p2p-dev-boundary', 'mallory'].flatMap((name) =>
      on(role('p2p-prod-new'), ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'], {
        'iam:PermissionsBoundary': `arn:aws:iam::${ACCOUNT}:policy/${name}`,
      }),
    ),
  ],
  ['takes the boundary off', ...on(role('p2p-prod-job'), ['iam:DeleteRolePermissionsBoundary'], BOUNDARY)],
  ['widens a role that has no boundary', ...on(role('p2p-prod-old'), ['iam:PutRolePolicy', 'iam:AttachRolePolicy'])],
  [
    'attaches the policy of an administrator',
    ...on(role('p2p-prod-job'), ['iam:AttachRolePolicy'], {
      ...BOUNDARY,
      'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess',
    }),
  ],
  ['lets others assume a role of the service', ...on(role('p2p-prod-job'), ['iam:UpdateAssumeRolePolicy'], BOUNDARY)],
  [
    'hands over a stronger role',
    ...['p2p-github-apply-prod', 'OrganizationAccountAccessRole', 'p2p-prod-new'].flatMap((name) =>
      on(role(name), ['iam:PassRole'], { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' }),
    ),
  ],
  [
    'hands a role to a service that does not use it',
    ...['ec2', 'glue', 'sagemaker', 'cloudformation'].flatMap((service) =>
      on(role('p2p-prod-job'), ['iam:PassRole'], { 'iam:PassedToService': `${service}.amazonaws.com` }),
    ),
  ],
  [
    'switches off or deletes the backups',
    ...on(table('p2p_payments'), dynamodb(['UpdateContinuousBackups', 'DeleteTable'])),
    ...on(`${table('p2p_payments')}/backup/1`, dynamodb(['DeleteBackup'])),
    ...on(`arn:aws:backup:eu-west-1:${ACCOUNT}:recovery-point:1`, [
      'backup:DeleteRecoveryPoint',
      'backup:UpdateRecoveryPointLifecycle',
    ]),
    ...on(`arn:aws:backup:eu-west-1:${ACCOUNT}:backup-vault:p2p-prod`, [
      'backup:DeleteBackupVault',
      'backup:DeleteBackupVaultLockConfiguration',
      'backup:PutBackupVaultAccessPolicy',
    ]),
  ],
  [
    'changes how long the anchors are kept',
    ...['prod-backups', 'prod-payments', 'prod-anchors'].flatMap((name) => [
      ...on(bucket(name), [
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketPolicy',
        's3:DeleteBucketPolicy',
        's3:PutBucketVersioning',
      ]),
      ...on(`${bucket(name)}/anchors/a`, [
        's3:PutObjectRetention',
        's3:BypassGovernanceRetention',
        's3:PutObjectLegalHold',
        's3:DeleteObject',
      ]),
    ]),
  ],
  [
    'opens the tables, the buckets or the keys to another account',
    ...on(table('p2p_payments'), dynamodb(['PutResourcePolicy', 'DeleteResourcePolicy'])),
    ...on(bucket('prod-documents'), [
      's3:PutBucketPolicy',
      's3:PutBucketPublicAccessBlock',
      's3:PutReplicationConfiguration',
    ]),
    ...on(`arn:aws:kms:eu-west-1:${ACCOUNT}:key/data`, [
      'kms:PutKeyPolicy',
      'kms:ScheduleKeyDeletion',
      'kms:DisableKey',
    ]),
  ],
  [
    'silences the trail',
    ...on(`arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/p2p-prod`, [
      'cloudtrail:StopLogging',
      'cloudtrail:DeleteTrail',
    ]),
  ],
  [
    'deletes an older state',
    ...on(`arn:aws:s3:::p2p-terraform-state-${ACCOUNT}-eu-west-1/prod/terraform.tfstate`, ['s3:DeleteObjectVersion']),
  ],
];

/** Of the apply role of dev, in one account with prod. */
export const FROM_DEV: readonly Attack[] = [
  [
    'assumes a role of prod',
    ...['p2p-prod-job', 'p2p-github-apply-prod'].flatMap((name) =>
      on(role(name), ['sts:AssumeRole', 'iam:UpdateAssumeRolePolicy', 'iam:PutRolePolicy', 'iam:PassRole'], {
        ...BOUNDARY,
        'iam:PassedToService': 'ecs-tasks.amazonaws.com',
      }),
    ),
  ],
  [
    'changes a table of prod',
    ...on(
      table('p2p_payments'),
      dynamodb(['UpdateTable', 'DeleteTable', 'PutResourcePolicy', 'UpdateContinuousBackups', 'UpdateTimeToLive']),
    ),
  ],
  [
    'changes a bucket of prod',
    ...['prod-payments', 'prod-standby-payments'].flatMap((name) =>
      on(bucket(name), [
        's3:PutBucketPolicy',
        's3:DeleteBucket',
        's3:PutReplicationConfiguration',
        's3:PutLifecycleConfiguration',
      ]),
    ),
  ],
  [
    "runs a build of prod's pipeline",
    ...on(
      `arn:aws:codebuild:eu-west-1:${ACCOUNT}:project/p2p-prod-deploy`,
      ['codebuild:StartBuild', 'codebuild:UpdateProject'],
      TAGGED_PROD,
    ),
  ],
  [
    'moves the service of prod, or opens a shell in it',
    ...on(
      `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/p2p-prod/p2p-prod`,
      ['ecs:UpdateService', 'ecs:ExecuteCommand'],
      TAGGED_PROD,
    ),
  ],
  [
    'opens the secrets and keys of prod',
    ...on(SECRET, ['secretsmanager:PutResourcePolicy', 'secretsmanager:DeleteSecret'], TAGGED_PROD),
    ...on(
      `arn:aws:kms:eu-west-1:${ACCOUNT}:key/data`,
      ['kms:PutKeyPolicy', 'kms:ScheduleKeyDeletion', 'kms:Decrypt'],
      TAGGED_PROD,
    ),
  ],
  [
    "takes prod's tag off, to do so then",
    ...on(
      `arn:aws:ecs:eu-west-1:${ACCOUNT}:service/p2p-prod/p2p-prod`,
      ['ecs:UntagResource', 'ecs:TagResource', 'tag:UntagResources'],
      TAGGED_PROD,
    ),
  ],
];
