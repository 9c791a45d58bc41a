# The load balancer: TLS 1.2 and 1.3 only, HTTP redirected, malformed headers dropped, every request logged.
# With CloudFront in front it takes only requests from CloudFront's addresses that carry the agreed header.

locals {
  behind_cloudfront = var.cloudfront != null
}

data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = local.behind_cloudfront ? 1 : 0

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

resource "aws_security_group" "alb" {
  name_prefix = "${var.name}-alb-"
  description = "Requests to the load balancer"
  vpc_id      = var.vpc_id

  tags = { Name = "${var.name}-alb" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_ingress_rule" "https" {
  for_each = local.behind_cloudfront ? [] : toset(var.ingress_cidrs)

  security_group_id = aws_security_group.alb.id
  description       = "HTTPS"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_ingress_rule" "http" {
  for_each = local.behind_cloudfront ? [] : toset(var.ingress_cidrs)

  security_group_id = aws_security_group.alb.id
  description       = "HTTP, only to be redirected"
  cidr_ipv4         = each.value
  ip_protocol       = "tcp"
  from_port         = 80
  to_port           = 80
}

resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  count = local.behind_cloudfront ? 1 : 0

  security_group_id = aws_security_group.alb.id
  description       = "HTTPS from CloudFront alone"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront[0].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "targets" {
  security_group_id = aws_security_group.alb.id
  description       = "To the tasks"
  cidr_ipv4         = var.vpc_cidr
  ip_protocol       = "tcp"
  from_port         = var.target_port
  to_port           = var.target_port
}

resource "aws_lb" "this" {
  name                       = var.name
  load_balancer_type         = "application"
  internal                   = var.internal
  subnets                    = var.subnet_ids
  security_groups            = [aws_security_group.alb.id]
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = var.deletion_protection
  idle_timeout               = var.idle_timeout

  dynamic "access_logs" {
    for_each = var.log_bucket == null ? [] : [var.log_bucket]
    content {
      bucket  = access_logs.value
      prefix  = "alb"
      enabled = true
    }
  }
}

# /ready, not /live: a release that reaches neither tables nor buckets must not pass for healthy, or no rollback comes.
# Slow to condemn, for a task replaced while DynamoDB is away is no better than the one before it.
resource "aws_lb_target_group" "this" {
  name                          = var.name
  vpc_id                        = var.vpc_id
  target_type                   = "ip"
  protocol                      = "HTTP"
  port                          = var.target_port
  deregistration_delay          = 30
  load_balancing_algorithm_type = "least_outstanding_requests"

  health_check {
    path                = "/ready"
    matcher             = "200"
    interval            = 15
    timeout             = 10
    healthy_threshold   = 2
    unhealthy_threshold = 8
  }
}

resource "aws_lb_listener" "http" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTP"
  port              = 80

  default_action {
    type = "redirect"

    redirect {
      protocol    = "HTTPS"
      port        = "443"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  protocol          = "HTTPS"
  port              = 443
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
  certificate_arn   = var.certificate_arn

  default_action {
    type             = local.behind_cloudfront ? "fixed-response" : "forward"
    target_group_arn = local.behind_cloudfront ? null : aws_lb_target_group.this.arn

    dynamic "fixed_response" {
      for_each = local.behind_cloudfront ? [1] : []
      content {
        status_code  = "403"
        content_type = "application/json"
        message_body = jsonencode({ title = "Forbidden", status = 403, detail = "Requests come through the public address of this service." })
      }
    }
  }
}

# Two secrets may be valid while one replaces the other.
resource "aws_lb_listener_rule" "from_cloudfront" {
  count = local.behind_cloudfront ? 1 : 0

  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.this.arn
  }

  condition {
    http_header {
      http_header_name = "X-Origin-Verify"
      values           = var.origin_secrets
    }
  }
}

resource "aws_route53_record" "this" {
  for_each = toset(var.dns == null ? [] : ["A", "AAAA"])

  zone_id = var.dns.zone_id
  name    = var.dns.name
  type    = each.key

  alias {
    name                   = local.behind_cloudfront ? aws_cloudfront_distribution.this[0].domain_name : aws_lb.this.dns_name
    zone_id                = local.behind_cloudfront ? aws_cloudfront_distribution.this[0].hosted_zone_id : aws_lb.this.zone_id
    evaluate_target_health = !local.behind_cloudfront
  }
}
