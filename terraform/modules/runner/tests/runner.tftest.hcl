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
  project_name       = "expense"
  environment        = "prod"
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/operations"
  vpc_id             = "vpc-1"
  private_subnet_ids = ["subnet-a", "subnet-b"]
  security_group_ids = ["sg-runner"]
  connection_arn     = "arn:aws:codeconnections:us-east-1:123456789012:connection/abc"
  github_repository  = "example-org/expense-backend"
}

run "runs_inside_the_vpc" {
  command = plan

  assert {
    condition     = aws_codebuild_project.this.vpc_config[0].vpc_id == "vpc-1" && aws_codebuild_project.this.vpc_config[0].subnets == toset(["subnet-a", "subnet-b"]) && aws_codebuild_project.this.vpc_config[0].security_group_ids == toset(["sg-runner"])
    error_message = "The runner joins the given subnets under the given group."
  }
  assert {
    condition     = aws_codebuild_project.this.name == "expense-prod-runner" && aws_codebuild_project.this.tags.Project == "expense" && aws_codebuild_project.this.tags.Environment == "prod"
    error_message = "Named and tagged by project and environment."
  }
  assert {
    condition     = aws_codebuild_project.this.environment[0].privileged_mode == false
    error_message = "Jobs are not privileged."
  }
  assert {
    condition     = one(one(aws_codebuild_webhook.this.filter_group).filter).pattern == "WORKFLOW_JOB_QUEUED"
    error_message = "Only queued jobs start it."
  }
  assert {
    condition     = aws_codebuild_project.this.source[0].location == "https://github.com/example-org/expense-backend.git"
    error_message = "It serves the one repository."
  }
}

run "encrypted_and_kept_90_days" {
  command = plan

  assert {
    condition     = aws_codebuild_project.this.encryption_key == var.kms_key_arn && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 90
    error_message = "Logs are encrypted with the given key and kept 90 days in prod."
  }
}

run "has_no_rights_of_its_own" {
  command = plan

  assert {
    condition     = alltrue([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : alltrue([for a in s.Action : can(regex("^(ec2|logs|codeconnections):", a)) && !strcontains(a, "*")])])
    error_message = "The runner's role reaches network, logs and the connection only."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Sid if s.Resource == "*"] == ["JoinTheVpc"]
    error_message = "Only what AWS gives no resource for has the resource *."
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceArn"] == "arn:aws:codebuild:us-east-1:123456789012:project/expense-prod-runner"
    error_message = "Only this project takes the role."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.this.policy).Statement : s.Condition.StringEquals["ec2:AuthorizedService"] if s.Sid == "LendTheInterfaceToCodeBuild"]) == "codebuild.amazonaws.com"
    error_message = "Interfaces are lent to CodeBuild only."
  }
}

run "bounded_and_other_retentions" {
  command = plan

  variables {
    environment              = "dev"
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
    log_retention_days       = 14
  }

  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary" && aws_cloudwatch_log_group.this.retention_in_days == 14
    error_message = "The role carries the boundary; a given retention wins."
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
    # no subnet
    private_subnet_ids = []
    # no group
    security_group_ids = []
    # a connection by name
    connection_arn = "github"
    # a boundary by name
    permissions_boundary_arn = "boundary"
    # every repository
    github_repository = "example-org/*"
    # an unknown size
    compute_type = "HUGE"
    # a job of a minute
    timeout_minutes = 1
    # an odd retention
    log_retention_days = 8
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.private_subnet_ids,
    var.security_group_ids,
    var.connection_arn,
    var.permissions_boundary_arn,
    var.github_repository,
    var.compute_type,
    var.timeout_minutes,
    var.log_retention_days,
  ]
}

