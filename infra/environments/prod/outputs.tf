output "address" {
  description = "Where requests go: point the service's host name here (CNAME or alias)."
  value       = var.api_gateway == null ? module.edge.dns_name : one(module.api_gateway[*].url)
}

output "repository_url" {
  description = "Where images are pushed."
  value       = module.registry.repository_url
}

output "image_tag_parameter" {
  description = "Parameter that names the released tag."
  value       = module.registry.image_tag_parameter
}

output "cluster_name" {
  description = "Cluster of the tasks."
  value       = module.service.cluster_name
}

output "table_prefix" {
  description = "P2P_TABLE_PREFIX."
  value       = module.data.table_prefix
}

output "bucket_names" {
  description = "P2P_BUCKET_..."
  value       = module.storage.bucket_names
}

output "standby_bucket_names" {
  description = "The buckets that replication fills."
  value       = module.storage_standby.bucket_names
}

output "secret_arns" {
  description = "Secrets to fill with scripts/put-secrets."
  value       = module.secrets.arns
}

output "data_key_arn" {
  description = "KMS key of tables and buckets."
  value       = module.keys.arns["data"]
}

output "dashboard_name" {
  description = "Dashboard in CloudWatch."
  value       = module.observability.dashboard_name
}

output "vault_names" {
  description = "Backup vaults here and in the standby Region."
  value       = { here = module.recovery.vault_name, standby = module.recovery_standby.vault_name }
}
