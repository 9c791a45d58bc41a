output "topic_arn" {
  description = "Topic of the alarms, once its policy lets AWS services publish."
  value       = aws_sns_topic_policy.alarms.arn
}

output "alarm_names" {
  description = "Alarm name by what it watches."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.alarm_name }
}

output "dashboard_name" {
  description = "The dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
