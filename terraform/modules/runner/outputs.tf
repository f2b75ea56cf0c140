output "project_name" {
  description = "CodeBuild project: workflows name it as runs-on: codebuild-<project>-$${{ github.run_id }}-$${{ github.run_attempt }}."
  value       = aws_codebuild_project.this.name
}

output "role_arn" {
  description = "Role of the runner itself: network and logs, no rights to deploy (jobs take the OIDC roles)."
  value       = aws_iam_role.this.arn
}
