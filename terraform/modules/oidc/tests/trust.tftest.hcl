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

run "each_role_trusts_one_github_environment" {
  command = plan

  assert {
    condition = { for role, policy in { push = aws_iam_role.push[0].assume_role_policy, deploy = aws_iam_role.deploy.assume_role_policy, plan = aws_iam_role.plan.assume_role_policy, apply = aws_iam_role.apply.assume_role_policy } :
      role => jsondecode(policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"]
      } == {
      push   = "repo:example-org/expense-backend:environment:registry"
      deploy = "repo:example-org/expense-backend:environment:prod"
      plan   = "repo:example-org/expense-backend:environment:prod-plan"
      apply  = "repo:example-org/expense-backend:environment:prod"
    }
    error_message = "Each role is bound to one environment of the repository, compared whole."
  }
  assert {
    condition = alltrue(flatten([for role in concat(aws_iam_role.push, [aws_iam_role.deploy, aws_iam_role.plan, aws_iam_role.apply]) : [
      for s in jsondecode(role.assume_role_policy).Statement : keys(s.Condition) == ["StringEquals"] && !strcontains(jsonencode(s), "*") && s.Condition.StringEquals["token.actions.githubusercontent.com:aud"] == "sts.amazonaws.com"
    ]]))
    error_message = "No trust holds a wildcard or a looser comparison, and the audience is AWS."
  }
  assert {
    condition     = alltrue([for role in concat(aws_iam_role.push, [aws_iam_role.deploy, aws_iam_role.plan, aws_iam_role.apply]) : jsondecode(role.assume_role_policy).Statement[0].Principal == { Federated = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com" } && length(jsondecode(role.assume_role_policy).Statement) == 1])
    error_message = "Only GitHub's provider of this account may hand the role out."
  }
  assert {
    condition     = alltrue([for role in concat(aws_iam_role.push, [aws_iam_role.deploy, aws_iam_role.plan, aws_iam_role.apply]) : role.tags.Project == "expense" && role.tags.Environment == "prod"])
    error_message = "Roles carry the tags Project and Environment."
  }
}

run "immutable_subject_and_own_names" {
  command = plan

  variables {
    github_repository   = "example-org@1234/expense-backend@5678"
    github_environments = { plan = "production-plan", apply = "production-apply" }
  }

  assert {
    condition     = output.subjects.plan == "repo:example-org@1234/expense-backend@5678:environment:production-plan" && output.subjects.apply == "repo:example-org@1234/expense-backend@5678:environment:production-apply" && output.subjects.deploy == "repo:example-org@1234/expense-backend@5678:environment:prod"
    error_message = "Subjects with immutable ids, and environments of other names, work."
  }
}

run "provider" {
  command = plan

  assert {
    condition     = aws_iam_openid_connect_provider.github[0].url == "https://token.actions.githubusercontent.com" && aws_iam_openid_connect_provider.github[0].client_id_list == toset(["sts.amazonaws.com"])
    error_message = "The provider is GitHub's, for AWS's audience."
  }
}

run "provider_of_another_environment_and_no_registry" {
  command = plan

  variables {
    create_provider      = false
    registry_owner       = false
    lambda_function_arns = {}
    eks_cluster_arn      = null
    db_instance_arn      = null
  }

  assert {
    condition     = length(aws_iam_openid_connect_provider.github) == 0 && output.provider_arn == "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"
    error_message = "The account's provider is used as it is."
  }
  assert {
    condition     = length(aws_iam_role.push) == 0 && output.push_role_arn == null
    error_message = "Only the registry's owner has a push role."
  }
  assert {
    condition     = [for s in jsondecode(aws_iam_role_policy.deploy.policy).Statement : s.Sid] == ["LogInToTheRegistry", "ReadImages", "ReadArtefacts", "DecryptArtefacts", "WatchAlarms"]
    error_message = "Without targets and database the deploy role reads releases and alarms, no more."
  }
}

run "every_ci_role_is_bounded" {
  command = plan

  override_resource {
    target          = aws_iam_policy.ci_boundary
    override_during = plan
    values          = { arn = "arn:aws:iam::123456789012:policy/expense-prod-ci-boundary" }
  }

  assert {
    condition     = alltrue([for role in concat(aws_iam_role.push, [aws_iam_role.deploy, aws_iam_role.plan, aws_iam_role.apply]) : role.permissions_boundary == "arn:aws:iam::123456789012:policy/expense-prod-ci-boundary"])
    error_message = "All CI roles carry the CI boundary."
  }
  assert {
    condition     = output.workload_boundary_arn == "arn:aws:iam::123456789012:policy/expense-prod-workload-boundary" && aws_iam_policy.workload_boundary.name == "expense-prod-workload-boundary" && aws_iam_policy.ci_boundary.name == "expense-prod-ci-boundary"
    error_message = "The names that policies write out are the names that are made."
  }
}

run "sessions_are_short" {
  command = plan

  assert {
    condition     = alltrue([for role in concat(aws_iam_role.push, [aws_iam_role.deploy, aws_iam_role.plan]) : role.max_session_duration == 3600]) && aws_iam_role.apply.max_session_duration == 7200
    error_message = "An hour, and two for an apply."
  }
}
