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

run "refuses_a_bad_project_name" {
  command = plan
  variables {
    project_name = "x"
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

run "refuses_a_bad_cluster_name" {
  command = plan
  variables {
    cluster_name = "My_Cluster"
  }
  expect_failures = [var.cluster_name]
}

run "refuses_an_old_version" {
  command = plan
  variables {
    cluster_version = "1.28"
  }
  expect_failures = [var.cluster_version]
}

run "refuses_a_version_that_is_none" {
  command = plan
  variables {
    cluster_version = "latest"
  }
  expect_failures = [var.cluster_version]
}

run "refuses_public_service_addresses" {
  command = plan
  variables {
    service_ipv4_cidr = "8.8.0.0/16"
  }
  expect_failures = [var.service_ipv4_cidr]
}

run "refuses_one_subnet" {
  command = plan
  variables {
    private_subnet_ids = ["subnet-a"]
  }
  expect_failures = [var.private_subnet_ids]
}

run "refuses_a_control_plane_without_group" {
  command = plan
  variables {
    control_plane_security_group_ids = []
  }
  expect_failures = [var.control_plane_security_group_ids]
}

run "refuses_nodes_without_group" {
  command = plan
  variables {
    node_security_group_ids = []
  }
  expect_failures = [var.node_security_group_ids]
}

run "refuses_no_private_endpoint" {
  command = plan
  variables {
    endpoint_private_access = false
  }
  expect_failures = [var.endpoint_private_access]
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

run "refuses_a_key_that_is_no_arn" {
  command = plan
  variables {
    kms_key_arn = "cluster"
  }
  expect_failures = [var.kms_key_arn]
}

run "refuses_a_log_key_that_is_no_arn" {
  command = plan
  variables {
    log_kms_key_arn = "logs"
  }
  expect_failures = [var.log_kms_key_arn]
}

run "refuses_an_unknown_retention" {
  command = plan
  variables {
    log_retention_days = 8
  }
  expect_failures = [var.log_retention_days]
}

run "refuses_an_unknown_access_policy" {
  command = plan
  variables {
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", policy = "root" } }
  }
  expect_failures = [var.access_entries]
}

run "refuses_a_cluster_admin_of_a_namespace" {
  command = plan
  variables {
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", policy = "cluster-admin", namespaces = ["expense"] } }
  }
  expect_failures = [var.access_entries]
}

run "refuses_system_masters" {
  command = plan
  variables {
    access_entries = { x = { principal_arn = "arn:aws:iam::123456789012:role/x", kubernetes_groups = ["system:masters"] } }
  }
  expect_failures = [var.access_entries]
}

run "refuses_no_instance_type" {
  command = plan
  variables {
    node_instance_types = []
  }
  expect_failures = [var.node_instance_types]
}

run "refuses_an_unknown_image" {
  command = plan
  variables {
    node_ami_type = "AL2_x86_64"
  }
  expect_failures = [var.node_ami_type]
}

run "refuses_no_node" {
  command = plan
  variables {
    node_min_size = 0
  }
  expect_failures = [var.node_min_size]
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

run "refuses_a_small_disk" {
  command = plan
  variables {
    node_disk_size_gb = 5
  }
  expect_failures = [var.node_disk_size_gb]
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

run "refuses_an_unknown_addon" {
  command = plan
  variables {
    addon_versions = { istio = "1" }
  }
  expect_failures = [var.addon_versions]
}

run "refuses_an_unknown_identity" {
  command = plan
  variables {
    identity = "node"
  }
  expect_failures = [var.identity]
}

run "refuses_a_wildcard_log_group" {
  command = plan
  variables {
    pod_log_group_names = ["/expense/*"]
  }
  expect_failures = [var.pod_log_group_names]
}

run "refuses_an_unknown_workload" {
  command = plan
  variables {
    platform_service_accounts = { istio = { namespace = "a", service_account = "b" } }
  }
  expect_failures = [var.platform_service_accounts]
}

run "refuses_a_boundary_that_is_no_policy" {
  command = plan
  variables {
    permissions_boundary_arn = "x"
  }
  expect_failures = [var.permissions_boundary_arn]
}
