project_name = "expense"
environment  = "prod"
aws_region   = "us-east-1"
account_id   = "777788889999" # write yours

# Network
vpc_cidr                 = "10.2.0.0/16"
reserved_cidrs           = ["10.0.0.0/16", "10.1.0.0/16", "10.3.0.0/16", "172.20.0.0/16"]
availability_zones       = ["us-east-1a", "us-east-1b", "us-east-1c"]
single_nat_gateway       = false
one_nat_gateway_per_az   = true
interface_endpoint_zones = 2
app_port                 = 8080
database_port            = 3306
cache_port               = 6379

# Edge
domain = { zone_name = "expense.example.com" } # write yours

# Cluster
eks_cluster_version       = "1.36"
eks_node_instance_types   = ["t3.large"]
eks_node_desired_size     = 4
eks_node_min_size         = 3
eks_node_max_size         = 10
eks_enable_spot_instances = false
eks_spot_percentage       = 0

# Database: 200 connections and Database Insights want a medium class.
rds_instance_class            = "db.t4g.medium"
rds_allocated_storage         = 100
rds_max_allocated_storage     = 500
rds_multi_az                  = true
rds_backup_retention          = 30
rds_backup_replication_region = "us-west-2"
rds_max_connections           = 200

# Cache
redis_node_type          = "cache.t4g.medium"
redis_num_nodes          = 3
redis_automatic_failover = true

# Bastion
bastion_instance_type = "t3.medium"

# Service
auth_mode                   = "api-key"
allowed_origins             = ["https://expense.example.com"]
amount_sign                 = "any" # users of the old application enter refunds
cache_ttl_seconds           = 300
log_retention_days          = 90
lambda_reserved_concurrency = 20

# CI
github_repository = "example-org/expense-backend" # write yours
state_bucket_name = "expense-terraform-state-777788889999"
state_kms_key_arn = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"

# The one registry, from which the other accounts pull
registry_owner              = true
registry_pull_account_ids   = ["111122223333", "444455556666"]
registry_replication_region = "us-west-2"

# Cost
monthly_budget_usd            = { lambda = 450, eks = 1000, both = 1050 }
budget_alert_emails           = ["devops@example.com"]
critical_emails               = ["oncall@example.com"]
warning_emails                = ["devops@example.com"]
info_emails                   = ["devops@example.com"]
activate_cost_allocation_tags = true
