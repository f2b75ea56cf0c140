mock_provider "aws" {}

variables {
  project_name       = "expense"
  environment        = "dev"
  availability_zones = ["us-east-1a", "us-east-1b"]
  kms_key_arn        = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "refuses_a_bad_project_name" {
  command = plan
  variables {
    project_name = "Expense"
  }
  expect_failures = [var.project_name]
}

run "refuses_an_unknown_environment" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "refuses_a_small_range" {
  command = plan
  variables {
    vpc_cidr = "10.0.0.0/24"
  }
  expect_failures = [var.vpc_cidr]
}

run "refuses_a_public_range" {
  command = plan
  variables {
    vpc_cidr = "8.8.0.0/16"
  }
  expect_failures = [var.vpc_cidr]
}

run "refuses_host_bits" {
  command = plan
  variables {
    vpc_cidr = "10.0.1.0/16"
  }
  expect_failures = [var.vpc_cidr]
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

run "refuses_one_zone" {
  command = plan
  variables {
    availability_zones = ["us-east-1a"]
  }
  expect_failures = [var.availability_zones]
}

run "refuses_a_zone_named_twice" {
  command = plan
  variables {
    availability_zones = ["us-east-1a", "us-east-1a"]
  }
  expect_failures = [var.availability_zones]
}

run "refuses_zones_of_two_regions" {
  command = plan
  variables {
    availability_zones = ["us-east-1a", "us-west-2a"]
  }
  expect_failures = [var.availability_zones]
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

run "refuses_endpoints_in_no_zone" {
  command = plan
  variables {
    interface_endpoint_zones = 0
  }
  expect_failures = [var.interface_endpoint_zones]
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

run "refuses_an_unknown_retention" {
  command = plan
  variables {
    flow_log_retention_days = 8
  }
  expect_failures = [var.flow_log_retention_days]
}

run "refuses_a_key_that_is_no_arn" {
  command = plan
  variables {
    kms_key_arn = "alias/logs"
  }
  expect_failures = [var.kms_key_arn]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:role/x"
  }
  expect_failures = [var.permissions_boundary_arn]
}
