# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)

  lock_days = coalesce(var.lock_days, { dev = 7, staging = 7, prod = 30 }[var.environment])
}

# ---------------------------------------------------------------------------
# Bucket
# ---------------------------------------------------------------------------

module "dumps" {
  source = "../bucket"

  name        = "${local.name}-backups-${data.aws_caller_identity.current.account_id}"
  tags        = local.tags
  kms_key_arn = var.kms_key_arn

  lock            = { mode = "GOVERNANCE", days = local.lock_days }
  expire_days     = var.expire_days
  noncurrent_days = 30

  # Writers write and list; who restores takes a role that may read.
  statements = [for statement in [
    {
      sid        = "WritersWrite"
      principals = { AWS = var.writer_role_arns }
      actions    = ["s3:AbortMultipartUpload", "s3:PutObject"]
      paths      = ["dumps/*"]
    },
    {
      sid        = "WritersList"
      principals = { AWS = var.writer_role_arns }
      actions    = ["s3:ListBucket"]
      paths      = [""]
    },
    {
      sid        = "WritersNeitherRemoveNorUnlock"
      effect     = "Deny"
      principals = { AWS = var.writer_role_arns }
      actions    = ["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"]
    },
  ] : statement if length(var.writer_role_arns) > 0]
}
