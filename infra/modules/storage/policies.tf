locals {
  tls_only = {
    for purpose, name in local.names : purpose => [
      {
        Sid       = "RefusePlainHttp"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = ["arn:${local.partition}:s3:::${name}", "arn:${local.partition}:s3:::${name}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "RefuseOldTls"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = "s3:*"
        Resource  = ["arn:${local.partition}:s3:::${name}", "arn:${local.partition}:s3:::${name}/*"]
        Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
      },
    ]
  }

  # Where nothing is ever replaced: whoever puts must say so, and nobody deletes. Replication puts by another action, and lifecycle rules ask
  # no policy. Parts of a large object are bound by the request that completes it.
  written_once = { payments = ["*"], backups = ["anchors/*"] }

  only_new = {
    for purpose, name in local.names : purpose => [
      for keys in [lookup(local.written_once, purpose, [])] : [
        {
          Sid       = "OnlyNewObjects"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = "s3:PutObject"
          Resource  = [for key in keys : "arn:${local.partition}:s3:::${name}/${key}"]
          Condition = {
            Null = { "s3:if-none-match" = "true" }
            Bool = { "s3:ObjectCreationOperation" = "true" }
          }
        },
        {
          Sid       = "NoDeletion"
          Effect    = "Deny"
          Principal = { AWS = "*" }
          Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:BypassGovernanceRetention"]
          Resource  = [for key in keys : "arn:${local.partition}:s3:::${name}/${key}"]
        },
      ] if length(keys) > 0
    ]
  }

  # Who could write the scanner's tag could pass malware off as clean.
  tagged_by_scanner = {
    for purpose, name in local.names : purpose => [
      for role in compact([var.scanner_role_arn]) : {
        Sid       = "TagsOfTheScannerAlone"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:DeleteObjectTagging", "s3:DeleteObjectVersionTagging", "s3:PutObjectTagging", "s3:PutObjectVersionTagging"]
        Resource  = ["arn:${local.partition}:s3:::${name}/*"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = role } }
      } if purpose == "documents"
    ]
  }

  log_delivery = [
    {
      Sid       = "S3AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:${local.partition}:s3:::${var.bucket_prefix}-logs/s3/*"
      Condition = {
        ArnLike      = { "aws:SourceArn" = [for purpose in local.kept : "arn:${local.partition}:s3:::${local.names[purpose]}"] }
        StringEquals = { "aws:SourceAccount" = local.account }
      }
    },
    {
      Sid       = "LoadBalancerLogs"
      Effect    = "Allow"
      Principal = { Service = "logdelivery.elasticloadbalancing.amazonaws.com" }
      Action    = "s3:PutObject"
      Resource  = "arn:${local.partition}:s3:::${var.bucket_prefix}-logs/alb/AWSLogs/${local.account}/*"
    },
  ]
}

resource "aws_s3_bucket_policy" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.tls_only[each.key], flatten(local.only_new[each.key]), local.tagged_by_scanner[each.key], [for statement in local.log_delivery : statement if each.key == "logs"])
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}
