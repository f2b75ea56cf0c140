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
  project_name = "expense"
  environment  = "dev"
  kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/operations"
  lambda       = { api_function_name = "expense-dev-api", admin_function_name = "expense-dev-admin", api_id = "api123" }
}

run "alarms_on_the_services_own_metrics" {
  command = plan

  assert {
    condition = { for name, a in aws_cloudwatch_metric_alarm.this : name => a.metric_name } == {
      service-latency     = "http_request_duration_seconds"
      service-db-errors   = "db_errors_total"
      service-cache-error = "redis_errors_total"
      service-owed        = "cache_invalidations_owed"
      service-auth        = "auth_failures_total"
      service-denied      = "authorization_denied_total"
    }
    error_message = "Latency, database, cache and refused callers are watched by the service's own names."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : a.namespace == "ExpenseBackend" && a.dimensions == tomap({ environment = "development" })])
    error_message = "In the service's namespace, by the environment that the service states."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["service-latency"].extended_statistic == "p95" && aws_cloudwatch_metric_alarm.this["service-latency"].threshold == 0.2 && aws_cloudwatch_metric_alarm.this["service-latency"].datapoints_to_alarm == 5
    error_message = "p95 above 200 ms for 5 minutes."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.ratio["service-cache-hits"].threshold == 50 && aws_cloudwatch_metric_alarm.ratio["service-cache-hits"].evaluation_periods == 10
    error_message = "Less than 50% hits for 10 minutes."
  }
}

run "dashboard_has_the_applications_panels" {
  command = plan

  assert {
    condition = length(setsubtract(
      ["Request rate", "Response time", "Error rate", "Cache hit ratio", "Database query duration", "Active connections", "Transactions in the table", "Transactions created and deleted", "Endpoint usage"],
      [for w in jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets : w.properties.title]
    )) == 0
    error_message = "The dashboard has the panels of the application board."
  }
  assert {
    condition     = [for m in one([for w in jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets : w.properties.metrics if w.properties.title == "Response time"]) : m[4].stat] == ["p50", "p95", "p99"]
    error_message = "Response time is shown as p50, p95 and p99."
  }
  assert {
    condition     = alltrue([for m in one([for w in jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets : w.properties.metrics if w.properties.title == "Transactions in the table"]) : m[4].stat == "Maximum"])
    error_message = "Totals that every sandbox reports are never summed."
  }
  assert {
    condition     = length(distinct([for w in jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets : "${w.x} ${w.y}"])) == length(jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets)
    error_message = "No panel lies upon another."
  }
}

run "production_dimension" {
  command = plan

  variables {
    environment = "prod"
    db_instance = { identifier = "expense-prod", allocated_storage_gb = 100, max_connections = 200 }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["service-latency"].dimensions.environment == "production"
    error_message = "prod is \"production\" to the service."
  }
  assert {
    condition     = length(one([for w in jsondecode(aws_cloudwatch_dashboard.lambda[0].dashboard_body).widgets : w.properties.metrics if w.properties.title == "Active connections"])) == 2
    error_message = "With a database its connections are shown."
  }
}

