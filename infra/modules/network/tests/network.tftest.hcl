mock_provider "aws" {
  source = "../../testing"
}

variables {
  name = "p2p-test"
}

run "three_zones_each_with_its_own_nat" {
  command = plan

  assert {
    condition     = length(aws_subnet.public) == 3 && length(aws_subnet.private) == 3
    error_message = "A public and a private subnet in each of three zones are expected."
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route.nat) == 3
    error_message = "Every zone needs its own NAT gateway and a route to it."
  }

  assert {
    condition     = length(distinct([for s in concat(values(aws_subnet.public), values(aws_subnet.private)) : s.cidr_block])) == 6
    error_message = "Subnets overlap."
  }

  assert {
    condition     = alltrue([for s in concat(values(aws_subnet.public), values(aws_subnet.private)) : s.map_public_ip_on_launch == false])
    error_message = "Nothing may get a public address by being started in a subnet."
  }
}

run "dynamodb_and_s3_have_gateway_endpoints" {
  command = plan

  assert {
    condition     = toset([for e in aws_vpc_endpoint.gateway : e.service_name]) == toset(["com.amazonaws.eu-west-1.dynamodb", "com.amazonaws.eu-west-1.s3"])
    error_message = "Gateway endpoints for DynamoDB and S3 are expected."
  }

  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0
    error_message = "Interface endpoints are a choice and cost by the hour."
  }
}

run "all_traffic_is_logged" {
  command = plan

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_cloudwatch_log_group.flow.retention_in_days == 90
    error_message = "Flow logs must hold accepted and rejected traffic for 90 days."
  }
}

run "a_single_nat_serves_all_zones" {
  command = plan

  variables {
    nat_gateways = "single"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.nat) == 3
    error_message = "One NAT gateway must serve three zones."
  }
}

run "no_nat_but_endpoints" {
  command = plan

  variables {
    nat_gateways        = "none"
    interface_endpoints = ["ecr.api", "ecr.dkr", "logs", "secretsmanager"]
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_route.nat) == 0 && length(aws_vpc_endpoint.interface) == 4
    error_message = "Four interface endpoints and no NAT are expected."
  }

  assert {
    condition     = aws_vpc_security_group_ingress_rule.endpoints[0].cidr_ipv4 == "10.40.0.0/16" && aws_vpc_security_group_ingress_rule.endpoints[0].from_port == 443
    error_message = "Endpoints take HTTPS from the VPC alone."
  }
}

run "an_unknown_nat_choice_is_refused" {
  command = plan

  variables {
    nat_gateways = "two"
  }

  expect_failures = [var.nat_gateways]
}

run "a_range_that_is_too_small_is_refused" {
  command = plan

  variables {
    cidr = "10.40.0.0/24"
  }

  expect_failures = [var.cidr]
}

run "one_zone_is_refused" {
  command = plan

  variables {
    zone_count = 1
  }

  expect_failures = [var.zone_count]
}

run "an_endpoint_without_a_policy_is_refused" {
  command = plan

  variables {
    interface_endpoints = ["logs", "sts"]
    endpoint_policies   = { dynamodb = "{}", s3 = "{}", logs = "{}" }
  }

  expect_failures = [var.interface_endpoints]
}
