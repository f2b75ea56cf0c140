# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "${var.project_name}-${var.environment}"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  trail_arn = "arn:${data.aws_partition.current.partition}:cloudtrail:${data.aws_region.current.region}:${local.account}:trail/${local.name}-audit"

  retention_days = coalesce(var.retention_days, { dev = 90, staging = 90, prod = 365 }[var.environment])
}

# ---------------------------------------------------------------------------
# Bucket
# ---------------------------------------------------------------------------

module "trail" {
  source = "../bucket"

  name        = "${local.name}-audit-${local.account}"
  tags        = local.tags
  kms_key_arn = var.kms_key_arn

  lock            = { mode = var.lock_mode, days = local.retention_days }
  expire_days     = local.retention_days + 1
  noncurrent_days = 1

  # Only this trail, and it may not read what it wrote.
  statements = [
    {
      sid        = "TrailChecksTheBucket"
      principals = { Service = ["cloudtrail.amazonaws.com"] }
      actions    = ["s3:GetBucketAcl"]
      paths      = [""]
      conditions = { StringEquals = { "aws:SourceArn" = [local.trail_arn] } }
    },
    {
      sid        = "TrailWrites"
      principals = { Service = ["cloudtrail.amazonaws.com"] }
      actions    = ["s3:PutObject"]
      paths      = ["AWSLogs/${local.account}/*"]
      conditions = { StringEquals = { "aws:SourceArn" = [local.trail_arn] } }
    },
  ]
}

# ---------------------------------------------------------------------------
# Trail
# ---------------------------------------------------------------------------

# trivy:ignore:AVD-AWS-0162 The files are the record; see the skip of checkov below.
resource "aws_cloudtrail" "this" {
  # checkov:skip=CKV2_AWS_10:The files are the record; alarms come from metrics, so a second copy in CloudWatch Logs would only be paid for.
  # checkov:skip=CKV_AWS_252:Nobody is told of every log file.
  name           = "${local.name}-audit"
  s3_bucket_name = module.trail.name
  kms_key_id     = var.kms_key_arn

  enable_logging                = true
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true

  event_selector {
    read_write_type           = "All"
    include_management_events = true
  }

  tags = local.tags
}
