output "arn" {
  description = "ARN of the secret."
  value       = data.aws_secretsmanager_secret.this.arn
}

output "name" {
  description = "Name of the secret."
  value       = local.name
}

output "iam_arn" {
  description = "ARN for policies, known before the secret is made: ?????? stands for the suffix that Secrets Manager adds."
  value       = "arn:${data.aws_partition.current.partition}:secretsmanager:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:secret:${local.name}-??????"
}

output "template" {
  description = "The stack's template, as JSON."
  value       = jsonencode(local.template)
}

output "tags" {
  description = "Tags of the secret."
  value       = local.tags
}
