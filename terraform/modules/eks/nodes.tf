# ---------------------------------------------------------------------------
# Nodes
# ---------------------------------------------------------------------------

locals {
  # A managed node group is on demand or spot, never both: the share becomes two groups.
  share    = var.enable_spot_instances ? var.spot_instance_percentage / 100 : 0
  all_spot = local.share == 1
  spot = {
    min     = local.all_spot ? var.node_min_size : min(floor(var.node_min_size * local.share), var.node_min_size - 1)
    desired = local.all_spot ? var.node_desired_size : min(floor(var.node_desired_size * local.share), var.node_desired_size - 1)
    max     = local.all_spot ? var.node_max_size : min(floor(var.node_max_size * local.share), var.node_max_size - 1)
  }

  node_groups = {
    for group, it in {
      on-demand = {
        capacity = "ON_DEMAND"
        min      = var.node_min_size - local.spot.min
        desired  = var.node_desired_size - local.spot.desired
        max      = var.node_max_size - local.spot.max
      }
      spot = { capacity = "SPOT", min = local.spot.min, desired = local.spot.desired, max = local.spot.max }
    } : group => it if it.max > 0
  }
}

resource "aws_launch_template" "nodes" {
  name_prefix            = "${local.name}-nodes-"
  description            = "Nodes of ${local.cluster_name}"
  update_default_version = true
  vpc_security_group_ids = var.node_security_group_ids

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1 # pods have roles of their own, the node's stays out of their reach
  }

  block_device_mappings {
    device_name = startswith(var.node_ami_type, "BOTTLEROCKET") ? "/dev/xvdb" : "/dev/xvda"
    ebs {
      volume_type           = "gp3"
      volume_size           = var.node_disk_size_gb
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])
    content {
      resource_type = tag_specifications.key
      tags          = merge(local.tags, { Name = "${local.name}-node" })
    }
  }

  tags = local.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_node_group" "this" {
  for_each = local.node_groups

  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "${local.name}-${each.key}-"
  node_role_arn          = aws_iam_role.node.arn
  subnet_ids             = var.private_subnet_ids
  ami_type               = var.node_ami_type
  capacity_type          = each.value.capacity
  instance_types         = var.node_instance_types
  version                = var.cluster_version

  launch_template {
    id      = aws_launch_template.nodes.id
    version = aws_launch_template.nodes.latest_version
  }

  scaling_config {
    min_size     = each.value.min
    desired_size = each.value.desired
    max_size     = each.value.max
  }

  update_config {
    max_unavailable_percentage = 33
  }

  labels = { "expense/capacity" = each.key }

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })

  lifecycle {
    create_before_destroy = true
    ignore_changes        = [scaling_config[0].desired_size]
  }

  # Nodes become ready only with a network: the add-ons that need no node come first.
  depends_on = [aws_iam_role_policy_attachment.node, aws_eks_addon.before_nodes]
}

resource "aws_iam_role" "node" {
  name                 = "${local.name}-eks-node"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

# Joining and pulling images, no more: network, disks and logs have roles of their own.
resource "aws_iam_role_policy_attachment" "node" {
  for_each = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])

  role       = aws_iam_role.node.name
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.key}"
}
