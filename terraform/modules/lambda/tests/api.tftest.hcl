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

run "one_route_and_no_cors" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_api.this.protocol_type == "HTTP" && aws_apigatewayv2_route.default.route_key == "$default"
    error_message = "An HTTP API with the route $default."
  }
  assert {
    condition     = length(aws_apigatewayv2_api.this.cors_configuration) == 0
    error_message = "API Gateway has no CORS configuration: it would override the service's own."
  }
  assert {
    condition     = aws_apigatewayv2_stage.this.name == "$default" && aws_apigatewayv2_stage.this.auto_deploy
    error_message = "The stage adds nothing to the path."
  }
  assert {
    condition     = aws_apigatewayv2_integration.this.payload_format_version == "2.0" && aws_apigatewayv2_integration.this.timeout_milliseconds == 16000
    error_message = "Events are of version 2.0, and the gateway waits a little longer than the function."
  }
  assert {
    condition     = aws_lambda_permission.api_gateway.qualifier == "live" && aws_lambda_permission.api_gateway.principal == "apigateway.amazonaws.com"
    error_message = "API Gateway may call the alias only."
  }
  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint == false && length(aws_apigatewayv2_domain_name.this) == 0
    error_message = "Without a custom domain the generated address serves."
  }
}

run "throttled_and_logged" {
  command = plan

  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 100 && aws_apigatewayv2_stage.this.default_route_settings[0].throttling_burst_limit == 200
    error_message = "The stage is throttled."
  }
  assert {
    condition     = length(setintersection(["query", "authorization", "x-api-key"], [for v in values(jsondecode(aws_apigatewayv2_stage.this.access_log_settings[0].format)) : lower(v)])) == 0 && !strcontains(aws_apigatewayv2_stage.this.access_log_settings[0].format, "$context.authorizer")
    error_message = "Access logs hold no credential and no query string."
  }
  assert {
    condition     = aws_cloudwatch_log_group.access.name == "/aws/apigateway/expense-dev-api" && aws_cloudwatch_log_group.access.retention_in_days == 7
    error_message = "Access logs go to their own group, kept for 7 days in dev."
  }
}

run "custom_domain" {
  command = plan

  variables {
    custom_domain = {
      domain_name     = "api.dev.example.com"
      certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
      base_path       = "api"
    }
  }

  assert {
    condition     = aws_apigatewayv2_domain_name.this[0].domain_name_configuration[0].security_policy == "TLS_1_2"
    error_message = "The custom domain speaks TLS 1.2 or newer."
  }
  assert {
    condition     = aws_apigatewayv2_api.this.disable_execute_api_endpoint
    error_message = "With a custom domain the generated address is off, so that nobody walks around it."
  }
  assert {
    condition     = aws_apigatewayv2_api_mapping.this[0].api_mapping_key == "api" && aws_lambda_function.this["api"].environment[0].variables.API_BASE_PATH == "/api"
    error_message = "The base path is told to the service."
  }
  assert {
    condition     = output.api_url == "https://api.dev.example.com/api" && output.api_host == "api.dev.example.com"
    error_message = "The address is the custom domain's."
  }
}

run "custom_domain_at_the_root" {
  command = plan

  variables {
    custom_domain = { domain_name = "api.dev.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/abc" }
  }

  assert {
    condition     = !can(aws_lambda_function.this["api"].environment[0].variables.API_BASE_PATH) && output.api_url == "https://api.dev.example.com"
    error_message = "Without a base path the service serves at the root."
  }
}

run "alarms_reach_the_topics" {
  command = plan

  assert {
    condition     = { for name, a in aws_cloudwatch_metric_alarm.function : name => one(a.alarm_actions) } == { api-errors = var.alarm_topic_arns.critical, api-throttles = var.alarm_topic_arns.warning, admin-errors = var.alarm_topic_arns.critical }
    error_message = "Errors are critical, throttles a warning."
  }
  assert {
    condition     = { for name, a in aws_cloudwatch_metric_alarm.function : name => a.dimensions.FunctionName } == { api-errors = "expense-dev-api", api-throttles = "expense-dev-api", admin-errors = "expense-dev-admin" }
    error_message = "Each alarm watches its function."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.concurrency.threshold == 8 && aws_cloudwatch_metric_alarm.server_errors.threshold == 5
    error_message = "Warned at 80% of the reserved sandboxes; 5xx above 5% is critical."
  }
}
