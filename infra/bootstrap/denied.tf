# What is denied to the workflows' roles, whatever AWS's own policies allow them.

locals {
  # Reading or changing what the system holds, by any way that DynamoDB has, and reading its logs and secrets.
  data_actions = [
    "dynamodb:*KinesisStreamingDestination",
    "dynamodb:BatchGetItem",
    "dynamodb:BatchWriteItem",
    "dynamodb:ConditionCheckItem",
    "dynamodb:DeleteItem",
    "dynamodb:ExportTableToPointInTime",
    "dynamodb:GetItem",
    "dynamodb:GetRecords",
    "dynamodb:GetShardIterator",
    "dynamodb:ImportTable",
    "dynamodb:PartiQL*",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:RestoreTable*",
    "dynamodb:Scan",
    "dynamodb:UpdateItem",
    "logs:FilterLogEvents",
    "logs:GetLogEvents",
    "logs:GetLogRecord",
    "logs:StartLiveTail",
    "logs:StartQuery",
    "logs:Unmask",
    "secretsmanager:BatchGetSecretValue",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecret*",
  ]

  # What opens prod's data to others, or lets its evidence be lost. It is set up by an administrator (infra/README.md) and changed by one: IAM has
  # no condition on what such a change says.
  administrators_actions = [
    "backup:DeleteBackupVault*",
    "backup:DeleteRecoveryPoint",
    "backup:DisassociateRecoveryPoint*",
    "backup:PutBackupVaultAccessPolicy",
    "backup:UpdateRecoveryPointLifecycle",
    "cloudtrail:DeleteTrail",
    "cloudtrail:StopLogging",
    "dynamodb:DeleteBackup",
    "dynamodb:DeleteTable",
    "dynamodb:DeleteResourcePolicy",
    "dynamodb:PutResourcePolicy",
    "dynamodb:UpdateContinuousBackups",
    "iam:UpdateAssumeRolePolicy",
    "kms:DisableKey",
    "kms:PutKeyPolicy",
    "kms:ScheduleKeyDeletion",
    "s3:BypassGovernanceRetention",
    "s3:DeleteBucketPolicy",
    "s3:PutBucketObjectLockConfiguration",
    "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock",
    "s3:PutBucketVersioning",
    "s3:PutObjectLegalHold",
    "s3:PutObjectRetention",
    "s3:PutReplicationConfiguration",
    "secretsmanager:DeleteSecret",
  ]

  # In one account with another environment: whatever bears its tag or its name.
  others = { for environment in var.environments : environment => sort(tolist(setsubtract(["dev", "prod"], [environment]))) }

  nothing_of_others = {
    for environment in var.environments : environment => [
      {
        Sid       = "NothingTaggedOfOthers"
        Effect    = "Deny"
        NotAction = ["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
        Resource  = ["*"]
        Condition = { StringEquals = { "aws:ResourceTag/Environment" = local.others[environment] } }
      },
      {
        Sid      = "NoBucketsOfOthers"
        Effect   = "Deny"
        Action   = ["s3:*"]
        Resource = flatten([for other in local.others[environment] : ["arn:${local.partition}:s3:::${var.project}-automation-${var.account_id}-${other}*", "arn:${local.partition}:s3:::${var.project}-${other}-*"]])
      },
      {
        Sid         = "OwnTablesOnly"
        Effect      = "Deny"
        Action      = concat(local.item_actions, ["dynamodb:CreateBackup", "dynamodb:CreateTable*", "dynamodb:Delete*", "dynamodb:PutResourcePolicy", "dynamodb:Update*"])
        NotResource = local.own[environment].tables
      },
    ]
  }

  # prod's tables have the shorter prefix, so dev's must be taken out by name.
  no_tables_of_others = {
    for environment in var.environments : environment => [
      for tables in [local.others_tables[environment]] : {
        Sid      = "NoTablesOfOthers"
        Effect   = "Deny"
        Action   = ["dynamodb:*"]
        Resource = tables
      } if length(tables) > 0
    ]
  }
}
