output "bucket" {
  description = "P2P_BUCKET_ANCHORS."
  value       = aws_s3_bucket.this.id
}

output "bucket_arn" {
  description = "ARN of the bucket, known once versioning is on: replication needs that."
  value       = local.arn
  depends_on  = [aws_s3_bucket_versioning.this, aws_s3_bucket_object_lock_configuration.this]
}
