mock_provider "aws" {
  source = "../../testing"
}

variables {
  bucket = "p2p-automation-123456789012-test-anchors"
}

run "anchors_are_locked_for_years_against_everybody" {
  command = plan

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && !aws_s3_bucket.this.force_destroy && one(aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[*]).mode == "COMPLIANCE" && one(aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[*]).years == 7
    error_message = "Anchors are locked for seven years in COMPLIANCE mode."
  }

  assert {
    condition     = length([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Effect == "Allow"]) == 0
    error_message = "In the account of the service its role's policy allows; the bucket lets nobody else in."
  }
}

run "another_account_puts_new_anchors_and_nothing_else" {
  command = plan

  variables {
    writer_arns = ["arn:aws:iam::111111111111:role/p2p-prod-job"]
  }

  assert {
    condition     = toset(flatten([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s.Action if s.Effect == "Allow"])) == toset(["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject"])
    error_message = "The role of the jobs puts, reads and lists."
  }

  assert {
    condition     = length([for s in jsondecode(aws_s3_bucket_policy.this.policy).Statement : s if s.Effect == "Deny" && try(s.Condition.Null["s3:if-none-match"], "") == "true"]) == 1
    error_message = "An anchor can be put over another."
  }
}

run "a_rehearsal_can_be_taken_down" {
  command = plan

  variables {
    years = 0
  }

  assert {
    condition     = aws_s3_bucket.this.force_destroy && length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "What is disposable is locked."
  }
}

run "a_pattern_of_writers_is_refused" {
  command = plan

  variables {
    writer_arns = ["arn:aws:iam::111111111111:role/*"]
  }

  expect_failures = [var.writer_arns]
}
