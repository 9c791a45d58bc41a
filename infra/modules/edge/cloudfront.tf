# Optional. The API is never cached; the documentation's assets are.

data "aws_cloudfront_cache_policy" "disabled" {
  count = local.behind_cloudfront ? 1 : 0

  name = "Managed-CachingDisabled"
}

data "aws_cloudfront_cache_policy" "optimized" {
  count = local.behind_cloudfront ? 1 : 0

  name = "Managed-CachingOptimized"
}

data "aws_cloudfront_origin_request_policy" "all" {
  count = local.behind_cloudfront ? 1 : 0

  name = "Managed-AllViewer"
}

resource "aws_cloudfront_response_headers_policy" "this" {
  count = local.behind_cloudfront ? 1 : 0

  name = "${var.name}-security"

  security_headers_config {
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = true
    }

    content_type_options {
      override = true
    }

    frame_options {
      frame_option = "DENY"
      override     = true
    }

    referrer_policy {
      referrer_policy = "no-referrer"
      override        = true
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  count = local.behind_cloudfront ? 1 : 0

  enabled         = true
  comment         = var.name
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = "PriceClass_100"
  aliases         = var.cloudfront.domain_names

  origin {
    origin_id   = "alb"
    domain_name = var.cloudfront.origin_domain_name

    custom_header {
      name  = "X-Origin-Verify"
      value = var.origin_secrets[0]
    }

    custom_origin_config {
      http_port              = 80
      https_port             = 443
      origin_protocol_policy = "https-only"
      origin_ssl_protocols   = ["TLSv1.2"]
      origin_read_timeout    = 60
    }
  }

  default_cache_behavior {
    target_origin_id           = "alb"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = data.aws_cloudfront_cache_policy.disabled[0].id
    origin_request_policy_id   = data.aws_cloudfront_origin_request_policy.all[0].id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this[0].id
  }

  ordered_cache_behavior {
    path_pattern               = "/docs/static/*"
    target_origin_id           = "alb"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = true
    cache_policy_id            = data.aws_cloudfront_cache_policy.optimized[0].id
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this[0].id
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.cloudfront.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }
}
