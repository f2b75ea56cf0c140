# ---------------------------------------------------------------------------
# Zone and certificate
# ---------------------------------------------------------------------------

module "dns" {
  source = "../../modules/dns"
  count  = local.zone_name == null ? 0 : 1

  project_name      = local.project_name
  environment       = var.environment
  tags              = local.tags
  zone_id           = var.domain.zone_id
  zone_name         = local.zone_name
  certificate_names = local.certificate_names
  failover          = var.failover
}

# The targets of these records hold the certificate that the call above makes.
module "dns_records" {
  source = "../../modules/dns"
  count  = local.zone_name != null && (local.lambda || local.cloudfront) ? 1 : 0

  project_name = local.project_name
  environment  = var.environment
  tags         = local.tags
  zone_id      = module.dns[0].zone_id
  create_zone  = false
  zone_name    = local.zone_name

  alias_records = merge(
    local.lambda ? { (local.lambda_host) = module.lambda[0].custom_domain_target } : {},
    local.cloudfront ? { (local.client_host) = { dns_name = module.cloudfront[0].domain_name, zone_id = module.cloudfront[0].hosted_zone_id, ipv6 = true } } : {}
  )
}

# ---------------------------------------------------------------------------
# CloudFront
# ---------------------------------------------------------------------------

locals {
  edge_abroad = local.cloudfront && var.aws_region != "us-east-1"
}

module "kms_edge" {
  source    = "../../modules/kms"
  count     = local.edge_abroad ? 1 : 0
  providers = { aws = aws.us_east_1 }

  project_name              = local.project_name
  environment               = var.environment
  tags                      = local.tags
  ebs_encryption_by_default = false
}

module "dns_edge" {
  source    = "../../modules/dns"
  count     = local.edge_abroad ? 1 : 0
  providers = { aws = aws.us_east_1 }

  project_name      = local.project_name
  environment       = var.environment
  tags              = local.tags
  zone_id           = module.dns[0].zone_id
  create_zone       = false
  zone_name         = local.zone_name
  certificate_names = [local.client_host]
}

module "waf_edge" {
  source    = "../../modules/waf"
  count     = local.cloudfront ? 1 : 0
  providers = { aws = aws.us_east_1 }

  project_name            = local.project_name
  environment             = var.environment
  tags                    = local.tags
  kms_key_arn             = local.edge_abroad ? module.kms_edge[0].operations_key_arn : module.kms.operations_key_arn
  scope                   = "CLOUDFRONT"
  rate_limit_exempt_cidrs = var.load_test_cidrs
  log_retention_days      = var.log_retention_days
}

module "cloudfront" {
  source    = "../../modules/cloudfront"
  count     = local.cloudfront ? 1 : 0
  providers = { aws = aws.us_east_1 }

  project_name        = local.project_name
  environment         = var.environment
  tags                = local.tags
  origin_domain_name  = local.ingress_host
  vpc_origin_alb_arn  = var.alb_scheme == "internal" ? var.alb_arn : null
  forward_viewer_host = local.eks
  certificate_arn     = local.edge_abroad ? module.dns_edge[0].certificate_arn : module.dns[0].certificate_arn
  web_acl_arn         = module.waf_edge[0].web_acl_arn
  aliases             = [local.client_host]
  access_log_days     = var.log_retention_days
  log_kms_key_arn     = local.edge_abroad ? module.kms_edge[0].operations_key_arn : module.kms.operations_key_arn
}
