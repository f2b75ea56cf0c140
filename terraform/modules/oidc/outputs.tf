output "provider_arn" {
  description = "The account's GitHub OIDC provider."
  value       = local.provider_arn

  depends_on = [aws_iam_openid_connect_provider.github]
}

output "push_role_arn" {
  description = "Role that pushes images and Lambda artefacts; null unless this environment owns the registry."
  value       = one(aws_iam_role.push[*].arn)
}

output "deploy_role_arn" {
  description = "Role that deploys a release."
  value       = aws_iam_role.deploy.arn
}

output "plan_role_arn" {
  description = "Role that plans, read-only but for the state's lock file."
  value       = aws_iam_role.plan.arn
}

output "apply_role_arn" {
  description = "Role that applies, under its permissions boundary."
  value       = aws_iam_role.apply.arn
}

output "workload_boundary_arn" {
  description = "Boundary that every other role of the environment carries: variable permissions_boundary_arn of the modules that make roles. The apply role may make no role without it."
  value       = local.workload_boundary_arn

  # Known before it is made, but no role is made before it.
  depends_on = [aws_iam_policy.workload_boundary]
}

output "subjects" {
  description = "Token subject that each role trusts, by role."
  value       = local.subjects
}
