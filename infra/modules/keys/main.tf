# The KMS keys of one environment: data at rest, logs and notifications, secrets.
# Each key policy hands administration to the account's IAM (without it a key can never be managed again)
# and names the AWS services that must use the key without a role of ours in between.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.id

  administration = {
    Sid       = "AccountAdministersThroughIam"
    Effect    = "Allow"
    Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  keys = {
    data = {
      description = "Tables, buckets, images and backups"
      statements  = []
    }
    logs = {
      description = "Log groups, alarm topics and queues"
      statements = [
        {
          Sid       = "CloudWatchLogs"
          Effect    = "Allow"
          Principal = { Service = "logs.${local.region}.amazonaws.com" }
          Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey"]
          Resource  = "*"
          Condition = {
            ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*" }
          }
        },
        {
          Sid    = "PublishersToTheAlarmTopic"
          Effect = "Allow"
          Principal = {
            Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com", "backup.amazonaws.com"]
          }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = "*"
          Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
        },
      ]
    }
    secrets = {
      description = "Secrets of the server"
      statements  = []
    }
  }
}

resource "aws_kms_key" "this" {
  for_each = { for purpose, key in local.keys : purpose => key if contains(var.purposes, purpose) }

  description             = "${var.name}: ${each.value.description}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_window_days

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.administration], each.value.statements)
  })

  tags = { Purpose = each.key }

  # What a lost key encrypted is lost. To destroy a trial, take this line out.
  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  for_each = aws_kms_key.this

  name          = "alias/${var.name}-${each.key}"
  target_key_id = each.value.key_id
}
