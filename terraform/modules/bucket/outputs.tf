output "name" {
  description = "Name of the bucket, known once its policy and locks are in place."
  value       = aws_s3_bucket.this.bucket

  depends_on = [aws_s3_bucket_policy.this, aws_s3_bucket_public_access_block.this, aws_s3_bucket_versioning.this]
}

output "arn" {
  description = "ARN of the bucket, written out so that it is known before the bucket is made."
  value       = local.arn
}

output "guarantees" {
  description = "What the bucket holds to, for the tests of the modules that use it."
  value = {
    versioned       = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    kms_key_arn     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).kms_master_key_id
    lock            = one([for r in flatten(aws_s3_bucket_object_lock_configuration.this[*].rule[*].default_retention[*]) : { mode = r.mode, days = r.days }])
    expire_days     = var.expire_days
    noncurrent_days = var.noncurrent_days
    policy          = aws_s3_bucket_policy.this.policy
  }
}
