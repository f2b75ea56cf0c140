# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region
}

# ---------------------------------------------------------------------------
# Policies
# ---------------------------------------------------------------------------

locals {
  backend_secrets   = [for s in [var.app_secret_arn, var.redis_secret_arn, var.api_keys_secret_arn] : s if s != null]
  migration_secrets = [var.app_secret_arn, var.migration_secret_arn]

  # RDS names the master secret itself; its tag says which database it belongs to.
  master_secrets = "arn:${local.partition}:secretsmanager:${local.region}:${local.account}:secret:rds!db-*"

  keys = "arn:${local.partition}:kms:${local.region}:${local.account}:key/*"

  # Keys open through Secrets Manager only, and only for the secrets named: the encryption context carries the secret's ARN.
  decrypt = {
    for role, secrets in { backend = local.backend_secrets, migration = concat(local.migration_secrets, [local.master_secrets]) } : role => {
      Sid                          = "DecryptTheseSecrets"
      Effect                       = "Allow"
      Action                       = ["kms:Decrypt"]
      Resource                     = [local.keys]
      Condition = {
        StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" }
        StringLike   = { "kms:EncryptionContext:SecretARN" = secrets }
      }
    }
  }

  backend_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadOwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = local.backend_secrets
      },
      local.decrypt.backend,
    ]
  }

  # setup-users writes the application user into the database, so the Job reads that user's secret too.
  migration_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadOwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = local.migration_secrets
      },
      {
        Sid       = "ReadTheMasterSecret"
        Effect    = "Allow"
        Action    = ["secretsmanager:GetSecretValue"]
        Resource  = [local.master_secrets]
        Condition = { StringEquals = { "secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn" = var.db_instance_arn } }
      },
      local.decrypt.migration,
    ]
  }
}

# ---------------------------------------------------------------------------
# Roles
# ---------------------------------------------------------------------------

module "backend" {
  source = "../pod-role"

  project_name             = var.project_name
  environment              = var.environment
  tags                     = var.tags
  permissions_boundary_arn = var.permissions_boundary_arn

  name              = "backend"
  policy            = jsonencode(local.backend_policy)
  cluster_name      = var.cluster_name
  namespace         = var.namespace
  service_accounts  = var.backend_service_accounts
  identity          = var.identity
  oidc_provider_arn = var.oidc_provider_arn
  oidc_issuer       = var.oidc_issuer
}

module "migration" {
  source = "../pod-role"

  project_name             = var.project_name
  environment              = var.environment
  tags                     = var.tags
  permissions_boundary_arn = var.permissions_boundary_arn

  name              = "migration"
  policy            = jsonencode(local.migration_policy)
  cluster_name      = var.cluster_name
  namespace         = var.namespace
  service_accounts  = var.migration_service_accounts
  identity          = var.identity
  oidc_provider_arn = var.oidc_provider_arn
  oidc_issuer       = var.oidc_issuer
}
