# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_partition" "current" {}

locals {
  arn = "arn:${data.aws_partition.current.partition}:s3:::${var.name}"
}

# ---------------------------------------------------------------------------
# Bucket
# ---------------------------------------------------------------------------

# trivy:ignore:AVD-AWS-0089 trivy:ignore:AVD-AWS-0163 Server access logs: see the skip of checkov below.
resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:CloudTrail records who changed the bucket; server access logs would need a bucket of their own that has the same question.
  # checkov:skip=CKV2_AWS_62:Nothing in the product reacts to a new object.
  # checkov:skip=CKV_AWS_144:What must survive the region is replicated where it is made (database backups); these objects can be made again.
  bucket              = var.name
  object_lock_enabled = var.lock != null
  tags                = merge(var.tags, { Name = var.name })

  lifecycle {
    precondition {
      condition     = var.lock == null || var.expire_days == null || try(var.expire_days > var.lock.days, false)
      error_message = "expire_days: write more days than lock.days; a locked object cannot expire."
    }
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count = var.lock == null ? 0 : 1

  bucket = aws_s3_bucket.this.id

  rule {
    default_retention {
      mode = var.lock.mode
      days = var.lock.days
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }

    # One data key a bucket instead of one an object.
    bucket_key_enabled = var.kms_key_arn != null
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.expire_days[*]

    content {
      id     = "expire"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# ---------------------------------------------------------------------------
# Access
# ---------------------------------------------------------------------------

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local.arn, "${local.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      }],
      [for s in var.statements : {
        Sid       = s.sid
        Effect    = s.effect
        Principal = s.principals
        Action    = s.actions
        Resource  = [for path in s.paths : path == "" ? local.arn : "${local.arn}/${path}"]
        Condition = s.conditions
      }],
    )
  })

  # A policy that is put while the block is being made can be refused.
  depends_on = [aws_s3_bucket_public_access_block.this]
}
