output "url" {
  description = "Address of the API; null before the first release."
  value       = one(module.api_gateway[*].url)
}

output "repository_url" {
  description = "Where images are pushed."
  value       = module.registry.repository_url
}

output "image_tag_parameter" {
  description = "Parameter that names the released tag."
  value       = module.registry.image_tag_parameter
}

output "table_prefix" {
  description = "P2P_TABLE_PREFIX."
  value       = module.data.table_prefix
}

output "bucket_names" {
  description = "P2P_BUCKET_..."
  value       = module.storage.bucket_names
}

output "secret_arns" {
  description = "Secrets to fill with scripts/put-secrets."
  value       = module.secrets.arns
}
