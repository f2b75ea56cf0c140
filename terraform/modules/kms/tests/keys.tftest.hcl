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
}

run "defaults" {
  command = plan

  assert {
    condition     = toset(keys(aws_kms_key.this)) == toset(["data", "operations"])
    error_message = "Without a cluster there are exactly the keys data and operations."
  }
  assert {
    condition     = alltrue([for k in aws_kms_key.this : k.enable_key_rotation])
    error_message = "Every key rotates."
  }
  assert {
    condition     = alltrue([for k in aws_kms_key.this : k.deletion_window_in_days == 30])
    error_message = "A deleted key can be called back for 30 days."
  }
  assert {
    condition     = length(aws_ebs_encryption_by_default.this) == 1 && aws_ebs_encryption_by_default.this[0].enabled
    error_message = "EBS volumes are encrypted by default."
  }
  assert {
    condition     = alltrue([for k in aws_kms_key.this : k.tags.Project == "expense" && k.tags.Environment == "dev"])
    error_message = "Every key carries the tags Project and Environment."
  }
  assert {
    condition     = alltrue([for n, a in aws_kms_alias.this : a.name == "alias/expense-dev-${n}"])
    error_message = "Aliases are named by project, environment and purpose."
  }
}

run "no_policy_trusts_everyone" {
  command = plan

  variables {
    enable_cluster_key = true
  }

  assert {
    condition = alltrue(flatten([
      for k in aws_kms_key.this : [
        for s in jsondecode(k.policy).Statement : s.Principal != "*" && try(s.Principal.AWS, "") != "*"
      ]
    ]))
    error_message = "No key policy names everyone as principal."
  }
  assert {
    condition = alltrue(flatten([
      for k in aws_kms_key.this : [
        for s in jsondecode(k.policy).Statement : can(s.Condition) if can(s.Principal.Service)
      ]
    ]))
    error_message = "Services use a key only for this account: their statements carry a condition."
  }
  assert {
    condition     = length(aws_kms_key.this) == 3 && length(jsondecode(aws_kms_key.this["data"].policy).Statement) == 1
    error_message = "The data key is used through IAM policies of the account alone."
  }
}

run "another_stack_owns_the_ebs_setting" {
  command = plan

  variables {
    ebs_encryption_by_default = false
  }

  assert {
    condition     = length(aws_ebs_encryption_by_default.this) == 0
    error_message = "The switch leaves the account's setting alone."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a short deletion window
    deletion_window_in_days = 7
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
  }

  expect_failures = [
    var.deletion_window_in_days,
    var.environment,
    var.project_name,
  ]
}
