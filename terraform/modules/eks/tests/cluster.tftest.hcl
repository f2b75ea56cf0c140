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

run "defaults" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.version == "1.36" && aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "The cluster runs a version in standard support and never slips into paid support."
  }
  assert {
    condition     = aws_eks_cluster.this.name == "expense-dev-cluster" && output.cluster_arn == "arn:aws:eks:us-east-1:123456789012:cluster/expense-dev-cluster"
    error_message = "The cluster is named by project and environment."
  }
  assert {
    condition     = keys(aws_eks_node_group.this) == ["on-demand"]
    error_message = "Nodes are on demand by default."
  }
  assert {
    condition     = toset(concat(keys(aws_eks_addon.before_nodes), keys(aws_eks_addon.after_nodes))) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent", "coredns", "metrics-server", "aws-ebs-csi-driver"])
    error_message = "All add-ons are code."
  }
  assert {
    condition     = toset(keys(module.platform_role)) == toset(["load-balancer-controller", "cluster-autoscaler", "cloudwatch-exporter", "grafana"])
    error_message = "Roles that need a zone, log groups or a switch are not there by default."
  }
}

run "closed_cluster" {
  command = plan

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The API server is private by default."
  }
  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == var.kms_key_arn && aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"])
    error_message = "Kubernetes secrets are encrypted with the given key."
  }
  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "All control-plane logs are on."
  }
  assert {
    condition     = aws_cloudwatch_log_group.cluster.name == "/aws/eks/expense-dev-cluster/cluster" && aws_cloudwatch_log_group.cluster.kms_key_id == var.log_kms_key_arn && aws_cloudwatch_log_group.cluster.retention_in_days == 30
    error_message = "Control-plane logs are encrypted and have an end."
  }
  assert {
    condition     = aws_eks_cluster.this.deletion_protection
    error_message = "Deleting the cluster is refused."
  }
  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions
    error_message = "Access entries alone decide who comes in, the creator included."
  }
}

run "hardened_nodes" {
  command = plan

  assert {
    condition     = aws_launch_template.nodes.metadata_options[0].http_tokens == "required" && aws_launch_template.nodes.metadata_options[0].http_put_response_hop_limit == 1
    error_message = "Instance metadata wants a token (IMDSv2) and does not answer pods."
  }
  assert {
    condition     = aws_launch_template.nodes.block_device_mappings[0].ebs[0].encrypted == "true"
    error_message = "Disks of nodes are encrypted."
  }
  assert {
    condition     = toset(keys(aws_iam_role_policy_attachment.node)) == toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])
    error_message = "Nodes may join and pull images, nothing more."
  }
  assert {
    condition     = aws_launch_template.nodes.vpc_security_group_ids == toset(["sg-nodes"])
    error_message = "Nodes stand behind the given group alone."
  }
  assert {
    condition     = jsondecode(aws_eks_addon.before_nodes["vpc-cni"].configuration_values).enableNetworkPolicy == "true"
    error_message = "Network policies are enforced."
  }
}

run "tags" {
  command = plan

  variables {
    hosted_zone_ids     = ["Z1"]
    pod_log_group_names = ["/expense/dev/application"]
    access_entries      = { people = { principal_arn = "arn:aws:iam::123456789012:role/people", policy = "view" } }
  }

  assert {
    condition     = alltrue([for r in concat([aws_eks_cluster.this, aws_cloudwatch_log_group.cluster, aws_iam_role.cluster, aws_iam_role.node, aws_launch_template.nodes, aws_iam_openid_connect_provider.this], values(aws_eks_node_group.this), values(aws_eks_addon.before_nodes), values(aws_eks_addon.after_nodes), values(aws_eks_access_entry.this)) : r.tags.Project == "expense" && r.tags.Environment == "dev"])
    error_message = "Everything carries the tags Project and Environment."
  }
  assert {
    condition     = alltrue([for s in aws_launch_template.nodes.tag_specifications : s.tags.Project == "expense" && s.tags.Environment == "dev"]) && length(aws_launch_template.nodes.tag_specifications) == 3
    error_message = "Machines, disks and interfaces carry them too."
  }
}

run "spot_share_80" {
  command = plan

  variables {
    enable_spot_instances    = true
    spot_instance_percentage = 80
    node_min_size            = 1
    node_desired_size        = 2
    node_max_size            = 4
  }

  assert {
    condition     = { for g, n in aws_eks_node_group.this : g => [n.capacity_type, n.scaling_config[0].min_size, n.scaling_config[0].desired_size, n.scaling_config[0].max_size] } == { on-demand = ["ON_DEMAND", 1, 1, 1], spot = ["SPOT", 0, 1, 3] }
    error_message = "The share is rounded down, one node stays on demand."
  }
}

run "spot_share_50" {
  command = plan

  variables {
    enable_spot_instances    = true
    spot_instance_percentage = 50
    node_min_size            = 2
    node_desired_size        = 3
    node_max_size            = 6
  }

  assert {
    condition     = { for g, n in aws_eks_node_group.this : g => [n.scaling_config[0].min_size, n.scaling_config[0].desired_size, n.scaling_config[0].max_size] } == { on-demand = [1, 2, 3], spot = [1, 1, 3] }
    error_message = "Both groups together have the given sizes."
  }
}

run "spot_alone" {
  command = plan

  variables {
    enable_spot_instances    = true
    spot_instance_percentage = 100
  }

  assert {
    condition     = keys(aws_eks_node_group.this) == ["spot"] && aws_eks_node_group.this["spot"].scaling_config[0].min_size == 2
    error_message = "100 percent is one spot group."
  }
}

run "public_for_an_office" {
  command = plan

  variables {
    endpoint_public_access = true
    public_access_cidrs    = ["203.0.113.0/24"]
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The office comes in, nobody else."
  }
}

run "access_entries" {
  command = plan

  variables {
    access_entries = {
      deploy = { principal_arn = "arn:aws:iam::123456789012:role/deploy", policy = "edit", namespaces = ["expense"], kubernetes_groups = ["expense-deployers"] }
      admin  = { principal_arn = "arn:aws:iam::123456789012:role/admin", policy = "cluster-admin" }
      plain  = { principal_arn = "arn:aws:iam::123456789012:role/plain", kubernetes_groups = ["readers"] }
    }
  }

  assert {
    condition     = aws_eks_access_policy_association.this["deploy"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSEditPolicy" && aws_eks_access_policy_association.this["deploy"].access_scope[0].type == "namespace" && aws_eks_access_policy_association.this["deploy"].access_scope[0].namespaces == toset(["expense"])
    error_message = "The deploy role edits its namespace alone."
  }
  assert {
    condition     = toset(keys(aws_eks_access_policy_association.this)) == toset(["deploy", "admin"]) && length(aws_eks_access_entry.this) == 3
    error_message = "An entry without policy has its Kubernetes groups alone."
  }
}

run "pinned_addons" {
  command = plan
  variables {
    addon_versions = { coredns = "v1.13.1-eksbuild.1" }
  }
  assert {
    condition     = aws_eks_addon.after_nodes["coredns"].addon_version == "v1.13.1-eksbuild.1"
    error_message = "A named version is taken."
  }
}
