# ---------------------------------------------------------------------------
# Users
# ---------------------------------------------------------------------------

# The passwords pass through memory only: neither plan nor state holds them. setup-users writes them into the database.
locals {
  users = {
    app       = { username = var.app_username, purpose = "the service's own user" }
    migration = { username = var.migration_username, purpose = "the migrations' user" }
  }
}

resource "aws_secretsmanager_secret" "this" {
  for_each = local.users

  name                    = "${local.name}-db-${each.key}"
  description             = "MySQL login of ${each.value.purpose}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = var.secret_recovery_window_in_days

  tags = local.tags
}

# The fields that the service and AWS's rotation function read. Later versions are the rotation's own.
resource "aws_secretsmanager_secret_version" "this" {
  for_each = local.users

  secret_id = aws_secretsmanager_secret.this[each.key].id

  secret_string_wo = jsonencode({
    engine    = "mysql"
    host      = aws_db_instance.this.address
    port      = var.database_port
    dbname    = var.database_name
    username  = each.value.username
    password  = var.user_passwords[each.key]
    masterarn = try(aws_db_instance.this.master_user_secret[0].secret_arn, "")
  })
  secret_string_wo_version = var.password_version
}

# ---------------------------------------------------------------------------
# Rotation
# ---------------------------------------------------------------------------

# AWS's own function for alternating users: while one login is in use the other gets the new password, so that no
# request meets a password that has just died.
resource "aws_serverlessapplicationrepository_cloudformation_stack" "rotation" {
  count = var.rotation == null ? 0 : 1

  name             = "${local.name}-db-rotation"
  application_id   = "arn:${local.partition}:serverlessrepo:us-east-1:297356227824:applications/SecretsManagerRDSMySQLRotationMultiUser"
  semantic_version = var.rotation.application_version
  capabilities     = ["CAPABILITY_IAM", "CAPABILITY_RESOURCE_POLICY"]

  parameters = {
    functionName          = "${local.name}-db-rotation"
    endpoint              = "https://secretsmanager.${local.region}.amazonaws.com"
    excludeCharacters     = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
    kmsKeyArn             = var.kms_key_arn
    masterSecretArn       = try(aws_db_instance.this.master_user_secret[0].secret_arn, "")
    masterSecretKmsKeyArn = var.kms_key_arn
    vpcSubnetIds          = join(",", var.rotation.subnet_ids)
    vpcSecurityGroupIds   = join(",", var.rotation.security_group_ids)
  }

  tags = local.tags
}

# Not at once: the users exist only after setup-users has run.
resource "aws_secretsmanager_secret_rotation" "this" {
  for_each = var.rotation == null ? {} : local.users

  secret_id           = aws_secretsmanager_secret.this[each.key].id
  rotation_lambda_arn = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.name}-db-rotation"
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = var.rotation.days
  }

  depends_on = [aws_secretsmanager_secret_version.this, aws_serverlessapplicationrepository_cloudformation_stack.rotation]
}
