# Nothing secret leaves here: secrets leave as ARNs, their content stays in Secrets Manager.

output "deploy_target" {
  description = "Where the service runs: lambda, eks or both."
  value       = local.deploy_target
}

output "network" {
  description = "VPC, subnets and security groups."
  value = {
    vpc_id              = module.vpc.vpc_id
    vpc_cidr            = module.vpc.vpc_cidr
    public_subnet_ids   = module.vpc.public_subnet_ids
    private_subnet_ids  = module.vpc.private_subnet_ids
    database_subnet_ids = module.vpc.database_subnet_ids
    nat_gateway_ips     = module.vpc.nat_gateway_ips
    security_group_ids = {
      alb         = module.security_groups.alb_security_group_id
      app         = module.security_groups.app_security_group_id
      rds         = module.security_groups.rds_security_group_id
      elasticache = module.security_groups.elasticache_security_group_id
      bastion     = module.security_groups.bastion_security_group_id
      lambda      = module.security_groups.lambda_security_group_id
      endpoints   = module.security_groups.endpoints_security_group_id
      runner      = module.security_groups.runner_security_group_id
    }
  }
}

output "helm" {
  description = "What the chart's values and the platform charts take; null without the EKS target."
  value = local.eks ? {
    cluster_name               = module.eks[0].cluster_name
    namespace                  = module.workload_roles[0].namespace
    backend_role_arn           = module.workload_roles[0].backend_role_arn
    migration_role_arn         = module.workload_roles[0].migration_role_arn
    backend_service_accounts   = module.workload_roles[0].backend_service_accounts
    migration_service_accounts = module.workload_roles[0].migration_service_accounts
    identity                   = var.eks_identity
    platform_role_arns         = module.eks[0].platform_role_arns
    platform_service_accounts  = module.eks[0].platform_service_accounts
    image_repository           = local.registry.repository_url
    ingress_host               = local.ingress_host
    ingress_scheme             = var.alb_scheme
    certificate_arn            = one(module.dns[*].certificate_arn)
    alb_security_group_id      = module.security_groups.alb_security_group_id
    web_acl_arn                = module.waf[0].web_acl_arn
    trusted_proxy_hops         = local.cloudfront ? 2 : 1
    cache_ttl_seconds          = var.cache_ttl_seconds
    log_group_names            = module.logs.log_group_names
  } : null
}

output "data" {
  description = "Addresses of the data stores and the ARNs of their secrets."
  value = {
    db_endpoint             = module.rds.endpoint
    db_port                 = module.rds.port
    db_name                 = module.rds.database_name
    db_identifier           = module.rds.identifier
    db_max_connections      = module.rds.max_connections
    db_secret_arn           = module.rds.app_secret_arn
    db_migration_secret_arn = module.rds.migration_secret_arn
    db_admin_secret_arn     = module.rds.master_secret_arn
    redis_endpoint          = one(module.elasticache[*].endpoint)
    redis_port              = one(module.elasticache[*].port)
    redis_secret_arn        = one(module.elasticache[*].secret_arn)
    api_keys_secret_arn     = module.api_keys.secret_arn
    dump_bucket_name        = module.backup.bucket_name
    backups_replica_arn     = module.rds.automated_backups_replica_arn
  }
}

output "lambda" {
  description = "What the workflows need of the functions; null without the Lambda target."
  value = local.lambda ? {
    api_function_name   = module.lambda[0].api_function_name
    admin_function_name = module.lambda[0].admin_function_name
    alias_name          = module.lambda[0].alias_name
    api_url             = module.lambda[0].api_url
    log_group_names     = module.lambda[0].log_group_names
  } : null
}

output "workflows" {
  description = "What the workflows need: roles, registry, cluster, database, addresses."
  value = {
    aws_region          = var.aws_region
    plan_role_arn       = module.oidc.plan_role_arn
    apply_role_arn      = module.oidc.apply_role_arn
    deploy_role_arn     = module.oidc.deploy_role_arn
    push_role_arn       = module.oidc.push_role_arn
    repository_url      = local.registry.repository_url
    artifact_bucket_arn = local.registry.artifact_bucket_arn
    cluster_name        = local.eks ? local.cluster_name : null
    db_identifier       = module.rds.identifier
    base_url            = local.client_host == null ? one(module.lambda[*].api_url) : "https://${local.client_host}"
    runner_project      = one(module.runner[*].project_name)
  }
}

output "dns" {
  description = "Zone, name servers to delegate to, certificate and names."
  value = {
    zone_id         = one(module.dns[*].zone_id)
    name_servers    = one(module.dns[*].name_servers)
    certificate_arn = one(module.dns[*].certificate_arn)
    client_host     = local.client_host
    ingress_host    = local.eks ? local.ingress_host : null
    lambda_host     = local.lambda ? local.lambda_host : null
  }
}

output "logs" {
  description = "Log groups by source."
  value = {
    pods    = module.logs.log_group_names
    cluster = one(module.eks[*].log_group_name)
    flow    = module.vpc.flow_log_group_name
    rds     = module.rds.log_group_names
    cache   = one(module.elasticache[*].log_group_names)
    bastion = one(module.bastion[*].log_group_name)
  }
}

output "alarm_topic_arns" {
  description = "SNS topics by severity."
  value       = module.alarms.topic_arns
}

output "bastion" {
  description = "Instance and session document; null without bastion."
  value = local.bastion ? {
    instance_id           = module.bastion[0].instance_id
    session_document_name = module.bastion[0].session_document_name
  } : null
}

output "monthly_budget_usd" {
  description = "Budget of the deploy target, which the computed estimate is compared with."
  value       = local.monthly_budget_usd
}
