mock_provider "aws" {}

variables {
  project_name       = "expense"
  environment        = "dev"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-cache"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"
}

run "refuses_failover_with_one_node" {
  command = plan
  variables {
    automatic_failover_enabled = true
  }
  expect_failures = [var.automatic_failover_enabled]
}

run "refuses_prod_without_failover" {
  command = plan
  variables {
    environment = "prod"
  }
  expect_failures = [var.automatic_failover_enabled]
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
    cluster_id = "My_Cache"
    # redis 7
    engine_version = "7.0"
    # another family
    parameter_group_family = "redis7"
    # cluster mode
    parameters = { cluster-enabled = "yes" }
    # a bad node type
    node_type = "t4g.micro"
    # no node
    num_cache_nodes = 0
    # a bad port
    cache_port = 0
    # one subnet
    subnet_ids = ["subnet-a"]
    # no group
    security_group_ids = []
    # plain connections
    transit_encryption_enabled = false
    # plain disks
    at_rest_encryption_enabled = false
    # a key that is no arn
    kms_key_arn = "data"
    # a log key that is no arn
    log_kms_key_arn = "logs"
    # an unknown retention
    log_retention_days = 8
    # the default user
    username = "default"
    # an almighty user
    access_string = "on ~* +@all"
    # a bad password version
    password_version = 0
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.cluster_id,
    var.engine_version,
    var.parameter_group_family,
    var.parameters,
    var.node_type,
    var.num_cache_nodes,
    var.cache_port,
    var.subnet_ids,
    var.security_group_ids,
    var.transit_encryption_enabled,
    var.at_rest_encryption_enabled,
    var.kms_key_arn,
    var.log_kms_key_arn,
    var.log_retention_days,
    var.username,
    var.access_string,
    var.password_version,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # a user without password
    access_string = "on nopass ~* +@all -@admin -@dangerous"
  }

  expect_failures = [
    var.access_string,
  ]
}
