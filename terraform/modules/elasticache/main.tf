# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name       = "${var.project_name}-${var.environment}"
  cluster_id = coalesce(var.cluster_id, "${local.name}-cache")
  tags       = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

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

# The password passes through memory only: neither plan nor state holds it.
resource "aws_elasticache_user" "app" {
  user_id       = "${local.name}-app"
  user_name     = var.username
  engine        = "valkey"
  access_string = var.access_string

  passwords_wo         = var.user_password
  passwords_wo_version = var.password_version

  tags = local.tags
}

# Valkey groups do without the user "default": nobody else can log in.
resource "aws_elasticache_user_group" "this" {
  user_group_id = "${local.name}-cache"
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.app.user_id]

  tags = local.tags
}

#checkov:skip=CKV2_AWS_57:The password is raised by password_version, in the user and the secret at once
resource "aws_secretsmanager_secret" "app" {
  name                    = "${local.name}-redis"
  description             = "Login of the service in the cache"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_window_in_days

  tags = local.tags
}

resource "aws_secretsmanager_secret_version" "app" {
  secret_id = aws_secretsmanager_secret.app.id

  secret_string_wo = jsonencode({
    username = var.username
    password = var.user_password
    host     = aws_elasticache_replication_group.this.primary_endpoint_address
    port     = var.cache_port
  })
  secret_string_wo_version = var.password_version
}

# ---------------------------------------------------------------------------
# Cache
# ---------------------------------------------------------------------------

resource "aws_elasticache_replication_group" "this" {
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
  for_each = toset(["slow-log", "engine-log"])

  name              = "/aws/elasticache/${local.cluster_id}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_kms_key_arn

  tags = local.tags
}
