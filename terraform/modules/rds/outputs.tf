output "endpoint" {
  description = "Address of the database, without port."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "Port of the database."
  value       = var.database_port
}

output "database_name" {
  description = "Name of the database."
  value       = var.database_name
}

output "identifier" {
  description = "Identifier of the instance."
  value       = local.identifier
}

output "db_instance_arn" {
  description = "ARN of the instance, known before it is made."
  value       = local.instance_arn
}

output "parameter_group_id" {
  description = "Parameter group."
  value       = aws_db_parameter_group.this.id
}

output "max_connections" {
  description = "Connections that the server takes."
  value       = var.max_connections
}

output "replica_identifier" {
  description = "Identifier of the replica; null where there is none."
  value       = var.create_replica ? "${local.identifier}-replica" : null
}

output "replica_endpoint" {
  description = "Address of the replica; null where there is none."
  value       = var.create_replica ? aws_db_instance.replica[0].address : null
}

output "app_secret_arn" {
  description = "Secret of the service's user, for DB_SECRET_ID."
  value       = module.login["app"].arn
}

output "migration_secret_arn" {
  description = "Secret of the migrations' user, for DB_MIGRATION_SECRET_ID."
  value       = module.login["migration"].arn
}

output "master_secret_arn" {
  description = "Secret of the master user, made and rotated by RDS, for DB_ADMIN_SECRET_ID."
  value       = try(aws_db_instance.this.master_user_secret[0].secret_arn, null)
}

output "app_secret_iam_arn" {
  description = "The service's secret as policies name it: ?????? stands for the suffix that Secrets Manager adds."
  value       = module.login["app"].iam_arn
}

output "migration_secret_iam_arn" {
  description = "The migrations' secret as policies name it."
  value       = module.login["migration"].iam_arn
}

output "log_group_names" {
  description = "Log groups by log (error, slowquery)."
  value       = { for log, group in aws_cloudwatch_log_group.this : log => group.name }
}

output "automated_backups_replica_arn" {
  description = "Automated backups in the second region, source of a restore there; null where none are copied."
  value       = var.backup_replication_region == null ? null : aws_db_instance_automated_backups_replication.this[0].id
}
