mock_provider "aws" {
  source = "../../testing"
}

variables {
  name            = "p2p-test"
  vpc_id          = "vpc-0123456789abcdef0"
  vpc_cidr        = "10.40.0.0/16"
  subnet_ids      = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
  log_bucket      = "p2p-test-logs"
}

run "tls_alone_and_plain_http_redirected" {
  command = plan

  assert {
    condition     = aws_lb_listener.https.ssl_policy == "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" && aws_lb_listener.https.certificate_arn == var.certificate_arn
    error_message = "The listener must speak TLS 1.2 and 1.3 with the certificate given."
  }

  assert {
    condition     = aws_lb_listener.http.default_action[0].type == "redirect" && aws_lb_listener.http.default_action[0].redirect[0].status_code == "HTTP_301"
    error_message = "Plain HTTP must be redirected."
  }

  assert {
    condition     = aws_lb.this.drop_invalid_header_fields && aws_lb.this.enable_deletion_protection && aws_lb.this.access_logs[0].enabled
    error_message = "Malformed headers must be dropped, the load balancer protected and its requests logged."
  }

  assert {
    condition     = aws_lb_target_group.this.health_check[0].path == "/ready"
    error_message = "A task counts as healthy when it reaches its tables."
  }

  assert {
    condition     = aws_vpc_security_group_egress_rule.targets.from_port == 3000 && aws_vpc_security_group_egress_rule.targets.cidr_ipv4 == "10.40.0.0/16"
    error_message = "The load balancer speaks to the tasks alone."
  }
}

run "a_firewall_that_lets_long_orders_through" {
  command = plan

  variables {
    waf = { requests_in_5_minutes = 3000 }
  }

  assert {
    condition     = one(flatten([for r in aws_wafv2_web_acl.this[0].rule : [for m in r.statement[0].managed_rule_group_statement : m.rule_action_override[*].name] if r.name == "AWSManagedRulesCommonRuleSet"])) == "SizeRestrictions_BODY"
    error_message = "Bodies over 8 KB must be counted, not refused."
  }

  assert {
    condition     = one([for r in aws_wafv2_web_acl.this[0].rule : r.statement[0].rate_based_statement[0].limit if r.name == "rate-limit"]) == 3000
    error_message = "The rate limit did not arrive."
  }

  assert {
    condition     = length(aws_wafv2_web_acl_association.this) == 1 && length(aws_wafv2_web_acl_logging_configuration.this[0].redacted_fields) == 2
    error_message = "The firewall must stand before the load balancer and log no credentials."
  }
}

run "behind_cloudfront_nothing_else_comes_in" {
  command = apply

  variables {
    cloudfront = {
      domain_names       = ["p2p.example.com"]
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      origin_domain_name = "origin.p2p.example.com"
    }
    origin_secrets = ["0123456789abcdef0123456789abcdef"]
    waf            = {}
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.https) == 0 && length(aws_vpc_security_group_ingress_rule.http) == 0 && length(aws_vpc_security_group_ingress_rule.cloudfront) == 1
    error_message = "Only CloudFront's addresses may connect."
  }

  assert {
    condition     = aws_lb_listener.https.default_action[0].type == "fixed-response" && aws_lb_listener.https.default_action[0].fixed_response[0].status_code == "403"
    error_message = "A request without the header must be refused."
  }

  assert {
    condition     = aws_cloudfront_distribution.this[0].default_cache_behavior[0].cache_policy_id == data.aws_cloudfront_cache_policy.disabled[0].id && aws_cloudfront_distribution.this[0].ordered_cache_behavior[0].path_pattern == "/docs/static/*"
    error_message = "Only the documentation's assets may be cached."
  }

  assert {
    condition     = one([for r in aws_wafv2_web_acl.this[0].rule : r.statement[0].rate_based_statement[0].aggregate_key_type if r.name == "rate-limit"]) == "FORWARDED_IP"
    error_message = "Behind CloudFront the caller's address stands in the header."
  }
}

run "a_missing_certificate_is_refused" {
  command = plan

  variables {
    certificate_arn = ""
  }

  expect_failures = [var.certificate_arn]
}

run "cloudfront_without_a_secret_is_refused" {
  command = plan

  variables {
    cloudfront = {
      domain_names       = ["p2p.example.com"]
      certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/11111111-2222-3333-4444-555555555555"
      origin_domain_name = "origin.p2p.example.com"
    }
  }

  expect_failures = [var.origin_secrets]
}

run "a_short_secret_is_refused" {
  command = plan

  variables {
    origin_secrets = ["short"]
  }

  expect_failures = [var.origin_secrets]
}

run "the_firewall_counts_until_it_is_told_to_block" {
  command = plan

  variables {
    waf = {}
  }

  assert {
    condition     = alltrue([for r in aws_wafv2_web_acl.this[0].rule : length(r.name == "rate-limit" ? r.action[0].block : r.override_action[0].none) == 0])
    error_message = "As shipped the firewall refuses nothing."
  }
}

run "told_to_block_it_blocks" {
  command = plan

  variables {
    waf = { mode = "block" }
  }

  assert {
    condition     = alltrue([for r in aws_wafv2_web_acl.this[0].rule : length(r.name == "rate-limit" ? r.action[0].block : r.override_action[0].none) == 1])
    error_message = "Every rule is expected to refuse."
  }
}

run "behind_an_internal_load_balancer_the_forwarded_address_is_counted" {
  command = plan

  variables {
    waf      = {}
    internal = true
  }

  assert {
    condition     = one([for r in aws_wafv2_web_acl.this[0].rule : r.statement[0].rate_based_statement[0].aggregate_key_type if r.name == "rate-limit"]) == "FORWARDED_IP"
    error_message = "All callers would share the address of the private link."
  }
}
