mock_provider "aws" {
  source = "../../testing"
}

variables {
  name           = "p2p-test"
  table_arns     = ["arn:aws:dynamodb:eu-west-1:123456789012:table/p2p_invoices"]
  copy_vault_arn = "arn:aws:backup:eu-central-1:123456789012:backup-vault:p2p-test"
}

run "daily_and_monthly_copies_also_in_the_standby_region" {
  command = plan

  assert {
    condition     = toset([for r in aws_backup_plan.this[0].rule : r.rule_name]) == toset(["daily", "monthly"])
    error_message = "A daily and a monthly rule are expected."
  }

  assert {
    condition     = alltrue([for r in aws_backup_plan.this[0].rule : one(r.copy_action[*].destination_vault_arn) == var.copy_vault_arn])
    error_message = "A copy does not reach the standby Region."
  }

  assert {
    condition     = aws_backup_selection.this[0].resources == toset(var.table_arns)
    error_message = "The plan copies other tables."
  }
}

run "a_vault_that_only_receives" {
  command = plan

  variables {
    table_arns     = []
    copy_vault_arn = null
    lock           = { min_days = 7 }
  }

  assert {
    condition     = length(aws_backup_plan.this) == 0 && length(aws_iam_role.this) == 0 && aws_backup_vault_lock_configuration.this[0].min_retention_days == 7
    error_message = "A locked vault without a plan is expected."
  }
}

run "copies_that_vanish_over_a_weekend_are_refused" {
  command = plan

  variables {
    rules = { daily = { schedule = "cron(0 1 * * ? *)", keep_days = 2 } }
  }

  expect_failures = [var.rules]
}
