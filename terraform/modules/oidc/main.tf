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
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  issuer       = "token.actions.githubusercontent.com"
  provider_arn = "arn:${local.partition}:iam::${local.account}:oidc-provider/${local.issuer}"

  # Names of the roles and boundaries, written out because their policies name them.
  role_prefix           = "${local.name}-ci"
  ci_boundary_arn       = "arn:${local.partition}:iam::${local.account}:policy/${local.role_prefix}-boundary"
  workload_boundary_arn = "arn:${local.partition}:iam::${local.account}:policy/${local.name}-workload-boundary"

  github_environments = {
    push   = coalesce(var.github_environments.push, "registry")
    deploy = coalesce(var.github_environments.deploy, var.environment)
    plan   = coalesce(var.github_environments.plan, "${var.environment}-plan")
    apply  = coalesce(var.github_environments.apply, var.environment)
  }
  subjects = { for role, name in local.github_environments : role => "repo:${var.github_repository}:environment:${name}" }
}

# ---------------------------------------------------------------------------
# Provider and trust
# ---------------------------------------------------------------------------

resource "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 1 : 0

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
  tags           = local.tags
}

locals {
  # One GitHub environment, compared whole: no branch, pull request or other environment takes the role.
  trust = {
    for role, subject in local.subjects : role => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = local.provider_arn }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals = {
            "${local.issuer}:aud" = "sts.amazonaws.com"
            "${local.issuer}:sub" = subject
          }
        }
      }]
    })
  }
}
