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
  kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/data"
}

run "defaults" {
  command = plan

  assert {
    condition     = output.bucket_arn == "arn:aws:s3:::expense-dev-backups-123456789012"
    error_message = "The bucket is named by project, environment and account."
  }
  assert {
    condition     = module.dumps.guarantees.versioned && module.dumps.guarantees.kms_key_arn == var.kms_key_arn
    error_message = "Dumps are versioned and encrypted with the given key."
  }
  assert {
    condition     = module.dumps.guarantees.lock.mode == "GOVERNANCE" && module.dumps.guarantees.lock.days == 7 && module.dumps.guarantees.expire_days == 90
    error_message = "A dump is locked for 7 days and expires after 90."
  }
  assert {
    condition     = length(jsondecode(module.dumps.guarantees.policy).Statement) == 1
    error_message = "Without writers the bucket's policy lets nobody in."
  }
}

run "prod_locks_for_a_month" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = module.dumps.guarantees.lock.days == 30
    error_message = "prod locks a dump for 30 days."
  }
}

run "writers_cannot_remove" {
  command = plan

  variables {
    writer_role_arns = ["arn:aws:iam::123456789012:role/expense-dev-bastion"]
  }

  assert {
    condition     = alltrue([for s in jsondecode(module.dumps.guarantees.policy).Statement : s.Principal == { AWS = ["arn:aws:iam::123456789012:role/expense-dev-bastion"] } if s.Sid != "TlsOnly"])
    error_message = "Only the named writers are named."
  }
  assert {
    condition     = sort(flatten([for s in jsondecode(module.dumps.guarantees.policy).Statement : s.Action if s.Effect == "Allow"])) == tolist(["s3:AbortMultipartUpload", "s3:ListBucket", "s3:PutObject"])
    error_message = "Writers write and list."
  }
  assert {
    condition     = length(setsubtract(["s3:BypassGovernanceRetention", "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutObjectRetention"], flatten([for s in jsondecode(module.dumps.guarantees.policy).Statement : s.Action if s.Effect == "Deny"]))) == 0
    error_message = "Writers neither remove nor unlock, whatever their own policies say."
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
    kms_key_arn = "alias/data"
    # every role
    writer_role_arns = ["arn:aws:iam::123456789012:role/*"]
    # no lock
    lock_days = 0
    # to expire at once
    expire_days = 1
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.writer_role_arns,
    var.lock_days,
    var.expire_days,
  ]
}

