# What may pass the VPC's endpoints: this account's principals, to what is this environment's. A stolen key of another account cannot carry data
# out through them, and neither can a task into another account's bucket or table.

locals {
  of_the_account = { StringEquals = { "aws:PrincipalAccount" = var.account_id } }
  partition      = data.aws_partition.current.partition
  here           = "${var.region}:${var.account_id}"

  anchors_arn = "arn:${local.partition}:s3:::${local.anchors_bucket}"
  bucket_arns = concat([for purpose in ["payments", "documents", "backups"] : "arn:${local.partition}:s3:::${local.bucket_prefix}-${purpose}"], [local.anchors_arn])

  # The collector's image may lie in a repository of its own.
  pull = {
    Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    Resource = ["arn:${local.partition}:ecr:${local.here}:repository/${local.name}", "arn:${local.partition}:ecr:${local.here}:repository/${local.name}-*"]
  }
  sign_in = { Action = ["ecr:GetAuthorizationToken"], Resource = ["*"] }

  passes = {
    dynamodb = {
      Tables = {
        Action   = ["dynamodb:BatchGetItem", "dynamodb:BatchWriteItem", "dynamodb:ConditionCheckItem", "dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"]
        Resource = ["arn:${local.partition}:dynamodb:${local.here}:table/${local.table_prefix}*"]
      }
    }
    s3 = {
      Buckets = {
        Action   = ["s3:DeleteObject", "s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject"]
        Resource = flatten([for arn in local.bucket_arns : [arn, "${arn}/*"]])
      }
    }
    "ecr.api"      = { SignIn = local.sign_in, Pull = local.pull }
    "ecr.dkr"      = { SignIn = local.sign_in, Pull = local.pull }
    logs           = { Logs = { Action = ["logs:CreateLogStream", "logs:PutLogEvents"], Resource = ["arn:${local.partition}:logs:${local.here}:log-group:/${local.name}/*"] } }
    secretsmanager = { Secrets = { Action = ["secretsmanager:GetSecretValue"], Resource = ["arn:${local.partition}:secretsmanager:${local.here}:secret:${local.name}/*"] } }
    kms            = { Keys = { Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = values(module.keys.arns) } }
    xray           = { Traces = { Action = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"], Resource = ["*"] } }
    email          = { Letters = { Action = ["ses:SendEmail"], Resource = ["arn:${local.partition}:ses:${local.here}:identity/*"] } }
  }

  # ECR hands out image layers from a bucket of its own.
  image_layers = {
    Sid       = "ImageLayers"
    Effect    = "Allow"
    Principal = "*"
    Action    = ["s3:GetObject"]
    Resource  = ["arn:${local.partition}:s3:::prod-${var.region}-starport-layer-bucket/*"]
  }

  endpoint_policies = {
    for service, statements in local.passes : service => jsonencode({
      Version = "2012-10-17"
      Statement = concat(
        [for sid, statement in statements : { Sid = sid, Effect = "Allow", Principal = "*", Action = statement.Action, Resource = statement.Resource, Condition = local.of_the_account }],
        [for statement in [local.image_layers] : statement if service == "s3"],
      )
    })
  }
}
