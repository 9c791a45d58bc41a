output "vault_arn" {
  description = "The vault."
  value       = aws_backup_vault.this.arn
}

output "vault_name" {
  description = "Name of the vault."
  value       = aws_backup_vault.this.name
}

output "role_arn" {
  description = "Role that restores; null where only copies are received."
  value       = try(aws_iam_role.this[0].arn, null)
}
