# ---------------------------------------------------------------------------
# Database
# ---------------------------------------------------------------------------

variable "rds_instance_class" {
  description = "Class of the database."
  type        = string
}

variable "rds_allocated_storage" {
  description = "Storage of the database in GiB."
  type        = number
}

variable "rds_max_allocated_storage" {
  description = "Storage in GiB up to which RDS grows it by itself."
  type        = number
}

variable "rds_multi_az" {
  description = "Keep a standby in another zone."
  type        = bool
}

variable "rds_backup_retention" {
  description = "Days that automated backups are kept."
  type        = number
}

variable "rds_max_connections" {
  description = "Connections that the database takes; releases, functions and people share them."
  type        = number
}

variable "rds_create_replica" {
  description = "Make a read replica for recovery and reports."
  type        = bool
  default     = false
}

variable "rds_require_secure_transport" {
  description = "Refuse connections without TLS; false only while the old application writes."
  type        = bool
  default     = true
}

variable "rds_backup_replication_region" {
  description = "Region that automated backups are copied to; null copies none."
  type        = string
  default     = null
}

variable "rds_restore_source" {
  description = "Where a new database's data comes from: a snapshot, or automated backups at a time (of this region by dbi_resource_id); null begins empty."
  type = object({
    snapshot_identifier   = optional(string)
    dbi_resource_id       = optional(string)
    automated_backups_arn = optional(string)
    restore_time          = optional(string)
  })
  default = null
}

# ---------------------------------------------------------------------------
# Cache
# ---------------------------------------------------------------------------

variable "enable_elasticache" {
  description = "Shared cache; null: with a cluster, without one not (functions then read from the database)."
  type        = bool
  default     = null

  validation {
    condition     = var.enable_elasticache != false || coalesce(var.deploy_target, jsondecode(file("${path.module}/../../../deploy-targets.json"))[var.environment]) == "lambda"
    error_message = "enable_elasticache: leave it out or write true with a cluster; several pods want a shared cache."
  }
}

variable "redis_node_type" {
  description = "Type of the cache's nodes."
  type        = string
}

variable "redis_num_nodes" {
  description = "Number of the cache's nodes."
  type        = number
}

variable "redis_automatic_failover" {
  description = "Let a replica in another zone take over."
  type        = bool
}

# ---------------------------------------------------------------------------
# Logins
# ---------------------------------------------------------------------------

variable "redis_password_version" {
  description = "Raise by one for a new password of the cache's user."
  type        = number
  default     = 1
}

variable "password_rotation_days" {
  description = "Days between two rotations of the database users' passwords."
  type        = number
  default     = 30
}

# ---------------------------------------------------------------------------
# Bastion
# ---------------------------------------------------------------------------

variable "enable_bastion" {
  description = "Bastion; null: with a cluster, without one not."
  type        = bool
  default     = null
}

variable "bastion_instance_type" {
  description = "Type of the bastion."
  type        = string
}
