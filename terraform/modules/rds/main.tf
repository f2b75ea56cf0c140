# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name       = "${var.project_name}-${var.environment}"
  identifier = coalesce(var.identifier, "${local.name}-mysql")
  tags       = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # Built from names, so that policies can be read from a plan.
  instance_arn = "arn:${local.partition}:rds:${local.region}:${local.account}:db:${local.identifier}"

  # Database Insights is not to be had on micro and small classes.
  insights = !can(regex("\\.(micro|small)$", var.instance_class))

  from_snapshot = try(var.restore_source.snapshot_identifier, null) != null
}

# ---------------------------------------------------------------------------
# Engine
# ---------------------------------------------------------------------------

locals {
  parameters = merge(
    {
      slow_query_log       = "1"
      long_query_time      = "2"
      log_output           = "FILE" # CloudWatch takes files, not the table
      character_set_server = "utf8mb4"
      collation_server     = "utf8mb4_unicode_ci"
    },
    var.parameters,
    {
      max_connections          = tostring(var.max_connections)
      require_secure_transport = var.require_secure_transport ? "1" : "0"
    }
  )
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${coalesce(var.parameter_group_name, "${local.identifier}-params")}-"
  family      = var.parameter_group_family
  description = "MySQL of ${local.name}"

  dynamic "parameter" {
    for_each = local.parameters
    content {
      name         = parameter.key
      value        = parameter.value
      apply_method = "immediate"
    }
  }

  tags = local.tags

  # The old group stays until the instance has taken the new one.
  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_db_subnet_group" "this" {
  name        = local.identifier
  description = "Database subnets of ${local.name}"
  subnet_ids  = var.subnet_ids

  tags = local.tags
}

# ---------------------------------------------------------------------------
# Instance
# ---------------------------------------------------------------------------

# Micro and small classes have no Insights; larger ones get it.
#trivy:ignore:AVD-AWS-0133
resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_157:A standby is a variable, and true by validation in prod
  #checkov:skip=CKV2_AWS_69:The parameter group sets require_secure_transport; the check does not read dynamic blocks
  identifier     = local.identifier
  engine         = "mysql"
  engine_version = var.engine_version
  instance_class = var.instance_class

  # Never pay for a version that is out of standard support: creation and upgrade fail instead.
  engine_lifecycle_support    = "open-source-rds-extended-support-disabled"
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  parameter_group_name        = aws_db_parameter_group.this.name

  # A restored instance brings its database and master user along.
  db_name                       = var.restore_source == null ? var.database_name : null
  username                      = var.restore_source == null ? var.master_username : null
  manage_master_user_password   = true
  master_user_secret_kms_key_id = var.kms_key_arn
  snapshot_identifier           = try(var.restore_source.snapshot_identifier, null)

  # People with the right rds-db:connect may log in with short-lived tokens; nobody has it by default.
  iam_database_authentication_enabled = true

  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn
  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage

  port                   = var.database_port
  multi_az               = var.multi_az
  publicly_accessible    = false
  network_type           = "IPV4"
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = var.security_group_ids
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.backup_retention_period
  backup_window             = "03:00-04:00"
  maintenance_window        = "sun:04:30-sun:05:30"
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  delete_automated_backups  = false
  skip_final_snapshot       = false
  final_snapshot_identifier = "${local.identifier}-final"

  enabled_cloudwatch_logs_exports       = keys(aws_cloudwatch_log_group.this)
  monitoring_interval                   = var.monitoring_interval
  monitoring_role_arn                   = var.monitoring_interval > 0 ? aws_iam_role.monitoring[0].arn : null
  database_insights_mode                = local.insights ? "standard" : null
  performance_insights_enabled          = local.insights
  performance_insights_kms_key_id       = local.insights ? var.kms_key_arn : null
  performance_insights_retention_period = local.insights ? 7 : null

  dynamic "restore_to_point_in_time" {
    for_each = var.restore_source == null || local.from_snapshot ? [] : [var.restore_source]
    content {
      source_dbi_resource_id                   = restore_to_point_in_time.value.dbi_resource_id
      source_db_instance_automated_backups_arn = restore_to_point_in_time.value.automated_backups_arn
      restore_time                             = restore_to_point_in_time.value.restore_time
      use_latest_restorable_time               = restore_to_point_in_time.value.restore_time == null ? true : null
    }
  }

  tags = merge(local.tags, { Name = local.identifier })

  # What the instance was restored from matters once; dropping it later must not replace the instance. A restored
  # instance keeps the key of its backups, which is another than ours where they came from another region; no instance
  # can change its key, so that a difference here would replace it.
  lifecycle {
    ignore_changes = [snapshot_identifier, restore_to_point_in_time, kms_key_id]
  }
}

#trivy:ignore:AVD-AWS-0133
resource "aws_db_instance" "replica" {
  #checkov:skip=CKV_AWS_133:Backups are taken from the instance that it copies
  #checkov:skip=CKV_AWS_157:A replica keeps no standby of its own
  #checkov:skip=CKV2_AWS_69:The parameter group sets require_secure_transport; the check does not read dynamic blocks
  count = var.create_replica ? 1 : 0

  identifier          = "${local.identifier}-replica"
  replicate_source_db = aws_db_instance.this.identifier
  instance_class      = var.instance_class

  parameter_group_name                = aws_db_parameter_group.this.name
  iam_database_authentication_enabled = true
  auto_minor_version_upgrade          = true

  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn
  max_allocated_storage = var.max_allocated_storage

  # A replica keeps no standby of its own: losing it loses no data.
  multi_az                = false
  publicly_accessible     = false
  vpc_security_group_ids  = var.security_group_ids
  ca_cert_identifier      = "rds-ca-rsa2048-g1"
  backup_retention_period = 0
  copy_tags_to_snapshot   = true
  deletion_protection     = var.deletion_protection
  skip_final_snapshot     = true

  enabled_cloudwatch_logs_exports       = keys(aws_cloudwatch_log_group.this)
  monitoring_interval                   = var.monitoring_interval
  monitoring_role_arn                   = var.monitoring_interval > 0 ? aws_iam_role.monitoring[0].arn : null
  database_insights_mode                = local.insights ? "standard" : null
  performance_insights_enabled          = local.insights
  performance_insights_kms_key_id       = local.insights ? var.kms_key_arn : null
  performance_insights_retention_period = local.insights ? 7 : null

  tags = merge(local.tags, { Name = "${local.identifier}-replica" })
}
