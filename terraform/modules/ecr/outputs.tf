output "repository_url" {
  description = "Address that images are pushed to and pulled from."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "ARN of the repository, for the push and deploy roles."
  value       = aws_ecr_repository.this.arn
}

output "repository_name" {
  description = "Name of the repository."
  value       = aws_ecr_repository.this.name
}

output "artifact_bucket_name" {
  description = "Bucket of the Lambda release archives."
  value       = module.artifacts.name
}

output "artifact_bucket_arn" {
  description = "ARN of that bucket."
  value       = module.artifacts.arn
}

output "kms_key_arn" {
  description = "Key that encrypts images and artefacts."
  value       = aws_kms_key.this.arn
}
