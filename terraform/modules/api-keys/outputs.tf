output "secret_arn" {
  description = "ARN of the secret, for API_KEYS_SECRET_ID."
  value       = aws_secretsmanager_secret.this.arn
}

output "secret_iam_arn" {
  description = "The same for policies, known before the secret is made: ?????? stands for the suffix that Secrets Manager adds."
  value       = "arn:${data.aws_partition.current.partition}:secretsmanager:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:secret:${local.name}-api-keys-??????"
}
