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

run "refuses_growth_below_the_start" {
  command = plan
  variables {
    max_allocated_storage = 20
  }
  expect_failures = [var.max_allocated_storage]
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

run "refuses_a_copy_in_the_same_region" {
  command = plan
  variables {
    backup_replication_region = "us-east-1"
  }
  expect_failures = [aws_db_instance_automated_backups_replication.this]
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

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a bad project name
    project_name = "x"
    # an unknown environment
    environment = "test"
    # a bad identifier
    identifier = "My_DB"
    # mysql 8 0
    engine_version = "8.0"
    # another family
    parameter_group_family = "mysql8.0"
    # tls through the back door
    parameters = { require_secure_transport = "0" }
    # a bad class
    instance_class = "t4g.micro"
    # too little storage
    allocated_storage = 5
    # a bad database name
    database_name = "1-x"
    # a low port
    database_port = 306
    # root as master
    master_username = "root"
    # one subnet
    subnet_ids = ["subnet-a"]
    # no group
    security_group_ids = []
    # a key that is no arn
    kms_key_arn = "data"
    # a log key that is no arn
    log_kms_key_arn = "logs"
    # an unknown retention
    log_retention_days = 8
    # a bad region
    backup_replication_region = "oregon"
    # two sources
    restore_source = { snapshot_identifier = "a", automated_backups_arn = "b" }
    # an odd monitoring interval
    monitoring_interval = 7
    # a long app username
    app_username = "a_very_long_name_that_mysql_does_not_take"
    # a boundary that is no policy
    permissions_boundary_arn = "x"
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.identifier,
    var.engine_version,
    var.parameter_group_family,
    var.parameters,
    var.instance_class,
    var.allocated_storage,
    var.database_name,
    var.database_port,
    var.master_username,
    var.subnet_ids,
    var.security_group_ids,
    var.kms_key_arn,
    var.log_kms_key_arn,
    var.log_retention_days,
    var.backup_replication_region,
    var.restore_source,
    var.monitoring_interval,
    var.app_username,
    var.permissions_boundary_arn,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # mysql 9
    engine_version = "9.7"
    # a forced buffer pool
    parameters = { innodb_buffer_pool_size = "{DBInstanceClassMemory*3/4}" }
    # no source
    restore_source = {}
  }

  expect_failures = [
    var.engine_version,
    var.parameters,
    var.restore_source,
  ]
}

run "refuses_wrong_values_a_third_time" {
  command = plan

  variables {
    # a bad restore time
    restore_source = { automated_backups_arn = "b", restore_time = "yesterday" }
  }

  expect_failures = [
    var.restore_source,
  ]
}

run "refuses_wrong_values_a_fourth_time" {
  command = plan

  variables {
    # an instance's name instead of its resource id
    restore_source = { dbi_resource_id = "expense-dev-mysql" }
  }

  expect_failures = [
    var.restore_source,
  ]
}
