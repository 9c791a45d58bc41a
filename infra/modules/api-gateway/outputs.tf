output "url" {
  description = "Address of the API."
  value       = aws_api_gateway_stage.this.invoke_url
}

output "api_name" {
  description = "Dimension ApiName of the metrics."
  value       = aws_api_gateway_rest_api.this.name
}

output "stage_arn" {
  description = "Stage, for a firewall."
  value       = aws_api_gateway_stage.this.arn
}

output "key_ids" {
  description = "Keys by plan and name; `aws apigateway get-api-key --include-value` shows their values."
  value       = { for name, key in aws_api_gateway_api_key.this : name => key.id }
}
