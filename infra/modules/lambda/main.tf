# The same image behind AWS Lambda, for low traffic. Published as a version; the alias `live` is what the API calls,
# so that a release and its rollback move the alias.

data "aws_caller_identity" "current" {}

resource "aws_cloudwatch_log_group" "this" {
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.logs_key_arn
}

resource "aws_iam_role" "this" {
  name                 = "${var.name}-function"
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = data.aws_caller_identity.current.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "log" {
  name = "write-log"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "WriteTheLog"
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = ["${aws_cloudwatch_log_group.this.arn}:*"]
    }]
  })
}

resource "aws_iam_role_policy" "server" {
  name   = "server"
  role   = aws_iam_role.this.id
  policy = var.server_policy
}

resource "aws_iam_role_policy" "secrets" {
  name   = "read-secrets"
  role   = aws_iam_role.this.id
  policy = var.secrets_policy
}

# Lambda hands over no secret by itself: the handler reads those named in P2P_SECRET_ARNS when it starts.
resource "aws_lambda_function" "this" {
  function_name                  = var.name
  description                    = "ERP-Lite Procure-to-Pay"
  role                           = aws_iam_role.this.arn
  package_type                   = "Image"
  image_uri                      = var.image
  architectures                  = [var.architecture]
  memory_size                    = var.memory
  timeout                        = var.timeout
  reserved_concurrent_executions = var.concurrency
  publish                        = true

  image_config {
    command = ["dist/lambda.handler"]
  }

  environment {
    variables = merge(
      { NODE_ENV = "production" },
      var.environment,
      { P2P_SECRET_ARNS = jsonencode(var.secret_arns) },
    )
  }

  tracing_config {
    mode = var.tracing ? "Active" : "PassThrough"
  }

  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  depends_on = [aws_iam_role_policy.log, aws_iam_role_policy.server, aws_iam_role_policy.secrets]
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  function_name    = aws_lambda_function.this.function_name
  function_version = aws_lambda_function.this.version
}
