# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)

  retention_days = coalesce(var.log_retention_days, { dev = 7, staging = 30, prod = 90 }[var.environment])
}

# ---------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------

# The log shipper writes to groups that exist: one that it made itself would be kept for ever, unencrypted.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:Events are kept 7, 30 or 90 days by environment; the audit trail is kept longer elsewhere.
  for_each = toset(var.create_pod_groups ? ["application", "platform"] : [])

  name              = "/${var.project_name}/${var.environment}/${each.key}"
  retention_in_days = local.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = merge(local.tags, { Name = "${local.name}-${each.key}" })
}
