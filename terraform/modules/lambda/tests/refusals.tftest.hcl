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
  project_name            = "expense"
  environment             = "dev"
  kms_key_arn             = "arn:aws:kms:us-east-1:123456789012:key/operations"
  private_subnet_ids      = ["subnet-a", "subnet-b"]
  security_group_ids      = ["sg-lambda"]
  db_host                 = "db.example.internal"
  db_secret_arn           = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app"
  db_migration_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:migration"
  db_admin_secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin"
  secrets_kms_key_arns    = ["arn:aws:kms:us-east-1:123456789012:key/data"]
  api_keys_secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-keys"
  alarm_topic_arns        = { critical = "arn:aws:sns:us-east-1:123456789012:critical", warning = "arn:aws:sns:us-east-1:123456789012:warning" }
  auth_mode               = "api-key"
  cors_allowed_origins    = ["https://app.example.com"]
}

run "refuses_an_open_api_that_nobody_asked_for" {
  command = plan

  variables {
    auth_mode           = "none"
    api_keys_secret_arn = null
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_an_open_api_in_prod" {
  command = plan

  variables {
    environment               = "prod"
    auth_mode                 = "none"
    api_keys_secret_arn       = null
    allow_public_without_auth = true
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_the_switch_alone_in_prod" {
  command = plan

  variables {
    environment               = "prod"
    allow_public_without_auth = true
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_api_keys_without_their_secret" {
  command = plan

  variables {
    api_keys_secret_arn = null
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_jwt_without_an_issuer" {
  command = plan

  variables {
    auth_mode           = "jwt"
    api_keys_secret_arn = null
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_a_cache_without_its_secret" {
  command = plan

  variables {
    redis_host = "cache.example.internal"
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

run "refuses_a_cache_of_each_sandbox" {
  command = plan

  variables {
    cache_mode = "on"
  }

  expect_failures = [aws_apigatewayv2_api.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # a key alias
    kms_key_arn = "alias/operations"
    # no subnet
    private_subnet_ids = []
    # no security group
    security_group_ids = []
    # a bad database port
    db_port = 0
    # a secret by name
    db_secret_arn = "expense/app"
    # a migration secret by name
    db_migration_secret_arn = "expense/migration"
    # an admin secret by name
    db_admin_secret_arn = "expense/admin"
    # no secrets key
    secrets_kms_key_arns = []
    # a bad cache port
    redis_port = 70000
    # a cache secret by name
    redis_secret_arn = "expense/cache"
    # an api key secret by name
    api_keys_secret_arn = "expense/keys"
    # a boundary by name
    permissions_boundary_arn = "boundary"
    # an unknown auth mode
    auth_mode = "basic"
    # no origin
    cors_allowed_origins = []
    # keys over plain http
    jwt = { issuer = "i", audience = "a", jwks = "http://issuer.example.com" }
    # an unknown sign
    amount_sign = "negative"
    # an unknown cache mode
    cache_mode = "maybe"
    # a ttl of zero
    cache_ttl_seconds = 0
    # a negative rate
    rate_limit_requests = -1
    # a broken hop count
    trusted_proxy_hops = 1.5
    # an unknown log level
    log_level = "verbose"
    # too little memory
    memory_size_mb = 64
    # a timeout above the gateways
    timeout_seconds = 30
    # no sandbox
    reserved_concurrency = 0
    # an archive that is no zip
    artifact = { bucket = "b", key = "bootstrap" }
    # a rate of zero
    throttling_rate_limit = 0
    # a burst of zero
    throttling_burst_limit = 0
    # a certificate by name
    custom_domain = { domain_name = "api.example.com", certificate_arn = "cert" }
    # an odd retention
    log_retention_days = 8
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.private_subnet_ids,
    var.security_group_ids,
    var.db_port,
    var.db_secret_arn,
    var.db_migration_secret_arn,
    var.db_admin_secret_arn,
    var.secrets_kms_key_arns,
    var.redis_port,
    var.redis_secret_arn,
    var.api_keys_secret_arn,
    var.permissions_boundary_arn,
    var.auth_mode,
    var.cors_allowed_origins,
    var.jwt,
    var.amount_sign,
    var.cache_mode,
    var.cache_ttl_seconds,
    var.rate_limit_requests,
    var.trusted_proxy_hops,
    var.log_level,
    var.memory_size_mb,
    var.timeout_seconds,
    var.reserved_concurrency,
    var.artifact,
    var.throttling_rate_limit,
    var.throttling_burst_limit,
    var.custom_domain,
    var.log_retention_days,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # every key
    secrets_kms_key_arns = ["*"]
    # an origin with a path
    cors_allowed_origins = ["https://app.example.com/page"]
    # a timeout below the services
    timeout_seconds = 10
    # a base path with a slash
    custom_domain = { domain_name = "api.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc", base_path = "/api" }
  }

  expect_failures = [
    var.secrets_kms_key_arns,
    var.cors_allowed_origins,
    var.timeout_seconds,
    var.custom_domain,
  ]
}

run "refuses_wrong_values_a_third_time" {
  command = plan

  variables {
    # a star beside an origin
    cors_allowed_origins = ["*", "https://app.example.com"]
  }

  expect_failures = [
    var.cors_allowed_origins,
  ]
}

