mock_provider "aws" {
  source = "../../testing"
}

variables {
  name               = "p2p-test"
  cluster_arn        = "arn:aws:ecs:eu-west-1:123456789012:cluster/p2p-test"
  execution_role_arn = "arn:aws:iam::123456789012:role/p2p-test-execution"
  jobs_policy        = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  subnet_ids         = ["subnet-0123456789abcdef0"]
  schedules = {
    anchor-audit   = "rate(1 hour)"
    backup         = "rate(30 minutes)"
    cleanup        = "cron(30 2 * * ? *)"
    export-monitor = "rate(15 minutes)"
    match-received = "rate(5 minutes)"
    report-overdue = "cron(0 6 * * ? *)"
    resume-batches = "rate(5 minutes)"
    verify         = "cron(15 3 * * ? *)"
    verify-audit   = "cron(45 3 * * ? *)"
  }
  security_group_id = "sg-0123456789abcdef0"
  container = {
    name                   = "server"
    image                  = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-test:1.0.0"
    essential              = true
    readonlyRootFilesystem = true
    command                = ["node", "dist/server.js"]
    portMappings           = [{ containerPort = 3000 }]
    healthCheck            = { command = ["CMD", "true"] }
    environment            = [{ name = "P2P_STORE", value = "aws" }]
    logConfiguration       = { logDriver = "awslogs", options = { awslogs-group = "/p2p-test/server", awslogs-stream-prefix = "server" } }
  }
}

run "jobs_run_by_schedule" {
  command = apply

  assert {
    condition     = toset(output.names) == toset(["anchor-audit", "backup", "cleanup", "export-monitor", "match-received", "report-overdue", "resume-batches", "verify", "verify-audit"])
    error_message = "A job has no schedule."
  }

  assert {
    condition     = alltrue([for name, s in aws_scheduler_schedule.this : one(s.target[0].ecs_parameters[0].capacity_provider_strategy[*].capacity_provider) == "FARGATE_SPOT" if !contains(["anchor-audit", "backup"], name)])
    error_message = "A job does not run on spot."
  }

  assert {
    condition     = alltrue([for name in ["anchor-audit", "backup"] : one(aws_scheduler_schedule.this[name].target[0].ecs_parameters[0].capacity_provider_strategy[*].capacity_provider) == "FARGATE"])
    error_message = "Backups and anchors must not wait for spare capacity."
  }

  assert {
    condition = anytrue([
      for s in jsondecode(aws_iam_role_policy.scheduler.policy).Statement :
      s.Effect == "Allow" && contains(s.Action, "ecs:TagResource") && s.Resource == ["arn:aws:ecs:eu-west-1:123456789012:task/p2p-test/*"] && s.Condition.StringEquals["ecs:CreateAction"] == "RunTask"
      if can(s.Condition.StringEquals["ecs:CreateAction"])
    ])
    error_message = "Tasks take their definition's tags, so the scheduler must be allowed to tag what it starts."
  }

  assert {
    condition     = jsondecode(aws_scheduler_schedule.this["anchor-audit"].target[0].input).containerOverrides[0].command == ["node", "dist/cli.js", "job", "anchor-audit"]
    error_message = "The schedule does not start its job."
  }

  assert {
    condition     = aws_scheduler_schedule.this["anchor-audit"].schedule_expression == "rate(1 hour)"
    error_message = "The audit trail is anchored every hour."
  }
}

run "a_job_is_the_server_s_container_without_a_port" {
  command = plan

  assert {
    condition     = !contains(keys(jsondecode(aws_ecs_task_definition.this.container_definitions)[0]), "portMappings") && jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
    error_message = "A job must be as closed as the server and listen nowhere."
  }

  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration.options.awslogs-stream-prefix == "jobs"
    error_message = "Jobs must log apart from the server."
  }
}

run "nothing_runs_while_disabled" {
  command = plan

  variables {
    enabled = false
  }

  assert {
    condition     = alltrue([for s in aws_scheduler_schedule.this : s.state == "DISABLED"])
    error_message = "A schedule runs though jobs are disabled."
  }
}

run "an_unknown_job_is_refused" {
  command = plan

  variables {
    schedules = { pay-everybody = "rate(1 hour)" }
  }

  expect_failures = [var.schedules]
}

run "a_schedule_in_another_language_is_refused" {
  command = plan

  variables {
    schedules = { cleanup = "30 2 * * *" }
  }

  expect_failures = [var.schedules]
}
