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
  project_name         = "expense"
  environment          = "prod"
  state_bucket_name    = "expense-terraform-state-123456789012"
  state_kms_key_arn    = "arn:aws:kms:us-east-1:123456789012:key/state"
  ecr_repository_arn   = "arn:aws:ecr:us-east-1:123456789012:repository/expense-backend"
  artifact_bucket_arn  = "arn:aws:s3:::expense-artifacts-123456789012"
  registry_kms_key_arn = "arn:aws:kms:us-east-1:123456789012:key/registry"
  github_repository    = "example-org/expense-backend"
  registry_owner       = true
  lambda_function_arns = {
    api   = "arn:aws:lambda:us-east-1:123456789012:function:expense-prod-api"
    admin = "arn:aws:lambda:us-east-1:123456789012:function:expense-prod-admin"
  }
  eks_cluster_arn = "arn:aws:eks:us-east-1:123456789012:cluster/expense-prod"
  db_instance_arn = "arn:aws:rds:us-east-1:123456789012:db:expense-prod"
}

run "push_reaches_one_registry" {
  command = plan

  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.push[0].policy).Statement : s.Sid if s.Resource == "*"] == ["LogInToTheRegistry"]
    error_message = "Only the login, which ECR knows no resource for, has the resource *."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.push[0].policy).Statement : s.Action if s.Sid == "LogInToTheRegistry"]) == ["ecr:GetAuthorizationToken"]
    error_message = "The login stands in a statement of its own."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.push[0].policy).Statement : s.Resource == var.ecr_repository_arn && length(setsubtract(["ecr:BatchGetImage", "ecr:DescribeImages", "ecr:PutImage"], s.Action)) == 0 if s.Sid == "PushImages"])
    error_message = "Images are pushed to the one repository, and can be read back."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.push[0].policy).Statement : [for a in s.Action : !strcontains(a, "*") && !strcontains(lower(a), "delete")]]))
    error_message = "No action is a wildcard, and nothing is deleted."
  }
}

run "deploy_has_least_rights" {
  command = plan

  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : [for a in s.Action : !strcontains(a, "*") && !startswith(a, "iam:")]]))
    error_message = "No action is a wildcard, none is IAM's."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Sid if s.Resource == "*"] == ["LogInToTheRegistry", "WatchAlarms"]
    error_message = "Only the login and the reading of alarms have the resource *."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Resource if s.Sid == "Migrate"]) == [var.lambda_function_arns.admin, "${var.lambda_function_arns.admin}:*"] && one([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Resource if s.Sid == "MoveTheAlias"]) == [var.lambda_function_arns.api]
    error_message = "It invokes the admin function only, and moves the api alias only."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Action if s.Sid == "FindTheCluster"]) == ["eks:DescribeCluster"] && one([for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Resource if s.Sid == "SnapshotBeforeMigration"]) == [var.db_instance_arn, "arn:aws:rds:us-east-1:123456789012:snapshot:expense-prod-*"]
    error_message = "It finds the cluster and snapshots the database under the environment's names."
  }
}

run "plan_reads_settings_and_no_contents" {
  command = plan

  assert {
    condition     = alltrue([for a in local.read_actions : can(regex("^[a-z0-9-]+:(Describe|Get|List|View|BatchGet|GET)", a))])
    error_message = "Every action reads."
  }
  assert {
    condition     = length(setintersection(["s3:GetObject", "s3:Get*", "secretsmanager:GetSecretValue", "logs:GetLogEvents", "kms:Decrypt", "*"], local.read_actions)) == 0
    error_message = "No object, secret value or log event is among them."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.plan.policy).Statement : s.Effect == "Deny" && contains(s.Action, "secretsmanager:GetSecretValue") && s.Resource == "*" if s.Sid == "NoSecretValues"])
    error_message = "Secret values are denied, whatever is attached later."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.plan.policy).Statement : s.Resource if contains(flatten([s.Action]), "s3:PutObject")] == ["arn:aws:s3:::expense-terraform-state-123456789012/prod/terraform.tfstate.tflock"]
    error_message = "It writes the lock of its own state and nothing else."
  }
}

run "state_of_one_environment" {
  command = plan

  assert {
    condition = toset(flatten([for policy in [aws_iam_role_policy.plan.policy, aws_iam_role_policy.apply.policy] : [for s in jsondecode(policy).Statement : s.Resource if contains(["ReadTheState", "HoldTheLock", "WriteTheState"], s.Sid)]])) == toset([
      "arn:aws:s3:::expense-terraform-state-123456789012/prod/terraform.tfstate",
      "arn:aws:s3:::expense-terraform-state-123456789012/prod/terraform.tfstate.tflock",
    ])
    error_message = "Plan and apply reach the environment's own state and lock."
  }
}

run "apply_cannot_grow" {
  command = plan

  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.apply.policy).Statement : s.Condition.StringEquals["iam:PermissionsBoundary"] if s.Sid == "ManageBoundedRoles"]) == local.workload_boundary_arn
    error_message = "It makes and changes roles under the workload boundary only."
  }
  assert {
    condition     = length(setintersection(flatten([for s in jsondecode(aws_iam_role_policy.apply.policy).Statement : s.Action]), ["*", "iam:*", "s3:*", "iam:CreateUser", "iam:CreateAccessKey", "iam:DeleteRolePermissionsBoundary"])) == 0
    error_message = "It has no right to everything, to users or to take a boundary off."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_policy.ci_boundary.policy).Statement : s.Effect == "Deny" && s.Condition.StringNotEquals["iam:PermissionsBoundary"] == local.workload_boundary_arn && contains(s.Action, "iam:CreateRole") if s.Sid == "RolesAreBounded"])
    error_message = "The boundary denies unbounded roles."
  }
  assert {
    condition     = length(setsubtract(["BoundariesStay", "BoundariesAreNotRewritten", "RolesAreBounded", "CiRolesAreNotChangedByCi", "ProviderIsNotChangedByCi", "NoUsersAndNoKeys", "StateStays", "StatesKeyStays", "LocksAndTrailStay"], [for s in jsondecode(aws_iam_policy.ci_boundary.policy).Statement : s.Sid if s.Effect == "Deny"])) == 0
    error_message = "The boundary keeps boundaries, CI roles, provider, state, locks and trail."
  }
  assert {
    condition     = !contains(flatten([for s in jsondecode(aws_iam_policy.workload_boundary.policy).Statement : s.Action]), "iam:*") && !contains(flatten([for s in jsondecode(aws_iam_policy.workload_boundary.policy).Statement : s.Action]), "*")
    error_message = "No workload manages IAM."
  }
  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.apply.policy).Statement : s.Condition.StringEquals["aws:RequestedRegion"] if s.Sid == "ManageServices"]) == ["us-east-1"]
    error_message = "It works in its own region only."
  }
}

run "policies_fit_into_iams_limits" {
  command = plan

  assert {
    condition     = length(aws_iam_role_policy.apply.policy) <= 10240 && length(aws_iam_role_policy.plan.policy) <= 10240
    error_message = "A role's inline policies hold at most 10,240 characters."
  }
  assert {
    condition     = length(aws_iam_policy.ci_boundary.policy) <= 6144 && length(aws_iam_policy.workload_boundary.policy) <= 6144
    error_message = "A managed policy holds at most 6,144 characters."
  }
}

run "second_region" {
  command = plan

  variables {
    extra_regions = ["us-west-2"]
  }

  assert {
    condition     = one([for s in jsondecode(aws_iam_role_policy.apply.policy).Statement : s.Condition.StringEquals["aws:RequestedRegion"] if s.Sid == "ManageServices"]) == ["us-east-1", "us-west-2"]
    error_message = "Further regions are named."
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
    # a bucket with capitals
    state_bucket_name = "State"
    # a key alias
    state_kms_key_arn = "alias/state"
    # every repository of the registry
    ecr_repository_arn = "arn:aws:ecr:us-east-1:123456789012:repository/expense-*"
    # every bucket
    artifact_bucket_arn = "arn:aws:s3:::*"
    # a registry key alias
    registry_kms_key_arn = "alias/registry"
    # half a pair of functions
    lambda_function_arns = { api = "arn:aws:lambda:us-east-1:123456789012:function:expense-prod-api" }
    # every cluster
    eks_cluster_arn = "arn:aws:eks:us-east-1:123456789012:cluster/*"
    # every database
    db_instance_arn = "arn:aws:rds:us-east-1:123456789012:db:*"
    # every repository
    github_repository = "example-org/*"
    # every github environment
    github_environments = { deploy = "*" }
    # a session of a day
    max_session_seconds = 86400
    # a zone for a region
    extra_regions = ["us-west-2a"]
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.state_bucket_name,
    var.state_kms_key_arn,
    var.ecr_repository_arn,
    var.artifact_bucket_arn,
    var.registry_kms_key_arn,
    var.lambda_function_arns,
    var.eks_cluster_arn,
    var.db_instance_arn,
    var.github_repository,
    var.github_environments,
    var.max_session_seconds,
    var.extra_regions,
  ]
}

