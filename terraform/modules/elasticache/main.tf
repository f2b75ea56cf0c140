# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name       = "${var.project_name}-${var.environment}"
  cluster_id = coalesce(var.cluster_id, "${local.name}-cache")
  tags       = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

# ---------------------------------------------------------------------------
# Engine
# ---------------------------------------------------------------------------

locals {
  # Only keys with an end are evicted: the counters that keep readers from stale rows have none.
  parameters = merge({ maxmemory-policy = "volatile-lru" }, var.parameters)
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${local.cluster_id}-${var.parameter_group_family}"
  family      = var.parameter_group_family
  description = "Cache of ${local.name}"

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name  = parameter.key
      value = parameter.value
    }
  }

  tags = local.tags
}

resource "aws_elasticache_subnet_group" "this" {
  name        = local.cluster_id
  description = "Database subnets of ${local.name}"
  subnet_ids  = var.subnet_ids

  tags = local.tags
}

# ---------------------------------------------------------------------------
# User
# ---------------------------------------------------------------------------

module "login" {
  source = "../secret"

  project_name = var.project_name
  environment  = var.environment
  tags         = var.tags

  name            = "redis"
  description     = "Login of the service in the cache"
  kms_key_arn     = var.kms_key_arn
  generated_field = "password"

  # No address: the cache wants its user first. Another version is another content, for which AWS makes another password.
  content = jsonencode({
    username = var.username
    version  = var.password_version
  })
}

locals {
  user_id = "${local.name}-app"

  # CloudFormation reads the password from the secret when it makes or changes the user. It does so only where the text of
  # the reference changes, so each version has a text of its own: the default stage, left out or written.
  password = "{{resolve:secretsmanager:${module.login.name}:SecretString:password${var.password_version % 2 == 0 ? ":AWSCURRENT" : ""}}}"

  user_template = {
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "${local.name}: the service's user in the cache"
    Resources = {
      User = {
        Type = "AWS::ElastiCache::User"
        Properties = {
          UserId             = local.user_id
          UserName           = var.username
          Engine             = "valkey"
          AccessString       = var.access_string
          NoPasswordRequired = false
          Passwords          = [local.password]
        }
      }
    }
  }
}

# Not aws_elasticache_user: it would have to hold the password.
resource "aws_cloudformation_stack" "user" {
  #checkov:skip=CKV_AWS_124:Whoever applies waits for the stack and sees its failure; there is nobody else to tell
  name          = "${local.name}-cache-user"
  template_body = jsonencode(local.user_template)

  tags = local.tags

  depends_on = [module.login]
}

# Valkey groups do without the user "default": nobody else can log in.
resource "aws_elasticache_user_group" "this" {
  user_group_id = "${local.name}-cache"
  engine        = "valkey"
  user_ids      = [local.user_id]

  tags = local.tags

  depends_on = [aws_cloudformation_stack.user]
}

# ---------------------------------------------------------------------------
# Cache
# ---------------------------------------------------------------------------

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV2_AWS_50:Failover is a variable, and true by validation in prod
  replication_group_id = local.cluster_id
  description          = "Cache of ${local.name}"

  engine                     = "valkey"
  engine_version             = var.engine_version
  auto_minor_version_upgrade = true
  parameter_group_name       = aws_elasticache_parameter_group.this.name
  node_type                  = var.node_type
  num_cache_clusters         = var.num_cache_nodes
  cluster_mode               = "disabled"
  port                       = var.cache_port

  automatic_failover_enabled = var.automatic_failover_enabled
  multi_az_enabled           = var.automatic_failover_enabled

  subnet_group_name  = aws_elasticache_subnet_group.this.name
  security_group_ids = var.security_group_ids

  transit_encryption_enabled = var.transit_encryption_enabled
  transit_encryption_mode    = "required"
  at_rest_encryption_enabled = var.at_rest_encryption_enabled
  kms_key_id                 = var.kms_key_arn
  user_group_ids             = [aws_elasticache_user_group.this.user_group_id]

  # Nothing lives here alone, and an old copy brought back would be worse than none.
  snapshot_retention_limit = 0
  maintenance_window       = "sun:05:30-sun:06:30"

  dynamic "log_delivery_configuration" {
    for_each = aws_cloudwatch_log_group.this
    content {
      log_type         = log_delivery_configuration.key
      log_format       = "json"
      destination_type = "cloudwatch-logs"
      destination      = log_delivery_configuration.value.name
    }
  }

  tags = merge(local.tags, { Name = local.cluster_id })
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:Kept 7, 30 or 90 days by environment; the audit trail is what is kept for a year
  for_each = toset(["slow-log", "engine-log"])

  name              = "/aws/elasticache/${local.cluster_id}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = local.tags
}
