mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

override_resource {
  target          = aws_db_instance.this
  override_during = plan
  values = {
    address            = "db.example.internal"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-x" }]
  }
}

variables {
  project_name       = "expense"
  environment        = "dev"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-rds"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_db_instance.this.engine == "mysql" && aws_db_instance.this.engine_version == "8.4" && aws_db_parameter_group.this.family == "mysql8.4"
    error_message = "MySQL 8.4 with its own family."
  }
  assert {
    condition     = aws_db_instance.this.engine_lifecycle_support == "open-source-rds-extended-support-disabled"
    error_message = "Paid extended support is never slipped into."
  }
  assert {
    condition     = aws_db_instance.this.identifier == "expense-dev-mysql" && output.db_instance_arn == "arn:aws:rds:us-east-1:123456789012:db:expense-dev-mysql"
    error_message = "The instance is named by project and environment."
  }
  assert {
    condition     = length(aws_db_instance.replica) == 0 && length(aws_db_instance_automated_backups_replication.this) == 0 && length(aws_secretsmanager_secret_rotation.this) == 0
    error_message = "Replica, second region and rotation are switches."
  }
  assert {
    condition     = aws_db_instance.this.performance_insights_enabled == false
    error_message = "A micro class has no Database Insights."
  }
}

run "parameters" {
  command = plan

  variables {
    parameters = { long_query_time = "1" }
  }

  assert {
    condition = { for p in aws_db_parameter_group.this.parameter : p.name => p.value } == {
      character_set_server     = "utf8mb4"
      collation_server         = "utf8mb4_unicode_ci"
      log_output               = "FILE"
      long_query_time          = "1"
      max_connections          = "100"
      require_secure_transport = "1"
      slow_query_log           = "1"
    }
    error_message = "The group holds TLS, connections, slow log and character set; single values can be overridden."
  }
}

run "encrypted_private_and_recoverable" {
  command = plan

  assert {
    condition     = aws_db_instance.this.storage_encrypted && aws_db_instance.this.kms_key_id == var.kms_key_arn
    error_message = "Storage is encrypted with the given key."
  }
  assert {
    condition     = aws_db_instance.this.publicly_accessible == false
    error_message = "The instance has no public address."
  }
  assert {
    condition     = aws_db_instance.this.deletion_protection && !aws_db_instance.this.skip_final_snapshot && aws_db_instance.this.final_snapshot_identifier == "expense-dev-mysql-final" && !aws_db_instance.this.delete_automated_backups
    error_message = "Deleting is refused; if it is forced, a snapshot and the backups remain."
  }
  assert {
    condition     = aws_db_instance.this.backup_retention_period == 7
    error_message = "Backups are kept for 7 days."
  }
  assert {
    condition     = [for p in aws_db_parameter_group.this.parameter : p.value if p.name == "require_secure_transport"] == ["1"]
    error_message = "Connections without TLS are refused."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.kms_key_id == var.log_kms_key_arn && g.retention_in_days == 30]) && aws_db_instance.this.enabled_cloudwatch_logs_exports == toset(["error", "slowquery"])
    error_message = "Logs leave for encrypted groups with an end."
  }
  assert {
    condition     = aws_db_instance.this.vpc_security_group_ids == toset(["sg-rds"])
    error_message = "The instance stands behind the given group alone."
  }
}

run "no_password_in_plan_or_state" {
  command = plan

  assert {
    condition     = aws_db_instance.this.manage_master_user_password && aws_db_instance.this.master_user_secret_kms_key_id == var.kms_key_arn
    error_message = "RDS makes the master password, under the given key."
  }
  assert {
    condition     = alltrue([for l in module.login : can(jsondecode(l.template).Resources.Secret.Properties.GenerateSecretString) && jsondecode(l.template).Resources.Secret.Properties.KmsKeyId == var.kms_key_arn])
    error_message = "AWS makes the users' passwords, under the given key."
  }
  assert {
    condition     = toset([for l in module.login : l.name]) == toset(["expense-dev-db-app", "expense-dev-db-migration"])
    error_message = "The service and the migrations have a secret each."
  }
  assert {
    condition     = output.app_secret_iam_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-db-app-??????" && output.migration_secret_iam_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-db-migration-??????"
    error_message = "Policies name exactly these secrets."
  }
}

run "tags" {
  command = plan

  variables {
    create_replica            = true
    backup_replication_region = "us-west-2"
  }

  assert {
    condition     = alltrue([for r in concat([aws_db_instance.this, aws_db_instance.replica[0], aws_db_parameter_group.this, aws_db_subnet_group.this, aws_kms_key.replica[0], aws_iam_role.monitoring[0]], [for l in module.login : l], values(aws_cloudwatch_log_group.this)) : r.tags.Project == "expense" && r.tags.Environment == "dev"])
    error_message = "Everything carries the tags Project and Environment."
  }
}

run "production" {
  command = plan

  variables {
    environment               = "prod"
    instance_class            = "db.t4g.medium"
    max_connections           = 200
    multi_az                  = true
    backup_retention_period   = 30
    backup_replication_region = "us-west-2"
    create_replica            = true
    rotation = {
      subnet_ids         = ["subnet-p"]
      security_group_ids = ["sg-rotation"]
    }
  }

  assert {
    condition     = aws_db_instance.this.multi_az && aws_db_instance.this.deletion_protection && aws_db_instance.this.backup_retention_period == 30
    error_message = "Production has a standby, deletion protection and 30 days of backups."
  }
  assert {
    condition     = aws_db_instance.this.performance_insights_enabled && aws_db_instance.this.performance_insights_kms_key_id == var.kms_key_arn && aws_db_instance.this.database_insights_mode == "standard"
    error_message = "Database Insights is on and encrypted where the class has it."
  }
  assert {
    condition     = aws_db_instance_automated_backups_replication.this[0].region == "us-west-2" && aws_kms_key.replica[0].region == "us-west-2" && aws_kms_key.replica[0].enable_key_rotation
    error_message = "Backups are copied to the second region under a rotating key of that region."
  }
  assert {
    condition     = aws_db_instance.replica[0].storage_encrypted && !aws_db_instance.replica[0].publicly_accessible && aws_db_instance.replica[0].deletion_protection
    error_message = "The replica is as closed as the instance."
  }
  assert {
    condition     = alltrue([for r in aws_secretsmanager_secret_rotation.this : r.rotate_immediately == false && r.rotation_rules[0].automatically_after_days == 30]) && length(aws_secretsmanager_secret_rotation.this) == 2
    error_message = "Both users' passwords rotate, but not before setup-users has made the users."
  }
  assert {
    condition     = aws_serverlessapplicationrepository_cloudformation_stack.rotation[0].semantic_version == "1.1.671" && strcontains(aws_serverlessapplicationrepository_cloudformation_stack.rotation[0].application_id, "MultiUser")
    error_message = "The rotation application is pinned and alternates users."
  }
}

run "monitoring_role_is_for_this_database" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.monitoring[0].assume_role_policy).Statement[0].Condition.ArnLike["aws:SourceArn"][0] == "arn:aws:rds:us-east-1:123456789012:db:expense-dev-mysql"
    error_message = "Only this database's monitoring takes the role."
  }
}

run "monitoring_can_be_off" {
  command = plan
  variables {
    monitoring_interval = 0
  }
  assert {
    condition     = length(aws_iam_role.monitoring) == 0
    error_message = "Without Enhanced Monitoring there is no role."
  }
}

run "the_old_application_may_come_without_tls" {
  command = plan
  variables {
    require_secure_transport = false
  }
  assert {
    condition     = [for p in aws_db_parameter_group.this.parameter : p.value if p.name == "require_secure_transport"] == ["0"]
    error_message = "The switch opens connections without TLS."
  }
}

run "restored_from_a_snapshot" {
  command = plan
  variables {
    restore_source = { snapshot_identifier = "expense-prod-before-migration" }
  }
  assert {
    condition     = aws_db_instance.this.snapshot_identifier == "expense-prod-before-migration" && length(aws_db_instance.this.restore_to_point_in_time) == 0
    error_message = "The snapshot is the source."
  }
}

run "restored_from_its_own_backups" {
  command = plan
  variables {
    restore_source = { dbi_resource_id = "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ", restore_time = "2026-11-24T10:00:00Z" }
  }
  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].source_dbi_resource_id == "db-ABCDEFGHIJKLMNOPQRSTUVWXYZ" && aws_db_instance.this.restore_to_point_in_time[0].restore_time == "2026-11-24T10:00:00Z"
    error_message = "The backups of this region, also those of a deleted instance, are the source."
  }
  assert {
    condition     = aws_db_instance.this.identifier == "expense-dev-mysql" && aws_db_instance.this.username != var.master_username && aws_db_instance.this.manage_master_user_password
    error_message = "The restored instance has the old name, its own users, and a new master secret."
  }
}

run "restored_from_the_other_region" {
  command = plan
  variables {
    restore_source = { automated_backups_arn = "arn:aws:rds:us-east-1:123456789012:auto-backup:ab-x" }
  }
  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].use_latest_restorable_time
    error_message = "Without a time the latest one is taken."
  }
}

run "restored_to_a_time" {
  command = plan
  variables {
    restore_source = {
      automated_backups_arn = "arn:aws:rds:us-east-1:123456789012:auto-backup:ab-x"
      restore_time          = "2026-11-24T10:00:00Z"
    }
  }
  assert {
    condition     = aws_db_instance.this.restore_to_point_in_time[0].restore_time == "2026-11-24T10:00:00Z"
    error_message = "The given time is taken."
  }
}
