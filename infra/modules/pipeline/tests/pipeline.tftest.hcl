mock_provider "aws" {
  source = "../../testing"
}

variables {
  name              = "p2p-test"
  environment       = "prod"
  source_repository = "example/erp-lite"
  repository_name   = "p2p-test"
  repository_url    = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-test"
  repository_arn    = "arn:aws:ecr:eu-west-1:123456789012:repository/p2p-test"
  topic_arn         = "arn:aws:sns:eu-west-1:123456789012:p2p-test-alarms"
}

run "source_build_test_scan_approval_deploy" {
  command = plan

  assert {
    condition     = [for s in aws_codepipeline.this.stage : s.name] == ["Source", "Build", "Test", "Scan", "Approve", "Deploy"]
    error_message = "The stages are not in their order."
  }

  assert {
    condition     = aws_codebuild_project.this["build"].environment[0].privileged_mode && !aws_codebuild_project.this["test"].environment[0].privileged_mode
    error_message = "Only the image's build needs Docker."
  }
}

run "each_step_may_do_its_own_work_alone" {
  command = apply

  assert {
    condition     = !strcontains(aws_iam_role_policy.step["test"].policy, "ecr:") && !strcontains(aws_iam_role_policy.step["build"].policy, "ecs:") && !strcontains(aws_iam_role_policy.step["deploy"].policy, "ecr:PutImage")
    error_message = "A step may do another's work."
  }

  assert {
    condition = alltrue(flatten([
      for policy in concat(values(aws_iam_role_policy.step), [aws_iam_role_policy.pipeline]) : [
        for s in jsondecode(policy.policy).Statement : [for action in s.Action : !strcontains(action, "*")]
      ]
    ]))
    error_message = "A role of the pipeline names a pattern of actions."
  }
}

run "a_grave_finding_cannot_be_waved_through" {
  command = plan

  variables {
    max_severity = "CRITICAL"
  }

  expect_failures = [var.max_severity]
}

run "an_unknown_environment_is_refused" {
  command = plan

  variables {
    environment = "staging"
  }

  expect_failures = [var.environment]
}
