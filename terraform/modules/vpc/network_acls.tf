# ---------------------------------------------------------------------------
# Network ACLs
# ---------------------------------------------------------------------------

locals {
  # Stateless second wall behind the security groups: replies need the ports from 1024 up. They come from the internet
  # and, between the nodes of one data store, from another database subnet.
  vpn = var.enable_vpn_gateway ? var.vpn_cidrs : []

  # The cluster's alerts leave by mail, as submission (STARTTLS).
  mail = var.cluster_name == null ? [] : [{ cidr = "0.0.0.0/0", protocol = "tcp", from = 587, to = 587 }]

  acls = {
    public = {
      subnets = [for s in aws_subnet.public : s.id]
      ingress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 80, to = 80 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ]
      egress = concat([
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ], local.mail)
      vpn_ports = []
    }
    private = {
      subnets = [for s in aws_subnet.private : s.id]
      ingress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ]
      egress = concat([
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
      ], local.mail)
      vpn_ports = [443]
    }
    database = {
      subnets = [for s in aws_subnet.database : s.id]
      ingress = concat(
        [for port in [var.database_port, var.cache_port] : { cidr = var.vpc_cidr, protocol = "tcp", from = port, to = port }],
        [for s in aws_subnet.database : { cidr = s.cidr_block, protocol = "tcp", from = 1024, to = 65535 }],
      )
      egress = [
        { cidr = var.vpc_cidr, protocol = "tcp", from = 1024, to = 65535 },
      ]
      vpn_ports = [var.database_port, var.cache_port]
    }
  }
}

resource "aws_network_acl" "this" {
  #checkov:skip=CKV2_AWS_1:subnet_ids attach each list; the check does not follow them through the table
  for_each = local.acls

  vpc_id     = aws_vpc.this.id
  subnet_ids = each.value.subnets

  dynamic "ingress" {
    for_each = { for i, rule in concat(each.value.ingress, [
      for pair in setproduct(local.vpn, each.value.vpn_ports) : { cidr = pair[0], protocol = "tcp", from = pair[1], to = pair[1] }
    ]) : i => rule }
    content {
      rule_no    = 100 + 10 * ingress.key
      action     = "allow"
      cidr_block = ingress.value.cidr
      protocol   = ingress.value.protocol
      from_port  = ingress.value.from
      to_port    = ingress.value.to
    }
  }

  dynamic "egress" {
    for_each = { for i, rule in concat(each.value.egress, [
      for cidr in length(each.value.vpn_ports) > 0 ? local.vpn : [] : { cidr = cidr, protocol = "tcp", from = 1024, to = 65535 }
    ]) : i => rule }
    content {
      rule_no    = 100 + 10 * egress.key
      action     = "allow"
      cidr_block = egress.value.cidr
      protocol   = egress.value.protocol
      from_port  = egress.value.from
      to_port    = egress.value.to
    }
  }

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })
}
