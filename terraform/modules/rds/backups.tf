# ---------------------------------------------------------------------------
# Backups in a second region
# ---------------------------------------------------------------------------

# Point-in-time recovery is regional: the copy lags by minutes and is what a lost region is restored from.
resource "aws_kms_key" "replica" {
  count = var.backup_replication_region == null ? 0 : 1

  region                  = var.backup_replication_region
  description             = "${local.name}: database backups copied from ${local.region}"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = 30

  # The account's IAM policies decide who may use the key.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountPoliciesDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  tags = merge(local.tags, { Name = "${local.name}-backup-copy" })
}

resource "aws_kms_alias" "replica" {
  count = var.backup_replication_region == null ? 0 : 1

  region        = var.backup_replication_region
  name          = "alias/${local.name}-backup-copy"
  target_key_id = aws_kms_key.replica[0].key_id
}

resource "aws_db_instance_automated_backups_replication" "this" {
  count = var.backup_replication_region == null ? 0 : 1

  region                 = var.backup_replication_region
  source_db_instance_arn = aws_db_instance.this.arn
  kms_key_id             = aws_kms_key.replica[0].arn
  retention_period       = var.backup_retention_period

  lifecycle {
    precondition {
      condition     = var.backup_replication_region != local.region
      error_message = "backup_replication_region is the database's own region: write another, for example \"us-west-2\"."
    }
  }
}
