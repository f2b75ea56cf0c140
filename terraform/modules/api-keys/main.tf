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
# Secret
# ---------------------------------------------------------------------------

#checkov:skip=CKV2_AWS_57:Callers hold the keys, only people can change them; the service holds hashes alone
resource "aws_secretsmanager_secret" "this" {
  name                    = "${local.name}-api-keys"
  description             = "API keys of the service: a JSON array of names, SHA-256 hashes and scopes"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.recovery_window_in_days

  tags = local.tags
}

# Begins with no key, so that every caller is refused, and is then kept by people: the version never moves.
resource "aws_secretsmanager_secret_version" "this" {
  secret_id                = aws_secretsmanager_secret.this.id
  secret_string_wo         = "[]"
  secret_string_wo_version = 1
}
