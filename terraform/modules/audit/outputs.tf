output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "bucket_name" {
  description = "Bucket of the log files."
  value       = module.trail.name
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = module.trail.arn
}

