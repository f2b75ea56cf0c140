# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# ---------------------------------------------------------------------------
# Key policies
# ---------------------------------------------------------------------------

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # The account's IAM policies decide; without this statement nobody could ever change the key again.
  account_statement = {
    Sid       = "AccountPoliciesDecide"
    Effect    = "Allow"
    Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
    Action    = "kms:*"
    Resource  = "*"
  }

  # CloudWatch Logs may use the key for log groups of this account and region only.
  logs_statement = {
    Sid       = "LogGroupsOfThisAccount"
    Effect    = "Allow"
    Principal = { Service = "logs.${local.region}.amazonaws.com" }
    Action    = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey"]
    Resource  = "*"
    Condition = {
      ArnLike = { "kms:EncryptionContext:aws:logs:arn" = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:*" }
    }
  }

  # Alarms, budgets and events publish to encrypted topics; the trail and the log delivery write encrypted objects.
  services_statement = {
    Sid    = "ServicesOfThisAccount"
    Effect = "Allow"
    Principal = {
      Service = ["budgets.amazonaws.com", "cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com", "delivery.logs.amazonaws.com", "events.amazonaws.com"]
    }
    Action    = ["kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey"]
    Resource  = "*"
    Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
  }

  keys = merge(
    {
      data = {
        description = "Database, cache and their secrets"
        statements  = [local.account_statement]
      }
      operations = {
        description = "Log groups, topics and the audit trail"
        statements  = [local.account_statement, local.logs_statement, local.services_statement]
      }
    },
    var.enable_cluster_key ? {
      cluster = {
        description = "Kubernetes secrets"
        statements  = [local.account_statement]
      }
    } : {}
  )
}

# ---------------------------------------------------------------------------
# Keys
# ---------------------------------------------------------------------------

resource "aws_kms_key" "this" {
  for_each = local.keys

  description             = "${local.name}: ${each.value.description}"
  enable_key_rotation     = true
  rotation_period_in_days = 365
  deletion_window_in_days = var.deletion_window_in_days

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = each.value.statements
  })

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_kms_alias" "this" {
  for_each = local.keys

  name          = "alias/${local.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}

# ---------------------------------------------------------------------------
# Account
# ---------------------------------------------------------------------------

resource "aws_ebs_encryption_by_default" "this" {
  count = var.ebs_encryption_by_default ? 1 : 0

  enabled = true
}
