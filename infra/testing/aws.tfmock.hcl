# What AWS would answer, for tests that run without an account.

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "123456789012"
    arn        = "arn:aws:iam::123456789012:user/tester"
    user_id    = "AIDAEXAMPLE"
  }
}

mock_data "aws_region" {
  defaults = {
    id   = "eu-west-1"
    name = "eu-west-1"
  }
}

mock_data "aws_partition" {
  defaults = {
    id         = "aws"
    partition  = "aws"
    dns_suffix = "amazonaws.com"
  }
}

mock_data "aws_availability_zones" {
  defaults = {
    names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
  }
}

mock_data "aws_ec2_managed_prefix_list" {
  defaults = {
    id = "pl-4fa04526"
  }
}

mock_data "aws_cloudfront_cache_policy" {
  defaults = {
    id = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  }
}

mock_data "aws_cloudfront_origin_request_policy" {
  defaults = {
    id = "216adef6-5c7f-47e4-b989-5492eafa07d3"
  }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn    = "arn:aws:kms:eu-west-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    key_id = "11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::123456789012:role/p2p-mock"
  }
}

mock_resource "aws_iam_policy" {
  defaults = {
    arn = "arn:aws:iam::123456789012:policy/p2p-mock"
  }
}

mock_resource "aws_iam_openid_connect_provider" {
  defaults = {
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
  }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn = "arn:aws:s3:::p2p-mock"
  }
}

mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:eu-west-1:123456789012:p2p-mock"
  }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:eu-west-1:123456789012:p2p-mock"
    url = "https://sqs.eu-west-1.amazonaws.com/123456789012/p2p-mock"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:eu-west-1:123456789012:log-group:p2p-mock"
  }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = {
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:p2p-mock-AbCdEf"
  }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:eu-west-1:123456789012:repository/p2p-mock"
    repository_url = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/p2p-mock"
  }
}

mock_resource "aws_dynamodb_table" {
  defaults = {
    arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/p2p_mock"
  }
}

mock_resource "aws_ecs_cluster" {
  defaults = {
    arn = "arn:aws:ecs:eu-west-1:123456789012:cluster/p2p-mock"
  }
}

mock_resource "aws_ecs_service" {
  defaults = {
    id = "arn:aws:ecs:eu-west-1:123456789012:service/p2p-mock/p2p-mock"
  }
}

mock_resource "aws_ecs_task_definition" {
  defaults = {
    arn                  = "arn:aws:ecs:eu-west-1:123456789012:task-definition/p2p-mock:1"
    arn_without_revision = "arn:aws:ecs:eu-west-1:123456789012:task-definition/p2p-mock"
  }
}

mock_resource "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/p2p-mock/50dc6c495c0c9188"
    arn_suffix = "app/p2p-mock/50dc6c495c0c9188"
    dns_name   = "p2p-mock.eu-west-1.elb.amazonaws.com"
    zone_id    = "Z32O12XQLNTSW2"
  }
}

mock_resource "aws_lb_target_group" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/p2p-mock/73e2d6bc24d8a067"
    arn_suffix = "targetgroup/p2p-mock/73e2d6bc24d8a067"
  }
}

mock_resource "aws_lb_listener" {
  defaults = {
    arn = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/p2p-mock/50dc6c495c0c9188/f2f7dc8efc522ab2"
  }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = {
    arn = "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/p2p-mock/11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "aws_backup_vault" {
  defaults = {
    arn = "arn:aws:backup:eu-west-1:123456789012:backup-vault:p2p-mock"
  }
}

mock_resource "aws_lambda_function" {
  defaults = {
    arn        = "arn:aws:lambda:eu-west-1:123456789012:function:p2p-mock"
    invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:p2p-mock/invocations"
    version    = "1"
  }
}

mock_resource "aws_lambda_alias" {
  defaults = {
    arn        = "arn:aws:lambda:eu-west-1:123456789012:function:p2p-mock:live"
    invoke_arn = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:123456789012:function:p2p-mock:live/invocations"
  }
}

mock_resource "aws_api_gateway_rest_api" {
  defaults = {
    arn              = "arn:aws:apigateway:eu-west-1::/restapis/abcdef1234"
    execution_arn    = "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234"
    root_resource_id = "root123456"
  }
}

mock_resource "aws_api_gateway_stage" {
  defaults = {
    arn = "arn:aws:apigateway:eu-west-1::/restapis/abcdef1234/stages/mock"
  }
}

mock_resource "aws_codestarconnections_connection" {
  defaults = {
    arn = "arn:aws:codestar-connections:eu-west-1:123456789012:connection/11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "aws_ce_anomaly_monitor" {
  defaults = {
    arn = "arn:aws:ce::123456789012:anomalymonitor/11111111-2222-3333-4444-555555555555"
  }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn = "arn:aws:cloudfront::123456789012:distribution/EDFDVBD6EXAMPLE"
  }
}
