output "alb_security_group_id" {
  description = "Load balancer's group, for the ingress annotation security-groups; null where it is not made."
  value       = try(aws_security_group.this["alb"].id, null)
}

output "cluster_security_group_id" {
  description = "Control plane's additional group; null where it is not made."
  value       = try(aws_security_group.this["cluster"].id, null)
}

output "node_security_group_id" {
  description = "Group of the nodes and their pods (the service runs there); null where it is not made."
  value       = try(aws_security_group.this["nodes"].id, null)
}

output "rds_security_group_id" {
  description = "MySQL's group; null where it is not made."
  value       = try(aws_security_group.this["rds"].id, null)
}

output "elasticache_security_group_id" {
  description = "Cache's group; null where it is not made."
  value       = try(aws_security_group.this["elasticache"].id, null)
}

output "bastion_security_group_id" {
  description = "Bastion's group; null where it is not made."
  value       = try(aws_security_group.this["bastion"].id, null)
}

output "lambda_security_group_id" {
  description = "Functions' group; null where it is not made."
  value       = try(aws_security_group.this["lambda"].id, null)
}

output "endpoints_security_group_id" {
  description = "Interface endpoints' group; null where it is not made."
  value       = try(aws_security_group.this["endpoints"].id, null)
}

output "rotation_security_group_id" {
  description = "Password rotation's group; null where it is not made."
  value       = try(aws_security_group.this["rotation"].id, null)
}

output "runner_security_group_id" {
  description = "CI runner's group; null where it is not made."
  value       = try(aws_security_group.this["runner"].id, null)
}

output "app_security_group_id" {
  description = "Group that the service's pods answer from: the nodes' group under another name."
  value       = try(aws_security_group.this["nodes"].id, null)
}
