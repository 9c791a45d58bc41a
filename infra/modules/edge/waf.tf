# Optional. Managed rules and a rate limit before the load balancer. As shipped they count and refuse nothing: mode = "block" once the log
# shows that nobody's work would be refused (docs/runbooks/firewall-false-positives.md).
# SizeRestrictions_BODY only counts: it refuses every body over 8 KB, and an order of 40 lines is one.

locals {
  blocks = try(var.waf.mode, "count") == "block"

  # Behind CloudFront, or API Gateway with its private link, every request has their address: the caller's stands in the header.
  forwarded = local.behind_cloudfront || var.internal

  managed_rules = {
    AWSManagedRulesAmazonIpReputationList = { priority = 10, count = [] }
    AWSManagedRulesKnownBadInputsRuleSet  = { priority = 20, count = [] }
    AWSManagedRulesCommonRuleSet          = { priority = 30, count = ["SizeRestrictions_BODY"] }
  }
}

resource "aws_wafv2_web_acl" "this" {
  count = var.waf == null ? 0 : 1

  name  = var.name
  scope = "REGIONAL"

  default_action {
    allow {}
  }

  rule {
    name     = "rate-limit"
    priority = 1

    action {
      dynamic "count" {
        for_each = local.blocks ? [] : [1]
        content {}
      }

      dynamic "block" {
        for_each = local.blocks ? [1] : []
        content {
          custom_response {
            response_code = 429

            response_header {
              name  = "Retry-After"
              value = "300"
            }
          }
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = var.waf.requests_in_5_minutes
        evaluation_window_sec = 300
        aggregate_key_type    = local.forwarded ? "FORWARDED_IP" : "IP"

        dynamic "forwarded_ip_config" {
          for_each = local.forwarded ? [1] : []
          content {
            header_name       = "X-Forwarded-For"
            fallback_behavior = "MATCH"
          }
        }
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-rate-limit"
      sampled_requests_enabled   = true
    }
  }

  dynamic "rule" {
    for_each = local.managed_rules
    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        dynamic "none" {
          for_each = local.blocks ? [1] : []
          content {}
        }

        dynamic "count" {
          for_each = local.blocks ? [] : [1]
          content {}
        }
      }

      statement {
        managed_rule_group_statement {
          vendor_name = "AWS"
          name        = rule.key

          dynamic "rule_action_override" {
            for_each = rule.value.count
            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "${var.name}-${rule.key}"
        sampled_requests_enabled   = true
      }
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = var.name
    sampled_requests_enabled   = true
  }
}

resource "aws_wafv2_web_acl_association" "this" {
  count = var.waf == null ? 0 : 1

  resource_arn = aws_lb.this.arn
  web_acl_arn  = aws_wafv2_web_acl.this[0].arn
}

resource "aws_cloudwatch_log_group" "waf" {
  count = var.waf == null ? 0 : 1

  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  count = var.waf == null ? 0 : 1

  resource_arn            = aws_wafv2_web_acl.this[0].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[0].arn]

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  redacted_fields {
    single_header {
      name = "x-api-key"
    }
  }

  # What was let through stands in the load balancer's log already.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }

      condition {
        action_condition {
          action = "COUNT"
        }
      }
    }
  }
}
