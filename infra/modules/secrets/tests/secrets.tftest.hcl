mock_provider "aws" {
  source = "../../testing"
}

variables {
  name       = "p2p-test"
  account_id = "123456789012"
}

run "a_secret_for_each_variable_and_no_value_in_the_state" {
  command = apply

  assert {
    condition     = toset(keys(output.arns)) == toset(["P2P_JWT_PRIVATE_KEY", "P2P_WEBHOOK_SECRET", "P2P_ENCRYPTION_KEY"])
    error_message = "The server's three secrets are expected."
  }

  assert {
    condition     = alltrue([for s in aws_secretsmanager_secret.this : s.recovery_window_in_days == 30])
    error_message = "A deleted secret must be restorable."
  }

  assert {
    condition     = alltrue([for p in aws_secretsmanager_secret_policy.this : p.block_public_policy && jsondecode(p.policy).Statement[0].Effect == "Deny"])
    error_message = "A secret lacks the policy that keeps other accounts out."
  }
}

run "a_variable_that_is_no_secret_is_refused" {
  command = plan

  variables {
    variables = ["P2P_JWT_PRIVATE_KEY", "LOG_LEVEL"]
  }

  expect_failures = [var.variables]
}
