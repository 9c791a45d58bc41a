mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "p2p-test"
}

run "images_are_scanned_immutable_and_limited" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "Images must be scanned on push and their tags fixed."
  }

  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[1].selection.countNumber == 30
    error_message = "Thirty images are kept."
  }

  assert {
    condition     = output.released == false
    error_message = "Nothing is released at first."
  }
}

run "images_reach_the_standby_region" {
  command = plan

  variables {
    replication_regions = ["eu-central-1"]
    kms_key_arn         = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }

  assert {
    condition     = aws_ecr_replication_configuration.this[0].replication_configuration[0].rule[0].destination[0].region == "eu-central-1"
    error_message = "Images are not replicated."
  }

  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS"
    error_message = "Images are not encrypted with the key given."
  }
}

run "too_few_images_are_refused" {
  command = plan

  variables {
    keep_images = 1
  }

  expect_failures = [var.keep_images]
}
