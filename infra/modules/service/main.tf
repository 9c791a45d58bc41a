# The server on ECS Fargate: private tasks behind the load balancer, replaced one by one, rolled back when unhealthy.

locals {
  port = 3000

  environment = merge(
    {
      NODE_ENV = "production"
      HOST     = "0.0.0.0"
      PORT     = tostring(local.port)
    },
    var.environment,
    var.tracing ? local.tracing_environment : {},
  )

  # The address at which the collector's configuration listens.
  tracing_environment = {
    OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318"
    OTEL_SERVICE_NAME           = var.name
    OTEL_TRACES_SAMPLER_ARG     = tostring(var.trace_rate)
  }

  logging = {
    for stream in ["server", "jobs", "tracing"] : stream => {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = data.aws_region.current.id
        awslogs-stream-prefix = stream
        mode                  = "non-blocking"
        max-buffer-size       = "8m"
      }
    }
  }

  # The image's own entry point is Lambda's where dev and prod run the same image.
  server_container = {
    name                   = "server"
    image                  = var.image
    essential              = true
    user                   = "node"
    readonlyRootFilesystem = true
    entryPoint             = ["/usr/bin/env"]
    command                = ["node", "dist/server.js"]
    stopTimeout            = 60
    portMappings           = [{ name = "http", containerPort = local.port, hostPort = local.port, protocol = "tcp" }]
    environment            = [for name, value in local.environment : { name = name, value = value }]
    secrets                = [for name, arn in var.secret_arns : { name = name, valueFrom = arn }]
    mountPoints            = [{ sourceVolume = "tmp", containerPath = "/tmp", readOnly = false }]
    linuxParameters        = { initProcessEnabled = true }
    logConfiguration       = local.logging["server"]
    healthCheck = {
      command     = ["CMD", "node", "-e", "fetch('http://127.0.0.1:${local.port}/live').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
      interval    = 15
      timeout     = 5
      retries     = 3
      startPeriod = 30
    }
  }

  tracing_container = {
    name                   = "tracing"
    image                  = coalesce(var.tracing_image, "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3")
    essential              = false
    readonlyRootFilesystem = true
    command                = ["--config=/etc/ecs/ecs-xray.yaml"]
    memoryReservation      = 64
    logConfiguration       = local.logging["tracing"]
  }
}

data "aws_region" "current" {}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/${var.name}/server"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = var.container_insights ? "enabled" : "disabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  cluster_name       = aws_ecs_cluster.this.name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]

  default_capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn
  track_latest             = true

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.cpu_architecture
  }

  volume {
    name = "tmp"
  }

  container_definitions = jsonencode(concat([local.server_container], [for container in [local.tracing_container] : container if var.tracing]))
}

resource "aws_security_group" "tasks" {
  name_prefix = "${var.name}-tasks-"
  description = "The server's tasks and jobs"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-tasks" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "from_load_balancer" {
  security_group_id            = aws_security_group.tasks.id
  description                  = "Requests from the load balancer alone"
  referenced_security_group_id = var.load_balancer_security_group_id
  ip_protocol                  = "tcp"
  from_port                    = local.port
  to_port                      = local.port
}

resource "aws_vpc_security_group_egress_rule" "gateway" {
  for_each = var.egress.prefix_lists

  security_group_id = aws_security_group.tasks.id
  description       = "${each.key} by its gateway endpoint"
  prefix_list_id    = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "endpoints" {
  for_each = var.egress.security_groups

  security_group_id            = aws_security_group.tasks.id
  description                  = "Interface endpoints"
  referenced_security_group_id = each.value
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
}

resource "aws_vpc_security_group_egress_rule" "https" {
  for_each = var.egress.cidrs

  security_group_id = aws_security_group.tasks.id
  description       = "AWS services without an endpoint, and the identity provider"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

# Made with the first released image: a service made before would keep a task definition whose image does not exist. Its task definition
# is the family's newest (track_latest): what scripts/deploy-service registered while that is the released image, else one that Terraform
# registers with the released image. Autoscaling sets the count, so Terraform leaves that alone.
resource "aws_ecs_service" "this" {
  count = var.released ? 1 : 0

  name                              = var.name
  cluster                           = aws_ecs_cluster.this.id
  task_definition                   = aws_ecs_task_definition.this.arn
  desired_count                     = var.tasks.min
  platform_version                  = "LATEST"
  health_check_grace_period_seconds = 60
  propagate_tags                    = "SERVICE"
  enable_ecs_managed_tags           = true
  availability_zone_rebalancing     = "ENABLED"

  capacity_provider_strategy {
    capacity_provider = "FARGATE"
    weight            = 1
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [aws_security_group.tasks.id]
    assign_public_ip = false
  }

  load_balancer {
    target_group_arn = var.target_group_arn
    container_name   = "server"
    container_port   = local.port
  }

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "alarms" {
    for_each = length(var.deployment_alarm_names) > 0 ? [1] : []
    content {
      alarm_names = var.deployment_alarm_names
      enable      = true
      rollback    = true
    }
  }

  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [aws_ecs_cluster_capacity_providers.this, aws_iam_role_policy.execution, aws_iam_role_policy.task]
}

moved {
  from = aws_ecs_service.this
  to   = aws_ecs_service.this[0]
}
