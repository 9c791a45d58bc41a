# Which requests X-Ray keeps: none of the health checks, all that move money, and a share of the rest.

locals {
  sampling = {
    live  = { priority = 10, path = "/live", method = "GET", rate = 0, reservoir = 0 }
    ready = { priority = 11, path = "/ready", method = "GET", rate = 0, reservoir = 0 }
    money = { priority = 20, path = "/api/v1/payment*", method = "POST", rate = 1, reservoir = 10 }
    rest  = { priority = 100, path = "*", method = "*", rate = var.trace_rate, reservoir = 1 }
  }
}

resource "aws_xray_sampling_rule" "this" {
  for_each = var.tracing ? local.sampling : {}

  rule_name      = "${var.name}-${each.key}"
  priority       = each.value.priority
  version        = 1
  service_name   = var.name
  service_type   = "*"
  host           = "*"
  http_method    = each.value.method
  url_path       = each.value.path
  resource_arn   = "*"
  fixed_rate     = each.value.rate
  reservoir_size = each.value.reservoir
}

resource "aws_xray_group" "faults" {
  count = var.tracing ? 1 : 0

  group_name        = "${var.name}-faults"
  filter_expression = "service(\"${var.name}\") { fault = true OR responsetime > ${var.p99_seconds} }"

  insights_configuration {
    insights_enabled      = true
    notifications_enabled = false
  }
}
