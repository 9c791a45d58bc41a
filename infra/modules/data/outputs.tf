locals {
  made = merge(aws_dynamodb_table.on_demand, aws_dynamodb_table.provisioned)
}

output "table_prefix" {
  description = "P2P_TABLE_PREFIX of the server."
  value       = var.table_prefix
}

output "table_names" {
  description = "Full table name by its name in tables.json."
  value       = { for name, table in local.made : name => table.name }
}

output "table_arns" {
  description = "Table ARN by its name in tables.json."
  value       = { for name, table in local.made : name => table.arn }
}

output "backed_up_table_arns" {
  description = "ARNs of the tables that belong in backups."
  value       = [for name, table in local.made : table.arn if local.tables[name].backup]
}
