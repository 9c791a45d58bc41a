mock_provider "aws" {
  source = "../../testing"
}

variables {
  name           = "p2p-test"
  account_id     = "123456789012"
  repository_arn = "arn:aws:ecr:*:123456789012:repository/p2p-test"
}

run "a_service_is_moved_with_its_own_roles" {
  command = plan

  assert {
    condition     = toset(flatten([for s in output.deploy : s.Resource if s.Sid == "TaskRoles"])) == toset([for role in ["execution", "job", "task"] : "arn:aws:iam::123456789012:role/p2p-test-${role}"])
    error_message = "A release hands over the three roles of tasks, by name."
  }

  assert {
    condition     = alltrue([for s in concat(output.build, output.scan) : !contains(s.Action, "ecs:UpdateService") && !contains(s.Action, "iam:PassRole")])
    error_message = "Who builds or scans may not deploy."
  }
}

run "a_function_is_moved_without_any_role" {
  command = plan

  variables {
    runs_on = "function"
  }

  assert {
    condition     = alltrue([for s in output.deploy : !contains(s.Action, "iam:PassRole") && !contains(s.Action, "ecs:UpdateService")])
    error_message = "A function keeps its role."
  }
}

run "only_named_actions_are_allowed" {
  command = plan

  variables {
    tested_repository_arns = ["arn:aws:ecr:*:123456789012:repository/p2p-dev"]
  }

  assert {
    condition     = alltrue(flatten([for s in concat(output.build, output.scan, output.deploy) : [for action in s.Action : !strcontains(action, "*")]]))
    error_message = "A statement names a pattern of actions."
  }

  assert {
    condition     = length([for s in output.build : s if s.Sid == "ReadWhatDevTested" && !contains(s.Action, "ecr:PutImage")]) == 1
    error_message = "Tested images are read, and not changed."
  }
}

run "an_unknown_target_is_refused" {
  command = plan

  variables {
    runs_on = "cluster"
  }

  expect_failures = [var.runs_on]
}
