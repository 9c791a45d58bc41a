mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "p2p-test"
}

run "every_key_rotates_and_has_its_policy" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["data", "logs", "secrets"])
    error_message = "Three keys are expected."
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "A key does not rotate or can vanish within 30 days."
  }

  assert {
    condition     = alltrue([for key in aws_kms_key.this : jsondecode(key.policy).Statement[0].Principal.AWS == "arn:aws:iam::123456789012:root"])
    error_message = "A key policy does not hand administration to the account."
  }

  assert {
    condition     = jsondecode(aws_kms_key.this["logs"].policy).Statement[1].Condition.ArnLike["kms:EncryptionContext:aws:logs:arn"] == "arn:aws:logs:eu-west-1:123456789012:log-group:*"
    error_message = "CloudWatch Logs may use the key for groups of other accounts."
  }

  assert {
    condition     = alltrue([for s in jsondecode(aws_kms_key.this["logs"].policy).Statement : s.Effect == "Allow" && !contains(keys(s), "NotPrincipal")])
    error_message = "A key policy grants by exclusion."
  }
}

run "an_unknown_purpose_is_refused" {
  command = plan

  variables {
    purposes = ["data", "mail"]
  }

  expect_failures = [var.purposes]
}

run "a_short_deletion_window_is_refused" {
  command = plan

  variables {
    deletion_window_days = 3
  }

  expect_failures = [var.deletion_window_days]
}
