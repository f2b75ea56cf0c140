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
  project_name       = "expense"
  environment        = "dev"
  availability_zones = ["us-east-1a", "us-east-1b"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "defaults" {
  command = plan

  assert {
    condition     = [for z in ["us-east-1a", "us-east-1b"] : aws_subnet.private[z].cidr_block] == ["10.0.0.0/20", "10.0.16.0/20"]
    error_message = "Private subnets are /20: the VPC CNI takes an address for each pod."
  }
  assert {
    condition     = length(aws_subnet.public) == 2 && length(aws_subnet.database) == 2
    error_message = "Each zone has one subnet of each kind."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_eip.nat) == 0 && length(aws_route.private_nat) == 0
    error_message = "NAT is off by default."
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) == 0 && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway"
    error_message = "Only the free S3 gateway endpoint is there by default."
  }
  assert {
    condition     = length(aws_vpn_gateway.this) == 0
    error_message = "No VPN gateway by default."
  }
}

run "nothing_is_public_by_accident" {
  command = plan

  assert {
    condition     = alltrue([for s in merge(aws_subnet.public, { for k, s in aws_subnet.private : "p-${k}" => s }, { for k, s in aws_subnet.database : "d-${k}" => s }) : coalesce(s.map_public_ip_on_launch, false) == false])
    error_message = "No subnet gives out public addresses by itself."
  }
  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default security group has no rule."
  }
  assert {
    condition     = length(aws_default_network_acl.this.ingress) == 0 && length(aws_default_network_acl.this.egress) == 0
    error_message = "The default network ACL has no rule."
  }
  assert {
    condition     = alltrue([for r in concat(tolist(aws_network_acl.this["database"].ingress), tolist(aws_network_acl.this["database"].egress)) : contains(["10.0.0.0/16", "10.0.80.0/24", "10.0.81.0/24"], r.cidr_block)])
    error_message = "The database subnets talk to the VPC alone."
  }
  assert {
    condition     = toset([for r in aws_network_acl.this["database"].ingress : "${r.from_port}-${r.to_port}" if r.cidr_block == "10.0.0.0/16"]) == toset(["3306-3306", "6379-6379"])
    error_message = "The database subnets accept MySQL and the cache's port from the VPC, nothing else."
  }
  assert {
    condition     = toset([for r in aws_network_acl.this["database"].ingress : r.cidr_block if r.from_port == 1024]) == toset(["10.0.80.0/24", "10.0.81.0/24"])
    error_message = "Replies come in from the database subnets alone: a replica in one of them hears its source in the other."
  }
  assert {
    condition     = alltrue([for r in aws_network_acl.this["private"].egress : r.cidr_block != "0.0.0.0/0" || (r.from_port == 443 && r.to_port == 443)])
    error_message = "Private subnets reach the world on 443 only."
  }
  assert {
    condition     = alltrue([for acl in aws_network_acl.this : alltrue([for r in acl.ingress : r.cidr_block != "0.0.0.0/0" || contains([80, 443, 1024], r.from_port)])])
    error_message = "From the world come 80, 443 and replies to high ports, nothing else."
  }
}

run "flow_logs_are_kept_and_encrypted" {
  command = plan

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL"
    error_message = "Accepted and refused traffic is logged."
  }
  assert {
    condition     = aws_cloudwatch_log_group.flow.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.flow.retention_in_days == 30
    error_message = "Flow logs are encrypted with the given key and kept for a known time."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.flow.policy).Statement : [for r in s.Resource : startswith(r, "arn:aws:logs:us-east-1:123456789012:log-group:/aws/vpc/expense-dev/flow")]]))
    error_message = "The flow-log role writes to its own group only."
  }
  assert {
    condition     = alltrue(flatten([for s in jsondecode(aws_iam_role_policy.flow.policy).Statement : [for a in s.Action : !strcontains(a, "*")]]))
    error_message = "The flow-log role has no wildcard action."
  }
  assert {
    condition     = jsondecode(aws_iam_role.flow.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "123456789012"
    error_message = "Only flow logs of this account may take the role."
  }
}

run "tags" {
  command = plan

  variables {
    cluster_name = "expense-dev-cluster"
  }

  assert {
    condition     = alltrue([for r in concat([aws_vpc.this, aws_internet_gateway.this, aws_route_table.public, aws_cloudwatch_log_group.flow, aws_iam_role.flow, aws_flow_log.this, aws_vpc_endpoint.s3], values(aws_subnet.public), values(aws_subnet.private), values(aws_subnet.database), values(aws_network_acl.this)) : r.tags.Project == "expense" && r.tags.Environment == "dev"])
    error_message = "Everything carries the tags Project and Environment."
  }
  assert {
    condition     = alltrue([for s in aws_subnet.public : s.tags["kubernetes.io/role/elb"] == "1" && s.tags["kubernetes.io/cluster/expense-dev-cluster"] == "shared"])
    error_message = "Public subnets are marked for internet-facing load balancers."
  }
  assert {
    condition     = alltrue([for s in aws_subnet.private : s.tags["kubernetes.io/role/internal-elb"] == "1" && s.tags["kubernetes.io/cluster/expense-dev-cluster"] == "shared"])
    error_message = "Private subnets are marked for internal load balancers."
  }
}

run "mail_leaves_with_a_cluster" {
  command = plan

  variables {
    cluster_name = "expense-dev-cluster"
  }

  assert {
    condition     = toset([for r in aws_network_acl.this["private"].egress : r.from_port if r.cidr_block == "0.0.0.0/0"]) == toset([443, 587])
    error_message = "With a cluster mail leaves the private subnets too, and nothing else."
  }
  assert {
    condition     = toset([for r in aws_network_acl.this["public"].egress : r.from_port if r.cidr_block == "0.0.0.0/0"]) == toset([443, 587, 1024])
    error_message = "Through NAT it passes the public subnets."
  }
}

run "one_nat_gateway_for_all_zones" {
  command = plan

  variables {
    enable_nat_gateway = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 1 && length(aws_route.private_nat) == 2
    error_message = "One gateway serves both zones."
  }
}

run "one_nat_gateway_per_zone" {
  command = plan

  variables {
    environment            = "prod"
    availability_zones     = ["us-east-1a", "us-east-1b", "us-east-1c"]
    enable_nat_gateway     = true
    single_nat_gateway     = false
    one_nat_gateway_per_az = true
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_eip.nat) == 3
    error_message = "Each zone has its own gateway."
  }
}

run "interface_endpoints" {
  command = plan

  variables {
    interface_endpoints         = ["secretsmanager", "rds"]
    endpoints_security_group_id = "sg-0123456789abcdef0"
  }

  assert {
    condition     = toset([for e in aws_vpc_endpoint.interface : e.service_name]) == toset(["com.amazonaws.us-east-1.secretsmanager", "com.amazonaws.us-east-1.rds"])
    error_message = "One endpoint for each named service."
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.interface : e.private_dns_enabled && e.security_group_ids == toset(["sg-0123456789abcdef0"])])
    error_message = "Endpoints answer under the service's own name, behind the given group."
  }
  assert {
    condition     = alltrue([for e in aws_vpc_endpoint.interface : jsondecode(e.policy).Statement[0].Principal == { AWS = "123456789012" }])
    error_message = "Endpoints serve credentials of this account only."
  }
}

run "vpn_gateway" {
  command = plan

  variables {
    enable_vpn_gateway = true
    vpn_cidrs          = ["192.168.10.0/24"]
  }

  assert {
    condition     = length(aws_vpn_gateway.this) == 1
    error_message = "The VPN gateway is attached."
  }
  assert {
    condition     = toset(flatten([for name, acl in aws_network_acl.this : [for r in acl.ingress : "${name} ${r.from_port}" if r.cidr_block == "192.168.10.0/24"]])) == toset(["private 443", "database 3306", "database 6379"])
    error_message = "The network behind the gateway reaches 443 and the data stores, nothing public."
  }
  assert {
    condition     = alltrue([for name in ["private", "database"] : contains([for r in aws_network_acl.this[name].egress : "${r.cidr_block} ${r.from_port}"], "192.168.10.0/24 1024")])
    error_message = "Replies find their way back behind the gateway."
  }
}

run "other_ports" {
  command = plan

  variables {
    database_port = 3307
    cache_port    = 6380
  }

  assert {
    condition     = toset([for r in aws_network_acl.this["database"].ingress : r.from_port if r.cidr_block == "10.0.0.0/16"]) == toset([3307, 6380])
    error_message = "The network ACL follows the data stores' ports."
  }
}
