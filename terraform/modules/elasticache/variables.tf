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

variable "cluster_id" {
  description = "Identifier of the cache; null makes <project>-<environment>-cache."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_id == null || can(regex("^[a-z][a-z0-9-]{0,38}[a-z0-9]$", var.cluster_id))
    error_message = "cluster_id: write 2 to 40 lower-case letters, digits and hyphens, beginning with a letter, or leave it out."
  }
}

# ---------------------------------------------------------------------------
# Engine
# ---------------------------------------------------------------------------

variable "engine_version" {
  description = "Valkey version."
  type        = string
  default     = "8.2"

  validation {
    condition     = can(regex("^8\\.[0-9]+$", var.engine_version))
    error_message = "engine_version: write a Valkey 8 version such as \"8.2\"; ElastiCache for Redis OSS stops at 7.1."
  }
}

variable "parameter_group_family" {
  description = "Family of the parameter group."
  type        = string
  default     = "valkey8"

  validation {
    condition     = var.parameter_group_family == "valkey8"
    error_message = "parameter_group_family: write \"valkey8\", the family of engine_version 8.x."
  }
}

variable "parameters" {
  description = "Further parameters of the group, by name."
  type        = map(string)
  default     = {}

  validation {
    condition     = lookup(var.parameters, "cluster-enabled", "no") == "no"
    error_message = "parameters: leave cluster-enabled out; one round trip of the service touches several keys, which a cluster refuses."
  }
}

variable "node_type" {
  description = "Type of the nodes."
  type        = string
  default     = "cache.t4g.micro"

  validation {
    condition     = can(regex("^cache\\.[a-z0-9]+\\.[a-z0-9]+$", var.node_type))
    error_message = "node_type: write a type such as \"cache.t4g.micro\"."
  }
}

variable "num_cache_nodes" {
  description = "Number of nodes: one primary, the others replicas."
  type        = number
  default     = 1

  validation {
    condition     = var.num_cache_nodes >= 1 && var.num_cache_nodes <= 6 && floor(var.num_cache_nodes) == var.num_cache_nodes
    error_message = "num_cache_nodes: write 1 to 6."
  }
}

variable "automatic_failover_enabled" {
  description = "Let a replica in another zone take over. Wants two nodes or more."
  type        = bool
  default     = false

  validation {
    condition     = !var.automatic_failover_enabled || var.num_cache_nodes >= 2
    error_message = "automatic_failover_enabled: write num_cache_nodes = 2 or more, or false here."
  }

  validation {
    condition     = var.environment != "prod" || var.automatic_failover_enabled
    error_message = "automatic_failover_enabled: write true in prod."
  }
}

variable "cache_port" {
  description = "Port of the cache."
  type        = number
  default     = 6379

  validation {
    condition     = var.cache_port >= 1024 && var.cache_port <= 65535
    error_message = "cache_port: write a port from 1024 to 65535, for example 6379."
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
  description = "Security groups of the cache (module security-groups)."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) > 0
    error_message = "security_group_ids: give at least one group (module.security_groups.elasticache_security_group_id)."
  }
}

variable "transit_encryption_enabled" {
  description = "Encrypt connections."
  type        = bool
  default     = true

  validation {
    condition     = var.transit_encryption_enabled
    error_message = "transit_encryption_enabled: write true; a password must not cross the network in the clear."
  }
}

variable "at_rest_encryption_enabled" {
  description = "Encrypt what nodes write to disk."
  type        = bool
  default     = true

  validation {
    condition     = var.at_rest_encryption_enabled
    error_message = "at_rest_encryption_enabled: write true."
  }
}

variable "kms_key_arn" {
  description = "Key of the cache and its secret (module kms, data key)."
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
  description = "Days that the slow log and the engine log are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: write a period that CloudWatch Logs knows, for example 7, 30 or 90."
  }
}

# ---------------------------------------------------------------------------
# User
# ---------------------------------------------------------------------------

variable "username" {
  description = "The service's user in the cache."
  type        = string
  default     = "expense_app"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,31}$", var.username)) && var.username != "default"
    error_message = "username: write up to 32 lower-case letters, digits and underscores, not \"default\"."
  }
}

variable "access_string" {
  description = "What the user may do: all keys and channels, no command that administers or endangers the server, but INFO (the service watches for a restarted server with it)."
  type        = string
  default     = "on ~* &* +@all -@admin -@dangerous +info"

  validation {
    condition     = startswith(var.access_string, "on ") && strcontains(var.access_string, "-@admin") && strcontains(var.access_string, "-@dangerous") && !strcontains(var.access_string, "nopass")
    error_message = "access_string: begin with \"on\", take -@admin and -@dangerous away, and never write \"nopass\"."
  }
}

variable "password_version" {
  description = "Raise by one for a new password in secret and user; the service takes it up by itself."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "password_version: write a whole number from 1 on."
  }
}
