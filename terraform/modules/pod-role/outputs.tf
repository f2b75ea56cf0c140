output "role_arn" {
  description = "ARN of the role; with irsa it goes into the service account's annotation eks.amazonaws.com/role-arn."
  value       = aws_iam_role.this.arn
}

output "role_name" {
  description = "Name of the role."
  value       = aws_iam_role.this.name
}

output "trust_policy" {
  description = "Who may take the role, as JSON."
  value       = aws_iam_role.this.assume_role_policy
}

output "policy" {
  description = "What the role may do beside its managed policies, as JSON; null where nothing."
  value       = var.policy
}
