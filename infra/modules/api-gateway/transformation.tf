# What the gateway answers by itself: preflights, a health page that needs nothing behind it, and refusals as problems.

locals {
  cors_headers = {
    "method.response.header.Access-Control-Allow-Origin"   = "'${coalesce(local.origin, "null")}'"
    "method.response.header.Access-Control-Allow-Methods"  = "'GET,POST,PATCH,DELETE,OPTIONS'"
    "method.response.header.Access-Control-Allow-Headers"  = "'authorization,content-type,idempotency-key,if-match,x-api-key,x-server-api-key,x-request-id'"
    "method.response.header.Access-Control-Expose-Headers" = "'etag,idempotency-replayed,location,retry-after,x-request-id'"
    "method.response.header.Access-Control-Max-Age"        = "'3600'"
  }

  # Status, code and sentence of each refusal; the gateway's own names for them.
  refusals = {
    THROTTLED              = { status = 429, code = "gateway.throttled", detail = "Too many requests. Wait and send fewer." }
    QUOTA_EXCEEDED         = { status = 429, code = "gateway.quota-exceeded", detail = "The usage plan's quota is used up." }
    INVALID_API_KEY        = { status = 403, code = "gateway.key-required", detail = "This address needs the usage plan's key in X-API-Key." }
    REQUEST_TOO_LARGE      = { status = 413, code = "gateway.too-large", detail = "The body is over 10 MB. Upload documents with the address their creation gives." }
    INTEGRATION_TIMEOUT    = { status = 504, code = "gateway.timeout", detail = "The server took too long. With an Idempotency-Key the request can be sent again." }
    INTEGRATION_FAILURE    = { status = 502, code = "gateway.unreachable", detail = "The server could not be reached." }
    RESOURCE_NOT_FOUND     = { status = 404, code = "gateway.not-found", detail = "Nothing is at this address." }
    UNSUPPORTED_MEDIA_TYPE = { status = 415, code = "gateway.media-type", detail = "The content type is not supported." }
    DEFAULT_5XX            = { status = 500, code = "gateway.failed", detail = "The gateway failed." }
  }

  titles = {
    403 = "Forbidden"
    404 = "Not Found"
    413 = "Content Too Large"
    415 = "Unsupported Media Type"
    429 = "Too Many Requests"
    500 = "Internal Server Error"
    502 = "Bad Gateway"
    504 = "Gateway Timeout"
  }
}

resource "aws_api_gateway_gateway_response" "this" {
  for_each = local.refusals

  rest_api_id   = aws_api_gateway_rest_api.this.id
  response_type = each.key
  status_code   = tostring(each.value.status)

  response_templates = {
    "application/json" = jsonencode({
      type       = "about:blank"
      title      = local.titles[each.value.status]
      status     = each.value.status
      detail     = each.value.detail
      code       = each.value.code
      request_id = "$context.requestId"
    })
  }

  response_parameters = merge(
    { "gatewayresponse.header.Content-Type" = "'application/problem+json'" },
    each.value.status == 429 ? { "gatewayresponse.header.Retry-After" = "'1'" } : {},
    local.origin == null ? {} : { "gatewayresponse.header.Access-Control-Allow-Origin" = "'${coalesce(local.origin, "null")}'" },
  )
}

# CORS preflights never reach the server.
resource "aws_api_gateway_method" "preflight" {
  count = local.origin == null ? 0 : 1

  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_resource.proxy.id
  http_method   = "OPTIONS"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "preflight" {
  count = local.origin == null ? 0 : 1

  rest_api_id       = aws_api_gateway_rest_api.this.id
  resource_id       = aws_api_gateway_resource.proxy.id
  http_method       = aws_api_gateway_method.preflight[0].http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 204 }) }
}

resource "aws_api_gateway_method_response" "preflight" {
  count = local.origin == null ? 0 : 1

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.proxy.id
  http_method         = aws_api_gateway_method.preflight[0].http_method
  status_code         = "204"
  response_parameters = { for header in keys(local.cors_headers) : header => true }
}

resource "aws_api_gateway_integration_response" "preflight" {
  count = local.origin == null ? 0 : 1

  rest_api_id         = aws_api_gateway_rest_api.this.id
  resource_id         = aws_api_gateway_resource.proxy.id
  http_method         = aws_api_gateway_method.preflight[0].http_method
  status_code         = aws_api_gateway_method_response.preflight[0].status_code
  response_parameters = local.cors_headers

  depends_on = [aws_api_gateway_integration.preflight]
}

# Says that the gateway itself answers, and from where, without waking anything behind it.
resource "aws_api_gateway_method" "root" {
  rest_api_id   = aws_api_gateway_rest_api.this.id
  resource_id   = aws_api_gateway_rest_api.this.root_resource_id
  http_method   = "GET"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "root" {
  rest_api_id       = aws_api_gateway_rest_api.this.id
  resource_id       = aws_api_gateway_rest_api.this.root_resource_id
  http_method       = aws_api_gateway_method.root.http_method
  type              = "MOCK"
  request_templates = { "application/json" = jsonencode({ statusCode = 200 }) }
}

resource "aws_api_gateway_method_response" "root" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_rest_api.this.root_resource_id
  http_method = aws_api_gateway_method.root.http_method
  status_code = "200"
}

resource "aws_api_gateway_integration_response" "root" {
  rest_api_id = aws_api_gateway_rest_api.this.id
  resource_id = aws_api_gateway_rest_api.this.root_resource_id
  http_method = aws_api_gateway_method.root.http_method
  status_code = aws_api_gateway_method_response.root.status_code

  response_templates = {
    "application/json" = jsonencode({
      service       = var.name
      stage         = "$context.stage"
      request_id    = "$context.requestId"
      documentation = "docs"
    })
  }

  depends_on = [aws_api_gateway_integration.root]
}
