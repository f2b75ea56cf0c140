# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}

locals {
  bucket_name = "${var.project_name}-terraform-state-${var.aws_account_id}"
  tags        = merge({ Project = var.project_name, Environment = "shared", ManagedBy = "Terraform" }, var.tags)
}

provider "aws" {
  region = var.aws_region
}

# ---------------------------------------------------------------------------
# Key
# ---------------------------------------------------------------------------

resource "aws_kms_key" "state" {
  description             = "Terraform state of ${var.project_name}"
  enable_key_rotation     = true
  deletion_window_in_days = 10

  # The account's IAM policies decide; the CI roles get their rights there.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AccountPoliciesDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:${data.aws_partition.current.partition}:iam::${var.aws_account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  tags = merge(local.tags, { Name = "terraform-state-key" })

  lifecycle {
    # Without the key no state can ever be read again.
    prevent_destroy = true

    precondition {
      condition     = data.aws_caller_identity.current.account_id == var.aws_account_id
      error_message = "The credentials are not of account aws_account_id: log in to that account, or write the account you are in."
    }
  }
}

resource "aws_kms_alias" "state" {
  name          = "alias/${var.project_name}-terraform-state"
  target_key_id = aws_kms_key.state.key_id
}

# ---------------------------------------------------------------------------
# Bucket
# ---------------------------------------------------------------------------

module "state" {
  source = "../modules/bucket"

  name            = local.bucket_name
  tags            = local.tags
  kms_key_arn     = aws_kms_key.state.arn
  noncurrent_days = var.noncurrent_days
}
