# ---------------------------------------------------------------------------
# Network ACLs
# ---------------------------------------------------------------------------

locals {
  # Stateless second wall behind the security groups. Replies from the internet come to ports 1024 and up.
  acls = {
    public = {
      subnets = [for s in aws_subnet.public : s.id]
      ingress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 80, to = 80 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ]
      egress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ]
    }
    private = {
      subnets = [for s in aws_subnet.private : s.id]
      ingress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 1024, to = 65535 },
      ]
      egress = [
        { cidr = var.vpc_cidr, protocol = "-1", from = 0, to = 0 },
        { cidr = "0.0.0.0/0", protocol = "tcp", from = 443, to = 443 },
      ]
    }
    database = {
      subnets = [for s in aws_subnet.database : s.id]
      ingress = [
        { cidr = var.vpc_cidr, protocol = "tcp", from = 3306, to = 3306 },
        { cidr = var.vpc_cidr, protocol = "tcp", from = 6379, to = 6379 },
      ]
      egress = [
        { cidr = var.vpc_cidr, protocol = "tcp", from = 1024, to = 65535 },
      ]
    }
  }
}

resource "aws_network_acl" "this" {
  #checkov:skip=CKV2_AWS_1:subnet_ids attach each list; the check does not follow them through the table
  for_each = local.acls

  vpc_id     = aws_vpc.this.id
  subnet_ids = each.value.subnets

  dynamic "ingress" {
    for_each = { for i, rule in each.value.ingress : i => rule }
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
    for_each = { for i, rule in each.value.egress : i => rule }
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
