# ---------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------

locals {
  alarms = {
    api-errors = {
      description = "The api function crashed or ran into its timeout."
      severity    = "critical"
      metric      = "Errors"
      kind        = "api"
      threshold   = 0
    }
    api-throttles = {
      description = "Requests found all reserved sandboxes of the api function busy."
      severity    = "warning"
      metric      = "Throttles"
      kind        = "api"
      threshold   = 0
    }
    admin-errors = {
      description = "A migration or the set-up of users failed."
      severity    = "critical"
      metric      = "Errors"
      kind        = "admin"
      threshold   = 0
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "function" {
  for_each = local.alarms

  alarm_name          = "${local.name}-lambda-${each.key}"
  alarm_description   = each.value.description
  namespace           = "AWS/Lambda"
  metric_name         = each.value.metric
  dimensions          = { FunctionName = local.function_names[each.value.kind] }
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arns[each.value.severity]]
  ok_actions          = [var.alarm_topic_arns[each.value.severity]]
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "concurrency" {
  alarm_name          = "${local.name}-lambda-api-concurrency"
  alarm_description   = "The api function has used 80% of its reserved sandboxes for 5 minutes: throttling comes next."
  namespace           = "AWS/Lambda"
  metric_name         = "ConcurrentExecutions"
  dimensions          = { FunctionName = local.function_names["api"] }
  statistic           = "Maximum"
  period              = 60
  evaluation_periods  = 5
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = ceil(0.8 * var.reserved_concurrency)
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arns.warning]
  ok_actions          = [var.alarm_topic_arns.warning]
  tags                = local.tags
}

resource "aws_cloudwatch_metric_alarm" "server_errors" {
  alarm_name          = "${local.name}-lambda-api-5xx"
  alarm_description   = "More than 5% of the API's replies were 5xx for 5 minutes."
  evaluation_periods  = 5
  comparison_operator = "GreaterThanThreshold"
  threshold           = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic_arns.critical]
  ok_actions          = [var.alarm_topic_arns.critical]
  tags                = local.tags

  metric_query {
    id          = "ratio"
    expression  = "100 * failed / MAX([requests, 1])"
    label       = "5xx replies in percent"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { failed = "5xx", requests = "Count" }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApiGateway"
        metric_name = metric_query.value
        dimensions  = { ApiId = aws_apigatewayv2_api.this.id }
        stat        = "Sum"
        period      = 60
      }
    }
  }
}
