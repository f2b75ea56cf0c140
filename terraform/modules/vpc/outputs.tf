output "vpc_id" {
  description = "VPC identifier."
  value       = aws_vpc.this.id
}

output "vpc_cidr" {
  description = "Address range of the VPC."
  value       = var.vpc_cidr
}

output "public_subnet_ids" {
  description = "Public subnets, in the order of availability_zones: load balancers and NAT gateways."
  value       = [for zone in var.availability_zones : aws_subnet.public[zone].id]
}

output "private_subnet_ids" {
  description = "Private subnets, in the order of availability_zones: nodes, functions, bastion, runner."
  value       = [for zone in var.availability_zones : aws_subnet.private[zone].id]
}

output "database_subnet_ids" {
  description = "Database subnets, in the order of availability_zones: MySQL and the cache."
  value       = [for zone in var.availability_zones : aws_subnet.database[zone].id]
}

output "nat_gateway_ips" {
  description = "Public addresses that the VPC's own requests come from; empty without NAT."
  value       = [for zone in sort(keys(local.nat_zones)) : aws_eip.nat[zone].public_ip]
}

output "s3_prefix_list_id" {
  description = "Prefix list of the S3 gateway endpoint, for security group rules."
  value       = aws_vpc_endpoint.s3.prefix_list_id
}

output "vpn_gateway_id" {
  description = "VPN gateway; null where none is attached."
  value       = var.enable_vpn_gateway ? aws_vpn_gateway.this[0].id : null
}

output "flow_log_group_name" {
  description = "Log group of the flow logs."
  value       = local.flow_log_group
}
