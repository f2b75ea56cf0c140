mock_provider "aws" {
  mock_data "aws_ec2_managed_prefix_list" {
    defaults = { id = "pl-cloudfront" }
  }
}

override_resource {
  target          = aws_security_group.this
  override_during = plan
  values          = { id = "sg-made" }
}

variables {
  project_name      = "expense"
  environment       = "prod"
  vpc_id            = "vpc-0123456789abcdef0"
  s3_prefix_list_id = "pl-s3"
}

run "defaults" {
  command = plan

  assert {
    condition     = toset(keys(aws_security_group.this)) == toset(["rds", "endpoints", "rotation"])
    error_message = "By default there are the groups of the database, its rotation and the endpoints."
  }
  assert {
    condition     = output.alb_security_group_id == null && output.node_security_group_id == null && output.lambda_security_group_id == null
    error_message = "Outputs of groups that are not made are null."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.world) == 0 && length(aws_vpc_security_group_egress_rule.mail) == 0 && length(aws_vpc_security_group_ingress_rule.alb) == 0
    error_message = "Without NAT and load balancer nothing names the world."
  }
}

run "everything" {
  command = plan

  variables {
    enable_eks         = true
    enable_lambda      = true
    enable_elasticache = true
    enable_bastion     = true
    enable_runner      = true
    internet_egress    = true
  }

  assert {
    condition     = length(aws_security_group.this) == 10
    error_message = "All ten groups are there."
  }
  assert {
    condition     = alltrue([for n, g in aws_security_group.this : g.name_prefix == "expense-prod-${n}-" && g.tags.Project == "expense" && g.tags.Environment == "prod"])
    error_message = "Groups are named by project and environment and tagged."
  }
  assert {
    condition     = alltrue([for r in concat(values(aws_vpc_security_group_ingress_rule.conversation), values(aws_vpc_security_group_egress_rule.conversation)) : r.tags.Project == "expense" && r.tags.Environment == "prod"])
    error_message = "Rules are tagged."
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_ingress_rule.alb : contains([80, 443], r.from_port) && r.from_port == r.to_port])
    error_message = "The load balancer takes 80 and 443 alone."
  }
  assert {
    condition     = alltrue([for r in aws_vpc_security_group_egress_rule.world : r.from_port == 443 && r.to_port == 443 && r.ip_protocol == "tcp"])
    error_message = "To the world goes 443 alone."
  }
  assert {
    condition     = [for r in aws_vpc_security_group_egress_rule.mail : [r.from_port, r.to_port, r.ip_protocol]] == [[587, 587, "tcp"]]
    error_message = "And mail by submission, from the nodes."
  }
  assert {
    condition     = alltrue([for k in keys(aws_vpc_security_group_egress_rule.world) : contains(["nodes", "lambda", "rotation", "bastion", "runner"], k)])
    error_message = "Data stores, load balancer and control plane never reach the world."
  }
  assert {
    condition     = alltrue([for r in concat(values(aws_vpc_security_group_ingress_rule.conversation), values(aws_vpc_security_group_egress_rule.conversation)) : r.referenced_security_group_id == "sg-made"])
    error_message = "Inside the VPC rules name groups, never ranges."
  }
  assert {
    condition     = keys(aws_vpc_security_group_ingress_rule.conversation) == keys(aws_vpc_security_group_egress_rule.conversation)
    error_message = "Each conversation has both of its ends."
  }
  assert {
    condition     = length([for k in keys(aws_vpc_security_group_egress_rule.conversation) : k if startswith(k, "rds-") || startswith(k, "elasticache-") || startswith(k, "endpoints-")]) == 0
    error_message = "Data stores and endpoints start no connection."
  }
  assert {
    condition     = length([for k in keys(aws_vpc_security_group_ingress_rule.conversation) : k if strcontains(k, "-to-bastion-") || strcontains(k, "-to-lambda-") || strcontains(k, "-to-runner-")]) == 0
    error_message = "Nobody connects to the bastion, the functions or the runner."
  }
  assert {
    condition     = toset([for k in keys(aws_vpc_security_group_ingress_rule.conversation) : k if strcontains(k, "-to-rds-")]) == toset(["nodes-to-rds-3306", "lambda-to-rds-3306", "rotation-to-rds-3306", "bastion-to-rds-3306"])
    error_message = "MySQL is reached by pods, functions, rotation and bastion, on 3306."
  }
  assert {
    condition     = toset([for k in keys(aws_vpc_security_group_ingress_rule.conversation) : k if strcontains(k, "-to-elasticache-")]) == toset(["nodes-to-elasticache-6379", "lambda-to-elasticache-6379", "bastion-to-elasticache-6379"])
    error_message = "The cache is reached by pods, functions and bastion, on 6379."
  }
  assert {
    condition     = toset([for k in keys(aws_vpc_security_group_ingress_rule.conversation) : k if strcontains(k, "-to-cluster-")]) == toset(["nodes-to-cluster-443", "bastion-to-cluster-443", "runner-to-cluster-443"])
    error_message = "The API server is reached by nodes, bastion and runner, on 443."
  }
  assert {
    condition     = alltrue([for p in [443, 4443, 8443, 9443, 10250] : contains(keys(aws_vpc_security_group_ingress_rule.conversation), "cluster-to-nodes-${p}")])
    error_message = "The control plane reaches kubelet, webhooks and aggregated APIs."
  }
  assert {
    condition     = toset([for k, r in aws_vpc_security_group_ingress_rule.conversation : k if r.ip_protocol == "-1"]) == toset(["nodes-to-nodes-all"])
    error_message = "All ports are open between nodes only."
  }
  assert {
    condition     = contains(keys(aws_vpc_security_group_ingress_rule.conversation), "alb-to-nodes-8080") && contains(keys(aws_vpc_security_group_ingress_rule.conversation), "runner-to-cluster-443")
    error_message = "The load balancer reaches the pods, the runner reaches the API server."
  }
}

run "lambda_without_nat" {
  command = plan

  variables {
    environment   = "dev"
    enable_lambda = true
  }

  assert {
    condition     = toset(keys(aws_vpc_security_group_egress_rule.conversation)) == toset(["lambda-to-rds-3306", "lambda-to-endpoints-443", "rotation-to-rds-3306", "rotation-to-endpoints-443"])
    error_message = "Functions reach the database and the endpoints, nothing else."
  }
  assert {
    condition     = length(aws_vpc_security_group_egress_rule.s3) == 0
    error_message = "Functions need no S3."
  }
}

run "bastion_without_nat_reaches_s3" {
  command = plan

  variables {
    enable_bastion = true
  }

  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.s3) == ["bastion"] && aws_vpc_security_group_egress_rule.s3["bastion"].prefix_list_id == "pl-s3"
    error_message = "Packages come through the S3 gateway endpoint."
  }
}

run "only_cloudfront_reaches_the_load_balancer" {
  command = plan

  variables {
    enable_eks                 = true
    restrict_alb_to_cloudfront = true
  }

  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.alb) == 0 && aws_vpc_security_group_ingress_rule.alb_cloudfront[0].prefix_list_id == "pl-cloudfront"
    error_message = "The world is shut out, CloudFront's range is let in."
  }
}

run "other_ports" {
  command = plan

  variables {
    enable_eks         = true
    enable_elasticache = true
    app_port           = 9000
    database_port      = 3307
    cache_port         = 6380
  }

  assert {
    condition     = alltrue([for k in ["alb-to-nodes-9000", "nodes-to-rds-3307", "nodes-to-elasticache-6380"] : contains(keys(aws_vpc_security_group_ingress_rule.conversation), k)])
    error_message = "Ports follow their variables."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a runner without a cluster
    enable_runner = true
    # no clients
    alb_ingress_cidrs = []
    # a privileged app port
    app_port = 80
    # a bad database port
    database_port = 0
    # a bad cache port
    cache_port = 70000
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
  }

  expect_failures = [
    var.enable_runner,
    var.alb_ingress_cidrs,
    var.app_port,
    var.database_port,
    var.cache_port,
    var.environment,
    var.project_name,
  ]
}
