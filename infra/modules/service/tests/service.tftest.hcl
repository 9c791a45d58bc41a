mock_provider "aws" {
  source = "../../testing"
}

variables {
  name                            = "p2p-test"
  image                           = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-test:1.0.0"
  released                        = true
  repository_arn                  = "arn:aws:ecr:eu-west-1:123456789012:repository/p2p-test"
  environment                     = { P2P_STORE = "aws", P2P_TABLE_PREFIX = "p2p_" }
  secret_arns                     = { P2P_WEBHOOK_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p2p-test/P2P_WEBHOOK_SECRET-AbCdEf" }
  server_policy                   = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  secrets_policy                  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  vpc_id                          = "vpc-0123456789abcdef0"
  subnet_ids                      = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  target_group_arn                = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/p2p-test/73e2d6bc24d8a067"
  target_group_suffix             = "targetgroup/p2p-test/73e2d6bc24d8a067"
  load_balancer_suffix            = "app/p2p-test/50dc6c495c0c9188"
  load_balancer_security_group_id = "sg-0123456789abcdef0"
}

run "a_task_is_private_unprivileged_and_read_only" {
  command = plan

  assert {
    condition     = aws_ecs_service.this[0].network_configuration[0].assign_public_ip == false
    error_message = "A task must not get a public address."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "node"
    error_message = "The server must run as node on a read-only file system."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets[0].name == "P2P_WEBHOOK_SECRET" && startswith(jsondecode(aws_ecs_task_definition.this.container_definitions)[0].secrets[0].valueFrom, "arn:aws:secretsmanager:")
    error_message = "Secrets must come by valueFrom."
  }

  assert {
    condition = tomap({ for e in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : e.name => e.value }) == tomap({
      NODE_ENV = "production", HOST = "0.0.0.0", PORT = "3000", P2P_STORE = "aws", P2P_TABLE_PREFIX = "p2p_"
    })
    error_message = "The server's environment is not complete."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command == ["node", "dist/server.js"] && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.initProcessEnabled
    error_message = "The server must run under an init process that passes SIGTERM on."
  }
}

run "a_deployment_replaces_without_a_gap_and_rolls_back" {
  command = plan

  variables {
    deployment_alarm_names = ["p2p-test-5xx"]
  }

  assert {
    condition     = aws_ecs_service.this[0].deployment_minimum_healthy_percent == 100 && aws_ecs_service.this[0].deployment_maximum_percent == 200
    error_message = "New tasks must be healthy before old ones go."
  }

  assert {
    condition     = aws_ecs_service.this[0].deployment_circuit_breaker[0].enable && aws_ecs_service.this[0].deployment_circuit_breaker[0].rollback && aws_ecs_service.this[0].alarms[0].rollback
    error_message = "A deployment that fails must be rolled back."
  }
}

run "it_scales_on_cpu_memory_and_requests" {
  command = plan

  assert {
    condition     = toset(keys(aws_appautoscaling_policy.this)) == toset(["cpu", "memory", "requests"]) && aws_appautoscaling_target.this[0].min_capacity == 2 && aws_appautoscaling_target.this[0].max_capacity == 10
    error_message = "Three policies between two and ten tasks are expected."
  }

  assert {
    condition     = aws_appautoscaling_policy.this["requests"].target_tracking_scaling_policy_configuration[0].predefined_metric_specification[0].resource_label == "app/p2p-test/50dc6c495c0c9188/targetgroup/p2p-test/73e2d6bc24d8a067"
    error_message = "Requests are not counted at the service's own target group."
  }
}

run "nothing_starts_before_the_first_release" {
  command = plan

  variables {
    released = false
  }

  assert {
    condition     = length(aws_ecs_service.this) == 0 && length(aws_appautoscaling_target.this) == 0 && length(aws_appautoscaling_policy.this) == 0
    error_message = "Without an image there is nothing to start."
  }
}

run "the_first_release_starts_the_released_image" {
  command = apply

  assert {
    condition     = aws_ecs_service.this[0].task_definition == aws_ecs_task_definition.this.arn && aws_ecs_service.this[0].desired_count == 2
    error_message = "The service must run the task definition of the released image, at its minimum."
  }
}

run "traces_go_through_a_collector_beside_the_server" {
  command = plan

  variables {
    tracing = true
  }

  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.this.container_definitions)) == 2 && !jsondecode(aws_ecs_task_definition.this.container_definitions)[1].essential
    error_message = "The collector must not take the server along when it fails."
  }

  assert {
    condition = {
      for variable in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : variable.name => variable.value
      if startswith(variable.name, "OTEL_")
    } == { OTEL_EXPORTER_OTLP_ENDPOINT = "http://127.0.0.1:4318", OTEL_SERVICE_NAME = "p2p-test", OTEL_TRACES_SAMPLER_ARG = "0.05" }
    error_message = "The server must know its collector, its name and what share it keeps."
  }
}

run "a_share_above_one_is_refused" {
  command = plan

  variables {
    trace_rate = 5
  }

  expect_failures = [var.trace_rate]
}

run "the_execution_role_reaches_one_repository_and_one_log" {
  command = apply

  assert {
    condition = alltrue([
      for s in jsondecode(aws_iam_role_policy.execution.policy).Statement :
      s.Sid == "SignInToTheRegistry" || !contains(s.Resource, "*")
    ])
    error_message = "The execution role reaches more than its image and log."
  }
}

run "a_secret_among_the_plain_variables_is_refused" {
  command = plan

  variables {
    environment = { P2P_WEBHOOK_SECRET = "in the open" }
  }

  expect_failures = [var.environment]
}

run "a_size_fargate_does_not_have_is_refused" {
  command = plan

  variables {
    cpu = 500
  }

  expect_failures = [var.cpu]
}

run "a_maximum_below_the_minimum_is_refused" {
  command = plan

  variables {
    tasks = { min = 3, max = 2 }
  }

  expect_failures = [var.tasks]
}

run "tasks_reach_what_they_are_given_and_nothing_else" {
  command = plan

  variables {
    egress = { prefix_lists = { s3 = "pl-0123456789abcdef0" }, security_groups = { endpoints = "sg-0123456789abcdef0" } }
  }

  assert {
    condition     = length(aws_vpc_security_group_egress_rule.https) == 0 && aws_vpc_security_group_egress_rule.gateway["s3"].from_port == 443 && aws_vpc_security_group_egress_rule.endpoints["endpoints"].to_port == 443
    error_message = "Without ranges there is no way out but endpoints."
  }
}
