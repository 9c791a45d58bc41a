output "state_bucket" {
  description = "Where the environments keep their state."
  value       = aws_s3_bucket.state.id
}

output "role_arns" {
  description = "Roles of the workflows: plan, and apply and deploy for each environment."
  value       = { for name, role in aws_iam_role.github : name => role.arn }
}

output "groups" {
  description = "Groups to put people into."
  value       = { for name, group in aws_iam_group.people : name => group.name }
}
