output "state_bucket_name" {
  description = "Bucket of the Terraform state: `bucket` of every backend in this account."
  value       = module.state.name
}

output "state_bucket_arn" {
  description = "ARN of that bucket."
  value       = module.state.arn
}

output "state_kms_key_arn" {
  description = "Key that encrypts the state: `kms_key_id` of every backend in this account."
  value       = aws_kms_key.state.arn
}
