# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_region" "current" {}

locals {
  name = "${var.project_name}-${var.environment}-${lower(var.scope)}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)

  retention_days = coalesce(var.log_retention_days, { dev = 7, staging = 30, prod = 90 }[var.environment])

  # Rules that only count, by group and with the reason.
  managed_groups = {
    common = {
      priority = 1
      group    = "AWSManagedRulesCommonRuleSet"
      # A body of up to 64 KiB is the service's own limit, and it answers 413 itself;
      # a description may hold markup: it is stored and returned as data, never as a page.
      count = ["SizeRestrictions_BODY", "CrossSiteScripting_BODY"]
    }
    sql-injection = {
      priority = 2
      group    = "AWSManagedRulesSQLiRuleSet"
      # A description may hold quotes and SQL words; every statement of the service binds its values.
      count = ["SQLi_BODY", "SQLiExtendedPatterns_BODY"]
    }
  }

  # What the rules saw is logged, what proves the caller is not.
  redacted_headers = ["authorization", "cookie", "x-api-key"]
}

# ---------------------------------------------------------------------------
# Web ACL
# ---------------------------------------------------------------------------

resource "aws_wafv2_ip_set" "rate_limit_exempt" {
  count = length(var.rate_limit_exempt_cidrs) > 0 ? 1 : 0

  name               = "${local.name}-rate-limit-exempt"
  description        = "Hosts of load tests"
  scope              = var.scope
  ip_address_version = "IPV4"
  addresses          = var.rate_limit_exempt_cidrs
  tags               = local.tags
}

resource "aws_wafv2_web_acl" "this" {
  # checkov:skip=CKV_AWS_192:The rule set against Log4j protects Java; this service is a Rust program without Log4j.
  name        = local.name
  description = "Expense API of ${var.environment}"
  scope       = var.scope

  default_action {
    allow {}
  }

  dynamic "rule" {
    for_each = local.managed_groups

    content {
      name     = rule.key
      priority = rule.value.priority

      override_action {
        none {}
      }

      statement {
        managed_rule_group_statement {
          name        = rule.value.group
          vendor_name = "AWS"

          dynamic "rule_action_override" {
            for_each = rule.value.count

            content {
              name = rule_action_override.value

              action_to_use {
                count {}
              }
            }
          }
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = rule.key
        sampled_requests_enabled   = true
      }
    }
  }

  # After the managed rules and before the rate rule: a load test skips the rate rule only.
  dynamic "rule" {
    for_each = aws_wafv2_ip_set.rate_limit_exempt[*].arn

    content {
      name     = "rate-limit-exempt"
      priority = 3

      action {
        allow {}
      }

      statement {
        ip_set_reference_statement {
          arn = rule.value
        }
      }

      visibility_config {
        cloudwatch_metrics_enabled = true
        metric_name                = "rate-limit-exempt"
        sampled_requests_enabled   = true
      }
    }
  }

  rule {
    name     = "rate-limit"
    priority = 4

    action {
      block {}
    }

    statement {
      rate_based_statement {
        limit                 = var.rate_limit
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "rate-limit"
      sampled_requests_enabled   = true
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = local.name
    sampled_requests_enabled   = true
  }

  tags = local.tags

  lifecycle {
    precondition {
      condition     = var.scope == "REGIONAL" || data.aws_region.current.region == "us-east-1"
      error_message = "A web ACL of CLOUDFRONT scope lives in us-east-1: call the module with providers = { aws = aws.us_east_1 }."
    }
  }
}

# ---------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------

# WAF takes only groups whose name begins like this.
resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:Events are kept 7, 30 or 90 days by environment; the audit trail is kept longer elsewhere.
  name              = "aws-waf-logs-${local.name}"
  retention_in_days = local.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.this.arn]

  dynamic "redacted_fields" {
    for_each = local.redacted_headers

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }

  redacted_fields {
    query_string {}
  }

  # Blocked and counted requests are kept, the many allowed ones are not.
  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      dynamic "condition" {
        for_each = ["BLOCK", "COUNT", "EXCLUDED_AS_COUNT"]

        content {
          action_condition {
            action = condition.value
          }
        }
      }
    }
  }
}
