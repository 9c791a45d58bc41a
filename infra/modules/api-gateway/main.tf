# A REST API before the server, which is either the Lambda function or the load balancer behind a VPC link.
# The gateway throttles, answers CORS preflights, and gives its own refusals the shape of the server's.

locals {
  to_lambda = var.lambda != null

  origin = length(var.cors_origins) == 0 ? null : var.cors_origins[0]
}

resource "aws_api_gateway_rest_api" "this" {
  name                         = var.name
  description                  = "ERP-Lite Procure-to-Pay"
  api_key_source               = "HEADER"
  disable_execute_api_endpoint = false

  endpoint_configuration {
    types = ["REGIONAL"]
  }

  lifecycle {
    precondition {
      condition     = (var.lambda == null) != (var.load_balancer == null)
      error_message = "Give exactly one of lambda and load_balancer."
    }
  }
}

resource "aws_api_gateway_resource" "proxy" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  parent_id   = aws_api_gateway_rest_api.this.root_resource_id
  path_part   = "{proxy+}"
}

resource "aws_api_gateway_method" "proxy" {
  rest_api_id      = aws_api_gateway_rest_api.this.id
  resource_id      = aws_api_gateway_resource.proxy.id
  http_method      = "ANY"
  authorization    = "NONE"
  api_key_required = var.require_key

  request_parameters = {
    "method.request.path.proxy"              = true
    "method.request.header.X-Server-Api-Key" = false
  }
}

# The gateway reads its usage plan's key from X-API-Key, where the server expects its own. With require_key a machine
# sends the plan's key there and the server's in X-Server-Api-Key, which is moved to its place on the way.
resource "aws_api_gateway_integration" "proxy" {
  rest_api_id             = aws_api_gateway_rest_api.this.id
  resource_id             = aws_api_gateway_resource.proxy.id
  http_method             = aws_api_gateway_method.proxy.http_method
  integration_http_method = local.to_lambda ? "POST" : "ANY"
  type                    = local.to_lambda ? "AWS_PROXY" : "HTTP_PROXY"
  uri                     = local.to_lambda ? var.lambda.invoke_arn : "https://${var.load_balancer.domain_name}/{proxy}"
  connection_type         = local.to_lambda ? "INTERNET" : "VPC_LINK"
  connection_id           = local.to_lambda ? null : aws_api_gateway_vpc_link.this[0].id
  timeout_milliseconds    = 29000

  request_parameters = local.to_lambda ? {} : merge(
    { "integration.request.path.proxy" = "method.request.path.proxy" },
    var.require_key ? { "integration.request.header.X-API-Key" = "method.request.header.X-Server-Api-Key" } : {},
  )
}

resource "aws_lambda_permission" "this" {
  count = local.to_lambda ? 1 : 0

  statement_id  = "api-gateway"
  action        = "lambda:InvokeFunction"
  function_name = var.lambda.function_name
  qualifier     = var.lambda.alias_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.this.execution_arn}/*/*/*"
}

# A REST API's VPC link reaches a network load balancer, and that the load balancer of the service. TLS ends at the latter.
resource "aws_lb" "link" {
  count = local.to_lambda ? 0 : 1

  name                             = "${var.name}-link"
  load_balancer_type               = "network"
  internal                         = true
  subnets                          = var.load_balancer.subnet_ids
  enable_cross_zone_load_balancing = true
}

resource "aws_lb_target_group" "link" {
  count = local.to_lambda ? 0 : 1

  name        = "${var.name}-link"
  vpc_id      = var.load_balancer.vpc_id
  target_type = "alb"
  protocol    = "TCP"
  port        = 443

  health_check {
    protocol = "HTTPS"
    path     = "/live"
    matcher  = "200"
  }
}

resource "aws_lb_target_group_attachment" "link" {
  count = local.to_lambda ? 0 : 1

  target_group_arn = aws_lb_target_group.link[0].arn
  target_id        = var.load_balancer.arn
  port             = 443
}

resource "aws_lb_listener" "link" {
  count = local.to_lambda ? 0 : 1

  load_balancer_arn = aws_lb.link[0].arn
  protocol          = "TCP"
  port              = 443

  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.link[0].arn
  }
}

resource "aws_api_gateway_vpc_link" "this" {
  count = local.to_lambda ? 0 : 1

  name        = var.name
  target_arns = [aws_lb.link[0].arn]
}
