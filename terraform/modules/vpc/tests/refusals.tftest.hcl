mock_provider "aws" {}

variables {
  project_name       = "expense"
  environment        = "dev"
  availability_zones = ["us-east-1a", "us-east-1b"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "refuses_an_overlap_with_a_larger_range" {
  command = plan
  variables {
    vpc_cidr       = "10.1.0.0/16"
    reserved_cidrs = ["10.0.0.0/8"]
  }
  expect_failures = [var.reserved_cidrs]
}

run "refuses_an_overlap_with_a_smaller_range" {
  command = plan
  variables {
    vpc_cidr       = "10.1.0.0/16"
    reserved_cidrs = ["10.1.77.0/24"]
  }
  expect_failures = [var.reserved_cidrs]
}

run "refuses_a_reserved_range_that_is_none" {
  command = plan
  variables {
    reserved_cidrs = ["office"]
  }
  expect_failures = [var.reserved_cidrs]
}

run "accepts_a_neighbour" {
  command = plan
  variables {
    vpc_cidr       = "10.1.0.0/16"
    reserved_cidrs = ["10.0.0.0/16", "10.2.0.0/16", "172.20.0.0/16"]
  }
  assert {
    condition     = aws_vpc.this.cidr_block == "10.1.0.0/16"
    error_message = "Ranges side by side do not overlap."
  }
}

run "refuses_a_single_nat_gateway_in_prod" {
  command = plan
  variables {
    environment        = "prod"
    enable_nat_gateway = true
    single_nat_gateway = true
  }
  expect_failures = [var.single_nat_gateway]
}

run "refuses_two_nat_layouts_at_once" {
  command = plan
  variables {
    single_nat_gateway     = true
    one_nat_gateway_per_az = true
  }
  expect_failures = [var.one_nat_gateway_per_az]
}

run "refuses_an_interface_endpoint_for_s3" {
  command = plan
  variables {
    interface_endpoints         = ["s3"]
    endpoints_security_group_id = "sg-0123456789abcdef0"
  }
  expect_failures = [var.interface_endpoints]
}

run "refuses_endpoints_in_more_zones_than_there_are" {
  command = plan
  variables {
    interface_endpoints         = ["ssm"]
    endpoints_security_group_id = "sg-0123456789abcdef0"
    interface_endpoint_zones    = 3
  }
  expect_failures = [aws_vpc_endpoint.interface["ssm"]]
}

run "refuses_endpoints_without_a_group" {
  command = plan
  variables {
    interface_endpoints = ["ssm"]
  }
  expect_failures = [aws_vpc_endpoint.interface["ssm"]]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a bad project name
    project_name = "Expense"
    # an unknown environment
    environment = "test"
    # a small range
    vpc_cidr = "10.0.0.0/24"
    # one zone
    availability_zones = ["us-east-1a"]
    # endpoints in no zone
    interface_endpoint_zones = 0
    # an unknown retention
    flow_log_retention_days = 8
    # a key that is no arn
    kms_key_arn = "alias/logs"
    # a boundary that is no policy
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/x"
    # a gateway to nowhere
    enable_vpn_gateway = true
    # privileged ports
    database_port = 80
    cache_port    = 70000
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.vpc_cidr,
    var.availability_zones,
    var.interface_endpoint_zones,
    var.flow_log_retention_days,
    var.kms_key_arn,
    var.permissions_boundary_arn,
    var.enable_vpn_gateway,
    var.database_port,
    var.cache_port,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # a public range
    vpc_cidr = "8.8.0.0/16"
    # a zone named twice
    availability_zones = ["us-east-1a", "us-east-1a"]
  }

  expect_failures = [
    var.vpc_cidr,
    var.availability_zones,
  ]
}

run "refuses_wrong_values_a_third_time" {
  command = plan

  variables {
    # host bits
    vpc_cidr = "10.0.1.0/16"
    # zones of two regions
    availability_zones = ["us-east-1a", "us-west-2a"]
    # the world behind the gateway
    enable_vpn_gateway = true
    vpn_cidrs          = ["0.0.0.0/0"]
  }

  expect_failures = [
    var.vpc_cidr,
    var.availability_zones,
    var.vpn_cidrs,
  ]
}
