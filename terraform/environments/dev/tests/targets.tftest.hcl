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
    condition     = length([for name in module.alarms.alarm_names : name if endswith(name, "-certificate-service")]) == 1
    error_message = "Somebody is told of a certificate that expires: no Prometheus is there."
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

run "refuses_zones_of_another_region_and_an_unknown_scheme" {
  command = plan
  variables {
    aws_region = "us-west-2"
    alb_scheme = "public"
  }
  expect_failures = [var.aws_region, var.alb_scheme]
}

run "refuses_a_second_region_with_the_first_ones_provider" {
  command = plan
  variables {
    region_role = "secondary"
  }
  expect_failures = [var.region_role]
}

run "refuses_keys_from_the_internet_without_a_way_there_and_a_dot" {
  command = plan
  variables {
    deploy_target = "lambda"
    # a zone with a dot at its end
    domain = { zone_name = "expense.example.com." }
    # keys from the internet without NAT
    jwt = { issuer = "https://i.example.com", audience = "a", jwks = "https://i.example.com/jwks" }
  }
  expect_failures = [var.domain, var.jwt]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    deploy_target = "lambda"
    # a region that is none, and zones that are not its own
    aws_region = "oregon"
    # neither of the two roles
    region_role = "third"
    # CloudFront without a name of its own
    domain            = null
    enable_cloudfront = true
    # a registry beside the own one
    registry_owner = true
    registry = {
      repository_arn      = "arn:aws:ecr:us-east-1:777788889999:repository/expense-backend"
      repository_url      = "777788889999.dkr.ecr.us-east-1.amazonaws.com/expense-backend"
      artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
      kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
    }
    # no whole account, and credentials by wildcard
    account_id          = "1234"
    eks_admin_role_arns = ["*"]
    # keys from the internet with the way there shut
    jwt                = { issuer = "https://i.example.com", audience = "a", jwks = "https://i.example.com/jwks" }
    enable_nat_gateway = false
  }

  expect_failures = [
    var.aws_region,
    var.region_role,
    var.enable_cloudfront,
    var.registry,
    var.account_id,
    var.eks_admin_role_arns,
    var.jwt,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    deploy_target = "lambda"
    environment   = "staging"
    # two zones outside dev
    availability_zones = ["us-east-1a", "us-east-1b"]
    # an internal load balancer that CloudFront cannot find
    enable_cloudfront = true
    alb_scheme        = "internal"
    # a week of logs outside dev
    log_retention_days = 7
    # copies of a registry that is another's
    registry_owner              = false
    registry_replication_region = "us-west-2"
  }

  expect_failures = [
    var.availability_zones,
    var.alb_scheme,
    var.log_retention_days,
    var.registry_replication_region,
  ]
}
