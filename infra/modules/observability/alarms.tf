# One resource for all alarms of one metric: name, what is compared, and what its silence means.

locals {
  alb = var.load_balancer == null ? {} : {
    "5xx" = {
      description = "The server fails requests. The last release is the first suspect: docs/runbooks/poisoned-deploy.md."
      namespace   = "AWS/ApplicationELB"
      metric      = "HTTPCode_Target_5XX_Count"
      dimensions  = { LoadBalancer = var.load_balancer.suffix, TargetGroup = var.load_balancer.target_group_suffix }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 10
      period      = 60
      periods     = 3
      missing     = "notBreaching"
    }
    "no-target" = {
      description = "The load balancer finds no task to hand requests to: docs/runbooks/no-healthy-target.md."
      namespace   = "AWS/ApplicationELB"
      metric      = "HTTPCode_ELB_5XX_Count"
      dimensions  = { LoadBalancer = var.load_balancer.suffix }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 10
      period      = 60
      periods     = 3
      missing     = "notBreaching"
    }
    "p99" = {
      description = "One request in a hundred takes over two seconds: docs/runbooks/slow-replies.md."
      namespace   = "AWS/ApplicationELB"
      metric      = "TargetResponseTime"
      dimensions  = { LoadBalancer = var.load_balancer.suffix, TargetGroup = var.load_balancer.target_group_suffix }
      statistic   = "p99"
      comparison  = "GreaterThanThreshold"
      threshold   = var.p99_seconds
      period      = 60
      periods     = 5
      missing     = "notBreaching"
    }
    "unhealthy-hosts" = {
      description = "A task fails its health check: docs/runbooks/no-healthy-target.md."
      namespace   = "AWS/ApplicationELB"
      metric      = "UnHealthyHostCount"
      dimensions  = { LoadBalancer = var.load_balancer.suffix, TargetGroup = var.load_balancer.target_group_suffix }
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 60
      periods     = 5
      missing     = "notBreaching"
    }
  }

  service = var.service == null ? {} : {
    "running-tasks" = {
      description = "Fewer tasks run than must: docs/runbooks/no-healthy-target.md."
      namespace   = "ECS/ContainerInsights"
      metric      = "RunningTaskCount"
      dimensions  = { ClusterName = var.service.cluster, ServiceName = var.service.name }
      statistic   = "Minimum"
      comparison  = "LessThanThreshold"
      threshold   = var.service.min_tasks
      period      = 60
      periods     = 5
      missing     = "breaching"
    }
  }

  function = var.function_name == null ? {} : {
    "function-errors" = {
      description = "The function fails: docs/runbooks/poisoned-deploy.md."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = var.function_name }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 5
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
    "function-throttles" = {
      description = "More requests come than the function's concurrency lets in: docs/runbooks/slow-replies.md."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = var.function_name }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  gateway = var.api_name == null ? {} : {
    "gateway-5xx" = {
      description = "API Gateway answers with failures: docs/runbooks/poisoned-deploy.md."
      namespace   = "AWS/ApiGateway"
      metric      = "5XXError"
      dimensions  = { ApiName = var.api_name }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 10
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  failed_jobs = {
    for job in var.jobs : "job-${job}" => {
      description = "The job ${job} failed: docs/runbooks/failed-jobs.md."
      namespace   = var.name
      metric      = local.metric.job_failed
      dimensions  = { job = job }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  # Silence is the failure here: nothing else tells that a schedule is off.
  missing_jobs = {
    for job, hours in var.heartbeats : "no-${job}" => {
      description = "No run of ${job} ended well for ${hours} hours: docs/runbooks/failed-jobs.md."
      namespace   = var.name
      metric      = local.metric.job_succeeded
      dimensions  = { job = job }
      statistic   = "Sum"
      comparison  = "LessThanThreshold"
      threshold   = 1
      period      = 3600
      periods     = hours
      missing     = "breaching"
    }
  }

  integrity = {
    "integrity" = {
      description = "A stored record or payment file is not what the server wrote: docs/runbooks/broken-seal.md."
      namespace   = var.name
      metric      = local.metric.integrity_failures
      dimensions  = {}
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 60
      periods     = 1
      missing     = "notBreaching"
    }
    "security-log-lost" = {
      description = "An entry of the security log could not be written; the server's log has it: docs/runbooks/broken-seal.md."
      namespace   = var.name
      metric      = local.metric.security_entries_lost
      dimensions  = {}
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  undelivered = var.dead_letter_queue == null ? {} : {
    "jobs-not-started" = {
      description = "A scheduled job could not be started; the queue holds which: docs/runbooks/failed-jobs.md."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = var.dead_letter_queue }
      statistic   = "Maximum"
      comparison  = "GreaterThanThreshold"
      threshold   = 0
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  # In its first weeks the firewall counts what it would refuse; the runbook tells the one from the other.
  firewall = var.firewall == null ? {} : {
    "firewall" = {
      description = "The firewall ${var.firewall.mode == "block" ? "refuses" : "would refuse"} many requests: docs/runbooks/firewall-false-positives.md."
      namespace   = "AWS/WAFV2"
      metric      = var.firewall.mode == "block" ? "BlockedRequests" : "CountedRequests"
      dimensions  = { WebACL = var.firewall.name, Region = local.region, Rule = "ALL" }
      statistic   = "Sum"
      comparison  = "GreaterThanThreshold"
      threshold   = 100
      period      = 300
      periods     = 1
      missing     = "notBreaching"
    }
  }

  # Throttles of an index slow the table's writes down, and the table's own metrics do not show them. An alarm takes ten metrics at most.
  indexes = { for name, table in jsondecode(file("${path.module}/../../tables.json")).tables : name => keys(table.indexes) }
  index_throttles = merge([
    for kind in ["Read", "Write"] : {
      for name, full_name in var.table_names : "${lower(kind)}s-${name}" => { kind = kind, table = full_name, indexes = local.indexes[name] } if length(local.indexes[name]) > 0
    }
  ]...)

  alarms = merge(local.firewall, local.alb, local.service, local.function, local.gateway, local.failed_jobs, local.missing_jobs, local.integrity, local.undelivered)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = each.value.period
  evaluation_periods  = each.value.periods
  treat_missing_data  = each.value.missing
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]
}

resource "aws_cloudwatch_metric_alarm" "throttled_table" {
  for_each = var.table_names

  alarm_name          = "${var.name}-throttled-${each.key}"
  alarm_description   = "DynamoDB throttles ${each.value}: docs/runbooks/dynamodb-throttling.md."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "throttled"
    label       = "Throttled requests"
    expression  = "FILL(reads, 0) + FILL(writes, 0)"
    return_data = true
  }

  metric_query {
    id = "reads"

    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "ReadThrottleEvents"
      dimensions  = { TableName = each.value }
      period      = 300
      stat        = "Sum"
    }
  }

  metric_query {
    id = "writes"

    metric {
      namespace   = "AWS/DynamoDB"
      metric_name = "WriteThrottleEvents"
      dimensions  = { TableName = each.value }
      period      = 300
      stat        = "Sum"
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "throttled_index" {
  for_each = local.index_throttles

  alarm_name          = "${var.name}-throttled-index-${each.key}"
  alarm_description   = "DynamoDB throttles ${lower(each.value.kind)}s of indexes of ${each.value.table}: docs/runbooks/dynamodb-throttling.md."
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 2
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.alarms.arn]
  ok_actions          = [aws_sns_topic.alarms.arn]

  metric_query {
    id          = "throttled"
    label       = "Throttled requests"
    expression  = join(" + ", [for position in range(length(each.value.indexes)) : "FILL(m${position}, 0)"])
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.indexes
    content {
      id = "m${metric_query.key}"

      metric {
        namespace   = "AWS/DynamoDB"
        metric_name = "${each.value.kind}ThrottleEvents"
        dimensions  = { TableName = each.value.table, GlobalSecondaryIndexName = metric_query.value }
        period      = 300
        stat        = "Sum"
      }
    }
  }
}
