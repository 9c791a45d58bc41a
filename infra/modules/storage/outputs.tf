output "bucket_names" {
  description = "Bucket name by purpose: payments, documents, backups, and logs where kept."
  value       = { for purpose, bucket in aws_s3_bucket.this : purpose => bucket.id }
}

output "bucket_arns" {
  description = "Bucket ARN by purpose."
  value       = { for purpose, name in local.names : purpose => "arn:${local.partition}:s3:::${name}" }
}

output "bucket_prefix" {
  description = "What the bucket names begin with, known only once versioning is on: replication needs that."
  value       = var.bucket_prefix
  depends_on  = [aws_s3_bucket_versioning.this, aws_s3_bucket_object_lock_configuration.this]
}

output "log_bucket" {
  description = "The bucket that takes access logs, once its policy lets them in; null without one."
  value       = try(aws_s3_bucket_policy.this["logs"].bucket, null)
}

output "replication_role_arn" {
  description = "Role that copies objects, once it may; null where nothing is copied."
  value       = one(aws_iam_role.replication[*].arn)
  depends_on  = [aws_iam_role_policy.replication]
}
