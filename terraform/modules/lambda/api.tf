# ---------------------------------------------------------------------------
# HTTP API
# ---------------------------------------------------------------------------

# There is no cors_configuration: it would replace the service's own CORS replies.
resource "aws_apigatewayv2_api" "this" {
  name          = local.function_names["api"]
  description   = "Expense API of ${var.environment}"
  protocol_type = "HTTP"

  disable_execute_api_endpoint = var.custom_domain != null

  tags = local.tags

  lifecycle {
    precondition {
      condition     = var.auth_mode != "none" || var.allow_public_without_auth
      error_message = "auth_mode = \"none\" puts an open API on the internet: set auth_mode to \"api-key\" or \"jwt\", or say allow_public_without_auth = true."
    }
    precondition {
      condition     = !(var.environment == "prod" && (var.allow_public_without_auth || var.auth_mode == "none"))
      error_message = "prod has no open API: set auth_mode to \"api-key\" or \"jwt\" and leave allow_public_without_auth false."
    }
    precondition {
      condition     = (var.auth_mode == "api-key") == (var.api_keys_secret_arn != null)
      error_message = "api_keys_secret_arn belongs to auth_mode = \"api-key\": set both or neither."
    }
    precondition {
      condition     = (var.auth_mode == "jwt") == (var.jwt != null)
      error_message = "jwt belongs to auth_mode = \"jwt\": set both or neither."
    }
    precondition {
      condition     = (var.redis_host == null) == (var.redis_secret_arn == null)
      error_message = "redis_host and redis_secret_arn belong together: set both or neither."
    }
    precondition {
      condition     = local.cache_mode == "off" || var.redis_host != null
      error_message = "cache_mode = \"on\" without redis_host would give each sandbox a cache of its own and stale replies: set redis_host, or cache_mode to \"off\" or null."
    }
  }
}

resource "aws_apigatewayv2_integration" "this" {
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = aws_lambda_alias.live.invoke_arn
  payload_format_version = "2.0"
  # Just above the function's own timeout, so that its report wins.
  timeout_milliseconds = (var.timeout_seconds + 1) * 1000
}

resource "aws_apigatewayv2_route" "default" {
  # checkov:skip=CKV_AWS_309:The service authenticates (AUTH_MODE) and keeps preflights and probes open; a gateway authorizer would refuse those too.
  api_id    = aws_apigatewayv2_api.this.id
  route_key = "$default"
  target    = "integrations/${aws_apigatewayv2_integration.this.id}"
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  default_route_settings {
    throttling_rate_limit    = var.throttling_rate_limit
    throttling_burst_limit   = var.throttling_burst_limit
    detailed_metrics_enabled = true
  }

  # No query string and no header: they may hold what must not be logged.
  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.access.arn
    format = jsonencode({
      request_id          = "$context.requestId"
      time                = "$context.requestTime"
      method              = "$context.httpMethod"
      path                = "$context.path"
      status              = "$context.status"
      source_ip           = "$context.identity.sourceIp"
      response_bytes      = "$context.responseLength"
      latency_ms          = "$context.responseLatency"
      integration_error   = "$context.integrationErrorMessage"
      integration_latency = "$context.integrationLatency"
    })
  }

  tags = local.tags
}

resource "aws_lambda_permission" "api_gateway" {
  statement_id  = "ApiGatewayCallsTheAlias"
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.this["api"].function_name
  qualifier     = aws_lambda_alias.live.name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

# ---------------------------------------------------------------------------
# Custom domain
# ---------------------------------------------------------------------------

locals {
  api_host = var.custom_domain == null ? trimprefix(aws_apigatewayv2_api.this.api_endpoint, "https://") : var.custom_domain.domain_name
  api_url  = join("/", compact(["https://${local.api_host}", try(var.custom_domain.base_path, null)]))
}

resource "aws_apigatewayv2_domain_name" "this" {
  count = var.custom_domain == null ? 0 : 1

  domain_name = var.custom_domain.domain_name

  domain_name_configuration {
    certificate_arn = var.custom_domain.certificate_arn
    endpoint_type   = "REGIONAL"
    security_policy = "TLS_1_2"
  }

  tags = local.tags
}

resource "aws_apigatewayv2_api_mapping" "this" {
  count = var.custom_domain == null ? 0 : 1

  api_id          = aws_apigatewayv2_api.this.id
  domain_name     = aws_apigatewayv2_domain_name.this[0].id
  stage           = aws_apigatewayv2_stage.this.id
  api_mapping_key = var.custom_domain.base_path
}
