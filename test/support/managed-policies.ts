/**
 * AWS's own policies that roles of infra/ carry. PowerUserAccess is its text; ReadOnlyAccess names some thousand actions, of which
 * these patterns are the part that Terraform asks for; those of AWS Backup serve that service alone.
 */
import type { Policy } from './iam.ts';

const policy = (...Statement: Policy['Statement']): Policy => ({ Version: '2012-10-17', Statement });

export const MANAGED: Readonly<Record<string, Policy>> = {
  PowerUserAccess: policy(
    { Sid: 'PowerUser', Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
    {
      Sid: 'PowerUserReads',
      Effect: 'Allow',
      Action: [
        'account:GetAccountInformation',
        'account:GetPrimaryEmail',
        'account:ListRegions',
        'iam:CreateServiceLinkedRole',
        'iam:DeleteServiceLinkedRole',
        'iam:ListRoles',
        'organizations:DescribeOrganization',
      ],
      Resource: '*',
    },
  ),
  ReadOnlyAccess: policy({
    Sid: 'ReadOnly',
    Effect: 'Allow',
    Action: ['*:BatchGet*', '*:Describe*', '*:Get*', '*:List*', '*:View*'],
    Resource: '*',
  }),
  'service-role/AmazonAPIGatewayPushToCloudWatchLogs': policy({
    Sid: 'GatewayLogs',
    Effect: 'Allow',
    Action: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogGroups', 'logs:PutLogEvents'],
    Resource: '*',
  }),
  'service-role/AWSBackupServiceRolePolicyForBackup': policy({
    Sid: 'BackupTables',
    Effect: 'Allow',
    Action: [
      'dynamodb:DescribeTable',
      'dynamodb:CreateBackup',
      'dynamodb:StartAwsBackupJob',
      'dynamodb:ListTagsOfResource',
    ],
    Resource: 'arn:aws:dynamodb:*:*:table/*',
  }),
  'service-role/AWSBackupServiceRolePolicyForRestores': policy({
    Sid: 'RestoreTables',
    Effect: 'Allow',
    Action: ['dynamodb:RestoreTableFromAwsBackup', 'dynamodb:DescribeTable', 'dynamodb:PutItem', 'dynamodb:Scan'],
    Resource: 'arn:aws:dynamodb:*:*:table/*',
  }),
};
