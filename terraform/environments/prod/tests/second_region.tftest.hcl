mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-west-2" }
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

# The values of second-region.tfvars.
variables {
  region_role                   = "secondary"
  aws_region                    = "us-west-2"
  vpc_cidr                      = "10.3.0.0/16"
  reserved_cidrs                = ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16"]
  availability_zones            = ["us-west-2a", "us-west-2b", "us-west-2c"]
  domain                        = { zone_name = "expense.example.com", zone_id = "Z00000000000000000000", host = "api-dr" }
  rds_restore_source            = { automated_backups_arn = "arn:aws:rds:us-west-2:777788889999:auto-backup:ab-x" }
  rds_backup_replication_region = null
  state_bucket_name             = "expense-dr-terraform-state-777788889999"
  state_kms_key_arn             = "arn:aws:kms:us-west-2:777788889999:key/00000000-0000-0000-0000-000000000000"
  create_github_provider        = false
  github_environments           = { deploy = "prod-dr", plan = "prod-dr-plan", apply = "prod-dr" }
  registry_owner                = false
  registry_pull_account_ids     = []
  registry_replication_region   = null
  activate_cost_allocation_tags = false
  registry = {
    repository_arn      = "arn:aws:ecr:us-west-2:777788889999:repository/expense-backend"
    repository_url      = "777788889999.dkr.ecr.us-west-2.amazonaws.com/expense-backend"
    artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
    kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
  }
}

run "another_region_by_values_alone" {
  command = plan

  assert {
    condition     = output.helm.cluster_name == "expense-dr-prod-cluster" && output.data.db_identifier == "expense-dr-prod-mysql"
    error_message = "Names differ from the first region's: both stand in one account."
  }
  assert {
    condition     = local.tags.Project == "expense" && local.tags.Environment == "prod"
    error_message = "Tags do not differ: cost and budget are the environment's."
  }
  assert {
    condition     = length(module.audit) == 0 && length(module.budget) == 0 && length(module.ecr) == 0
    error_message = "Trail, budget and registry are the first region's."
  }
  assert {
    condition     = length(module.eks) == 1 && length(module.elasticache) == 1
    error_message = "The second region is whole."
  }
  assert {
    condition     = strcontains(output.helm.image_repository, ".us-west-2.") && output.data.backups_replica_arn == null
    error_message = "Neither images nor backups need the first region."
  }
}

run "failover_of_one_name" {
  command = plan

  variables {
    failover = {
      name              = "api.expense.example.com"
      role              = "SECONDARY"
      target_dns_name   = "k8s-expense-1.us-west-2.elb.amazonaws.com"
      target_zone_id    = "Z1H1FL5HABSF5"
      health_check_fqdn = "api-dr.expense.example.com"
    }
  }

  assert {
    condition     = output.dns.client_host == "api-dr.expense.example.com"
    error_message = "The second region keeps a name of its own beside the one that fails over."
  }
}

run "refuses_the_first_regions_provider" {
  command = plan
  variables {
    create_github_provider = true
  }
  expect_failures = [var.region_role]
}
