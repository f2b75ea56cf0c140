output "log_group_names" {
  description = "Groups that the log shipper writes to, by source (application, platform); empty without the EKS target."
  value       = { for source, group in aws_cloudwatch_log_group.this : source => group.name }
}

output "log_group_arns" {
  description = "ARNs of those groups, for the log shipper's role."
  value       = { for source, group in aws_cloudwatch_log_group.this : source => group.arn }
}

output "log_retention_days" {
  description = "Days that log events are kept in this environment, for the modules that make their own groups."
  value       = local.retention_days
}
