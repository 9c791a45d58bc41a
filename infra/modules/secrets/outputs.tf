output "arns" {
  description = "Secret ARN by the environment variable it fills."
  value       = { for variable, secret in aws_secretsmanager_secret.this : variable => secret.arn }
}
