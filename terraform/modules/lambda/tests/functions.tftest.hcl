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

run "defaults" {
  command = plan

  assert {
    condition     = { for kind, f in aws_lambda_function.this : kind => f.function_name } == { api = "expense-dev-api", admin = "expense-dev-admin" }
    error_message = "There are exactly two functions, named <project>-<environment>-api and -admin."
  }
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.runtime == "provided.al2023" && f.handler == "bootstrap" && f.architectures == tolist(["arm64"])])
    error_message = "Both run the arm64 program on provided.al2023."
  }
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.filename == "./placeholder.zip" && f.publish])
    error_message = "The first apply deploys the placeholder and publishes a version for the alias."
  }
  assert {
    condition     = { for kind, f in aws_lambda_function.this : kind => f.reserved_concurrent_executions } == { api = 10, admin = 1 }
    error_message = "Concurrency is reserved for both, one sandbox for admin."
  }
  assert {
    condition     = { for kind, f in aws_lambda_function.this : kind => f.timeout } == { api = 15, admin = 900 }
    error_message = "api ends after 15 s, admin after 15 minutes."
  }
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.tracing_config[0].mode == "Active"])
    error_message = "Tracing is on."
  }
  assert {
    condition     = { for kind, g in aws_cloudwatch_log_group.function : kind => g.name } == { api = "/aws/lambda/expense-dev-api", admin = "/aws/lambda/expense-dev-admin" }
    error_message = "Log groups bear the functions' names."
  }
  assert {
    condition     = alltrue([for kind, f in aws_lambda_function.this : f.logging_config[0].log_format == "Text" && f.logging_config[0].log_group == "/aws/lambda/expense-dev-${kind}"])
    error_message = "The functions write the service's own lines to their own groups."
  }
  assert {
    condition     = aws_lambda_alias.live.name == "live"
    error_message = "The alias is called live."
  }
  assert {
    condition     = output.database_connections == 22
    error_message = "Two connections for each sandbox of both functions."
  }
}

run "functions_are_encrypted_and_private" {
  command = plan

  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.kms_key_arn == var.kms_key_arn])
    error_message = "Environment variables are encrypted with the given key."
  }
  assert {
    condition     = alltrue([for g in concat(values(aws_cloudwatch_log_group.function), [aws_cloudwatch_log_group.access]) : g.kms_key_id == var.kms_key_arn])
    error_message = "Every log group is encrypted with the given key."
  }
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.vpc_config[0].subnet_ids == toset(["subnet-a", "subnet-b"]) && f.vpc_config[0].security_group_ids == toset(["sg-lambda"])])
    error_message = "Both functions run in the private subnets under the given security group."
  }
  assert {
    condition = alltrue([
      for r in concat(values(aws_lambda_function.this), values(aws_iam_role.this), values(aws_cloudwatch_log_group.function), values(aws_cloudwatch_metric_alarm.function), [aws_apigatewayv2_api.this, aws_apigatewayv2_stage.this, aws_cloudwatch_log_group.access]) :
      r.tags.Project == "expense" && r.tags.Environment == "dev"
    ])
    error_message = "Everything carries the tags Project and Environment."
  }
}

run "configuration_is_the_services_own" {
  command = plan

  assert {
    condition = aws_lambda_function.this["api"].environment[0].variables == tomap({
      ENVIRONMENT          = "development"
      LAMBDA_KIND          = "api"
      LOG_FORMAT           = "json"
      LOG_LEVEL            = "info"
      DB_HOST              = "db.example.internal"
      DB_PORT              = "3306"
      DB_DATABASE          = "transactions"
      DB_SECRET_ID         = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app"
      DB_TLS               = "verify-identity"
      DB_POOL_MIN          = "0"
      DB_POOL_MAX          = "2"
      AUTH_MODE            = "api-key"
      API_KEYS_SECRET_ID   = "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-keys"
      CACHE_MODE           = "off"
      TRUSTED_PROXY_HOPS   = "0"
      ALLOW_DELETE_ALL     = "false"
      AMOUNT_SIGN          = "positive"
      CORS_ALLOWED_ORIGINS = "https://app.example.com"
      RATE_LIMIT_REQUESTS  = "100"
    })
    error_message = "The api function gets exactly these variables."
  }
  assert {
    condition = aws_lambda_function.this["admin"].environment[0].variables == tomap({
      ENVIRONMENT            = "development"
      LAMBDA_KIND            = "admin"
      LOG_FORMAT             = "json"
      LOG_LEVEL              = "info"
      DB_HOST                = "db.example.internal"
      DB_PORT                = "3306"
      DB_DATABASE            = "transactions"
      DB_SECRET_ID           = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app"
      DB_MIGRATION_SECRET_ID = "arn:aws:secretsmanager:us-east-1:123456789012:secret:migration"
      DB_ADMIN_SECRET_ID     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin"
      DB_TLS                 = "verify-identity"
      DB_POOL_MIN            = "0"
      DB_POOL_MAX            = "2"
      AUTH_MODE              = "api-key"
      API_KEYS_SECRET_ID     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-keys"
      CACHE_MODE             = "off"
      TRUSTED_PROXY_HOPS     = "0"
    })
    error_message = "The admin function gets exactly these variables."
  }
}

run "production_is_stated_in_the_services_words" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.environment[0].variables.ENVIRONMENT == "production"])
    error_message = "prod is \"production\" to the service."
  }
  assert {
    condition     = alltrue([for f in aws_lambda_function.this : length(setsubtract(["DB_TLS", "AUTH_MODE", "CACHE_MODE", "TRUSTED_PROXY_HOPS"], keys(f.environment[0].variables))) == 0])
    error_message = "Every choice that production refuses to guess is set in words."
  }
  assert {
    condition     = alltrue([for g in values(aws_cloudwatch_log_group.function) : g.retention_in_days == 90]) && aws_cloudwatch_log_group.access.retention_in_days == 90
    error_message = "prod keeps logs for 90 days."
  }
}

run "staging_keeps_logs_for_30_days" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = aws_cloudwatch_log_group.access.retention_in_days == 30 && aws_lambda_function.this["api"].environment[0].variables.ENVIRONMENT == "staging"
    error_message = "staging keeps logs for 30 days."
  }
}

run "shared_cache" {
  command = plan

  variables {
    redis_host        = "cache.example.internal"
    redis_secret_arn  = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
    cache_ttl_seconds = 60
  }

  assert {
    condition = {
      for name in ["CACHE_MODE", "CACHE_TTL", "REDIS_HOST", "REDIS_PORT", "REDIS_TLS", "REDIS_SECRET_ID"] : name => aws_lambda_function.this["api"].environment[0].variables[name]
      } == {
      CACHE_MODE      = "on", CACHE_TTL = "60", REDIS_HOST = "cache.example.internal", REDIS_PORT = "6379", REDIS_TLS = "true"
      REDIS_SECRET_ID = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
    }
    error_message = "With a shared cache the api function uses it over TLS."
  }
  assert {
    condition     = !can(aws_lambda_function.this["admin"].environment[0].variables.REDIS_HOST)
    error_message = "The admin function has nothing to do with the cache."
  }
}

run "coexistence_reads_from_the_database" {
  command = plan

  variables {
    redis_host       = "cache.example.internal"
    redis_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:cache"
    cache_mode       = "off"
  }

  assert {
    condition     = aws_lambda_function.this["api"].environment[0].variables.CACHE_MODE == "off" && aws_lambda_function.this["api"].environment[0].variables.REDIS_HOST == "cache.example.internal"
    error_message = "CACHE_MODE=off keeps the cache configured, so that own writes still invalidate."
  }
}

run "jwt" {
  command = plan

  variables {
    auth_mode           = "jwt"
    api_keys_secret_arn = null
    jwt                 = { issuer = "https://issuer.example.com", audience = "expense", jwks = "https://issuer.example.com/keys" }
  }

  assert {
    condition     = aws_lambda_function.this["api"].environment[0].variables.JWT_JWKS == "https://issuer.example.com/keys" && !can(aws_lambda_function.this["api"].environment[0].variables.API_KEYS_SECRET_ID)
    error_message = "jwt states the issuer's keys and reads no API keys."
  }
}

run "release_archive" {
  command = plan

  variables {
    artifact = { bucket = "expense-artifacts", key = "releases/abc.zip" }
  }

  assert {
    condition     = alltrue([for f in aws_lambda_function.this : f.s3_bucket == "expense-artifacts" && f.s3_key == "releases/abc.zip"])
    error_message = "A given archive replaces the placeholder."
  }
}
