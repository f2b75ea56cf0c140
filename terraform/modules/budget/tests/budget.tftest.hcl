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
  project_name        = "expense"
  environment         = "dev"
  monthly_budget_usd  = 45
  budget_alert_emails = ["devops@example.com"]
}

run "limit" {
  command = plan

  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "45" && aws_budgets_budget.monthly.limit_unit == "USD" && aws_budgets_budget.monthly.time_unit == "MONTHLY"
    error_message = "The limit is 45 USD a month."
  }
  assert {
    condition     = aws_budgets_budget.monthly.name == "expense-dev-monthly-budget" && aws_budgets_budget.monthly.tags.Project == "expense" && aws_budgets_budget.monthly.tags.Environment == "dev"
    error_message = "Named and tagged by project and environment."
  }
}

run "counts_both_tags_at_once" {
  command = plan

  assert {
    condition     = { for a in aws_budgets_budget.monthly.filter_expression[0].and : a.tags[0].key => a.tags[0].values } == { Environment = tolist(["dev"]), Project = tolist(["expense"]) }
    error_message = "The filter is Environment = dev and Project = expense, in real values."
  }
  assert {
    condition     = length(aws_budgets_budget.monthly.cost_filter) == 0
    error_message = "No cost_filter beside it: its values would be alternatives."
  }
}

run "notices" {
  command = plan

  assert {
    condition     = sort([for n in aws_budgets_budget.monthly.notification : "${n.notification_type} ${n.threshold}"]) == tolist(["ACTUAL 100", "ACTUAL 80", "FORECASTED 100"])
    error_message = "Notices at 80% and 100% actual and 100% forecast."
  }
  assert {
    condition     = alltrue([for n in aws_budgets_budget.monthly.notification : n.subscriber_email_addresses == toset(["devops@example.com"]) && n.threshold_type == "PERCENTAGE"])
    error_message = "Every notice reaches the addresses."
  }
}

run "tags_are_activated" {
  command = plan

  assert {
    condition     = { for k, t in aws_ce_cost_allocation_tag.this : k => t.status } == { Project = "Active", Environment = "Active" }
    error_message = "Both tags are activated for cost allocation."
  }
}

run "member_account" {
  command = plan

  variables {
    activate_cost_allocation_tags = false
  }

  assert {
    condition     = length(aws_ce_cost_allocation_tag.this) == 0
    error_message = "A member account leaves the tags to the paying account."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # no money
    monthly_budget_usd = 0
    # no address
    budget_alert_emails = []
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.monthly_budget_usd,
    var.budget_alert_emails,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # what is no address
    budget_alert_emails = ["devops"]
  }

  expect_failures = [
    var.budget_alert_emails,
  ]
}

