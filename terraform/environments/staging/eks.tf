# ---------------------------------------------------------------------------
# Cluster
# ---------------------------------------------------------------------------

module "eks" {
  source = "../../modules/eks"
  count  = local.eks ? 1 : 0

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  cluster_name                     = local.cluster_name
  cluster_version                  = var.eks_cluster_version
  private_subnet_ids               = module.vpc.private_subnet_ids
  control_plane_security_group_ids = [module.security_groups.cluster_security_group_id]
  node_security_group_ids          = [module.security_groups.node_security_group_id]
  endpoint_public_access           = var.eks_endpoint_public_access
  public_access_cidrs              = var.eks_public_access_cidrs
  deletion_protection              = var.deletion_protection
  kms_key_arn                      = module.kms.cluster_key_arn
  log_kms_key_arn                  = module.kms.operations_key_arn
  log_retention_days               = var.log_retention_days

  node_instance_types      = var.eks_node_instance_types
  node_desired_size        = var.eks_node_desired_size
  node_min_size            = var.eks_node_min_size
  node_max_size            = var.eks_node_max_size
  enable_spot_instances    = var.eks_enable_spot_instances
  spot_instance_percentage = var.eks_spot_percentage

  identity                   = var.eks_identity
  hosted_zone_ids            = module.dns[*].zone_id
  pod_log_group_names        = values(module.logs.log_group_names)
  enable_otel_collector_role = var.enable_tracing

  access_entries = merge(
    { for arn in var.eks_admin_role_arns : arn => { principal_arn = arn, policy = "cluster-admin" } },
    { deploy = { principal_arn = module.oidc.deploy_role_arn, policy = "edit", namespaces = var.eks_deploy_namespaces, kubernetes_groups = ["expense-deployers"] } }
  )
}

module "workload_roles" {
  source = "../../modules/workload-roles"
  count  = local.eks ? 1 : 0

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  cluster_name      = module.eks[0].cluster_id
  identity          = var.eks_identity
  oidc_provider_arn = module.eks[0].oidc_provider_arn
  oidc_issuer       = module.eks[0].oidc_issuer

  backend_service_accounts   = var.backend_service_accounts
  migration_service_accounts = var.migration_service_accounts

  app_secret_arn       = module.rds.app_secret_iam_arn
  migration_secret_arn = module.rds.migration_secret_iam_arn
  db_instance_arn      = module.rds.db_instance_arn
  redis_secret_arn     = local.elasticache ? module.elasticache[0].secret_iam_arn : null
  api_keys_secret_arn  = module.api_keys.secret_iam_arn
}

# ---------------------------------------------------------------------------
# Firewall of the load balancer
# ---------------------------------------------------------------------------

module "waf" {
  source = "../../modules/waf"
  count  = local.eks ? 1 : 0

  project_name            = local.project_name
  environment             = var.environment
  tags                    = local.tags
  kms_key_arn             = module.kms.operations_key_arn
  scope                   = "REGIONAL"
  rate_limit_exempt_cidrs = var.load_test_cidrs
  log_retention_days      = var.log_retention_days
}

# ---------------------------------------------------------------------------
# Runner inside the VPC
# ---------------------------------------------------------------------------

module "runner" {
  source = "../../modules/runner"
  count  = local.runner ? 1 : 0

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  vpc_id             = module.vpc.vpc_id
  private_subnet_ids = module.vpc.private_subnet_ids
  security_group_ids = [module.security_groups.runner_security_group_id]
  connection_arn     = var.runner.connection_arn
  github_repository  = var.github_repository
  kms_key_arn        = module.kms.operations_key_arn
  log_retention_days = var.log_retention_days
}
