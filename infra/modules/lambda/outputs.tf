output "function_name" {
  description = "Name of the function."
  value       = aws_lambda_function.this.function_name
}

output "alias_name" {
  description = "Alias that is called."
  value       = aws_lambda_alias.live.name
}

output "invoke_arn" {
  description = "What API Gateway calls."
  value       = aws_lambda_alias.live.invoke_arn
}

output "log_group_name" {
  description = "Log group of the function."
  value       = aws_cloudwatch_log_group.this.name
}
