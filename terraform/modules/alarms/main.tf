# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# The load balancer controller owns the load balancer: it is found by tag, and not at all before the first ingress.
data "aws_lbs" "tagged" {
  count = var.alb_tags == null ? 0 : 1

  tags = var.alb_tags
}

locals {
  name      = "${var.project_name}-${var.environment}"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  # Dimension value of the service's own metrics: what ENVIRONMENT says.
  service_environment = { dev = "development", staging = "staging", prod = "production" }[var.environment]

  emails = {
    critical = var.critical_emails
    warning  = var.warning_emails
    info     = var.info_emails
  }
}

# ---------------------------------------------------------------------------
# Topics
# ---------------------------------------------------------------------------

resource "aws_sns_topic" "this" {
  for_each = local.emails

  name              = "${local.name}-${each.key}"
  kms_master_key_id = var.kms_key_arn
  tags              = local.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = local.emails

  arn = aws_sns_topic.this[each.key].arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsAndNoticesOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = "arn:${local.partition}:sns:${local.region}:${local.account}:${local.name}-${each.key}"
      Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
    }]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = { for pair in flatten([for severity, addresses in local.emails : [for address in addresses : { severity = severity, address = address }]]) : "${pair.severity} ${pair.address}" => pair }

  topic_arn = aws_sns_topic.this[each.value.severity].arn
  protocol  = "email"
  endpoint  = each.value.address
}

# ---------------------------------------------------------------------------
# Alarms
# ---------------------------------------------------------------------------

locals {
  database_alarms = { for alarm in flatten([for db in var.db_instance[*] : [
    { key = "rds-storage", severity = "critical", metric = "FreeStorageSpace", statistic = "Minimum", comparison = "LessThanThreshold", threshold = db.allocated_storage_gb * 0.1 * pow(1024, 3), minutes = 5, description = "Less than 10% of the database's storage is free." },
    { key = "rds-cpu", severity = "warning", metric = "CPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80, minutes = 10, description = "The database's CPU has been above 80% for 10 minutes." },
    { key = "rds-connections", severity = "warning", metric = "DatabaseConnections", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = floor(0.8 * db.max_connections), minutes = 5, description = "More than 80% of max_connections are in use: the pools add up to more than planned." },
    { key = "rds-memory", severity = "warning", metric = "FreeableMemory", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 100 * pow(1024, 2), minutes = 10, description = "The database has had less than 100 MiB of memory left for 10 minutes." },
  ]]) : alarm.key => merge(alarm, { namespace = "AWS/RDS", dimensions = { DBInstanceIdentifier = var.db_instance.identifier } }) }

  replica_alarms = { for id in try(var.db_instance.replica_identifier, null)[*] : "rds-replica-lag" => {
    severity    = "warning", metric = "ReplicaLag", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 60, minutes = 5
    description = "The replica has been more than a minute behind for 5 minutes."
    namespace   = "AWS/RDS", dimensions = { DBInstanceIdentifier = id }
  } }

  cache_alarms = merge([for id in var.cache_cluster_ids : {
    "cache-${id}-evictions" = { severity = "warning", metric = "Evictions", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 5, description = "Cache node ${id} throws entries away: it is too small.", namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = id } }
    "cache-${id}-cpu"       = { severity = "warning", metric = "EngineCPUUtilization", statistic = "Average", comparison = "GreaterThanThreshold", threshold = 80, minutes = 10, description = "The engine of cache node ${id} has been above 80% for 10 minutes.", namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = id } }
    "cache-${id}-memory"    = { severity = "warning", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", comparison = "GreaterThanThreshold", threshold = 80, minutes = 10, description = "Cache node ${id} has been above 80% of its memory for 10 minutes.", namespace = "AWS/ElastiCache", dimensions = { CacheClusterId = id } }
  }]...)

  # On the names that the service writes as CloudWatch metrics when it runs on Lambda.
  service_alarms = { for key, alarm in {
    service-latency     = { severity = "warning", metric = "http_request_duration_seconds", statistic = "p95", comparison = "GreaterThanThreshold", threshold = 0.2, minutes = 5, description = "95% of the replies have taken longer than 200 ms for 5 minutes." }
    service-db-errors   = { severity = "critical", metric = "db_errors_total", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 5, description = "The service could not reach or use the database." }
    service-cache-error = { severity = "warning", metric = "redis_errors_total", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 5, description = "The service could not reach the cache; the database answers." }
    service-owed        = { severity = "warning", metric = "cache_invalidations_owed", statistic = "Minimum", comparison = "GreaterThanThreshold", threshold = 0, minutes = 5, description = "Invalidations have been owed to the cache for 5 minutes." }
    service-auth        = { severity = "warning", metric = "auth_failures_total", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 100, minutes = 5, description = "More than 100 callers a minute failed to prove who they are, for 5 minutes." }
    service-denied      = { severity = "warning", metric = "authorization_denied_total", statistic = "Sum", comparison = "GreaterThanThreshold", threshold = 20, minutes = 5, description = "More than 20 requests a minute lacked the scope, for 5 minutes." }
  } : key => merge(alarm, { namespace = var.metric_namespace, dimensions = { environment = local.service_environment } }) if var.lambda != null }

  certificate_alarms = { for name, arn in var.certificates : "certificate-${name}" => {
    severity    = "info", metric = "DaysToExpiry", statistic = "Minimum", comparison = "LessThanThreshold", threshold = 30, minutes = 1440
    description = "Certificate ${name} expires within 30 days: ACM did not renew it."
    namespace   = "AWS/CertificateManager", dimensions = { CertificateArn = arn }
  } }

  alarms = merge(local.database_alarms, local.replica_alarms, local.cache_alarms, local.service_alarms, local.certificate_alarms)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = startswith(each.value.statistic, "p") ? null : each.value.statistic
  extended_statistic  = startswith(each.value.statistic, "p") ? each.value.statistic : null
  period              = each.value.minutes > 60 ? each.value.minutes * 60 : 60
  evaluation_periods  = each.value.minutes > 60 ? 1 : each.value.minutes
  datapoints_to_alarm = each.value.minutes > 60 || each.value.statistic == "Sum" && each.value.threshold == 0 ? 1 : each.value.minutes
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.this[each.value.severity].arn]
  tags                = local.tags
}

# ---------------------------------------------------------------------------
# Ratios
# ---------------------------------------------------------------------------

locals {
  ratios = merge(
    { for key, ratio in {
      service-cache-hits = {
        severity    = "warning"
        description = "Less than half of the cache look-ups have hit for 10 minutes."
        minutes     = 10
        # Without look-ups there is no ratio, and no alarm.
        expression = "IF(hits + misses > 0, 100 * hits / (hits + misses))"
        comparison = "LessThanThreshold"
        threshold  = 50
        namespace  = var.metric_namespace
        dimensions = { environment = local.service_environment }
        metrics    = { hits = "cache_hits_total", misses = "cache_misses_total" }
      }
    } : key => ratio if var.lambda != null },
    { for arn in flatten([for lbs in data.aws_lbs.tagged : tolist(lbs.arns)]) : "alb-${element(split("/", arn), 2)}-5xx" => {
      severity    = "critical"
      description = "More than 5% of the load balancer's replies have been 5xx for 5 minutes."
      minutes     = 5
      expression  = "100 * (own + targets) / MAX([requests, 1])"
      comparison  = "GreaterThanThreshold"
      threshold   = 5
      namespace   = "AWS/ApplicationELB"
      dimensions  = { LoadBalancer = join("/", slice(split("/", arn), 1, length(split("/", arn)))) }
      metrics     = { own = "HTTPCode_ELB_5XX_Count", targets = "HTTPCode_Target_5XX_Count", requests = "RequestCount" }
    } if length(split("/", arn)) == 4 },
  )
}

resource "aws_cloudwatch_metric_alarm" "ratio" {
  for_each = local.ratios

  alarm_name          = "${local.name}-${each.key}"
  alarm_description   = each.value.description
  evaluation_periods  = each.value.minutes
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_sns_topic.this[each.value.severity].arn]
  ok_actions          = [aws_sns_topic.this[each.value.severity].arn]
  tags                = local.tags

  metric_query {
    id          = "ratio"
    expression  = each.value.expression
    label       = each.value.description
    return_data = true
  }

  dynamic "metric_query" {
    for_each = each.value.metrics

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        dimensions  = each.value.dimensions
        stat        = "Sum"
        period      = 60
      }
    }
  }
}
