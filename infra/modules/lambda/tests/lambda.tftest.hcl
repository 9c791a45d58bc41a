mock_provider "aws" {
  source = "../../testing"
}

variables {
  name           = "p2p-test"
  image          = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-test:1.0.0"
  environment    = { P2P_STORE = "aws" }
  secret_arns    = { P2P_WEBHOOK_SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p2p-test/P2P_WEBHOOK_SECRET-AbCdEf" }
  server_policy  = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
  secrets_policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}"
}

run "the_same_image_with_the_handler_as_its_command" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.package_type == "Image" && aws_lambda_function.this.image_config[0].command == tolist(["dist/lambda.handler"])
    error_message = "The function must run the handler of the server's image."
  }

  assert {
    condition     = jsondecode(aws_lambda_function.this.environment[0].variables.P2P_SECRET_ARNS).P2P_WEBHOOK_SECRET == var.secret_arns.P2P_WEBHOOK_SECRET
    error_message = "The handler is not told where its secrets are."
  }

  assert {
    condition     = aws_lambda_function.this.publish && aws_lambda_alias.live.name == "live" && aws_lambda_function.this.reserved_concurrent_executions == -1
    error_message = "Versions must be published behind an alias, and none of a new account's ten copies reserved."
  }
}

run "too_little_memory_is_refused" {
  command = plan

  variables {
    memory = 128
  }

  expect_failures = [var.memory]
}

run "an_unknown_architecture_is_refused" {
  command = plan

  variables {
    architecture = "ARM64"
  }

  expect_failures = [var.architecture]
}
