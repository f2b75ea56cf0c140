# ---------------------------------------------------------------------------
# Endpoints
# ---------------------------------------------------------------------------

# Free. Its policy stays open: image layers and operating-system packages come from buckets that AWS owns.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${data.aws_region.current.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [for t in aws_route_table.private : t.id]

  tags = merge(local.tags, { Name = "${local.name}-s3" })
}

resource "aws_vpc_endpoint" "interface" {
  for_each = var.interface_endpoints

  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${data.aws_region.current.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [for zone in slice(var.availability_zones, 0, min(var.interface_endpoint_zones, length(var.availability_zones))) : aws_subnet.private[zone].id]
  security_group_ids  = [var.endpoints_security_group_id]

  # Credentials of another account, brought in by whoever broke in, are of no use here.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "ThisAccountOnly"
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.current.account_id }
      Action    = "*"
      Resource  = "*"
    }]
  })

  tags = merge(local.tags, { Name = "${local.name}-${each.key}" })

  lifecycle {
    precondition {
      condition     = var.endpoints_security_group_id != null
      error_message = "interface_endpoints want a security group: set endpoints_security_group_id = module.security_groups.endpoints_security_group_id."
    }
    precondition {
      condition     = var.interface_endpoint_zones <= length(var.availability_zones)
      error_message = "interface_endpoint_zones is larger than the number of availability_zones: write at most that number."
    }
  }
}
