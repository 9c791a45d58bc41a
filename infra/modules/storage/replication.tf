# What cannot be made again lies in a second Region within 15 minutes (S3 replication time control).

locals {
  replicated = { for purpose in local.kept : purpose => "arn:${local.partition}:s3:::${var.replication.bucket_prefix}-${purpose}" if var.replication != null }
}

resource "aws_iam_role" "replication" {
  count = var.replication == null ? 0 : 1

  name                 = var.replication.role_name
  permissions_boundary = var.permissions_boundary

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  count = var.replication == null ? 0 : 1

  name = "replicate"
  role = aws_iam_role.replication[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          Sid      = "ReadSourceBuckets"
          Effect   = "Allow"
          Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket", "s3:GetBucketObjectLockConfiguration"]
          Resource = concat([for purpose in local.kept : "arn:${local.partition}:s3:::${local.names[purpose]}"], keys(var.replication.besides))
        },
        {
          Sid      = "ReadSourceVersions"
          Effect   = "Allow"
          Action   = ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold"]
          Resource = concat([for purpose in local.kept : "arn:${local.partition}:s3:::${local.names[purpose]}/*"], [for arn in keys(var.replication.besides) : "${arn}/*"])
        },
        {
          Sid      = "WriteReplicas"
          Effect   = "Allow"
          Action   = ["s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"]
          Resource = [for arn in concat(values(local.replicated), values(var.replication.besides)) : "${arn}/*"]
        },
      ],
      [for statement in [
        {
          Sid      = "DecryptSource"
          Effect   = "Allow"
          Action   = "kms:Decrypt"
          Resource = var.kms_key_arn
        },
        {
          Sid      = "EncryptReplica"
          Effect   = "Allow"
          Action   = ["kms:Encrypt", "kms:GenerateDataKey"]
          Resource = try(var.replication.kms_key_arn, null)
        },
      ] : statement if var.kms_key_arn != null],
    )
  })
}

resource "aws_s3_bucket_replication_configuration" "this" {
  for_each = local.replicated

  bucket = aws_s3_bucket.this[each.key].id
  role   = aws_iam_role.replication[0].arn

  rule {
    id     = "standby-region"
    status = "Enabled"
    filter {}

    delete_marker_replication {
      status = "Enabled"
    }

    dynamic "source_selection_criteria" {
      for_each = var.kms_key_arn == null ? [] : [1]
      content {
        sse_kms_encrypted_objects {
          status = "Enabled"
        }
      }
    }

    destination {
      bucket        = each.value
      storage_class = "STANDARD_IA"

      dynamic "encryption_configuration" {
        for_each = var.kms_key_arn == null ? [] : [1]
        content {
          replica_kms_key_id = var.replication.kms_key_arn
        }
      }

      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }

      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
