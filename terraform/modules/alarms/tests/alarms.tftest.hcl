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
  project_name = "expense"
  environment  = "dev"
  kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/operations"
}

run "topics_by_severity" {
  command = plan

  assert {
    condition     = { for severity, t in aws_sns_topic.this : severity => t.name } == { critical = "expense-dev-critical", warning = "expense-dev-warning", info = "expense-dev-info" }
    error_message = "One topic a severity."
  }
  assert {
    condition     = alltrue([for t in aws_sns_topic.this : t.kms_master_key_id == var.kms_key_arn && t.tags.Project == "expense" && t.tags.Environment == "dev"])
    error_message = "Topics are encrypted with the given key and tagged."
  }
  assert {
    condition     = alltrue([for p in aws_sns_topic_policy.this : [for s in jsondecode(p.policy).Statement : s.Condition.StringEquals["aws:SourceAccount"]] == ["123456789012"]])
    error_message = "Only services on behalf of this account publish."
  }
  assert {
    condition     = alltrue([for p in aws_sns_topic_policy.this : jsondecode(p.policy).Statement[0].Action == "sns:Publish" && !can(jsondecode(p.policy).Statement[0].Principal.AWS)])
    error_message = "They publish and do nothing else; no account is named."
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 0 && length(aws_cloudwatch_metric_alarm.ratio) == 0 && length(aws_cloudwatch_dashboard.lambda) == 0 && length(aws_sns_topic_subscription.email) == 0
    error_message = "Nothing is watched, and nobody told, unless asked for."
  }
}

run "subscribers" {
  command = plan

  variables {
    critical_emails = ["oncall@example.com", "lead@example.com"]
    warning_emails  = ["team@example.com"]
    info_emails     = ["team@example.com"]
  }

  assert {
    condition     = toset(keys(aws_sns_topic_subscription.email)) == toset(["critical oncall@example.com", "critical lead@example.com", "warning team@example.com", "info team@example.com"])
    error_message = "Each address is told of its severity."
  }
}

run "database" {
  command = plan

  variables {
    db_instance = { identifier = "expense-dev", allocated_storage_gb = 20, max_connections = 100 }
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.this)) == toset(["rds-storage", "rds-cpu", "rds-connections", "rds-memory"])
    error_message = "Storage, CPU, connections and memory are watched."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rds-storage"].threshold == 2147483648 && aws_cloudwatch_metric_alarm.this["rds-storage"].comparison_operator == "LessThanThreshold"
    error_message = "Less than 10% of 20 GiB free is an alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rds-connections"].threshold == 80 && aws_cloudwatch_metric_alarm.this["rds-cpu"].threshold == 80 && aws_cloudwatch_metric_alarm.this["rds-cpu"].evaluation_periods == 10
    error_message = "80% of the connections; 80% CPU for 10 minutes."
  }
  assert {
    condition     = alltrue([for a in aws_cloudwatch_metric_alarm.this : a.dimensions == tomap({ DBInstanceIdentifier = "expense-dev" }) && a.treat_missing_data == "notBreaching" && a.tags.Project == "expense"])
    error_message = "Every alarm watches the database."
  }
}

run "replica" {
  command = plan

  variables {
    db_instance = { identifier = "expense-dev", allocated_storage_gb = 20, max_connections = 100, replica_identifier = "expense-dev-replica" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["rds-replica-lag"].dimensions.DBInstanceIdentifier == "expense-dev-replica" && aws_cloudwatch_metric_alarm.this["rds-replica-lag"].threshold == 60
    error_message = "A replica's lag is watched."
  }
}

run "cache_nodes" {
  command = plan

  variables {
    cache_cluster_ids = ["expense-dev-001", "expense-dev-002"]
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.this) == 6 && aws_cloudwatch_metric_alarm.this["cache-expense-dev-002-evictions"].threshold == 0 && aws_cloudwatch_metric_alarm.this["cache-expense-dev-002-evictions"].datapoints_to_alarm == 1
    error_message = "Evictions, CPU and memory of each node are watched; one eviction is told."
  }
}

run "load_balancer" {
  command = plan

  variables {
    alb_tags = { "elbv2.k8s.aws/cluster" = "expense-dev" }
  }

  override_data {
    target = data.aws_lbs.tagged[0]
    values = { arns = ["arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/k8s-expense/0123456789abcdef"] }
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_metric_alarm.ratio)) == toset(["alb-k8s-expense-5xx"])
    error_message = "The 5xx ratio of the tagged load balancer is watched."
  }
  assert {
    condition     = alltrue([for q in aws_cloudwatch_metric_alarm.ratio["alb-k8s-expense-5xx"].metric_query : q.metric[0].dimensions.LoadBalancer == "app/k8s-expense/0123456789abcdef" if q.id != "ratio"])
    error_message = "By the dimension that CloudWatch uses."
  }
}

run "load_balancer_before_the_first_ingress" {
  command = plan

  variables {
    alb_tags = { "elbv2.k8s.aws/cluster" = "expense-dev" }
  }

  override_data {
    target = data.aws_lbs.tagged[0]
    values = { arns = [] }
  }

  assert {
    condition     = length(aws_cloudwatch_metric_alarm.ratio) == 0
    error_message = "Without a load balancer there is no alarm, and no error."
  }
}

run "certificates" {
  command = plan

  variables {
    certificates = { api = "arn:aws:acm:us-east-1:123456789012:certificate/abc" }
  }

  assert {
    condition     = aws_cloudwatch_metric_alarm.this["certificate-api"].threshold == 30 && aws_cloudwatch_metric_alarm.this["certificate-api"].period == 86400 && aws_cloudwatch_metric_alarm.this["certificate-api"].evaluation_periods == 1
    error_message = "Told 30 days before a certificate expires."
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
    # a key alias
    kms_key_arn = "alias/operations"
    # a database without storage
    db_instance = { identifier = "db", allocated_storage_gb = 0, max_connections = 100 }
    # every load balancer
    alb_tags = {}
    # a certificate by name
    certificates = { api = "cert" }
    # what is no critical address
    critical_emails = ["oncall"]
    # what is no warning address
    warning_emails = ["team"]
    # what is no info address
    info_emails = ["team"]
    # an aws namespace
    metric_namespace = "AWS/Lambda"
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.db_instance,
    var.alb_tags,
    var.certificates,
    var.critical_emails,
    var.warning_emails,
    var.info_emails,
    var.metric_namespace,
  ]
}

