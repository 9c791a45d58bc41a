data "aws_partition" "current" {}

# Everything that a deployment freezes goes into the hash: a change of any of it makes a new deployment.
resource "aws_api_gateway_deployment" "this" {
  rest_api_id = aws_api_gateway_rest_api.this.id

  triggers = {
    redeployment = sha256(jsonencode([
      aws_api_gateway_method.proxy,
      aws_api_gateway_integration.proxy,
      aws_api_gateway_integration.preflight,
      aws_api_gateway_integration_response.preflight,
      aws_api_gateway_integration_response.root,
      local.refusals,
      var.cors_origins,
    ]))
  }

  lifecycle {
    create_before_destroy = true
  }

  depends_on = [
    aws_api_gateway_gateway_response.this,
    aws_api_gateway_integration.root,
    aws_api_gateway_integration_response.preflight,
    aws_api_gateway_integration_response.root,
    aws_api_gateway_method_response.preflight,
  ]
}

resource "aws_cloudwatch_log_group" "access" {
  name              = "/${var.name}/api-gateway"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_api_gateway_stage" "this" {
  rest_api_id          = aws_api_gateway_rest_api.this.id
  deployment_id        = aws_api_gateway_deployment.this.id
  stage_name           = var.stage
  xray_tracing_enabled = var.tracing

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id = "$context.requestId"
      ip         = "$context.identity.sourceIp"
      method     = "$context.httpMethod"
      path       = "$context.path"
      status     = "$context.status"
      bytes      = "$context.responseLength"
      latency_ms = "$context.responseLatency"
      error      = "$context.error.message"
    })
  }

  depends_on = [aws_api_gateway_account.this]
}

# Of one in an account and Region: the role with which API Gateway writes its logs.
resource "aws_api_gateway_account" "this" {
  count = var.manage_account ? 1 : 0

  cloudwatch_role_arn = aws_iam_role.logs[0].arn
}

resource "aws_iam_role" "logs" {
  count = var.manage_account ? 1 : 0

  name                 = "${var.name}-api-gateway-logs"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "apigateway.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role_policy_attachment" "logs" {
  count = var.manage_account ? 1 : 0

  role       = aws_iam_role.logs[0].name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
}

resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  stage_name  = aws_api_gateway_stage.this.stage_name
  method_path = "*/*"

  settings {
    metrics_enabled        = true
    logging_level          = "ERROR"
    data_trace_enabled     = false
    throttling_rate_limit  = var.throttle.rate
    throttling_burst_limit = var.throttle.burst
  }
}

resource "aws_api_gateway_usage_plan" "this" {
  for_each = var.usage_plans

  name        = "${var.name}-${each.key}"
  description = "Requests a second and a month of the keys in ${each.key}"

  api_stages {
    api_id = aws_api_gateway_rest_api.this.id
    stage  = aws_api_gateway_stage.this.stage_name
  }

  throttle_settings {
    rate_limit  = each.value.rate
    burst_limit = each.value.burst
  }

  quota_settings {
    limit  = each.value.monthly_quota
    period = "MONTH"
  }
}

resource "aws_api_gateway_api_key" "this" {
  for_each = { for entry in flatten([for plan, settings in var.usage_plans : [for key in settings.keys : { plan = plan, key = key }]]) : "${entry.plan}/${entry.key}" => entry }

  name        = "${var.name}-${each.value.key}"
  description = "Key of ${each.value.key} in the usage plan ${each.value.plan}"
}

resource "aws_api_gateway_usage_plan_key" "this" {
  for_each = aws_api_gateway_api_key.this

  key_id        = each.value.id
  key_type      = "API_KEY"
  usage_plan_id = aws_api_gateway_usage_plan.this[split("/", each.key)[0]].id
}
