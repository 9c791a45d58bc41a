mock_provider "aws" {
  source = "../../testing"
}

variables {
  name        = "p2p-test"
  bucket_arns = ["arn:aws:s3:::a", "arn:aws:s3:::b"]
  topic_arn   = "arn:aws:sns:eu-west-1:123456789012:p2p-test-alarms"
}

run "objects_of_the_buckets_are_recorded" {
  command = plan

  assert {
    condition     = length(aws_cloudtrail.this.advanced_event_selector) == 2 && contains(flatten([for s in aws_cloudtrail.this.advanced_event_selector : [for f in s.field_selector : f.starts_with == null ? [] : f.starts_with]]), "arn:aws:s3:::a/")
    error_message = "Reads and writes of the buckets' objects must be recorded."
  }

  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_guardduty_detector.this.enable
    error_message = "The trail must show that it was not changed."
  }
}

run "no_bucket_is_refused" {
  command = plan

  variables {
    bucket_arns = []
  }

  expect_failures = [var.bucket_arns]
}
