output "data_key_arn" {
  description = "Key of the database, the cache and their secrets."
  value       = aws_kms_key.this["data"].arn
}

output "operations_key_arn" {
  description = "Key of log groups, topics and the audit trail."
  value       = aws_kms_key.this["operations"].arn
}

output "cluster_key_arn" {
  description = "Key of Kubernetes secrets; null where no cluster is made."
  value       = var.enable_cluster_key ? aws_kms_key.this["cluster"].arn : null
}
