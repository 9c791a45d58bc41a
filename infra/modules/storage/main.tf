# The buckets of payment files, documents and backups, and the one that takes access logs.
# Called a second time with the standby Region's provider it makes the buckets that replication fills.

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  kept      = toset(["payments", "documents", "backups"])
  names     = { for purpose in setunion(local.kept, var.access_logs ? ["logs"] : []) : purpose => "${var.bucket_prefix}-${purpose}" }
}

resource "aws_s3_bucket" "this" {
  for_each = local.names

  bucket              = each.value
  force_destroy       = var.force_destroy
  object_lock_enabled = contains(keys(var.object_lock), each.key)

  tags = { Name = each.value, Purpose = each.key }
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

# The load balancer delivers its logs only into a bucket encrypted with S3's own keys.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null && each.key != "logs"

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn != null && each.key != "logs" ? "aws:kms" : "AES256"
      kms_master_key_id = each.key != "logs" ? var.kms_key_arn : null
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  for_each = { for purpose, lock in var.object_lock : purpose => lock if lock.days > 0 }

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    default_retention {
      mode = each.value.mode
      days = each.value.days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  for_each = var.access_logs ? local.kept : []

  bucket        = aws_s3_bucket.this[each.key].id
  target_bucket = aws_s3_bucket.this["logs"].id
  target_prefix = "s3/${each.key}/"

  # The policy lets the logging service write: without it logs are lost.
  depends_on = [aws_s3_bucket_policy.this]
}

# Browsers put documents straight into S3 with the presigned URL the server gave them.
resource "aws_s3_bucket_cors_configuration" "documents" {
  count = length(var.cors_origins) > 0 ? 1 : 0

  bucket = aws_s3_bucket.this["documents"].id

  cors_rule {
    allowed_methods = ["GET", "PUT"]
    allowed_origins = var.cors_origins
    allowed_headers = ["content-type", "content-length", "x-amz-*", "if-none-match"]
    expose_headers  = ["etag", "x-amz-version-id"]
    max_age_seconds = 3600
  }
}
