# The server's image run as jobs by schedule. A job that is interrupted is safe to run again, and so are two at once: that is what makes
# Fargate Spot fit. What a restore depends on does not wait for spare capacity.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  # Spot may be unavailable for hours; a backup or an anchor that is missing for hours is data lost.
  on_demand = toset(["anchor-audit", "backup"])

  # The server's container less what only a server has.
  container = merge(
    { for key, value in var.container : key => value if !contains(["portMappings", "healthCheck", "command", "name"], key) },
    {
      name             = "job"
      command          = ["node", "dist/cli.js", "help"]
      logConfiguration = merge(var.container.logConfiguration, { options = merge(var.container.logConfiguration.options, { awslogs-stream-prefix = "jobs" }) })
    },
  )
}

resource "aws_iam_role" "job" {
  name                 = "${var.name}-job"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "job" {
  name   = "jobs"
  role   = aws_iam_role.job.id
  policy = var.jobs_policy
}

resource "aws_ecs_task_definition" "this" {
  family                   = "${var.name}-jobs"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = var.execution_role_arn
  task_role_arn            = aws_iam_role.job.arn
  track_latest             = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode([local.container])
}

# A start that failed for good, with the schedule that wanted it.
resource "aws_sqs_queue" "not_started" {
  name                      = "${var.name}-jobs-not-started"
  message_retention_seconds = 1209600
  kms_master_key_id         = var.logs_key_arn
  sqs_managed_sse_enabled   = var.logs_key_arn == null ? true : null
}

resource "aws_iam_role" "scheduler" {
  name                 = "${var.name}-scheduler"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "scheduler.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  name = "start-jobs"
  role = aws_iam_role.scheduler.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid       = "StartJobs"
          Effect    = "Allow"
          Action    = ["ecs:RunTask"]
          Resource  = [aws_ecs_task_definition.this.arn_without_revision, "${aws_ecs_task_definition.this.arn_without_revision}:*"]
          Condition = { ArnEquals = { "ecs:cluster" = var.cluster_arn } }
        },
        # A task takes its definition's tags, and ECS checks that as a permission of its own: without it every start is denied.
        {
          Sid       = "TagWhatItStarts"
          Effect    = "Allow"
          Action    = ["ecs:TagResource"]
          Resource  = [replace("${var.cluster_arn}/*", ":cluster/", ":task/")]
          Condition = { StringEquals = { "ecs:CreateAction" = "RunTask" } }
        },
        {
          Sid       = "HandOverTheirRoles"
          Effect    = "Allow"
          Action    = ["iam:PassRole"]
          Resource  = [aws_iam_role.job.arn, var.execution_role_arn]
          Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
        },
        {
          Sid      = "ReportWhatDidNotStart"
          Effect   = "Allow"
          Action   = ["sqs:SendMessage"]
          Resource = [aws_sqs_queue.not_started.arn]
        },
      ],
      [
        for key in compact([var.logs_key_arn]) : {
          Sid      = "KeyOfTheQueue"
          Effect   = "Allow"
          Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource = [key]
        }
      ],
    )
  })
}

resource "aws_scheduler_schedule_group" "this" {
  name = var.name
}

# The family without a revision: every run takes the newest, so a release reaches the jobs too.
resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = each.key
  group_name                   = aws_scheduler_schedule_group.this.name
  description                  = "p2p job ${each.key}"
  state                        = var.enabled ? "ENABLED" : "DISABLED"
  schedule_expression          = each.value
  schedule_expression_timezone = var.time_zone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = var.cluster_arn
    role_arn = aws_iam_role.scheduler.arn

    input = jsonencode({
      containerOverrides = [{ name = "job", command = ["node", "dist/cli.js", "job", each.key] }]
    })

    ecs_parameters {
      task_definition_arn = aws_ecs_task_definition.this.arn_without_revision
      task_count          = 1
      propagate_tags      = "TASK_DEFINITION"

      capacity_provider_strategy {
        capacity_provider = contains(local.on_demand, each.key) ? "FARGATE" : "FARGATE_SPOT"
        weight            = 1
      }

      network_configuration {
        subnets          = var.subnet_ids
        security_groups  = [var.security_group_id]
        assign_public_ip = false
      }
    }

    retry_policy {
      maximum_event_age_in_seconds = 900
      maximum_retry_attempts       = 5
    }

    dead_letter_config {
      arn = aws_sqs_queue.not_started.arn
    }
  }
}
