output "topic_arns" {
  description = "Topics by severity (critical, warning, info)."
  value       = { for severity, topic in aws_sns_topic.this : severity => topic.arn }
}

output "alarm_names" {
  description = "Names of the alarms made here, sorted."
  value       = sort([for alarm in concat(values(aws_cloudwatch_metric_alarm.this), values(aws_cloudwatch_metric_alarm.ratio)) : alarm.alarm_name])
}

output "dashboard_name" {
  description = "Dashboard of the Lambda target; null without it."
  value       = one(aws_cloudwatch_dashboard.lambda[*].dashboard_name)
}
