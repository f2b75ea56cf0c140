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
  project_name   = "expense"
  aws_account_id = "123456789012"
}

run "state_is_versioned_encrypted_and_private" {
  command = plan

  # The key's ARN is made up at plan time, so that the bucket can be asked for it.
  override_resource {
    target          = aws_kms_key.state
    override_during = plan
    values          = { arn = "arn:aws:kms:us-east-1:123456789012:key/state", key_id = "state" }
  }

  assert {
    condition     = local.bucket_name == "expense-terraform-state-123456789012" && module.state.name == local.bucket_name
    error_message = "The bucket is named <project>-terraform-state-<account>."
  }
  assert {
    condition     = module.state.guarantees.versioned && module.state.guarantees.noncurrent_days == 365 && module.state.guarantees.expire_days == null
    error_message = "Versions are kept for 365 days, and a state never expires."
  }
  assert {
    condition     = module.state.guarantees.kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/state"
    error_message = "The state is encrypted with its own key."
  }
  assert {
    condition     = jsondecode(module.state.guarantees.policy).Statement[0].Sid == "TlsOnly" && length(jsondecode(module.state.guarantees.policy).Statement) == 1
    error_message = "The bucket's policy demands TLS and lets nobody in."
  }
}

run "key" {
  command = plan

  assert {
    condition     = aws_kms_key.state.enable_key_rotation && aws_kms_key.state.deletion_window_in_days == 10
    error_message = "The key rotates, and its deletion takes 10 days."
  }
  assert {
    condition     = [for s in jsondecode(aws_kms_key.state.policy).Statement : s.Principal] == [{ AWS = "arn:aws:iam::123456789012:root" }]
    error_message = "Only this account's policies give rights on the key."
  }
  assert {
    condition     = aws_kms_key.state.tags.Project == "expense" && aws_kms_key.state.tags.Environment == "shared"
    error_message = "The key carries the tags Project and Environment."
  }
}

run "refuses_credentials_of_another_account" {
  command = plan

  variables {
    aws_account_id = "210987654321"
  }

  expect_failures = [aws_kms_key.state]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a bad project name
    project_name = "Expense_App"
    # a short account
    aws_account_id = "12345"
    # a zone for a region
    aws_region = "us-east-1a"
    # to forget soon
    noncurrent_days = 30
  }

  expect_failures = [
    var.project_name,
    var.aws_account_id,
    var.aws_region,
    var.noncurrent_days,
  ]
}

