output "bucket_name" {
  description = "Bucket of the logical dumps."
  value       = module.dumps.name
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = module.dumps.arn
}
