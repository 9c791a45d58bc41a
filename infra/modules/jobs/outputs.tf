output "names" {
  description = "Jobs that are scheduled."
  value       = keys(aws_scheduler_schedule.this)
}

output "dead_letter_queue" {
  description = "Name of the queue of jobs that could not be started."
  value       = aws_sqs_queue.not_started.name
}

output "task_family" {
  description = "Family of the jobs' task definitions."
  value       = aws_ecs_task_definition.this.family
}

output "role_arn" {
  description = "Role of the jobs."
  value       = aws_iam_role.job.arn
}

output "enabled" {
  description = "Whether schedules run."
  value       = alltrue([for schedule in aws_scheduler_schedule.this : schedule.state == "ENABLED"])
}
