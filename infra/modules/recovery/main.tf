# Copies of the tables that AWS Backup keeps, and further copies in the standby Region.
# Called with the standby Region's provider and no tables it makes the vault that receives those copies.
# Point-in-time recovery, for the last 35 days, is the tables' own (modules/data).

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

resource "aws_backup_vault" "this" {
  name          = var.name
  kms_key_arn   = var.kms_key_arn
  force_destroy = var.force_destroy
}

# With a lock not even an administrator shortens how long a copy is kept.
resource "aws_backup_vault_lock_configuration" "this" {
  count = var.lock == null ? 0 : 1

  backup_vault_name   = aws_backup_vault.this.name
  min_retention_days  = var.lock.min_days
  changeable_for_days = var.lock.changeable_for_days
}

resource "aws_backup_plan" "this" {
  count = length(var.table_arns) > 0 ? 1 : 0

  name = var.name

  dynamic "rule" {
    for_each = var.rules
    content {
      rule_name         = rule.key
      target_vault_name = aws_backup_vault.this.name
      schedule          = rule.value.schedule
      start_window      = 60
      completion_window = 240

      lifecycle {
        delete_after = rule.value.keep_days
      }

      dynamic "copy_action" {
        for_each = compact([var.copy_vault_arn])
        content {
          destination_vault_arn = copy_action.value

          lifecycle {
            delete_after = rule.value.keep_days
          }
        }
      }
    }
  }
}

resource "aws_iam_role" "this" {
  count = length(var.table_arns) > 0 ? 1 : 0

  name                 = "${var.name}-backup"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "backup.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = toset(length(var.table_arns) > 0 ? ["AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores"] : [])

  role       = aws_iam_role.this[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/${each.key}"
}

resource "aws_backup_selection" "this" {
  count = length(var.table_arns) > 0 ? 1 : 0

  name         = "tables"
  plan_id      = aws_backup_plan.this[0].id
  iam_role_arn = aws_iam_role.this[0].arn
  resources    = var.table_arns
}

resource "aws_backup_vault_notifications" "this" {
  count = var.notify ? 1 : 0

  backup_vault_name   = aws_backup_vault.this.name
  sns_topic_arn       = var.topic_arn
  backup_vault_events = ["BACKUP_JOB_FAILED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"]
}
