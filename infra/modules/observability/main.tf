# Who is told when something is wrong. Alarms, dashboard and the traces' group stand in files of their own.

data "aws_caller_identity" "current" {}
data "aws_region" "current" {}

locals {
  # metrics.json is the list that the server writes by; a name that is not in it fails here and not silently later.
  metrics = jsondecode(file("${path.module}/../../metrics.json")).metrics
  metric  = { for name in keys(local.metrics) : name => name }
}

resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.logs_key_arn
}

resource "aws_sns_topic_policy" "alarms" {
  arn = aws_sns_topic.alarms.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid    = "ServicesOfThisAccount"
      Effect = "Allow"
      Principal = {
        Service = ["cloudwatch.amazonaws.com", "events.amazonaws.com", "budgets.amazonaws.com", "costalerts.amazonaws.com", "backup.amazonaws.com"]
      }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alarms.arn
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.emails)

  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = each.value
}

resource "aws_cloudwatch_event_rule" "deployment_failed" {
  count = var.service == null ? 0 : 1

  name        = "${var.name}-deployment-failed"
  description = "A deployment failed and is rolled back"

  event_pattern = jsonencode({
    source      = ["aws.ecs"]
    detail-type = ["ECS Deployment State Change"]
    detail      = { eventName = ["SERVICE_DEPLOYMENT_FAILED"] }
    resources   = [{ wildcard = "*:service/${var.service.cluster}/${var.service.name}" }]
  })
}

resource "aws_cloudwatch_event_target" "deployment_failed" {
  count = var.service == null ? 0 : 1

  rule = aws_cloudwatch_event_rule.deployment_failed[0].name
  arn  = aws_sns_topic.alarms.arn
}
