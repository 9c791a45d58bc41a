output "server_policy" {
  description = "Policy of the role the server runs as."
  value       = local.policies.server
}

output "jobs_policy" {
  description = "Policy of the role the jobs run as: the server's, and what jobs need besides; a restore is an administrator's."
  value       = local.policies.jobs
}

output "secrets_policy" {
  description = "Policy to read the secrets: of the execution role on ECS, of the function's role on Lambda."
  value       = local.secrets_policy
}
