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

run "records_everything" {
  command = plan

  assert {
    condition     = aws_cloudtrail.this.enable_logging && aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.include_global_service_events
    error_message = "Events of all regions and of the global services are recorded."
  }
  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation
    error_message = "A changed log file can be told."
  }
  assert {
    condition     = aws_cloudtrail.this.event_selector[0].include_management_events && aws_cloudtrail.this.event_selector[0].read_write_type == "All"
    error_message = "Reads and writes are recorded."
  }
  assert {
    condition     = aws_cloudtrail.this.kms_key_id == var.kms_key_arn && module.trail.guarantees.kms_key_arn == var.kms_key_arn
    error_message = "Log files are encrypted with the given key."
  }
  assert {
    condition     = aws_cloudtrail.this.tags.Project == "expense" && aws_cloudtrail.this.tags.Environment == "dev"
    error_message = "The trail carries the tags Project and Environment."
  }
}

run "bucket_is_locked" {
  command = plan

  assert {
    condition     = module.trail.guarantees.lock.mode == "GOVERNANCE" && module.trail.guarantees.lock.days == 90 && module.trail.guarantees.expire_days == 91
    error_message = "A log file is locked for 90 days and expires after."
  }
}

run "prod_keeps_a_year" {
  command = plan

  variables {
    environment = "prod"
    lock_mode   = "COMPLIANCE"
  }

  assert {
    condition     = module.trail.guarantees.lock.mode == "COMPLIANCE" && module.trail.guarantees.lock.days == 365 && module.trail.guarantees.expire_days == 366
    error_message = "prod locks a log file for a year, here for everybody."
  }
}

run "only_this_trail_writes" {
  command = plan

  assert {
    condition     = [for s in jsondecode(module.trail.guarantees.policy).Statement : s.Action if s.Effect == "Allow"] == [["s3:GetBucketAcl"], ["s3:PutObject"]]
    error_message = "The trail checks the bucket and writes; nobody reads by this policy."
  }
  assert {
    condition     = alltrue([for s in jsondecode(module.trail.guarantees.policy).Statement : s.Principal == { Service = ["cloudtrail.amazonaws.com"] } && s.Condition.StringEquals["aws:SourceArn"] == ["arn:aws:cloudtrail:us-east-1:123456789012:trail/expense-dev-audit"] if s.Effect == "Allow"])
    error_message = "Only CloudTrail, and only for this trail."
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
    # a week
    retention_days = 7
    # a soft lock
    lock_mode = "SOFT"
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.retention_days,
    var.lock_mode,
  ]
}

