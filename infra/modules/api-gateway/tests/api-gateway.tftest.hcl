mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "p2p-test"
  lambda = {
    function_name = "p2p-test"
    alias_name    = "live"
    invoke_arn    = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:p2p-test:live/invocations"
  }
}

run "every_path_goes_to_the_function_and_is_throttled" {
  command = plan

  assert {
    condition     = aws_api_gateway_integration.proxy.type == "AWS_PROXY" && aws_api_gateway_integration.proxy.uri == var.lambda.invoke_arn
    error_message = "Requests must go to the function's alias."
  }

  assert {
    condition     = aws_api_gateway_method_settings.all.settings[0].throttling_rate_limit == 50 && aws_api_gateway_method_settings.all.settings[0].data_trace_enabled == false
    error_message = "Requests must be throttled and their bodies never logged."
  }

  assert {
    condition     = length(aws_api_gateway_method.preflight) == 0 && length(aws_api_gateway_vpc_link.this) == 0
    error_message = "No origin and no VPC link are given."
  }
}

run "refusals_are_problems_with_a_request_id" {
  command = plan

  variables {
    cors_origins = ["https://app.example.com"]
  }

  assert {
    condition = alltrue([
      for r in aws_api_gateway_gateway_response.this :
      r.response_parameters["gatewayresponse.header.Content-Type"] == "'application/problem+json'" &&
      jsondecode(r.response_templates["application/json"]).request_id == "$context.requestId"
    ])
    error_message = "A refusal of the gateway is no problem document."
  }

  assert {
    condition     = contains(keys(aws_api_gateway_gateway_response.this["THROTTLED"].response_parameters), "gatewayresponse.header.Retry-After")
    error_message = "A throttled caller is not told when to come back."
  }

  assert {
    condition     = aws_api_gateway_integration_response.preflight[0].response_parameters["method.response.header.Access-Control-Allow-Origin"] == "'https://app.example.com'"
    error_message = "The preflight names another origin."
  }
}

run "usage_plans_with_keys_before_the_load_balancer" {
  command = apply

  variables {
    lambda = null
    load_balancer = {
      arn         = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/p2p-test/50dc6c495c0c9188"
      domain_name = "origin.p2p.example.com"
      vpc_id      = "vpc-0123456789abcdef0"
      subnet_ids  = ["subnet-0123456789abcdef0"]
    }
    require_key = true
    usage_plans = { partners = { rate = 10, burst = 20, monthly_quota = 100000, keys = ["workday", "warehouse"] } }
  }

  assert {
    condition     = aws_api_gateway_integration.proxy.type == "HTTP_PROXY" && aws_api_gateway_integration.proxy.connection_type == "VPC_LINK" && aws_api_gateway_integration.proxy.uri == "https://origin.p2p.example.com/{proxy}"
    error_message = "Requests must go through the VPC link with TLS."
  }

  assert {
    condition     = aws_api_gateway_method.proxy.api_key_required && aws_api_gateway_integration.proxy.request_parameters["integration.request.header.X-API-Key"] == "method.request.header.X-Server-Api-Key"
    error_message = "The plan's key must not reach the server as its own."
  }

  assert {
    condition     = length(aws_api_gateway_usage_plan_key.this) == 2 && aws_api_gateway_usage_plan.this["partners"].quota_settings[0].limit == 100000
    error_message = "Two keys in one plan are expected."
  }
}

run "two_backends_are_refused" {
  command = plan

  variables {
    load_balancer = {
      arn         = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/p2p-test/50dc6c495c0c9188"
      domain_name = "origin.p2p.example.com"
      vpc_id      = "vpc-0123456789abcdef0"
      subnet_ids  = ["subnet-0123456789abcdef0"]
    }
  }

  expect_failures = [aws_api_gateway_rest_api.this]
}

run "a_required_key_before_lambda_is_refused" {
  command = plan

  variables {
    require_key = true
  }

  expect_failures = [var.require_key]
}

run "a_pattern_as_origin_is_refused" {
  command = plan

  variables {
    cors_origins = ["*"]
  }

  expect_failures = [var.cors_origins]
}

run "a_throttle_of_nothing_is_refused" {
  command = plan

  variables {
    throttle = { rate = 0, burst = 0 }
  }

  expect_failures = [var.throttle]
}
