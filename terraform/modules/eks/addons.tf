# ---------------------------------------------------------------------------
# Add-ons
# ---------------------------------------------------------------------------

locals {
  before_nodes = {
    vpc-cni = {
      # Network policies are enforced, and a node hands out addresses by the /28: more pods, fewer calls.
      configuration = jsonencode({
        enableNetworkPolicy = "true"
        env                 = { ENABLE_PREFIX_DELEGATION = "true", WARM_PREFIX_TARGET = "1" }
      })
      role            = module.addon_role["vpc-cni"].role_arn
      service_account = "aws-node"
    }
    kube-proxy             = { configuration = null, role = null, service_account = null }
    eks-pod-identity-agent = { configuration = null, role = null, service_account = null }
  }

  after_nodes = {
    coredns        = { configuration = null, role = null, service_account = null }
    metrics-server = { configuration = null, role = null, service_account = null }
    aws-ebs-csi-driver = {
      # The encrypted default StorageClass comes with the platform charts.
      configuration   = jsonencode({ defaultStorageClass = { enabled = false } })
      role            = module.addon_role["ebs-csi"].role_arn
      service_account = "ebs-csi-controller-sa"
    }
  }
}

resource "aws_eks_addon" "before_nodes" {
  for_each = local.before_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addon_versions, each.key, null)
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = each.value.service_account == null ? [] : [each.value]
    content {
      role_arn        = pod_identity_association.value.role
      service_account = pod_identity_association.value.service_account
    }
  }

  tags = local.tags
}

resource "aws_eks_addon" "after_nodes" {
  for_each = local.after_nodes

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = lookup(var.addon_versions, each.key, null)
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"

  dynamic "pod_identity_association" {
    for_each = each.value.service_account == null ? [] : [each.value]
    content {
      role_arn        = pod_identity_association.value.role
      service_account = pod_identity_association.value.service_account
    }
  }

  tags = local.tags

  depends_on = [aws_eks_node_group.this]
}

module "addon_role" {
  source = "../pod-role"
  for_each = {
    vpc-cni = { policy = "AmazonEKS_CNI_Policy", service_account = "aws-node" }
    ebs-csi = { policy = "service-role/AmazonEBSCSIDriverPolicy", service_account = "ebs-csi-controller-sa" }
  }

  project_name             = var.project_name
  environment              = var.environment
  tags                     = var.tags
  permissions_boundary_arn = var.permissions_boundary_arn

  name                = each.key
  managed_policy_arns = ["arn:${local.partition}:iam::aws:policy/${each.value.policy}"]
  cluster_name        = local.cluster_name
  namespace           = "kube-system"
  service_accounts    = [each.value.service_account]
  create_association  = false
}
