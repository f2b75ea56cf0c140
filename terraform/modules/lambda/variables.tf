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

# ---------------------------------------------------------------------------
# Dependencies
# ---------------------------------------------------------------------------

variable "kms_key_arn" {
  description = "Key that encrypts the functions' environment variables and the log groups; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets that the functions join."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 1
    error_message = "private_subnet_ids: name at least one subnet: the functions reach the database from inside the VPC."
  }
}

variable "security_group_ids" {
  description = "Security groups of the functions, made by the security-groups module."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1
    error_message = "security_group_ids: name at least one group: without it AWS attaches the VPC's default group."
  }
}

variable "db_host" {
  description = "Database address. The database secret's own host wins over it."
  type        = string
}

variable "db_port" {
  description = "Database port."
  type        = number
  default     = 3306

  validation {
    condition     = var.db_port >= 1 && var.db_port <= 65535
    error_message = "db_port: write a TCP port, 1 to 65535; MySQL's is 3306."
  }
}

variable "db_name" {
  description = "Database (schema) name."
  type        = string
  default     = "transactions"
}

variable "db_secret_arn" {
  description = "Secret of the application's database user."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.db_secret_arn))
    error_message = "db_secret_arn: write the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "db_migration_secret_arn" {
  description = "Secret of the migration user; only the admin function reads it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.db_migration_secret_arn))
    error_message = "db_migration_secret_arn: write the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "db_admin_secret_arn" {
  description = "Secret of the database's master user; only the admin function reads it, for setup-users."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.db_admin_secret_arn))
    error_message = "db_admin_secret_arn: write the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "secrets_kms_key_arns" {
  description = "Keys that encrypt the secrets above; the functions may decrypt with them through Secrets Manager only."
  type        = list(string)

  validation {
    condition     = length(var.secrets_kms_key_arns) >= 1 && alltrue([for arn in var.secrets_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", arn))])
    error_message = "secrets_kms_key_arns: write the KMS key ARNs of the secrets: arn:aws:kms:<region>:<account>:key/<id>."
  }
}

variable "redis_host" {
  description = "Address of the shared cache; null where there is none (then the functions read from the database alone)."
  type        = string
  default     = null
}

variable "redis_port" {
  description = "Port of the shared cache."
  type        = number
  default     = 6379

  validation {
    condition     = var.redis_port >= 1 && var.redis_port <= 65535
    error_message = "redis_port: write a TCP port, 1 to 65535; Valkey's is 6379."
  }
}

variable "redis_secret_arn" {
  description = "Secret of the cache user; given exactly when redis_host is."
  type        = string
  default     = null

  validation {
    condition     = var.redis_secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:", var.redis_secret_arn))
    error_message = "redis_secret_arn: write the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "api_keys_secret_arn" {
  description = "Secret that holds the JSON array of API keys; needed with auth_mode = \"api-key\"."
  type        = string
  default     = null

  validation {
    condition     = var.api_keys_secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:", var.api_keys_secret_arn))
    error_message = "api_keys_secret_arn: write the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "alarm_topic_arns" {
  description = "SNS topics by severity that the alarms notify (output topic_arns of the alarms module)."
  type = object({
    critical = string
    warning  = string
  })
}

variable "permissions_boundary_arn" {
  description = "Policy that bounds every role made here; the CI apply role may only make bounded roles. Null leaves them unbounded."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: write the ARN of an IAM policy: arn:aws:iam::<account>:policy/<name>."
  }
}
