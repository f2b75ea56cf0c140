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
}

run "defaults" {
  command = plan

  assert {
    condition     = output.log_group_names == { application = "/expense/dev/application", platform = "/expense/dev/platform" }
    error_message = "The shipper has a group for the application and one for the platform."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.kms_key_id == var.kms_key_arn])
    error_message = "Every group is encrypted with the given key."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.retention_in_days == 7]) && output.log_retention_days == 7
    error_message = "dev keeps events for 7 days."
  }
  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.tags.Project == "expense" && g.tags.Environment == "dev"])
    error_message = "Every group carries the tags Project and Environment."
  }
}

run "staging" {
  command = plan

  variables {
    environment = "staging"
  }

  assert {
    condition     = output.log_retention_days == 30
    error_message = "staging keeps events for 30 days."
  }
}

run "prod" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = output.log_retention_days == 90
    error_message = "prod keeps events for 90 days."
  }
}

run "given_retention_wins" {
  command = plan

  variables {
    log_retention_days = 365
  }

  assert {
    condition     = alltrue([for g in aws_cloudwatch_log_group.this : g.retention_in_days == 365])
    error_message = "A given retention wins over the environment's."
  }
}

run "without_a_cluster" {
  command = plan

  variables {
    create_pod_groups = false
  }

  assert {
    condition     = length(aws_cloudwatch_log_group.this) == 0 && output.log_retention_days == 7
    error_message = "Without the EKS target there is no pod group."
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
    # a key alias
    kms_key_arn = "alias/operations"
    # an odd retention
    log_retention_days = 8
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.log_retention_days,
  ]
}

