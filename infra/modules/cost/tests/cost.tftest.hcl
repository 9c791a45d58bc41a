mock_provider "aws" {
  source = "../../testing"
}

variables {
  name          = "p2p-test"
  environment   = "prod"
  monthly_limit = 300
  topic_arn     = "arn:aws:sns:eu-west-1:123456789012:p2p-test-alarms"
}

run "a_budget_that_warns_of_the_forecast" {
  command = plan

  assert {
    condition     = toset([for n in aws_budgets_budget.this.notification : n.notification_type]) == toset(["ACTUAL", "FORECASTED"])
    error_message = "Cost so far and forecast must both warn."
  }

  assert {
    condition     = one(aws_budgets_budget.this.cost_filter[*].values) == tolist(["user:Environment$prod"])
    error_message = "The budget looks at another environment."
  }

  assert {
    condition     = one(aws_ce_anomaly_subscription.this[*].frequency) == "IMMEDIATE"
    error_message = "Anomalies must be told at once."
  }
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}

run "a_budget_of_nothing_is_refused" {
  command = plan

  variables {
    monthly_limit = 0
  }

  expect_failures = [var.monthly_limit]
}
