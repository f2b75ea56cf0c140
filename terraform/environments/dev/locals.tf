# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  # A second region stands beside the first in one account: its names must differ, its tags must not.
  secondary    = var.region_role == "secondary"
  project_name = local.secondary ? "${var.project_name}-dr" : var.project_name
  tags         = { Project = var.project_name, Environment = var.environment, ManagedBy = "terraform" }
}

# ---------------------------------------------------------------------------
# Target
# ---------------------------------------------------------------------------

locals {
  # One file tells Terraform, the chart and the workflows where each environment runs.
  deploy_target = coalesce(var.deploy_target, jsondecode(file("${path.module}/../../../deploy-targets.json"))[var.environment])
  eks           = contains(["eks", "both"], local.deploy_target)
  lambda        = contains(["lambda", "both"], local.deploy_target)

  nat         = coalesce(var.enable_nat_gateway, local.eks)
  elasticache = coalesce(var.enable_elasticache, local.eks)
  bastion     = coalesce(var.enable_bastion, local.eks)
  runner      = var.runner != null && local.eks

  # Without NAT: what functions and password rotation call, and what the bastion's agent calls.
  interface_endpoints = coalesce(var.interface_endpoints, local.nat ? [] : setunion(
    ["secretsmanager", "rds"],
    local.bastion ? ["ssm", "ssmmessages", "ec2messages"] : []
  ))

  monthly_budget_usd = var.monthly_budget_usd[local.deploy_target]

  # The bucket's policy names the bastion's role and the role names the bucket: one of the two by its name alone.
  dump_bucket_name = "${local.project_name}-${var.environment}-backups-${var.account_id}"

  cluster_name = "${local.project_name}-${var.environment}-cluster"
}

# ---------------------------------------------------------------------------
# Names in the DNS
# ---------------------------------------------------------------------------

locals {
  zone_name   = try(var.domain.zone_name, null)
  client_host = local.zone_name == null ? null : "${var.domain.host}.${local.zone_name}"

  # Behind CloudFront the origin has a name of its own, for which it holds a certificate.
  ingress_host = local.client_host == null ? null : (var.enable_cloudfront ? "origin.${local.zone_name}" : local.client_host)

  # Side by side with the cluster the functions stand under a name of their own.
  lambda_host = local.client_host == null ? null : (local.eks ? "lambda.${local.zone_name}" : local.ingress_host)

  certificate_names = local.client_host == null ? [] : distinct(concat(
    [local.client_host],
    [local.ingress_host],
    local.lambda ? [local.lambda_host] : []
  ))

  cloudfront = var.enable_cloudfront && local.client_host != null
}
