output "zone_id" {
  description = "Hosted zone of the records."
  value       = local.zone_id
}

output "zone_arn" {
  description = "ARN of the zone, for external-dns's role."
  value       = local.zone_arn
}

output "zone_name" {
  description = "Domain of the zone."
  value       = var.zone_name
}

output "name_servers" {
  description = "Name servers to delegate to; empty where the zone existed."
  value       = try(aws_route53_zone.this[0].name_servers, [])
}

output "certificate_arn" {
  description = "Validated certificate; null without certificate_names."
  value       = one(aws_acm_certificate_validation.this[*].certificate_arn)
}

output "health_check_id" {
  description = "Health check of the failover record; null without failover."
  value       = one(aws_route53_health_check.failover[*].id)
}
