# ---------------------------------------------------------------------------
# Users
# ---------------------------------------------------------------------------

# AWS makes the passwords inside the secrets; setup-users writes them into the database, rotation changes both.
locals {
  users = {
    app       = { username = var.app_username, purpose = "the service's own user" }
    migration = { username = var.migration_username, purpose = "the migrations' user" }
  }
}

module "login" {
  source   = "../secret"
  for_each = local.users

  project_name = var.project_name
  environment  = var.environment
  tags         = var.tags

  name            = "db-${each.key}"
  description     = "MySQL login of ${each.value.purpose}"
  kms_key_arn     = var.kms_key_arn
  generated_field = "password"

  # The fields that the service and AWS's rotation function read.
  content = jsonencode({
    engine    = "mysql"
    host      = aws_db_instance.this.address
    port      = var.database_port
    dbname    = var.database_name
    username  = each.value.username
    masterarn = try(aws_db_instance.this.master_user_secret[0].secret_arn, "")
  })
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
  #checkov:skip=CKV_AWS_304:The days are a variable, at most 90 by validation
  for_each = var.rotation == null ? {} : local.users

  secret_id           = module.login[each.key].arn
  rotation_lambda_arn = "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${local.name}-db-rotation"
  rotate_immediately  = false

  rotation_rules {
    automatically_after_days = var.rotation.days
  }

  depends_on = [aws_serverlessapplicationrepository_cloudformation_stack.rotation]
}
