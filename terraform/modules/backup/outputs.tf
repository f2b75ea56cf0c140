output "bucket_name" {
  description = "Bucket of the logical dumps."
  value       = aws_s3_bucket.this.bucket
}

output "bucket_arn" {
  description = "ARN of that bucket."
  value       = aws_s3_bucket.this.arn
}
