# ---------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------

module "lambda" {
  source = "../../modules/lambda"
  count  = local.lambda ? 1 : 0

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn
  kms_key_arn              = module.kms.operations_key_arn

  private_subnet_ids = module.vpc.private_subnet_ids
  security_group_ids = [module.security_groups.lambda_security_group_id]

  db_host                 = module.rds.endpoint
  db_port                 = module.rds.port
  db_name                 = module.rds.database_name
  db_secret_arn           = module.rds.app_secret_arn
  db_migration_secret_arn = module.rds.migration_secret_arn
  db_admin_secret_arn     = module.rds.master_secret_arn
  secrets_kms_key_arns    = [module.kms.data_key_arn]

  redis_host       = local.elasticache ? module.elasticache[0].endpoint : null
  redis_port       = var.cache_port
  redis_secret_arn = local.elasticache ? module.elasticache[0].secret_arn : null

  auth_mode                 = var.auth_mode
  allow_public_without_auth = var.allow_public_without_auth
  api_keys_secret_arn       = var.auth_mode == "api-key" ? module.api_keys.secret_arn : null
  jwt                       = var.jwt
  cors_allowed_origins      = var.allowed_origins
  allow_delete_all          = var.allow_delete_all
  amount_sign               = var.amount_sign
  cache_ttl_seconds         = var.cache_ttl_seconds
  rate_limit_requests       = var.rate_limit_requests
  trusted_proxy_hops        = local.cloudfront && !local.eks ? 1 : 0
  log_level                 = var.log_level

  memory_size_mb         = var.lambda_memory_size_mb
  reserved_concurrency   = var.lambda_reserved_concurrency
  artifact               = var.lambda_artifact
  throttling_rate_limit  = var.lambda_throttling_rate_limit
  throttling_burst_limit = var.lambda_throttling_burst_limit
  log_retention_days     = var.log_retention_days
  alarm_topic_arns       = module.alarms.topic_arns

  custom_domain = local.lambda_host == null ? null : {
    domain_name     = local.lambda_host
    certificate_arn = module.dns[0].certificate_arn
  }
}
