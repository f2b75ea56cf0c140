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

variable "identifier" {
  description = "Identifier of the instance; null makes <project>-<environment>-mysql."
  type        = string
  default     = null

  validation {
    condition     = var.identifier == null || can(regex("^[a-z][a-z0-9-]{0,61}[a-z0-9]$", var.identifier))
    error_message = "identifier: write 2 to 63 lower-case letters, digits and hyphens, beginning with a letter, or leave it out."
  }
}

# ---------------------------------------------------------------------------
# Engine
# ---------------------------------------------------------------------------

variable "engine_version" {
  description = "MySQL version: 8.4, with or without its last number. 8.0 left standard support on 2026-07-31; 9.x has dropped the login that the old application uses."
  type        = string
  default     = "8.4"

  validation {
    condition     = can(regex("^8\\.4(\\.[0-9]+)?$", var.engine_version))
    error_message = "engine_version: write \"8.4\" or \"8.4.<n>\"; 8.0 is out of standard support."
  }
}

variable "parameter_group_family" {
  description = "Family of the parameter group."
  type        = string
  default     = "mysql8.4"

  validation {
    condition     = var.parameter_group_family == "mysql8.4"
    error_message = "parameter_group_family: write \"mysql8.4\", the family of engine_version 8.4."
  }
}

variable "parameter_group_name" {
  description = "Beginning of the parameter group's name; null makes <identifier>-params."
  type        = string
  default     = null
}

variable "parameters" {
  description = "Further parameters of the group, by name; they win over the module's own, except those that have a variable."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.parameters), ["require_secure_transport", "max_connections", "innodb_buffer_pool_size"])) == 0
    error_message = "parameters: use the variables require_secure_transport and max_connections; innodb_buffer_pool_size is left to MySQL 8.4, which computes it from the memory."
  }
}

variable "max_connections" {
  description = "Connections that the server takes: 100, in prod 200. Releases, functions and people share them (see the pool arithmetic in the coherence check)."
  type        = number
  default     = 100

  validation {
    condition     = var.max_connections >= 20 && var.max_connections <= 5000
    error_message = "max_connections: write 20 to 5000, for example 100."
  }

  validation {
    condition     = !(var.max_connections > 100 && can(regex("\\.(micro|small)$", var.instance_class)))
    error_message = "max_connections above 100 want more memory than a micro or small class has: write at most 100, or instance_class = \"db.t4g.medium\" or larger."
  }
}

variable "require_secure_transport" {
  description = "Refuse connections without TLS. False only while the old application, which has no TLS, still writes to this database."
  type        = bool
  default     = true
}

# ---------------------------------------------------------------------------
# Instance
# ---------------------------------------------------------------------------

variable "instance_class" {
  description = "Class of the instance."
  type        = string
  default     = "db.t4g.micro"

  validation {
    condition     = can(regex("^db\\.[a-z0-9]+\\.[a-z0-9]+$", var.instance_class))
    error_message = "instance_class: write a class such as \"db.t4g.medium\"."
  }
}

variable "allocated_storage" {
  description = "Storage in GiB (gp3)."
  type        = number
  default     = 20

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 65536
    error_message = "allocated_storage: write 20 to 65536 GiB."
  }
}

variable "max_allocated_storage" {
  description = "Storage in GiB up to which RDS grows it by itself; 0 turns growth off."
  type        = number
  default     = 100

  validation {
    condition     = var.max_allocated_storage == 0 || var.max_allocated_storage >= ceil(var.allocated_storage * 1.1)
    error_message = "max_allocated_storage: write 0, or at least a tenth more than allocated_storage."
  }
}

variable "multi_az" {
  description = "Keep a standby in another zone and fail over to it."
  type        = bool
  default     = false

  validation {
    condition     = var.environment != "prod" || var.multi_az
    error_message = "multi_az: write true in prod."
  }
}

variable "database_name" {
  description = "Database that is made with the instance."
  type        = string
  default     = "transactions"

  validation {
    condition     = can(regex("^[A-Za-z][A-Za-z0-9_]{0,63}$", var.database_name))
    error_message = "database_name: write up to 64 letters, digits and underscores, beginning with a letter."
  }
}

variable "database_port" {
  description = "Port of MySQL."
  type        = number
  default     = 3306

  validation {
    condition     = var.database_port >= 1150 && var.database_port <= 65535
    error_message = "database_port: write a port from 1150 to 65535 (RDS takes no lower one), for example 3306."
  }
}

variable "master_username" {
  description = "Master user; RDS makes and rotates its password. Only setup-users and password rotation log in as it."
  type        = string
  default     = "expense_admin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,31}$", var.master_username)) && !contains(["rdsadmin", "admin", "root"], var.master_username)
    error_message = "master_username: write up to 32 lower-case letters, digits and underscores; \"rdsadmin\", \"root\" and \"admin\" are refused."
  }
}

# ---------------------------------------------------------------------------
# Network and keys
# ---------------------------------------------------------------------------

variable "subnet_ids" {
  description = "Database subnets in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) >= 2
    error_message = "subnet_ids: give subnets of at least two zones (module.vpc.database_subnet_ids)."
  }
}

variable "security_group_ids" {
  description = "Security groups of the instance (module security-groups)."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids: give at least one group (module.security_groups.rds_security_group_id); without one the VPC's default group would be taken."
  }
}

variable "kms_key_arn" {
  description = "Key of storage, backups, insights and secrets (module kms, data key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key, for example module.kms.data_key_arn."
  }
}

variable "log_kms_key_arn" {
  description = "Key of the log groups (module kms, operations key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn: write the ARN of a KMS key, for example module.kms.operations_key_arn."
  }
}

variable "log_retention_days" {
  description = "Days that exported logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: write a period that CloudWatch Logs knows, for example 7, 30 or 90."
  }
}

# ---------------------------------------------------------------------------
# Backups
# ---------------------------------------------------------------------------

variable "backup_retention_period" {
  description = "Days that automated backups are kept, which is how far point-in-time recovery reaches: 7, in prod 30."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_period >= 7 && var.backup_retention_period <= 35
    error_message = "backup_retention_period: write 7 to 35 days."
  }

  validation {
    condition     = var.environment != "prod" || var.backup_retention_period >= 30
    error_message = "backup_retention_period: write 30 to 35 days in prod."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the instance."
  type        = bool
  default     = true

  validation {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "deletion_protection: write true in prod."
  }
}

variable "create_replica" {
  description = "Make a read replica for recovery and reports; the service never reads from it."
  type        = bool
  default     = false
}

variable "backup_replication_region" {
  description = "Region that automated backups are copied to; null copies none."
  type        = string
  default     = null

  validation {
    condition     = var.backup_replication_region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.backup_replication_region))
    error_message = "backup_replication_region: write a region such as \"us-west-2\", another than the database's."
  }
}

variable "restore_source" {
  description = "Where the instance's first data comes from: a snapshot, or automated backups at a time, null for the latest: of this region by the resource id of their instance (also of a deleted one), of another region by the ARN of their copy here. Null makes an empty database."
  type = object({
    snapshot_identifier   = optional(string)
    dbi_resource_id       = optional(string)
    automated_backups_arn = optional(string)
    restore_time          = optional(string)
  })
  default = null

  validation {
    condition     = var.restore_source == null ? true : length([for s in [var.restore_source.snapshot_identifier, var.restore_source.dbi_resource_id, var.restore_source.automated_backups_arn] : s if s != null]) == 1
    error_message = "restore_source: give exactly one of snapshot_identifier, dbi_resource_id and automated_backups_arn."
  }

  validation {
    condition     = try(var.restore_source.dbi_resource_id, null) == null ? true : can(regex("^db-[A-Z0-9]+$", var.restore_source.dbi_resource_id))
    error_message = "restore_source.dbi_resource_id: write what `aws rds describe-db-instance-automated-backups` calls DbiResourceId, for example \"db-ABCDEFGHIJKLMNOPQRSTUVWXYZ\"; the identifier of an instance is no resource id."
  }

  validation {
    condition     = try(var.restore_source.restore_time, null) == null ? true : var.restore_source.snapshot_identifier == null && can(formatdate("YYYY", var.restore_source.restore_time))
    error_message = "restore_source.restore_time: write it with dbi_resource_id or automated_backups_arn and as RFC 3339, for example \"2026-11-24T10:00:00Z\"."
  }
}

# ---------------------------------------------------------------------------
# Monitoring
# ---------------------------------------------------------------------------

variable "monitoring_interval" {
  description = "Seconds between two points of Enhanced Monitoring; 0 turns it off."
  type        = number
  default     = 60

  validation {
    condition     = contains([0, 1, 5, 10, 15, 30, 60], var.monitoring_interval)
    error_message = "monitoring_interval: write 0, 1, 5, 10, 15, 30 or 60."
  }
}
