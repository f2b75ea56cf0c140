# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

# ---------------------------------------------------------------------------
# Groups
# ---------------------------------------------------------------------------

locals {
  groups = {
    for group, it in {
      alb         = { enabled = var.enable_eks, description = "Load balancer of the service" }
      cluster     = { enabled = var.enable_eks, description = "Kubernetes control plane" }
      nodes       = { enabled = var.enable_eks, description = "Kubernetes nodes and their pods" }
      rds         = { enabled = true, description = "MySQL" }
      elasticache = { enabled = var.enable_elasticache, description = "Cache" }
      bastion     = { enabled = var.enable_bastion, description = "Bastion, reached through Session Manager" }
      lambda      = { enabled = var.enable_lambda, description = "Functions of the service" }
      endpoints   = { enabled = true, description = "Interface endpoints of AWS services" }
      rotation    = { enabled = var.enable_rotation, description = "Rotation of database passwords" }
      runner      = { enabled = var.enable_runner, description = "CI runner inside the VPC" }
    } : group => it.description if it.enabled
  }
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:The groups leave as outputs; the modules that own the machines attach them
  for_each = local.groups

  name_prefix = "${local.name}-${each.key}-"
  description = each.value
  vpc_id      = var.vpc_id

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })

  lifecycle {
    create_before_destroy = true
  }
}

# ---------------------------------------------------------------------------
# Conversations inside the VPC
# ---------------------------------------------------------------------------

locals {
  # One line is one conversation; it becomes an egress rule at "from" and an ingress rule at "to".
  # 10250 is the kubelet (logs, metrics-server); 4443, 8443 and 9443 are webhooks and aggregated APIs.
  conversations = [
    { from = "alb", to = "nodes", port = var.app_port, what = "requests to the pods" },
    { from = "cluster", to = "nodes", port = 443, what = "webhooks" },
    { from = "cluster", to = "nodes", port = 4443, what = "aggregated APIs" },
    { from = "cluster", to = "nodes", port = 8443, what = "webhooks" },
    { from = "cluster", to = "nodes", port = 9443, what = "load balancer controller webhooks" },
    { from = "cluster", to = "nodes", port = 10250, what = "kubelet and metrics-server" },
    { from = "nodes", to = "cluster", port = 443, what = "Kubernetes API" },
    { from = "nodes", to = "nodes", port = -1, what = "pods and cluster DNS" },
    { from = "nodes", to = "rds", port = var.database_port, what = "MySQL" },
    { from = "nodes", to = "elasticache", port = var.cache_port, what = "cache" },
    { from = "nodes", to = "endpoints", port = 443, what = "AWS APIs" },
    { from = "lambda", to = "rds", port = var.database_port, what = "MySQL" },
    { from = "lambda", to = "elasticache", port = var.cache_port, what = "cache" },
    { from = "lambda", to = "endpoints", port = 443, what = "AWS APIs" },
    { from = "rotation", to = "rds", port = var.database_port, what = "MySQL" },
    { from = "rotation", to = "endpoints", port = 443, what = "AWS APIs" },
    { from = "bastion", to = "rds", port = var.database_port, what = "MySQL" },
    { from = "bastion", to = "elasticache", port = var.cache_port, what = "cache" },
    { from = "bastion", to = "cluster", port = 443, what = "Kubernetes API" },
    { from = "bastion", to = "endpoints", port = 443, what = "AWS APIs" },
    { from = "runner", to = "cluster", port = 443, what = "Kubernetes API" },
    { from = "runner", to = "endpoints", port = 443, what = "AWS APIs" },
  ]

  held = {
    for c in local.conversations : "${c.from}-to-${c.to}-${c.port == -1 ? "all" : c.port}" => c
    if contains(keys(local.groups), c.from) && contains(keys(local.groups), c.to)
  }
}

resource "aws_vpc_security_group_egress_rule" "conversation" {
  for_each = local.held

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = "To ${each.value.to}: ${each.value.what}"
  ip_protocol                  = each.value.port == -1 ? "-1" : "tcp"
  from_port                    = each.value.port == -1 ? null : each.value.port
  to_port                      = each.value.port == -1 ? null : each.value.port

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

resource "aws_vpc_security_group_ingress_rule" "conversation" {
  for_each = local.held

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = "From ${each.value.from}: ${each.value.what}"
  ip_protocol                  = each.value.port == -1 ? "-1" : "tcp"
  from_port                    = each.value.port == -1 ? null : each.value.port
  to_port                      = each.value.port == -1 ? null : each.value.port

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })
}

# ---------------------------------------------------------------------------
# Ways out of the VPC
# ---------------------------------------------------------------------------

locals {
  # Images, AWS APIs, JWT keys. DNS and time come from the VPC's own link-local services, which no group filters.
  callers    = toset([for g in ["nodes", "lambda", "rotation", "bastion", "runner"] : g if contains(keys(local.groups), g)])
  s3_callers = toset([for g in ["nodes", "bastion", "runner"] : g if contains(keys(local.groups), g)])
}

resource "aws_vpc_security_group_egress_rule" "world" {
  for_each = var.internet_egress ? local.callers : toset([])

  security_group_id = aws_security_group.this[each.key].id
  description       = "HTTPS to the world through NAT"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = merge(local.tags, { Name = "${local.name}-${each.key}-to-world" })
}

# Alertmanager runs on the nodes and sends mail by submission (STARTTLS).
resource "aws_vpc_security_group_egress_rule" "mail" {
  count = var.internet_egress && var.enable_eks ? 1 : 0

  security_group_id = aws_security_group.this["nodes"].id
  description       = "Mail to the world through NAT"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = 587
  to_port           = 587

  tags = merge(local.tags, { Name = "${local.name}-nodes-mail" })
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each = var.internet_egress ? toset([]) : local.s3_callers

  security_group_id = aws_security_group.this[each.key].id
  description       = "S3 through its gateway endpoint"
  prefix_list_id    = var.s3_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = merge(local.tags, { Name = "${local.name}-${each.key}-to-s3" })
}

# ---------------------------------------------------------------------------
# Load balancer
# ---------------------------------------------------------------------------

data "aws_ec2_managed_prefix_list" "cloudfront" {
  count = var.enable_eks && var.restrict_alb_to_cloudfront ? 1 : 0

  name = "com.amazonaws.global.cloudfront.origin-facing"
}

# The API's front door: 443, and 80 only to be sent on to 443 by the listener.
resource "aws_vpc_security_group_ingress_rule" "alb" {
  for_each = var.enable_eks && !var.restrict_alb_to_cloudfront ? {
    for pair in setproduct(var.alb_ingress_cidrs, [80, 443]) : "${pair[0]}-${pair[1]}" => { cidr = pair[0], port = pair[1] }
  } : {}

  security_group_id = aws_security_group.this["alb"].id
  description       = "Clients on ${each.value.port}"
  cidr_ipv4         = each.value.cidr
  ip_protocol       = "tcp"
  from_port         = each.value.port
  to_port           = each.value.port

  tags = merge(local.tags, { Name = "${local.name}-clients-to-alb-${each.value.port}" })
}

# The list counts as 55 of the 60 rules that a group may hold: one port only.
resource "aws_vpc_security_group_ingress_rule" "alb_cloudfront" {
  count = var.enable_eks && var.restrict_alb_to_cloudfront ? 1 : 0

  security_group_id = aws_security_group.this["alb"].id
  description       = "CloudFront on 443"
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront[0].id
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443

  tags = merge(local.tags, { Name = "${local.name}-cloudfront-to-alb" })
}
