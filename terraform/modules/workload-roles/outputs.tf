output "backend_role_arn" {
  description = "Role of the service's pods."
  value       = module.backend.role_arn
}

output "migration_role_arn" {
  description = "Role of the migration Job."
  value       = module.migration.role_arn
}

output "backend_policy" {
  description = "What the service's pods may do, as JSON."
  value       = module.backend.policy
}

output "migration_policy" {
  description = "What the migration Job may do, as JSON."
  value       = module.migration.policy
}

output "namespace" {
  description = "Namespace that the roles are bound to."
  value       = var.namespace
}

output "backend_service_accounts" {
  description = "Service accounts that the pods' role is bound to."
  value       = var.backend_service_accounts
}

output "migration_service_accounts" {
  description = "Service accounts that the migration Job's role is bound to."
  value       = var.migration_service_accounts
}
