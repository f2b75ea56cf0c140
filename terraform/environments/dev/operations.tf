# ---------------------------------------------------------------------------
# Registry and CI roles
# ---------------------------------------------------------------------------

module "ecr" {
  source = "../../modules/ecr"
  count  = var.registry_owner ? 1 : 0

  project_name     = local.project_name
  environment      = var.environment
  tags             = local.tags
  pull_account_ids = var.registry_pull_account_ids

  replication_region = var.registry_replication_region
}

locals {
  registry = var.registry_owner ? {
    repository_arn      = module.ecr[0].repository_arn
    repository_url      = module.ecr[0].repository_url
    artifact_bucket_arn = module.ecr[0].artifact_bucket_arn
    kms_key_arn         = module.ecr[0].kms_key_arn
  } : var.registry
}

module "oidc" {
  source = "../../modules/oidc"

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags

  github_repository    = var.github_repository
  github_environments  = var.github_environments
  extra_regions        = distinct(compact([var.rds_backup_replication_region, var.registry_replication_region]))
  create_provider      = var.create_github_provider
  registry_owner       = var.registry_owner
  state_bucket_name    = var.state_bucket_name
  state_kms_key_arn    = var.state_kms_key_arn
  ecr_repository_arn   = local.registry.repository_arn
  artifact_bucket_arn  = local.registry.artifact_bucket_arn
  registry_kms_key_arn = local.registry.kms_key_arn

  lambda_function_arns = local.lambda ? module.lambda[0].function_arns : {}
  eks_cluster_arn      = local.eks ? module.eks[0].cluster_arn : null
  db_instance_arn      = module.rds.db_instance_arn
}

# ---------------------------------------------------------------------------
# Logs, alarms, audit, budget
# ---------------------------------------------------------------------------

module "logs" {
  source = "../../modules/logs"

  project_name       = local.project_name
  environment        = var.environment
  tags               = local.tags
  kms_key_arn        = module.kms.operations_key_arn
  create_pod_groups  = local.eks
  log_retention_days = var.log_retention_days
}

# On EKS the Prometheus alerts are the one source for database, cache and certificate.
module "alarms" {
  source = "../../modules/alarms"

  project_name    = local.project_name
  environment     = var.environment
  tags            = local.tags
  kms_key_arn     = module.kms.operations_key_arn
  critical_emails = var.critical_emails
  warning_emails  = var.warning_emails
  info_emails     = var.info_emails

  db_instance = local.eks ? null : {
    identifier           = module.rds.identifier
    allocated_storage_gb = var.rds_allocated_storage
    max_connections      = var.rds_max_connections
    replica_identifier   = module.rds.replica_identifier
  }
  certificates      = local.eks || local.zone_name == null ? {} : { service = module.dns[0].certificate_arn }
  cache_cluster_ids = local.elasticache && !local.eks ? module.elasticache[0].node_ids : []
  alb_tags          = local.eks ? { "elbv2.k8s.aws/cluster" = local.cluster_name } : null
  lambda = local.lambda ? {
    api_function_name   = module.lambda[0].api_function_name
    admin_function_name = module.lambda[0].admin_function_name
    api_id              = module.lambda[0].api_id
  } : null
}

# The trail of the first region covers all, as the budget does.
module "audit" {
  source = "../../modules/audit"
  count  = local.secondary ? 0 : 1

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags
  kms_key_arn  = module.kms.operations_key_arn
}

module "budget" {
  source = "../../modules/budget"
  count  = local.secondary ? 0 : 1

  project_name                  = local.project_name
  environment                   = var.environment
  tags                          = local.tags
  monthly_budget_usd            = local.monthly_budget_usd
  budget_alert_emails           = var.budget_alert_emails
  activate_cost_allocation_tags = var.activate_cost_allocation_tags
}
