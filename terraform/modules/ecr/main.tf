# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  # One registry serves all environments, so that one digest is promoted: the name holds no environment.
  name      = "${var.project_name}-${var.repository_name}"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  pull_principals   = [for id in var.pull_account_ids : "arn:${local.partition}:iam::${id}:root"]
  pull_organization = var.pull_organization_id == null ? {} : { StringEquals = { "aws:PrincipalOrgID" = var.pull_organization_id } }
}

# ---------------------------------------------------------------------------
# Key
# ---------------------------------------------------------------------------

# A key of the registry's own: the other environments' accounts decrypt with it and with nothing else of this account.
resource "aws_kms_key" "this" {
  description             = "${local.name}: images and Lambda artefacts"
  enable_key_rotation     = true
  deletion_window_in_days = 30

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid       = "AccountPoliciesDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:${local.partition}:iam::${local.account}:root" }
        Action    = "kms:*"
        Resource  = "*"
      }],
      [for principals in [local.pull_principals] : {
        Sid       = "PullingAccountsDecryptThroughRegistryAndBucket"
        Effect    = "Allow"
        Principal = { AWS = principals }
        Action    = ["kms:Decrypt", "kms:DescribeKey"]
        Resource  = "*"
        Condition = {
          StringEquals = merge(
            { "kms:ViaService" = ["ecr.${local.region}.amazonaws.com", "s3.${local.region}.amazonaws.com"] },
            { for key, value in try(local.pull_organization.StringEquals, {}) : key => [value] },
          )
        }
      } if length(principals) > 0],
    )
  })

  tags = merge(local.tags, { Name = local.name })
}

resource "aws_kms_alias" "this" {
  name          = "alias/${local.name}"
  target_key_id = aws_kms_key.this.key_id
}

# ---------------------------------------------------------------------------
# Repository
# ---------------------------------------------------------------------------

resource "aws_ecr_repository" "this" {
  name                 = local.name
  image_tag_mutability = "IMMUTABLE"
  force_delete         = false

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = aws_kms_key.this.arn
  }

  image_scanning_configuration {
    scan_on_push = true
  }

  tags = local.tags
}

resource "aws_ecr_lifecycle_policy" "this" {
  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "Untagged images expire"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = var.untagged_days }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "The newest images are kept for rollbacks"
        selection    = { tagStatus = "any", countType = "imageCountMoreThan", countNumber = var.keep_images }
        action       = { type = "expire" }
      },
    ]
  })
}

resource "aws_ecr_repository_policy" "pull" {
  count = length(var.pull_account_ids) > 0 ? 1 : 0

  repository = aws_ecr_repository.this.name

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "EnvironmentsPull"
      Effect    = "Allow"
      Principal = { AWS = local.pull_principals }
      Action    = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
      Condition = local.pull_organization
    }]
  })
}

# ---------------------------------------------------------------------------
# Copies in a second region
# ---------------------------------------------------------------------------

# The setting is the whole registry's, of which the account has one; other repositories of the account are not copied.
resource "aws_ecr_replication_configuration" "this" {
  count = var.replication_region == null ? 0 : 1

  replication_configuration {
    rule {
      destination {
        region      = var.replication_region
        registry_id = local.account
      }

      repository_filter {
        filter      = local.name
        filter_type = "PREFIX_MATCH"
      }
    }
  }

  # Images that are pushed before the template exists would be copied into a repository without its settings.
  depends_on = [aws_ecr_repository_creation_template.copies]

  lifecycle {
    precondition {
      condition     = var.replication_region != local.region
      error_message = "replication_region is the registry's own region: write another, for example \"us-west-2\", or leave it out."
    }
  }
}

# The first copy makes the repository, from this. ECR ends every prefix with a slash, so that this one's name is none: ROOT
# stands for all repositories there that have no template of their own. A key would want a role that may use it.
resource "aws_ecr_repository_creation_template" "copies" {
  count = var.replication_region == null ? 0 : 1

  region               = var.replication_region
  description          = "Copies of ${local.name} from ${local.region}"
  prefix               = "ROOT"
  applied_for          = ["REPLICATION"]
  image_tag_mutability = "IMMUTABLE"
  lifecycle_policy     = aws_ecr_lifecycle_policy.this.policy

  encryption_configuration {
    encryption_type = "AES256"
  }
}

# ---------------------------------------------------------------------------
# Lambda artefacts
# ---------------------------------------------------------------------------

module "artifacts" {
  source = "../bucket"

  name            = "${var.project_name}-artifacts-${local.account}"
  tags            = local.tags
  kms_key_arn     = aws_kms_key.this.arn
  noncurrent_days = var.artifact_noncurrent_days

  statements = length(var.pull_account_ids) == 0 ? [] : [{
    sid        = "EnvironmentsRead"
    principals = { AWS = local.pull_principals }
    actions    = ["s3:GetObject", "s3:GetObjectVersion"]
    paths      = ["releases/*"]
    conditions = { for operator, keys in local.pull_organization : operator => { for key, value in keys : key => [value] } }
  }]
}
