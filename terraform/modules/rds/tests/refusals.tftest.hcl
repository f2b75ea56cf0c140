mock_provider "aws" {
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
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

run "refuses_a_bad_project_name" {
  command = plan
  variables {
    project_name = "x"
  }
  expect_failures = [var.project_name]
}

run "refuses_an_unknown_environment" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "refuses_a_bad_identifier" {
  command = plan
  variables {
    identifier = "My_DB"
  }
  expect_failures = [var.identifier]
}

run "refuses_mysql_8_0" {
  command = plan
  variables {
    engine_version = "8.0"
  }
  expect_failures = [var.engine_version]
}

run "refuses_mysql_9" {
  command = plan
  variables {
    engine_version = "9.7"
  }
  expect_failures = [var.engine_version]
}

run "refuses_another_family" {
  command = plan
  variables {
    parameter_group_family = "mysql8.0"
  }
  expect_failures = [var.parameter_group_family]
}

run "refuses_tls_through_the_back_door" {
  command = plan
  variables {
    parameters = { require_secure_transport = "0" }
  }
  expect_failures = [var.parameters]
}

run "refuses_a_forced_buffer_pool" {
  command = plan
  variables {
    parameters = { innodb_buffer_pool_size = "{DBInstanceClassMemory*3/4}" }
  }
  expect_failures = [var.parameters]
}

run "refuses_too_few_connections" {
  command = plan
  variables {
    max_connections = 5
  }
  expect_failures = [var.max_connections]
}

run "refuses_too_many_connections_for_the_class" {
  command = plan
  variables {
    max_connections = 200
  }
  expect_failures = [var.max_connections]
}

run "refuses_a_bad_class" {
  command = plan
  variables {
    instance_class = "t4g.micro"
  }
  expect_failures = [var.instance_class]
}

run "refuses_too_little_storage" {
  command = plan
  variables {
    allocated_storage = 5
  }
  expect_failures = [var.allocated_storage]
}

run "refuses_growth_below_the_start" {
  command = plan
  variables {
    max_allocated_storage = 20
  }
  expect_failures = [var.max_allocated_storage]
}

run "refuses_a_bad_database_name" {
  command = plan
  variables {
    database_name = "1-x"
  }
  expect_failures = [var.database_name]
}

run "refuses_a_low_port" {
  command = plan
  variables {
    database_port = 306
  }
  expect_failures = [var.database_port]
}

run "refuses_root_as_master" {
  command = plan
  variables {
    master_username = "root"
  }
  expect_failures = [var.master_username]
}

run "refuses_one_subnet" {
  command = plan
  variables {
    subnet_ids = ["subnet-a"]
  }
  expect_failures = [var.subnet_ids]
}

run "refuses_no_group" {
  command = plan
  variables {
    security_group_ids = []
  }
  expect_failures = [var.security_group_ids]
}

run "refuses_a_key_that_is_no_arn" {
  command = plan
  variables {
    kms_key_arn = "data"
  }
  expect_failures = [var.kms_key_arn]
}

run "refuses_a_log_key_that_is_no_arn" {
  command = plan
  variables {
    log_kms_key_arn = "logs"
  }
  expect_failures = [var.log_kms_key_arn]
}

run "refuses_an_unknown_retention" {
  command = plan
  variables {
    log_retention_days = 8
  }
  expect_failures = [var.log_retention_days]
}

run "refuses_a_day_of_backups" {
  command = plan
  variables {
    backup_retention_period = 1
  }
  expect_failures = [var.backup_retention_period]
}

run "refuses_prod_without_standby" {
  command = plan
  variables {
    environment             = "prod"
    multi_az                = false
    backup_retention_period = 30
    deletion_protection     = true
    rotation                = { subnet_ids = ["subnet-p"], security_group_ids = ["sg-rotation"] }
  }
  expect_failures = [var.multi_az]
}

run "refuses_a_week_of_backups_in_prod" {
  command = plan
  variables {
    environment             = "prod"
    multi_az                = true
    backup_retention_period = 7
    deletion_protection     = true
    rotation                = { subnet_ids = ["subnet-p"], security_group_ids = ["sg-rotation"] }
  }
  expect_failures = [var.backup_retention_period]
}

run "refuses_prod_without_deletion_protection" {
  command = plan
  variables {
    environment             = "prod"
    multi_az                = true
    backup_retention_period = 30
    deletion_protection     = false
    rotation                = { subnet_ids = ["subnet-p"], security_group_ids = ["sg-rotation"] }
  }
  expect_failures = [var.deletion_protection]
}

run "refuses_prod_without_rotation" {
  command = plan
  variables {
    environment             = "prod"
    multi_az                = true
    backup_retention_period = 30
    deletion_protection     = true
    rotation                = null
  }
  expect_failures = [var.rotation]
}

run "refuses_a_bad_region" {
  command = plan
  variables {
    backup_replication_region = "oregon"
  }
  expect_failures = [var.backup_replication_region]
}

run "refuses_a_copy_in_the_same_region" {
  command = plan
  variables {
    backup_replication_region = "us-east-1"
  }
  expect_failures = [aws_db_instance_automated_backups_replication.this]
}

run "refuses_two_sources" {
  command = plan
  variables {
    restore_source = { snapshot_identifier = "a", automated_backups_arn = "b" }
  }
  expect_failures = [var.restore_source]
}

run "refuses_no_source" {
  command = plan
  variables {
    restore_source = {}
  }
  expect_failures = [var.restore_source]
}

run "refuses_a_bad_restore_time" {
  command = plan
  variables {
    restore_source = { automated_backups_arn = "b", restore_time = "yesterday" }
  }
  expect_failures = [var.restore_source]
}

run "refuses_an_odd_monitoring_interval" {
  command = plan
  variables {
    monitoring_interval = 7
  }
  expect_failures = [var.monitoring_interval]
}

run "refuses_a_long_app_username" {
  command = plan
  variables {
    app_username = "a_very_long_name_that_mysql_does_not_take"
  }
  expect_failures = [var.app_username]
}

run "refuses_one_user_for_both" {
  command = plan
  variables {
    migration_username = "expense_app"
  }
  expect_failures = [var.migration_username]
}

run "refuses_a_yearly_rotation" {
  command = plan
  variables {
    rotation = { days = 365, subnet_ids = ["subnet-p"], security_group_ids = ["sg-rotation"] }
  }
  expect_failures = [var.rotation]
}

run "refuses_rotation_without_network" {
  command = plan
  variables {
    rotation = { subnet_ids = [], security_group_ids = [] }
  }
  expect_failures = [var.rotation]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan
  variables {
    permissions_boundary_arn = "x"
  }
  expect_failures = [var.permissions_boundary_arn]
}
