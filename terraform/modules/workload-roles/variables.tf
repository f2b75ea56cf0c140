# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

variable "project_name" {
  description = "Project identifier: first part of every name, and the value of the tag Project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "project_name: write 3 to 20 lower-case letters, digits and hyphens, beginning with a letter, for example \"expense\"."
  }
}

variable "environment" {
  description = "Environment: second part of every name, and the value of the tag Environment."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment: write \"dev\", \"staging\" or \"prod\"."
  }
}

variable "tags" {
  description = "Further tags for every resource; they win over Project and Environment."
  type        = map(string)
  default     = {}
}

variable "permissions_boundary_arn" {
  description = "Boundary of every role made here (output workload_boundary_arn of module oidc); null where none is used."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: write the ARN of an IAM policy, arn:aws:iam::<account>:policy/<name>, or leave it out."
  }
}

# ---------------------------------------------------------------------------
# Who takes the roles
# ---------------------------------------------------------------------------

variable "cluster_name" {
  description = "Cluster that the service runs in."
  type        = string
}

variable "namespace" {
  description = "Namespace of the service."
  type        = string
  default     = "expense"
}

variable "backend_service_accounts" {
  description = "Service accounts of the service's pods, one for each release that stands side by side."
  type        = set(string)
  default     = ["expense-backend"]
}

variable "migration_service_accounts" {
  description = "Service accounts of the migration Job."
  type        = set(string)
  default     = ["expense-backend-migrate"]

  validation {
    condition     = length(setintersection(var.migration_service_accounts, var.backend_service_accounts)) == 0
    error_message = "migration_service_accounts: write accounts that the service's pods do not use; else the pods could change the schema and read the master password."
  }
}

variable "identity" {
  description = "How pods take a role: \"pod-identity\" or \"irsa\"."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa"], var.identity)
    error_message = "identity: write \"pod-identity\" or \"irsa\"."
  }
}

variable "oidc_provider_arn" {
  description = "The cluster's OIDC provider; needed for irsa."
  type        = string
  default     = null
}

variable "oidc_issuer" {
  description = "The cluster's OIDC issuer without https://; needed for irsa."
  type        = string
  default     = null
}

# ---------------------------------------------------------------------------
# Secrets
# ---------------------------------------------------------------------------

variable "app_secret_arn" {
  description = "Secret of the application's database user, as policies name it (module rds, app_secret_iam_arn)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.app_secret_arn))
    error_message = "app_secret_arn: write the ARN of one secret without \"*\"; \"??????\" may stand for its suffix."
  }
}

variable "migration_secret_arn" {
  description = "Secret of the migration user, as policies name it (module rds, migration_secret_iam_arn)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.migration_secret_arn))
    error_message = "migration_secret_arn: write the ARN of one secret without \"*\"; \"??????\" may stand for its suffix."
  }
}

variable "db_instance_arn" {
  description = "Database whose managed master secret the migration Job reads for setup-users (module rds, db_instance_arn)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:rds:[a-z0-9-]+:[0-9]{12}:db:[^*]+$", var.db_instance_arn))
    error_message = "db_instance_arn: write the ARN of one database instance, arn:aws:rds:<region>:<account>:db:<identifier>."
  }
}

variable "redis_secret_arn" {
  description = "Secret of the cache's user, as policies name it; null where there is no cache."
  type        = string
  default     = null

  validation {
    condition     = var.redis_secret_arn == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.redis_secret_arn))
    error_message = "redis_secret_arn: write the ARN of one secret without \"*\", or leave it out where there is no cache."
  }
}

variable "api_keys_secret_arn" {
  description = "Secret of the API keys, as policies name it; null where auth_mode is not \"api-key\"."
  type        = string
  default     = null

  validation {
    condition     = var.api_keys_secret_arn == null || can(regex("^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[^*]+$", var.api_keys_secret_arn))
    error_message = "api_keys_secret_arn: write the ARN of one secret without \"*\", or leave it out."
  }
}
