# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)

  notices = {
    actual-80    = { type = "ACTUAL", threshold = 80 }
    actual-100   = { type = "ACTUAL", threshold = 100 }
    forecast-100 = { type = "FORECASTED", threshold = 100 }
  }
}

# ---------------------------------------------------------------------------
# Budget
# ---------------------------------------------------------------------------

resource "aws_budgets_budget" "monthly" {
  name              = "${local.name}-monthly-budget"
  budget_type       = "COST"
  limit_amount      = tostring(var.monthly_budget_usd)
  limit_unit        = "USD"
  time_unit         = "MONTHLY"
  time_period_start = "2026-01-01_00:00"

  # Both tags must match. Two values of one cost_filter would be "either", and count other environments too.
  filter_expression {
    dynamic "and" {
      for_each = { Environment = local.tags.Environment, Project = local.tags.Project }

      content {
        tags {
          key           = and.key
          values        = [and.value]
          match_options = ["EQUALS"]
        }
      }
    }
  }

  # With a filter expression the cost to count is named here; the older cost_types block does not apply.
  metrics = ["UnblendedCost"]

  dynamic "notification" {
    for_each = local.notices

    content {
      comparison_operator        = "GREATER_THAN"
      notification_type          = notification.value.type
      threshold                  = notification.value.threshold
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.budget_alert_emails
    }
  }

  tags = local.tags
}

# ---------------------------------------------------------------------------
# Cost allocation tags
# ---------------------------------------------------------------------------

resource "aws_ce_cost_allocation_tag" "this" {
  for_each = toset(var.activate_cost_allocation_tags ? ["Project", "Environment"] : [])

  tag_key = each.key
  status  = "Active"
}
