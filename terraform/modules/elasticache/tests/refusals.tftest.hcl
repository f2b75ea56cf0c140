mock_provider "aws" {}

variables {
  project_name       = "expense"
  environment        = "dev"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-cache"]
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
    cluster_id = "My_Cache"
  }
  expect_failures = [var.cluster_id]
}

run "refuses_redis_7" {
  command = plan
  variables {
    engine_version = "7.0"
  }
  expect_failures = [var.engine_version]
}

run "refuses_another_family" {
  command = plan
  variables {
    parameter_group_family = "redis7"
  }
  expect_failures = [var.parameter_group_family]
}

run "refuses_cluster_mode" {
  command = plan
  variables {
    parameters = { cluster-enabled = "yes" }
  }
  expect_failures = [var.parameters]
}

run "refuses_a_bad_node_type" {
  command = plan
  variables {
    node_type = "t4g.micro"
  }
  expect_failures = [var.node_type]
}

run "refuses_no_node" {
  command = plan
  variables {
    num_cache_nodes = 0
  }
  expect_failures = [var.num_cache_nodes]
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

run "refuses_a_bad_port" {
  command = plan
  variables {
    cache_port = 0
  }
  expect_failures = [var.cache_port]
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

run "refuses_plain_connections" {
  command = plan
  variables {
    transit_encryption_enabled = false
  }
  expect_failures = [var.transit_encryption_enabled]
}

run "refuses_plain_disks" {
  command = plan
  variables {
    at_rest_encryption_enabled = false
  }
  expect_failures = [var.at_rest_encryption_enabled]
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

run "refuses_the_default_user" {
  command = plan
  variables {
    username = "default"
  }
  expect_failures = [var.username]
}

run "refuses_an_almighty_user" {
  command = plan
  variables {
    access_string = "on ~* +@all"
  }
  expect_failures = [var.access_string]
}

run "refuses_a_user_without_password" {
  command = plan
  variables {
    access_string = "on nopass ~* +@all -@admin -@dangerous"
  }
  expect_failures = [var.access_string]
}

run "refuses_a_bad_password_version" {
  command = plan
  variables {
    password_version = 0
  }
  expect_failures = [var.password_version]
}
