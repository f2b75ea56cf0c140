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

variables {
  project_name       = "expense"
  environment        = "dev"
  subnet_ids         = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-cache"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.engine == "valkey" && aws_elasticache_replication_group.this.engine_version == "8.2" && aws_elasticache_parameter_group.this.family == "valkey8"
    error_message = "Valkey 8 with its own family."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.cluster_mode == "disabled" && aws_elasticache_replication_group.this.num_cache_clusters == 1
    error_message = "Cluster mode is off."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.replication_group_id == "expense-dev-cache" && output.node_ids == ["expense-dev-cache-001"]
    error_message = "The cache is named by project and environment."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.snapshot_retention_limit == 0
    error_message = "No snapshot can bring old rows back."
  }
  assert {
    condition     = { for p in aws_elasticache_parameter_group.this.parameter : p.name => p.value } == { maxmemory-policy = "volatile-lru" }
    error_message = "Only keys with an end are evicted."
  }
}

run "encrypted_and_private" {
  command = plan

  assert {
    condition     = aws_elasticache_replication_group.this.transit_encryption_enabled && aws_elasticache_replication_group.this.transit_encryption_mode == "required"
    error_message = "Connections without TLS are refused."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.at_rest_encryption_enabled == "true" && aws_elasticache_replication_group.this.kms_key_id == var.kms_key_arn
    error_message = "What is on disk is encrypted with the given key."
  }
  assert {
    condition     = aws_elasticache_replication_group.this.security_group_ids == toset(["sg-cache"])
    error_message = "The cache stands behind the given group alone."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.kms_key_id == var.log_kms_key_arn && g.retention_in_days == 30]) && length(aws_elasticache_replication_group.this.log_delivery_configuration) == 2
    error_message = "Both logs go to encrypted groups with an end."
  }
}

run "one_user_and_no_password_in_plan_or_state" {
  command = plan

  assert {
    condition     = can(jsondecode(module.login.template).Resources.Secret.Properties.GenerateSecretString) && jsondecode(module.login.template).Resources.Secret.Properties.KmsKeyId == var.kms_key_arn
    error_message = "AWS makes the password, in a secret under the given key."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.user.template_body).Resources.User.Properties.Passwords == ["{{resolve:secretsmanager:expense-dev-redis:SecretString:password}}"]
    error_message = "The user's password is a reference to the secret."
  }
  assert {
    condition     = length(aws_elasticache_user_group.this.user_ids) == 1 && aws_elasticache_replication_group.this.user_group_ids == toset(["expense-dev-cache"])
    error_message = "The cache knows the service's user and no other."
  }
  assert {
    condition     = strcontains(jsondecode(aws_cloudformation_stack.user.template_body).Resources.User.Properties.AccessString, "-@admin -@dangerous") && jsondecode(aws_cloudformation_stack.user.template_body).Resources.User.Properties.NoPasswordRequired == false
    error_message = "The user cannot administer the server and needs its password."
  }
}

run "production" {
  command = plan

  variables {
    environment                = "prod"
    node_type                  = "cache.t4g.medium"
    num_cache_nodes            = 3
    automatic_failover_enabled = true
  }

  assert {
    condition     = aws_elasticache_replication_group.this.automatic_failover_enabled && aws_elasticache_replication_group.this.multi_az_enabled && aws_elasticache_replication_group.this.num_cache_clusters == 3
    error_message = "Production fails over to another zone."
  }
}

run "tags" {
  command = plan

  assert {
    condition     = alltrue([for r in concat([aws_elasticache_replication_group.this, aws_elasticache_parameter_group.this, aws_elasticache_subnet_group.this, aws_cloudformation_stack.user, aws_elasticache_user_group.this, module.login], values(aws_cloudwatch_log_group.this)) : r.tags.Project == "expense" && r.tags.Environment == "dev"])
    error_message = "Everything carries the tags Project and Environment."
  }
}

run "a_new_password" {
  command = plan
  variables {
    password_version = 2
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.user.template_body).Resources.User.Properties.Passwords == ["{{resolve:secretsmanager:expense-dev-redis:SecretString:password:AWSCURRENT}}"]
    error_message = "Another version has another text, so that CloudFormation reads the secret again."
  }
}
