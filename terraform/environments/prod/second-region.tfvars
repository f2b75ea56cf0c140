# The same environment in another region, by values alone, with a state in that region:
#   terraform init -reconfigure -backend-config=second-region.s3.tfbackend
#   terraform plan -lock-timeout=10m -var-file=second-region.tfvars
# See docs/runbooks/disaster-recovery.md, "A region is lost".
region_role = "secondary"
aws_region  = "us-west-2"

# Network
vpc_cidr           = "10.3.0.0/16"
reserved_cidrs     = ["10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/16", "172.20.0.0/16"]
availability_zones = ["us-west-2a", "us-west-2b", "us-west-2c"]

# Edge: the first region made the zone
domain = { zone_name = "expense.example.com", zone_id = "Z00000000000000000000", host = "api-dr" }

# Database: from the automated backups that the first region copied here (output data.backups_replica_arn). Its own are
# copied nowhere while the first region is lost.
rds_restore_source            = { automated_backups_arn = "arn:aws:rds:us-west-2:777788889999:auto-backup:ab-00000000000000000000000000" }
rds_backup_replication_region = null

# State: terraform/bootstrap has run in this region too
state_bucket_name = "expense-dr-terraform-state-777788889999"
state_kms_key_arn = "arn:aws:kms:us-west-2:777788889999:key/00000000-0000-0000-0000-000000000000"

# CI: roles of its own. The provider is the account's; images are the copies that the first region's registry made here.
# Artefacts of functions are not copied: bucket and key stay the first region's, and CI uploads the archive itself.
create_github_provider = false
github_environments    = { deploy = "prod-dr", plan = "prod-dr-plan", apply = "prod-dr" }
registry_owner         = false
registry = {
  repository_arn      = "arn:aws:ecr:us-west-2:777788889999:repository/expense-backend"
  repository_url      = "777788889999.dkr.ecr.us-west-2.amazonaws.com/expense-backend"
  artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
  kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
}
registry_pull_account_ids     = []
registry_replication_region   = null
activate_cost_allocation_tags = false
