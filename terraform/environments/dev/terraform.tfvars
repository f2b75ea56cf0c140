project_name = "expense"
environment  = "dev"
aws_region   = "us-east-1"
account_id   = "111122223333" # write yours

# Network
vpc_cidr           = "10.0.0.0/16"
reserved_cidrs     = ["10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16", "172.20.0.0/16"]
availability_zones = ["us-east-1a", "us-east-1b"]
app_port           = 8080
database_port      = 3306
cache_port         = 6379

# Edge
domain = { zone_name = "dev.expense.example.com" } # write yours; null serves under API Gateway's own name

# Cluster (with deploy_target eks or both)
eks_cluster_version       = "1.36"
eks_node_instance_types   = ["t3.medium"]
eks_node_desired_size     = 2
eks_node_min_size         = 1
eks_node_max_size         = 4
eks_enable_spot_instances = true
eks_spot_percentage       = 80

# Database
rds_instance_class        = "db.t4g.micro"
rds_allocated_storage     = 20
rds_max_allocated_storage = 50
rds_multi_az              = false
rds_backup_retention      = 7
rds_max_connections       = 100

# Cache
redis_node_type          = "cache.t4g.micro"
redis_num_nodes          = 1
redis_automatic_failover = false

# Bastion
bastion_instance_type = "t3.small"

# Service
auth_mode                   = "api-key"
allowed_origins             = ["*"]
cache_ttl_seconds           = 60
log_retention_days          = 7
lambda_reserved_concurrency = 10

# CI
github_repository = "example-org/expense-backend" # write yours
state_bucket_name = "expense-terraform-state-111122223333"
state_kms_key_arn = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"

# The registry is prod's: these are outputs there.
registry = {
  repository_arn      = "arn:aws:ecr:us-east-1:777788889999:repository/expense-backend"
  repository_url      = "777788889999.dkr.ecr.us-east-1.amazonaws.com/expense-backend"
  artifact_bucket_arn = "arn:aws:s3:::expense-artifacts-777788889999"
  kms_key_arn         = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
}

# Cost
monthly_budget_usd  = { lambda = 45, eks = 280, both = 300 }
budget_alert_emails = ["devops@example.com"]
warning_emails      = ["devops@example.com"]
info_emails         = ["devops@example.com"]
