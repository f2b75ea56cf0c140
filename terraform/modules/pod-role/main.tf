# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}-${var.name}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# ---------------------------------------------------------------------------
# Who takes the role
# ---------------------------------------------------------------------------

locals {
  cluster_arn = "arn:${data.aws_partition.current.partition}:eks:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:cluster/${var.cluster_name}"

  # The session tags that the agent sends bind the role to cluster, namespace and service account.
  pod_identity_trust = {
    Sid       = "PodsOfTheCluster"
    Effect    = "Allow"
    Principal = { Service = "pods.eks.amazonaws.com" }
    Action    = ["sts:AssumeRole", "sts:TagSession"]
    Condition = {
      StringEquals = {
        "aws:RequestTag/eks-cluster-arn"            = local.cluster_arn
        "aws:RequestTag/kubernetes-namespace"       = var.namespace
        "aws:RequestTag/kubernetes-service-account" = sort(var.service_accounts)
      }
    }
  }

  irsa_trust = {
    Sid       = "ServiceAccountsOfTheCluster"
    Effect    = "Allow"
    Principal = { Federated = var.oidc_provider_arn }
    Action    = "sts:AssumeRoleWithWebIdentity"
    Condition = {
      StringEquals = {
        "${coalesce(var.oidc_issuer, "unset")}:aud" = "sts.amazonaws.com"
        "${coalesce(var.oidc_issuer, "unset")}:sub" = [for s in sort(var.service_accounts) : "system:serviceaccount:${var.namespace}:${s}"]
      }
    }
  }
}

resource "aws_iam_role" "this" {
  name                 = local.name
  description          = "Pods ${var.namespace}/${join(", ", sort(var.service_accounts))}"
  permissions_boundary = var.permissions_boundary_arn
  max_session_duration = 3600

  assume_role_policy = var.identity == "irsa" ? jsonencode({ Version = "2012-10-17", Statement = [local.irsa_trust] }) : jsonencode({ Version = "2012-10-17", Statement = [local.pod_identity_trust] })

  tags = local.tags

  lifecycle {
    precondition {
      condition     = var.identity != "irsa" || (var.oidc_provider_arn != null && var.oidc_issuer != null)
      error_message = "identity = \"irsa\" wants oidc_provider_arn and oidc_issuer: take them from module eks, or write identity = \"pod-identity\"."
    }
    precondition {
      condition     = var.policy != null || length(var.managed_policy_arns) > 0
      error_message = "The role may do nothing: give policy, managed_policy_arns or both."
    }
  }
}

resource "aws_eks_pod_identity_association" "this" {
  for_each = var.identity == "pod-identity" && var.create_association ? var.service_accounts : toset([])

  cluster_name    = var.cluster_name
  namespace       = var.namespace
  service_account = each.key
  role_arn        = aws_iam_role.this.arn

  tags = local.tags
}

# ---------------------------------------------------------------------------
# What the role may do
# ---------------------------------------------------------------------------

resource "aws_iam_role_policy" "this" {
  count = var.policy == null ? 0 : 1

  name   = var.name
  role   = aws_iam_role.this.id
  policy = var.policy
}

resource "aws_iam_role_policy_attachment" "this" {
  for_each = var.managed_policy_arns

  role       = aws_iam_role.this.name
  policy_arn = each.key
}
