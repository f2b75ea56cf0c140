output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "bucket_name" {
  description = "Bucket of the log files."
  value       = aws_s3_bucket.trail.bucket
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = aws_s3_bucket.trail.arn
}

