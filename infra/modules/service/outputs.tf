output "cluster_arn" {
  description = "The cluster, ready for spot tasks."
  value       = aws_ecs_cluster.this.arn
  depends_on  = [aws_ecs_cluster_capacity_providers.this]
}

output "cluster_name" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "service_name" {
  description = "Name of the service."
  value       = var.name
}

output "task_family" {
  description = "Family of the task definitions."
  value       = aws_ecs_task_definition.this.family
}

output "task_security_group_id" {
  description = "Security group of the tasks."
  value       = aws_security_group.tasks.id
}

output "task_role_arn" {
  description = "Role of the server."
  value       = aws_iam_role.task.arn
}

output "execution_role_arn" {
  description = "Role that starts tasks."
  value       = aws_iam_role.execution.arn
}

output "log_group_name" {
  description = "Log group of server and jobs."
  value       = aws_cloudwatch_log_group.this.name
}

output "container" {
  description = "The server's container, for what runs the same image."
  value       = local.server_container
}
