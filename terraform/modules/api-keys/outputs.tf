output "secret_arn" {
  description = "ARN of the secret, for API_KEYS_SECRET_ID."
  value       = module.secret.arn
}

output "secret_iam_arn" {
  description = "The same for policies, known before the secret is made: ?????? stands for the suffix that Secrets Manager adds."
  value       = module.secret.iam_arn
}
