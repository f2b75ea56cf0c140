project_name = "expense"
environment  = "staging"
aws_region   = "us-east-1"
account_id   = "444455556666" # write yours

# Network
vpc_cidr           = "10.1.0.0/16"
reserved_cidrs     = ["10.0.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "172.20.0.0/16"]
availability_zones = ["us-east-1a", "us-east-1b", "us-east-1c"]
app_port           = 8080
database_port      = 3306
cache_port         = 6379

# Edge
domain = { zone_name = "staging.expense.example.com" } # write yours

# Cluster
eks_cluster_version       = "1.36"
eks_node_instance_types   = ["t3.medium", "t3a.medium"] # alike in size: the autoscaler counts on it
eks_node_desired_size     = 3
eks_node_min_size         = 2
eks_node_max_size         = 6
eks_enable_spot_instances = true
eks_spot_percentage       = 50

# Database
rds_instance_class        = "db.t4g.small"
rds_allocated_storage     = 50
rds_max_allocated_storage = 200
rds_multi_az              = true
rds_backup_retention      = 7
rds_max_connections       = 100

# Cache
redis_node_type          = "cache.t4g.small"
redis_num_nodes          = 2
redis_automatic_failover = true

# Bastion
bastion_instance_type = "t3.small"

# Service
auth_mode                   = "api-key"
allowed_origins             = ["https://staging.expense.example.com"]
cache_ttl_seconds           = 180
log_retention_days          = 30
lambda_reserved_concurrency = 10

# CI
github_repository = "example-org/expense-backend" # write yours
state_bucket_name = "expense-terraform-state-444455556666"
state_kms_key_arn = "arn:aws:kms:us-east-1:444455556666:key/00000000-0000-0000-0000-000000000000"

# The registry is prod's: these are outputs there.
registry = {
  repository_arn      = "arn:aws:ecr:us-east-1:777788889999:repository/expense-backend"
  repository_url      = "777788889999.dkr.ecr.us-east-1.amazonaws.com/expense-backend"
  artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
  kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
}

# Cost
monthly_budget_usd  = { lambda = 180, eks = 450, both = 480 }
budget_alert_emails = ["devops@example.com"]
warning_emails      = ["devops@example.com"]
info_emails         = ["devops@example.com"]
