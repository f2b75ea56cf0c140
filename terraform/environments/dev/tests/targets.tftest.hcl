mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

mock_provider "aws" {
  alias = "us_east_1"
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

run "lambda_alone" {
  command = plan

  variables {
    deploy_target = "lambda"
  }

  assert {
    condition     = length(module.lambda) == 1 && length(module.eks) == 0 && length(module.workload_roles) == 0 && length(module.waf) == 0 && length(module.runner) == 0
    error_message = "On lambda there is no cluster and nothing of it."
  }
  assert {
    condition     = length(module.elasticache) == 0 && length(module.bastion) == 0 && !local.nat && length(output.network.nat_gateway_ips) == 0
    error_message = "On lambda there is no cache, no bastion and no NAT gateway."
  }
  assert {
    condition     = local.interface_endpoints == toset(["secretsmanager", "rds"])
    error_message = "Functions and password rotation reach what they call without NAT."
  }
  assert {
    condition     = output.helm == null && output.lambda != null
    error_message = "Outputs of the other target are null."
  }
  assert {
    condition     = output.monthly_budget_usd == var.monthly_budget_usd.lambda
    error_message = "The budget is the target's."
  }
}

run "cluster_alone" {
  command = plan

  variables {
    deploy_target = "eks"
  }

  assert {
    condition     = length(module.eks) == 1 && length(module.workload_roles) == 1 && length(module.waf) == 1 && length(module.lambda) == 0
    error_message = "On eks there is a cluster with its roles and firewall, and no function."
  }
  assert {
    condition     = length(module.elasticache) == 1 && length(module.bastion) == 1 && local.nat
    error_message = "On eks there is a shared cache, a bastion and NAT."
  }
  assert {
    condition     = length(local.interface_endpoints) == 0
    error_message = "With NAT no interface endpoint is paid for."
  }
  assert {
    condition     = output.lambda == null && output.helm.cluster_name == "${var.project_name}-${var.environment}-cluster" && output.helm.trusted_proxy_hops == 1
    error_message = "The chart gets what it needs."
  }
  assert {
    condition     = output.monthly_budget_usd == var.monthly_budget_usd.eks
    error_message = "The budget is the target's."
  }
}

run "both" {
  command = plan

  variables {
    deploy_target = "both"
  }

  assert {
    condition     = length(module.eks) == 1 && length(module.lambda) == 1 && length(module.elasticache) == 1
    error_message = "Both targets stand side by side and share the cache."
  }
  assert {
    condition     = output.dns.lambda_host != output.dns.ingress_host
    error_message = "Side by side each target has a name of its own."
  }
  assert {
    condition     = output.monthly_budget_usd == var.monthly_budget_usd.both
    error_message = "The budget is the target's."
  }
}

run "the_file_decides" {
  command = plan

  assert {
    condition     = output.deploy_target == jsondecode(file("../../../deploy-targets.json"))[var.environment]
    error_message = "Without an override deploy-targets.json decides."
  }
}

run "cloudfront" {
  command = plan

  variables {
    deploy_target              = "eks"
    enable_cloudfront          = true
    restrict_alb_to_cloudfront = true
  }

  assert {
    condition     = length(module.cloudfront) == 1 && length(module.waf_edge) == 1 && output.helm.trusted_proxy_hops == 2 && output.helm.ingress_host == "origin.${var.domain.zone_name}"
    error_message = "Behind CloudFront there is one proxy more and the origin has its own name."
  }
}

run "refuses_a_cluster_without_a_name" {
  command = plan
  variables {
    deploy_target = "eks"
    domain        = null
  }
  expect_failures = [var.domain]
}

run "refuses_a_cluster_without_nat" {
  command = plan
  variables {
    deploy_target      = "eks"
    enable_nat_gateway = false
  }
  expect_failures = [var.enable_nat_gateway]
}

run "refuses_a_cluster_without_cache" {
  command = plan
  variables {
    deploy_target      = "eks"
    enable_elasticache = false
  }
  expect_failures = [var.enable_elasticache]
}

run "refuses_an_unknown_target" {
  command = plan
  variables {
    deploy_target = "fargate"
  }
  expect_failures = [var.deploy_target]
}

run "refuses_a_load_balancer_closed_to_all" {
  command = plan
  variables {
    restrict_alb_to_cloudfront = true
  }
  expect_failures = [var.restrict_alb_to_cloudfront]
}

run "refuses_an_account_that_is_none" {
  command = plan
  variables {
    account_id = "production"
  }
  expect_failures = [var.account_id]
}

run "refuses_zones_of_another_region" {
  command = plan
  variables {
    aws_region = "us-west-2"
  }
  expect_failures = [var.aws_region]
}

run "refuses_a_second_region_with_the_first_ones_provider" {
  command = plan
  variables {
    region_role = "secondary"
  }
  expect_failures = [var.region_role]
}

run "refuses_an_administrator_by_wildcard" {
  command = plan
  variables {
    eks_admin_role_arns = ["arn:aws:iam::123456789012:role/*"]
  }
  expect_failures = [var.eks_admin_role_arns]
}

run "refuses_keys_from_the_internet_without_a_way_there" {
  command = plan
  variables {
    deploy_target = "lambda"
    jwt           = { issuer = "https://i.example.com", audience = "a", jwks = "https://i.example.com/jwks" }
  }
  expect_failures = [var.jwt]
}
