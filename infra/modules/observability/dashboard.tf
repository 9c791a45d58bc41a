locals {
  region = data.aws_region.current.id

  # By their names: a search for what a name begins with finds nothing.
  watched_tables = [for name in keys(local.indexes) : "${var.table_prefix}${name}"]

  charts = concat(
    var.load_balancer == null ? [] : [
      {
        title = "Requests and failures"
        metrics = [
          ["AWS/ApplicationELB", "RequestCount", "LoadBalancer", var.load_balancer.suffix, { stat = "Sum" }],
          ["AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", "LoadBalancer", var.load_balancer.suffix, { stat = "Sum", yAxis = "right" }],
        ]
      },
      {
        title = "Time to reply"
        metrics = [
          ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer.suffix, { stat = "p50" }],
          ["AWS/ApplicationELB", "TargetResponseTime", "LoadBalancer", var.load_balancer.suffix, { stat = "p99" }],
        ]
      },
    ],
    var.service == null ? [] : [
      {
        title = "Tasks"
        metrics = [
          ["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", var.service.cluster, "ServiceName", var.service.name, { stat = "Average" }],
          ["AWS/ECS", "CPUUtilization", "ClusterName", var.service.cluster, "ServiceName", var.service.name, { stat = "Average", yAxis = "right" }],
          ["AWS/ECS", "MemoryUtilization", "ClusterName", var.service.cluster, "ServiceName", var.service.name, { stat = "Average", yAxis = "right" }],
        ]
      },
    ],
    var.function_name == null ? [] : [
      {
        title = "Function"
        metrics = [
          ["AWS/Lambda", "Invocations", "FunctionName", var.function_name, { stat = "Sum" }],
          ["AWS/Lambda", "Errors", "FunctionName", var.function_name, { stat = "Sum" }],
          ["AWS/Lambda", "Duration", "FunctionName", var.function_name, { stat = "p99", yAxis = "right" }],
        ]
      },
    ],
    [
      {
        title = "Requests as the server sees them"
        metrics = [
          [var.name, local.metric.request_duration_ms, { stat = "p50" }],
          [var.name, local.metric.request_duration_ms, { stat = "p99" }],
          [var.name, local.metric.requests_failed, { stat = "Sum", yAxis = "right" }],
        ]
      },
      {
        title = "Invoices"
        metrics = [
          [var.name, local.metric.invoices_matched, { stat = "Sum" }],
          [var.name, local.metric.invoice_exceptions, { stat = "Sum" }],
          [var.name, local.metric.overdue_invoices, { stat = "Maximum", yAxis = "right" }],
        ]
      },
      {
        title   = "Payments by state"
        metrics = [[{ expression = "SEARCH('{\"${var.name}\",state} MetricName=\"${local.metric.payments}\"', 'Sum', 3600)", id = "payments" }]]
      },
      {
        title   = "Age of what waits (seconds)"
        metrics = [[{ expression = "SEARCH('{\"${var.name}\",queue} MetricName=\"${local.metric.queue_age_seconds}\"', 'Maximum', 300)", id = "queues" }]]
      },
      {
        title = "Jobs"
        metrics = [
          [{ expression = "SEARCH('{\"${var.name}\",job} MetricName=\"${local.metric.job_succeeded}\"', 'Sum', 3600)", id = "succeeded" }],
          [{ expression = "SEARCH('{\"${var.name}\",job} MetricName=\"${local.metric.job_failed}\"', 'Sum', 3600)", id = "failed" }],
        ]
      },
      {
        title   = "Consumed write units"
        metrics = [for table in local.watched_tables : ["AWS/DynamoDB", "ConsumedWriteCapacityUnits", "TableName", table, { stat = "Sum" }]]
      },
      {
        title = "Transactions tried again"
        metrics = concat(
          [[var.name, local.metric.transaction_retries, { stat = "Sum" }]],
          [for table in local.watched_tables : ["AWS/DynamoDB", "TransactionConflict", "TableName", table, { stat = "Sum" }]],
        )
      },
    ],
  )
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [{
        type       = "alarm"
        x          = 0
        y          = 0
        width      = 24
        height     = 3
        properties = { title = "Alarms", alarms = [for alarm in aws_cloudwatch_metric_alarm.this : alarm.arn] }
      }],
      [
        for index, chart in local.charts : {
          type   = "metric"
          x      = (index % 2) * 12
          y      = 3 + floor(index / 2) * 6
          width  = 12
          height = 6
          properties = {
            title   = chart.title
            region  = local.region
            view    = "timeSeries"
            period  = 300
            metrics = chart.metrics
          }
        }
      ],
    )
  })
}

# Questions asked again and again, ready in CloudWatch Logs Insights.
resource "aws_cloudwatch_query_definition" "this" {
  for_each = var.log_group_name == null ? {} : {
    "one request"        = "fields @timestamp, @message | filter request_id = 'REQUEST-ID' or trace_id = 'TRACE-ID' | sort @timestamp"
    "failed requests"    = "fields @timestamp, method, route, status, request_id, err.message | filter status >= 500 or ispresent(err.message) | sort @timestamp desc | limit 100"
    "slowest requests"   = "fields @timestamp, method, route, status, ms, request_id | filter ispresent(ms) | sort ms desc | limit 50"
    "jobs that went bad" = "fields @timestamp, @message | filter @logStream like /^jobs/ and (ispresent(job_failed) or result in ['findings', 'failed'] or @message not like /^{/) | sort @timestamp desc | limit 100"
  }

  name            = "${var.name}/${each.key}"
  log_group_names = [var.log_group_name]
  query_string    = each.value
}
