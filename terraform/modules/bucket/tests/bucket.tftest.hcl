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
  tags        = { Project = "expense", Environment = "dev" }
  name        = "expense-files-123456789012"
  kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/data"
}

run "defaults_are_safe" {
  command = plan

  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket is versioned."
  }
  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default) == { sse_algorithm = "aws:kms", kms_master_key_id = var.kms_key_arn }
    error_message = "Objects are encrypted with the given key."
  }
  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All public access is blocked."
  }
  assert {
    condition     = aws_s3_bucket_ownership_controls.this.rule[0].object_ownership == "BucketOwnerEnforced"
    error_message = "The account owns every object; there are no ACLs."
  }
  assert {
    condition     = aws_s3_bucket.this.tags.Project == "expense" && aws_s3_bucket.this.tags.Environment == "dev"
    error_message = "The bucket carries the tags Project and Environment."
  }
  assert {
    condition     = aws_s3_bucket.this.force_destroy != true
    error_message = "A bucket that holds objects cannot be destroyed."
  }
  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled == false && length(aws_s3_bucket_object_lock_configuration.this) == 0
    error_message = "Nothing is locked unless asked for."
  }
}

run "only_tls" {
  command = plan

  assert {
    condition = jsondecode(aws_s3_bucket_policy.this.policy).Statement == [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = ["arn:aws:s3:::expense-files-123456789012", "arn:aws:s3:::expense-files-123456789012/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
    error_message = "Whoever comes without TLS is refused, and nobody is let in by the bucket's policy alone."
  }
}

run "old_versions_stay_in_standard_and_expire" {
  command = plan

  variables {
    noncurrent_days = 365
    expire_days     = 400
  }

  assert {
    condition     = { for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.id => r.status } == { old-versions = "Enabled", expire = "Enabled" }
    error_message = "Both rules are on."
  }
  assert {
    condition     = one([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.noncurrent_version_expiration[0].noncurrent_days if r.id == "old-versions"]) == 365
    error_message = "Old versions expire after the given days."
  }
  assert {
    condition     = alltrue([for r in aws_s3_bucket_lifecycle_configuration.this.rule : length(r.noncurrent_version_transition) == 0 && length(r.transition) == 0])
    error_message = "Nothing moves to a colder class."
  }
  assert {
    condition     = one([for r in aws_s3_bucket_lifecycle_configuration.this.rule : r.expiration[0].days if r.id == "expire"]) == 400
    error_message = "Objects expire after the given days."
  }
}

run "locked" {
  command = plan

  variables {
    lock        = { mode = "COMPLIANCE", days = 90 }
    expire_days = 91
  }

  assert {
    condition     = aws_s3_bucket.this.object_lock_enabled && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].mode == "COMPLIANCE" && aws_s3_bucket_object_lock_configuration.this[0].rule[0].default_retention[0].days == 90
    error_message = "Every new object is locked for the given days."
  }
}

run "further_statements" {
  command = plan

  variables {
    statements = [{
      sid        = "Write"
      principals = { Service = ["delivery.logs.amazonaws.com"] }
      actions    = ["s3:PutObject"]
      paths      = ["", "logs/*"]
      conditions = { StringEquals = { "aws:SourceAccount" = ["123456789012"] } }
    }]
  }

  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[1].Resource == ["arn:aws:s3:::expense-files-123456789012", "arn:aws:s3:::expense-files-123456789012/logs/*"]
    error_message = "Paths become ARNs of this bucket."
  }
  assert {
    condition     = jsondecode(aws_s3_bucket_policy.this.policy).Statement[1].Condition == { StringEquals = { "aws:SourceAccount" = ["123456789012"] } } && jsondecode(aws_s3_bucket_policy.this.policy).Statement[0].Sid == "TlsOnly"
    error_message = "Conditions are kept, and TLS stays demanded."
  }
}

run "s3s_own_keys" {
  command = plan

  variables {
    kms_key_arn = null
  }

  assert {
    condition     = one(one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default).sse_algorithm == "AES256"
    error_message = "Without a key objects are still encrypted."
  }
}

run "refuses_to_expire_what_is_locked" {
  command = plan

  variables {
    lock        = { mode = "GOVERNANCE", days = 90 }
    expire_days = 90
  }

  expect_failures = [aws_s3_bucket.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # no environment
    tags = { Project = "expense" }
    # a key alias
    kms_key_arn = "alias/data"
    # a name with capitals
    name = "Files"
    # everyone
    statements = [{ sid = "All", principals = { AWS = ["*"] }, actions = ["s3:GetObject"] }]
    # an unknown lock
    lock = { mode = "SOFT", days = 1 }
    # to expire at once
    expire_days = 0
    # to keep no version
    noncurrent_days = 0
  }

  expect_failures = [
    var.tags,
    var.kms_key_arn,
    var.name,
    var.statements,
    var.lock,
    var.expire_days,
    var.noncurrent_days,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # every action
    statements = [{ sid = "All", principals = { AWS = ["123456789012"] }, actions = ["s3:*"] }]
  }

  expect_failures = [
    var.statements,
  ]
}

