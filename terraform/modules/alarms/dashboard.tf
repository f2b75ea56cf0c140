# ---------------------------------------------------------------------------
# Dashboard
# ---------------------------------------------------------------------------

locals {
  ns = var.metric_namespace

  # Without the Lambda target the panels are computed, but no dashboard is made of them.
  lambda = var.lambda == null ? { api_function_name = "", admin_function_name = "", api_id = "" } : var.lambda

  # One row a list: title, unit of the axis, statistic and metrics ([namespace, name, dimension, value, options]).
  panels = [
    {
      title = "Request rate", label = "requests / s"
      metrics = [
        [{ expression = "requests / PERIOD(requests)", label = "requests per second", id = "rate" }],
        [local.ns, "http_requests_total", "environment", local.service_environment, { id = "requests", stat = "Sum", visible = false }],
      ]
    },
    {
      title = "Response time", label = "seconds"
      metrics = [for stat in ["p50", "p95", "p99"] :
        [local.ns, "http_request_duration_seconds", "environment", local.service_environment, { stat = stat, label = stat }]
      ]
    },
    {
      title = "Error rate", label = "percent"
      metrics = [
        [{ expression = "100 * e5 / MAX([n, 1])", label = "5xx", id = "r5" }],
        [{ expression = "100 * e4 / MAX([n, 1])", label = "4xx", id = "r4" }],
        ["AWS/ApiGateway", "5xx", "ApiId", local.lambda.api_id, { id = "e5", stat = "Sum", visible = false }],
        ["AWS/ApiGateway", "4xx", "ApiId", local.lambda.api_id, { id = "e4", stat = "Sum", visible = false }],
        ["AWS/ApiGateway", "Count", "ApiId", local.lambda.api_id, { id = "n", stat = "Sum", visible = false }],
      ]
    },
    {
      title = "Cache hit ratio", label = "percent"
      metrics = [
        [{ expression = "IF(hits + misses > 0, 100 * hits / (hits + misses))", label = "hits", id = "ratio" }],
        [local.ns, "cache_hits_total", "environment", local.service_environment, { id = "hits", stat = "Sum", visible = false }],
        [local.ns, "cache_misses_total", "environment", local.service_environment, { id = "misses", stat = "Sum", visible = false }],
      ]
    },
    {
      title = "Cache errors and owed invalidations", label = "count"
      metrics = [
        [local.ns, "redis_errors_total", "environment", local.service_environment, { stat = "Sum", label = "errors" }],
        [local.ns, "cache_invalidations_owed", "environment", local.service_environment, { stat = "Maximum", label = "owed" }],
      ]
    },
    {
      title = "Database query duration", label = "seconds"
      metrics = [for stat in ["p50", "p95", "p99"] :
        [local.ns, "db_query_duration_seconds", "environment", local.service_environment, { stat = stat, label = stat }]
      ]
    },
    {
      title = "Database errors", label = "count"
      metrics = [
        [local.ns, "db_errors_total", "environment", local.service_environment, { stat = "Sum", label = "errors" }],
      ]
    },
    {
      title = "Active connections", label = "count"
      metrics = concat(
        [["AWS/Lambda", "ConcurrentExecutions", "FunctionName", local.lambda.api_function_name, { stat = "Maximum", label = "sandboxes" }]],
        [for db in var.db_instance[*] : ["AWS/RDS", "DatabaseConnections", "DBInstanceIdentifier", db.identifier, { stat = "Maximum", label = "database connections" }]],
      )
    },
    {
      title = "Callers refused", label = "count"
      metrics = [
        [local.ns, "auth_failures_total", "environment", local.service_environment, { stat = "Sum", label = "unauthenticated" }],
        [local.ns, "authorization_denied_total", "environment", local.service_environment, { stat = "Sum", label = "forbidden" }],
        [local.ns, "rate_limited_total", "environment", local.service_environment, { stat = "Sum", label = "rate limited" }],
      ]
    },
    {
      title = "Secret refreshes", label = "count"
      metrics = [
        [local.ns, "secret_refresh_total", "environment", local.service_environment, { stat = "Sum", label = "refreshes" }],
      ]
    },
    {
      title = "Transactions created and deleted", label = "rows"
      metrics = [
        [local.ns, "transactions_created_total", "environment", local.service_environment, { stat = "Sum", label = "created" }],
        [local.ns, "transactions_deleted_total", "environment", local.service_environment, { stat = "Sum", label = "deleted" }],
      ]
    },
    {
      # Every sandbox reports the same totals: the highest, never the sum.
      title = "Transactions in the table", label = "rows, amount"
      metrics = [
        [local.ns, "transactions_total", "environment", local.service_environment, { stat = "Maximum", label = "rows" }],
        [local.ns, "transactions_amount_total", "environment", local.service_environment, { stat = "Maximum", label = "amount", yAxis = "right" }],
      ]
    },
    {
      title = "Functions", label = "count"
      metrics = [
        ["AWS/Lambda", "Invocations", "FunctionName", local.lambda.api_function_name, { stat = "Sum", label = "api invocations" }],
        ["AWS/Lambda", "Errors", "FunctionName", local.lambda.api_function_name, { stat = "Sum", label = "api errors" }],
        ["AWS/Lambda", "Throttles", "FunctionName", local.lambda.api_function_name, { stat = "Sum", label = "api throttles" }],
        ["AWS/Lambda", "Errors", "FunctionName", local.lambda.admin_function_name, { stat = "Sum", label = "admin errors" }],
      ]
    },
  ]

  panel_widgets = [for i, panel in local.panels : {
    type   = "metric"
    x      = (i % 3) * 8
    y      = floor(i / 3) * 6
    width  = 8
    height = 6
    properties = {
      title   = panel.title
      region  = local.region
      view    = "timeSeries"
      period  = 60
      metrics = panel.metrics
      yAxis   = { left = { label = panel.label, min = 0, showUnits = false } }
    }
  }]

  log_widget = {
    type   = "log"
    x      = 0
    y      = ceil(length(local.panels) / 3) * 6
    width  = 24
    height = 6
    properties = {
      title  = "Endpoint usage"
      region = local.region
      view   = "table"
      query = join("\n| ", [
        "SOURCE '/aws/lambda/${try(local.lambda.api_function_name, "")}'",
        "filter endpoint like /./ and status > 0",
        "stats count(*) as requests, pct(duration_ms, 95) as p95_ms by method, endpoint, status",
        "sort requests desc",
      ])
    }
  }
}

resource "aws_cloudwatch_dashboard" "lambda" {
  count = var.lambda == null ? 0 : 1

  dashboard_name = "${local.name}-lambda"
  dashboard_body = jsonencode({ widgets = concat(local.panel_widgets, [local.log_widget]) })
}
