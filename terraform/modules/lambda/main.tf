# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "${var.project_name}-${var.environment}"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  retention_days = coalesce(var.log_retention_days, { dev = 7, staging = 30, prod = 90 }[var.environment])

  # ARNs are written out, not read from the resources: policies and functions name each other.
  function_names = { for kind in ["api", "admin"] : kind => "${local.name}-${kind}" }
  function_arns  = { for kind, name in local.function_names : kind => "arn:${local.partition}:lambda:${local.region}:${local.account}:function:${name}" }
  log_groups     = { for kind, name in local.function_names : kind => "/aws/lambda/${name}" }
}

# ---------------------------------------------------------------------------
# Configuration
# ---------------------------------------------------------------------------

locals {
  functions = {
    api   = { memory_size = var.memory_size_mb, timeout = var.timeout_seconds, concurrency = var.reserved_concurrency }
    admin = { memory_size = 256, timeout = 900, concurrency = 1 }
  }

  cache_mode = coalesce(var.cache_mode, var.redis_host == null ? "off" : "on")

  # What the service refuses to guess in production is stated in every environment alike.
  common_environment = {
    ENVIRONMENT        = { dev = "development", staging = "staging", prod = "production" }[var.environment]
    LOG_FORMAT         = "json"
    LOG_LEVEL          = var.log_level
    DB_HOST            = var.db_host
    DB_PORT            = tostring(var.db_port)
    DB_DATABASE        = var.db_name
    DB_SECRET_ID       = var.db_secret_arn
    DB_TLS             = "verify-identity"
    DB_POOL_MIN        = "0"
    DB_POOL_MAX        = "2"
    AUTH_MODE          = var.auth_mode
    CACHE_MODE         = local.cache_mode
    TRUSTED_PROXY_HOPS = tostring(var.trusted_proxy_hops)
    API_KEYS_SECRET_ID = var.api_keys_secret_arn
    JWT_ISSUER         = try(var.jwt.issuer, null)
    JWT_AUDIENCE       = try(var.jwt.audience, null)
    JWT_JWKS           = try(var.jwt.jwks, null)
  }

  kind_environment = {
    api = {
      LAMBDA_KIND            = "api"
      CACHE_TTL              = try(tostring(var.cache_ttl_seconds), null)
      REDIS_HOST             = var.redis_host
      REDIS_PORT             = var.redis_host == null ? null : tostring(var.redis_port)
      REDIS_TLS              = var.redis_host == null ? null : "true"
      REDIS_SECRET_ID        = var.redis_secret_arn
      ALLOW_DELETE_ALL       = tostring(var.allow_delete_all)
      AMOUNT_SIGN            = var.amount_sign
      CORS_ALLOWED_ORIGINS   = join(",", var.cors_allowed_origins)
      RATE_LIMIT_REQUESTS    = tostring(var.rate_limit_requests)
      API_BASE_PATH          = try("/${var.custom_domain.base_path}", null)
      DB_MIGRATION_SECRET_ID = null
      DB_ADMIN_SECRET_ID     = null
    }
    admin = {
      LAMBDA_KIND            = "admin"
      CACHE_TTL              = null
      REDIS_HOST             = null
      REDIS_PORT             = null
      REDIS_TLS              = null
      REDIS_SECRET_ID        = null
      ALLOW_DELETE_ALL       = null
      AMOUNT_SIGN            = null
      CORS_ALLOWED_ORIGINS   = null
      RATE_LIMIT_REQUESTS    = null
      API_BASE_PATH          = null
      DB_MIGRATION_SECRET_ID = var.db_migration_secret_arn
      DB_ADMIN_SECRET_ID     = var.db_admin_secret_arn
    }
  }

  environment = {
    for kind, extra in local.kind_environment : kind => { for name, value in merge(local.common_environment, extra) : name => value if value != null }
  }
}

# ---------------------------------------------------------------------------
# Access
# ---------------------------------------------------------------------------

locals {
  network_actions = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
  ]

  secret_arns = {
    api   = [for arn in [var.db_secret_arn, var.redis_secret_arn, var.api_keys_secret_arn] : arn if arn != null]
    admin = [for arn in [var.db_secret_arn, var.db_migration_secret_arn, var.db_admin_secret_arn, var.api_keys_secret_arn] : arn if arn != null]
  }

  statements = {
    for kind, function_arn in local.function_arns : kind => [
      {
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_groups[kind]}:*"
      },
      {
        Sid      = "SendTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
        Resource = "*"
      },
      {
        # EC2 knows no resource for these before the interface exists; the next statement takes them from the code.
        Sid      = "JoinTheVpc"
        Effect   = "Allow"
        Action   = local.network_actions
        Resource = "*"
      },
      {
        Sid       = "NetworkIsForTheServiceNotTheCode"
        Effect    = "Deny"
        Action    = local.network_actions
        Resource  = "*"
        Condition = { ArnEquals = { "lambda:SourceFunctionArn" = function_arn } }
      },
      {
        Sid      = "ReadOwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = local.secret_arns[kind]
      },
      {
        Sid       = "DecryptThroughSecretsManagerOnly"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.secrets_kms_key_arns
        Condition = { StringEquals = { "kms:ViaService" = "secretsmanager.${local.region}.amazonaws.com" } }
      },
      {
        Sid       = "DecryptOwnEnvironment"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:EncryptionContext:aws:lambda:FunctionArn" = function_arn } }
      },
    ]
  }
}

resource "aws_iam_role" "this" {
  for_each = local.functions

  name                 = "${local.function_names[each.key]}-lambda"
  description          = "Execution role of ${local.function_names[each.key]}"
  permissions_boundary = var.permissions_boundary_arn

  # No SourceArn condition: Lambda takes the role before the function has an ARN, and does not send one.
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "lambda.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy" "this" {
  for_each = local.functions

  name = "function"
  role = aws_iam_role.this[each.key].id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.statements[each.key]
  })
}

# ---------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_116:Both functions are invoked synchronously; a dead-letter queue only serves asynchronous invocations.
  # checkov:skip=CKV_AWS_272:The pipeline verifies the attestation of the archive before it updates the code; a signing profile would bind it to one account.
  for_each = local.functions

  function_name = local.function_names[each.key]
  description   = each.key == "api" ? "Expense API: HTTP events" : "Expense API: migrate and setup-users"
  role          = aws_iam_role.this[each.key].arn

  runtime       = "provided.al2023"
  handler       = "bootstrap"
  architectures = ["arm64"]
  memory_size   = each.value.memory_size
  timeout       = each.value.timeout
  publish       = true

  filename  = var.artifact == null ? "${path.module}/placeholder.zip" : null
  s3_bucket = try(var.artifact.bucket, null)
  s3_key    = try(var.artifact.key, null)

  # Two database connections a sandbox: the reservation is what keeps the functions inside max_connections.
  reserved_concurrent_executions = each.value.concurrency

  kms_key_arn = var.kms_key_arn

  environment {
    variables = local.environment[each.key]
  }

  vpc_config {
    subnet_ids         = var.private_subnet_ids
    security_group_ids = var.security_group_ids
  }

  tracing_config {
    mode = "Active"
  }

  # Text leaves the service's own JSON and EMF lines as they are.
  logging_config {
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.function[each.key].name
  }

  tags = local.tags

  # The role's rights must exist before Lambda tries to join the VPC with them.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    # CI owns the code.
    ignore_changes = [filename, s3_bucket, s3_key, s3_object_version, source_code_hash]
  }
}

resource "aws_lambda_alias" "live" {
  name             = "live"
  description      = "Version that API Gateway calls; CI moves it by weight"
  function_name    = aws_lambda_function.this["api"].function_name
  function_version = aws_lambda_function.this["api"].version

  lifecycle {
    # CI owns version and weight: an apply in the middle of a canary must not end it.
    ignore_changes = [function_version, routing_config]
  }
}

# ---------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "function" {
  # checkov:skip=CKV_AWS_338:Events are kept 7, 30 or 90 days by environment; the audit trail is kept longer elsewhere.
  for_each = local.log_groups

  name              = each.value
  retention_in_days = local.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_338:Events are kept 7, 30 or 90 days by environment; the audit trail is kept longer elsewhere.
  name              = "/aws/apigateway/${local.function_names["api"]}"
  retention_in_days = local.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}
