mock_provider "aws" {
  source = "../testing"
}

variables {
  account_id         = "999999999999"
  service_account_id = "123456789012"
}

run "prod_s_jobs_write_into_the_other_account" {
  command = apply

  assert {
    condition     = output.bucket != ""
    error_message = "prod needs the bucket's name."
  }
}

run "the_same_account_is_refused" {
  command = plan

  variables {
    service_account_id = "999999999999"
  }

  expect_failures = [var.service_account_id]
}
