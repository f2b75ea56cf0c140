# ---------------------------------------------------------------------------
# State
# ---------------------------------------------------------------------------

locals {
  state_arn = "arn:${local.partition}:s3:::${var.state_bucket_name}"
  state_key = "${var.environment}/terraform.tfstate"

  # Read the environment's state and hold its lock: what every plan needs.
  state_read_statements = [
    {
      Sid       = "ListTheState"
      Effect    = "Allow"
      Action    = ["s3:ListBucket"]
      Resource  = local.state_arn
      Condition = { StringLike = { "s3:prefix" = ["${var.environment}/*"] } }
    },
    {
      Sid      = "ReadTheState"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = "${local.state_arn}/${local.state_key}"
    },
    {
      Sid      = "HoldTheLock"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject", "s3:GetObject", "s3:PutObject"]
      Resource = "${local.state_arn}/${local.state_key}.tflock"
    },
    {
      Sid       = "UseTheStatesKey"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = var.state_kms_key_arn
      Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
    },
  ]

  state_write_statements = [{
    Sid      = "WriteTheState"
    Effect   = "Allow"
    Action   = ["s3:PutObject"]
    Resource = "${local.state_arn}/${local.state_key}"
  }]
}
