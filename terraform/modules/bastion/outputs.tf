output "instance_id" {
  description = "Instance, target of a session."
  value       = aws_instance.this.id
}

output "session_document_name" {
  description = "Document that logs a session: aws ssm start-session --target <instance_id> --document-name <this>."
  value       = aws_ssm_document.session.name
}

output "role_arn" {
  description = "Role of the instance."
  value       = aws_iam_role.this.arn
}

output "log_group_name" {
  description = "Log group of the sessions."
  value       = local.log_group
}
