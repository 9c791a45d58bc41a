mock_provider "aws" {
  source = "../../testing"
}

variables {
  name              = "p2p-test"
  emails            = ["operations@example.com"]
  log_group_name    = "/p2p-test/server"
  load_balancer     = { suffix = "app/p2p-test/50dc6c495c0c9188", target_group_suffix = "targetgroup/p2p-test/73e2d6bc24d8a067" }
  service           = { cluster = "p2p-test", name = "p2p-test", min_tasks = 2 }
  table_prefix      = "p2p_"
  table_names       = { invoices = "p2p_invoices", payments = "p2p_payments" }
  jobs              = ["anchor-audit", "backup"]
  heartbeats        = { anchor-audit = 2, backup = 1 }
  dead_letter_queue = "p2p-test-jobs-not-started"
  tracing           = true
}

run "everything_the_business_and_the_service_need_is_watched" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["5xx", "no-target", "p99", "unhealthy-hosts", "running-tasks", "job-anchor-audit", "job-backup", "no-anchor-audit", "no-backup", "jobs-not-started", "integrity", "security-log-lost"],
      keys(aws_cloudwatch_metric_alarm.this)
    )) == 0
    error_message = "An alarm is missing."
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.throttled_table)) == toset(["invoices", "payments"])
    error_message = "Throttling is not watched at each table."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["p99"].extended_statistic == "p99" && aws_cloudwatch_metric_alarm.this["p99"].threshold == 2
    error_message = "The slowest requests are not watched."
  }
}

run "silence_of_the_audit_anchor_is_an_alarm_after_two_hours" {
  command = plan

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["no-anchor-audit"].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this["no-anchor-audit"].evaluation_periods == 2 && aws_cloudwatch_metric_alarm.this["no-anchor-audit"].period == 3600
    error_message = "Two hours without an anchor must raise an alarm."
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["no-anchor-audit"].metric_name == "job_succeeded" && aws_cloudwatch_metric_alarm.this["no-anchor-audit"].namespace == "p2p-test"
    error_message = "The alarm does not watch the metric that the jobs write."
  }
}

run "alarms_reach_people" {
  command = apply

  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : a.alarm_actions == toset([aws_sns_topic.alarms.arn])])
    error_message = "An alarm tells nobody."
  }

  assert {
    condition     = jsondecode(aws_sns_topic_policy.alarms.policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Other accounts may publish to the topic."
  }

  assert {
    condition     = length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) == 11
    error_message = "The dashboard lacks a chart."
  }
}

run "faults_are_gathered_where_there_are_traces" {
  command = plan

  assert {
    condition     = aws_xray_group.faults[0].filter_expression == "service(\"p2p-test\") { fault = true OR responsetime > 2 }"
    error_message = "The group must name the server as its traces do."
  }
}

run "a_function_behind_a_gateway_is_watched_too" {
  command = plan

  variables {
    load_balancer     = null
    service           = null
    dead_letter_queue = null
    function_name     = "p2p-test"
    api_name          = "p2p-test"
    jobs              = []
    heartbeats        = {}
    tracing           = false
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["function-errors", "function-throttles", "gateway-5xx", "integrity", "security-log-lost"])
    error_message = "Four alarms are expected."
  }

  assert {
    condition     = length(aws_xray_group.faults) == 0
    error_message = "Without tracing there is no group."
  }
}

run "something_that_is_no_address_is_refused" {
  command = plan

  variables {
    emails = ["operations"]
  }

  expect_failures = [var.emails]
}
