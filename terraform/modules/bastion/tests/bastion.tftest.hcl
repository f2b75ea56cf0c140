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
  mock_data "aws_ssm_parameter" {
    defaults = { insecure_value = "ami-0123456789abcdef0" }
  }
}

# What the module leaves out shows as "none"; what it sets wins over this.
override_resource {
  target          = aws_instance.this
  override_during = plan
  values          = { key_name = "none" }
}

variables {
  project_name      = "expense"
  environment       = "dev"
  subnet_id         = "subnet-private"
  security_group_id = "sg-bastion"
  has_nat_gateway   = true
  kms_key_arn       = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "no_way_in_but_session_manager" {
  command = plan

  assert {
    condition     = aws_instance.this.associate_public_ip_address == false && aws_instance.this.subnet_id == "subnet-private"
    error_message = "The bastion has no public address."
  }
  assert {
    condition     = aws_instance.this.key_name == "none"
    error_message = "The bastion has no SSH key."
  }
  assert {
    condition     = aws_iam_role_policy_attachment.session_manager.policy_arn == "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    error_message = "Session Manager reaches the bastion."
  }
  assert {
    condition     = aws_instance.this.vpc_security_group_ids == toset(["sg-bastion"])
    error_message = "The bastion stands behind the given group alone."
  }
}

run "hardened" {
  command = plan

  assert {
    condition     = aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instance metadata wants a token (IMDSv2)."
  }
  assert {
    condition     = aws_instance.this.root_block_device[0].encrypted
    error_message = "The disk is encrypted."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.session.policy).Statement : [for a in s.Action : !strcontains(a, "*")]]))
    error_message = "The role has no wildcard action."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.session.policy).Statement[0].Resource == ["arn:aws:logs:us-east-1:123456789012:log-group:/aws/ssm/expense-dev-bastion", "arn:aws:logs:us-east-1:123456789012:log-group:/aws/ssm/expense-dev-bastion:*"]
    error_message = "The role writes to the sessions' log group only."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "ec2.amazonaws.com" }
    error_message = "Only EC2 takes the role."
  }
}

run "sessions_are_logged" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.sessions.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.sessions.retention_in_days == 30
    error_message = "The sessions' log is encrypted and has an end."
  }
  assert {
    condition     = jsondecode(aws_ssm_document.session.content).inputs.cloudWatchLogGroupName == "/aws/ssm/expense-dev-bastion" && jsondecode(aws_ssm_document.session.content).inputs.cloudWatchEncryptionEnabled
    error_message = "The session document logs into the encrypted group."
  }
  assert {
    condition     = jsondecode(aws_ssm_document.session.content).inputs.idleSessionTimeout == "20"
    error_message = "Idle sessions end."
  }
  assert {
    condition     = jsondecode(aws_ssm_document.session.content).inputs.kmsKeyId == var.kms_key_arn
    error_message = "Sessions are encrypted with the given key from end to end."
  }
}

run "tags" {
  command = plan

  assert {
    condition     = alltrue([for r in [aws_instance.this, aws_iam_role.this, aws_iam_instance_profile.this, aws_cloudwatch_log_group.sessions, aws_ssm_document.session] : r.tags.Project == "expense" && r.tags.Environment == "dev"]) && aws_instance.this.volume_tags.Project == "expense"
    error_message = "Everything carries the tags Project and Environment."
  }
}

run "endpoints_instead_of_nat" {
  command = plan

  variables {
    has_nat_gateway     = false
    interface_endpoints = ["ssm", "ssmmessages", "ec2messages", "secretsmanager"]
  }

  assert {
    condition     = aws_instance.this.instance_type == "t3.small"
    error_message = "The three endpoints are enough."
  }
}

run "boundary" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/b"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/b"
    error_message = "The role carries the boundary."
  }
}

run "refuses_neither_nat_nor_endpoints" {
  command = plan
  variables {
    has_nat_gateway     = false
    interface_endpoints = ["ssm"]
  }
  expect_failures = [aws_instance.this]
}

run "dumps_are_written_not_read" {
  command = plan
  variables {
    write_dumps      = true
    dump_bucket_name = "expense-dev-backups-123456789012"
    dump_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
  assert {
    condition     = toset(jsondecode(aws_iam_role_policy.dumps[0].policy).Statement[0].Action) == toset(["s3:PutObject", "s3:AbortMultipartUpload"]) && jsondecode(aws_iam_role_policy.dumps[0].policy).Statement[0].Resource == ["arn:aws:s3:::expense-dev-backups-123456789012/*"]
    error_message = "The bastion writes dumps into one bucket and neither reads nor removes them."
  }
}

run "refuses_dumps_without_a_bucket" {
  command = plan
  variables {
    write_dumps = true
  }
  expect_failures = [aws_iam_role_policy.dumps]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an arm type
    instance_type = "t4g.small"
    # another image
    ami_parameter = "/my/ami"
    # a key that is no arn
    kms_key_arn = "logs"
    # an unknown retention
    log_retention_days = 8
    # sessions without end
    idle_session_minutes = 0
    # a boundary that is no policy
    permissions_boundary_arn = "x"
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
    # a wildcard bucket
    dump_bucket_name = "expense-*"
  }

  expect_failures = [
    var.instance_type,
    var.ami_parameter,
    var.kms_key_arn,
    var.log_retention_days,
    var.idle_session_minutes,
    var.permissions_boundary_arn,
    var.environment,
    var.project_name,
    var.dump_bucket_name,
  ]
}
