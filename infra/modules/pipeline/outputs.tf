output "connection_arn" {
  description = "Connection to GitHub; it works after someone accepted it in the console."
  value       = aws_codestarconnections_connection.this.arn
}

output "pipeline_name" {
  description = "The pipeline."
  value       = aws_codepipeline.this.name
}
