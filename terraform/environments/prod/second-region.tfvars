# The same environment in another region, by values alone: terraform plan -var-file=second-region.tfvars, with a state of
# its own (terraform init -backend-config=key=prod-dr/terraform.tfstate). See ../README.md, "A lost region".
region_role = "secondary"
aws_region  = "us-west-2"

# Network
vpc_cidr           = "10.3.0.0/16"
reserved_cidrs     = ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16"]
availability_zones = ["us-west-2a", "us-west-2b", "us-west-2c"]

# Edge: the first region made the zone
domain = { zone_name = "expense.example.com", zone_id = "Z00000000000000000000", host = "api-dr" }

# Database: from the automated backups that the first region copied here (output data.backups_replica_arn)
rds_restore_source            = { automated_backups_arn = "arn:aws:rds:us-west-2:777788889999:auto-backup:ab-00000000000000000000000000" }
rds_backup_replication_region = "us-east-1"

# CI: roles of its own, the provider and the registry are the first region's
create_github_provider = false
github_environments    = { deploy = "prod-dr", plan = "prod-dr-plan", apply = "prod-dr" }
registry_owner         = false
registry = {
  repository_arn      = "arn:aws:ecr:us-east-1:777788889999:repository/expense-backend"
  repository_url      = "777788889999.dkr.ecr.us-east-1.amazonaws.com/expense-backend"
  artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
  kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
}
registry_pull_account_ids     = []
activate_cost_allocation_tags = false
