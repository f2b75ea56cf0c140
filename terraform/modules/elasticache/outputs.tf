output "endpoint" {
  description = "Address of the primary node; it follows a failover."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "port" {
  description = "Port of the cache."
  value       = var.cache_port
}

output "cluster_id" {
  description = "Identifier of the cache."
  value       = local.cluster_id
}

output "node_ids" {
  description = "Identifiers of the nodes, for alarms."
  value       = [for n in range(1, var.num_cache_nodes + 1) : format("%s-%03d", local.cluster_id, n)]
}

output "secret_arn" {
  description = "Secret of the service's user, for REDIS_SECRET_ID."
  value       = module.login.arn
}

output "secret_iam_arn" {
  description = "The same for policies, known before the secret is made: ?????? stands for the suffix that Secrets Manager adds."
  value       = module.login.iam_arn
}

output "log_group_names" {
  description = "Log groups by log (slow-log, engine-log)."
  value       = { for log, group in aws_cloudwatch_log_group.this : log => group.name }
}
