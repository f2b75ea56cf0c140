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
  mock_resource "aws_eks_cluster" {
    override_during = plan
    defaults = {
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/A1" }] }]
      certificate_authority = [{ data = "Y2E=" }]
    }
  }
}

variables {
  project_name                     = "expense"
  environment                      = "dev"
  private_subnet_ids               = ["subnet-a", "subnet-b"]
  control_plane_security_group_ids = ["sg-cluster"]
  node_security_group_ids          = ["sg-nodes"]
  kms_key_arn                      = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_kms_key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"
}

run "refuses_a_public_endpoint_in_prod" {
  command = plan
  variables {
    environment            = "prod"
    endpoint_public_access = true
    public_access_cidrs    = ["203.0.113.0/24"]
  }
  expect_failures = [var.endpoint_public_access]
}

run "refuses_a_public_endpoint_for_nobody_in_particular" {
  command = plan
  variables {
    endpoint_public_access = true
  }
  expect_failures = [var.public_access_cidrs]
}

run "refuses_the_world_outside_dev" {
  command = plan
  variables {
    environment            = "staging"
    endpoint_public_access = true
    public_access_cidrs    = ["0.0.0.0/0"]
  }
  expect_failures = [var.public_access_cidrs]
}

run "refuses_half_the_world_outside_dev" {
  command = plan
  variables {
    environment            = "staging"
    endpoint_public_access = true
    public_access_cidrs    = ["0.0.0.0/1", "128.0.0.0/1"]
  }
  expect_failures = [var.public_access_cidrs]
}

run "refuses_ranges_that_are_none" {
  command = plan
  variables {
    public_access_cidrs = ["office"]
  }
  expect_failures = [var.public_access_cidrs]
}

run "refuses_prod_without_deletion_protection" {
  command = plan
  variables {
    environment         = "prod"
    deletion_protection = false
  }
  expect_failures = [var.deletion_protection]
}

run "refuses_more_nodes_than_the_most" {
  command = plan
  variables {
    node_desired_size = 9
  }
  expect_failures = [var.node_desired_size]
}

run "refuses_a_most_below_the_least" {
  command = plan
  variables {
    node_min_size     = 3
    node_desired_size = 3
    node_max_size     = 2
  }
  expect_failures = [var.node_max_size]
}

run "refuses_a_share_above_100" {
  command = plan
  variables {
    enable_spot_instances    = true
    spot_instance_percentage = 120
  }
  expect_failures = [var.spot_instance_percentage]
}

run "refuses_a_share_without_its_switch" {
  command = plan
  variables {
    spot_instance_percentage = 30
  }
  expect_failures = [var.spot_instance_percentage]
}

run "refuses_mostly_spot_in_prod" {
  command = plan
  variables {
    environment              = "prod"
    enable_spot_instances    = true
    spot_instance_percentage = 80
  }
  expect_failures = [var.spot_instance_percentage]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a bad project name
    project_name = "x"
    # an unknown environment
    environment = "test"
    # a bad cluster name
    cluster_name = "My_Cluster"
    # an old version
    cluster_version = "1.28"
    # public service addresses
    service_ipv4_cidr = "8.8.0.0/16"
    # one subnet
    private_subnet_ids = ["subnet-a"]
    # a control plane without group
    control_plane_security_group_ids = []
    # nodes without group
    node_security_group_ids = []
    # no private endpoint
    endpoint_private_access = false
    # a key that is no arn
    kms_key_arn = "cluster"
    # a log key that is no arn
    log_kms_key_arn = "logs"
    # an unknown retention
    log_retention_days = 8
    # an unknown access policy
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", policy = "root" } }
    # no instance type
    node_instance_types = []
    # an unknown image
    node_ami_type = "AL2_x86_64"
    # no node
    node_min_size = 0
    # a small disk
    node_disk_size_gb = 5
    # an unknown addon
    addon_versions = { istio = "1" }
    # an unknown identity
    identity = "node"
    # a wildcard log group
    pod_log_group_names = ["/expense/*"]
    # an unknown workload
    platform_service_accounts = { istio = { namespace = "a", service_account = "b" } }
    # a boundary that is no policy
    permissions_boundary_arn = "x"
  }

  expect_failures = [
    var.project_name,
    var.environment,
    var.cluster_name,
    var.cluster_version,
    var.service_ipv4_cidr,
    var.private_subnet_ids,
    var.control_plane_security_group_ids,
    var.node_security_group_ids,
    var.endpoint_private_access,
    var.kms_key_arn,
    var.log_kms_key_arn,
    var.log_retention_days,
    var.access_entries,
    var.node_instance_types,
    var.node_ami_type,
    var.node_min_size,
    var.node_disk_size_gb,
    var.addon_versions,
    var.identity,
    var.pod_log_group_names,
    var.platform_service_accounts,
    var.permissions_boundary_arn,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # a version that is none
    cluster_version = "latest"
    # a cluster admin of a namespace
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", policy = "cluster-admin", namespaces = ["expense"] } }
  }

  expect_failures = [
    var.cluster_version,
    var.access_entries,
  ]
}

run "refuses_wrong_values_a_third_time" {
  command = plan

  variables {
    # system masters
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", kubernetes_groups = ["system:masters"] } }
  }

  expect_failures = [
    var.access_entries,
  ]
}
