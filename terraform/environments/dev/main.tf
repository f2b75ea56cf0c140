# ---------------------------------------------------------------------------
# Keys
# ---------------------------------------------------------------------------

module "kms" {
  source = "../../modules/kms"

  project_name       = local.project_name
  environment        = var.environment
  tags               = local.tags
  enable_cluster_key = local.eks
}

# ---------------------------------------------------------------------------
# Network
# ---------------------------------------------------------------------------

module "vpc" {
  source = "../../modules/vpc"

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  vpc_cidr           = var.vpc_cidr
  reserved_cidrs     = var.reserved_cidrs
  availability_zones = var.availability_zones
  cluster_name       = local.eks ? local.cluster_name : null

  enable_nat_gateway     = local.nat
  single_nat_gateway     = var.single_nat_gateway
  one_nat_gateway_per_az = var.one_nat_gateway_per_az
  enable_vpn_gateway     = var.enable_vpn_gateway
  vpn_cidrs              = var.vpn_cidrs

  database_port = var.database_port
  cache_port    = var.cache_port

  interface_endpoints         = local.interface_endpoints
  interface_endpoint_zones    = var.interface_endpoint_zones
  endpoints_security_group_id = module.security_groups.endpoints_security_group_id

  flow_log_retention_days = var.log_retention_days
  kms_key_arn             = module.kms.operations_key_arn
}

module "security_groups" {
  source = "../../modules/security-groups"

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags

  vpc_id            = module.vpc.vpc_id
  s3_prefix_list_id = module.vpc.s3_prefix_list_id
  internet_egress   = local.nat

  enable_eks         = local.eks
  enable_lambda      = local.lambda
  enable_elasticache = local.elasticache
  enable_bastion     = local.bastion
  enable_runner      = local.runner

  app_port      = var.app_port
  database_port = var.database_port
  cache_port    = var.cache_port

  alb_ingress_cidrs          = var.alb_scheme == "internal" ? [var.vpc_cidr] : ["0.0.0.0/0"]
  restrict_alb_to_cloudfront = var.restrict_alb_to_cloudfront
}

# ---------------------------------------------------------------------------
# Data stores
# ---------------------------------------------------------------------------

module "rds" {
  source = "../../modules/rds"

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  subnet_ids         = module.vpc.database_subnet_ids
  security_group_ids = [module.security_groups.rds_security_group_id]
  kms_key_arn        = module.kms.data_key_arn
  log_kms_key_arn    = module.kms.operations_key_arn
  log_retention_days = var.log_retention_days

  instance_class           = var.rds_instance_class
  allocated_storage        = var.rds_allocated_storage
  max_allocated_storage    = var.rds_max_allocated_storage
  multi_az                 = var.rds_multi_az
  database_port            = var.database_port
  max_connections          = var.rds_max_connections
  require_secure_transport = var.rds_require_secure_transport
  create_replica           = var.rds_create_replica

  backup_retention_period   = var.rds_backup_retention
  backup_replication_region = var.rds_backup_replication_region
  restore_source            = var.rds_restore_source
  deletion_protection       = var.deletion_protection

  rotation = {
    days               = var.password_rotation_days
    subnet_ids         = module.vpc.private_subnet_ids
    security_group_ids = [module.security_groups.rotation_security_group_id]
  }
}

module "elasticache" {
  source = "../../modules/elasticache"
  count  = local.elasticache ? 1 : 0

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags

  subnet_ids         = module.vpc.database_subnet_ids
  security_group_ids = [module.security_groups.elasticache_security_group_id]
  kms_key_arn        = module.kms.data_key_arn
  log_kms_key_arn    = module.kms.operations_key_arn
  log_retention_days = var.log_retention_days

  node_type                  = var.redis_node_type
  num_cache_nodes            = var.redis_num_nodes
  automatic_failover_enabled = var.redis_automatic_failover
  cache_port                 = var.cache_port
  password_version           = var.redis_password_version
}

module "api_keys" {
  source = "../../modules/api-keys"

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags
  kms_key_arn  = module.kms.data_key_arn
}

module "backup" {
  source = "../../modules/backup"

  project_name     = local.project_name
  environment      = var.environment
  tags             = local.tags
  kms_key_arn      = module.kms.data_key_arn
  writer_role_arns = module.bastion[*].role_arn
}

module "bastion" {
  source = "../../modules/bastion"
  count  = local.bastion ? 1 : 0

  project_name             = local.project_name
  environment              = var.environment
  tags                     = local.tags
  permissions_boundary_arn = module.oidc.workload_boundary_arn

  instance_type       = var.bastion_instance_type
  subnet_id           = module.vpc.private_subnet_ids[0]
  security_group_id   = module.security_groups.bastion_security_group_id
  has_nat_gateway     = local.nat
  interface_endpoints = local.interface_endpoints
  kms_key_arn         = module.kms.operations_key_arn
  log_retention_days  = var.log_retention_days
  write_dumps         = true
  dump_bucket_name    = local.dump_bucket_name
  dump_kms_key_arn    = module.kms.data_key_arn
}
