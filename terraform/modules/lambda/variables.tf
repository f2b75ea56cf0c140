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
    error_message = "kms_key_arn is the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets that the functions join."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 1
    error_message = "private_subnet_ids names at least one subnet: the functions reach the database from inside the VPC."
  }
}

variable "security_group_ids" {
  description = "Security groups of the functions, made by the security-groups module."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1
    error_message = "security_group_ids names at least one group: without it AWS attaches the VPC's default group."
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
    error_message = "db_port is a TCP port, 1 to 65535; MySQL's is 3306."
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
    error_message = "db_secret_arn is the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "db_migration_secret_arn" {
  description = "Secret of the migration user; only the admin function reads it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.db_migration_secret_arn))
    error_message = "db_migration_secret_arn is the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "db_admin_secret_arn" {
  description = "Secret of the database's master user; only the admin function reads it, for setup-users."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:secretsmanager:", var.db_admin_secret_arn))
    error_message = "db_admin_secret_arn is the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "secrets_kms_key_arns" {
  description = "Keys that encrypt the secrets above; the functions may decrypt with them through Secrets Manager only."
  type        = list(string)

  validation {
    condition     = length(var.secrets_kms_key_arns) >= 1 && alltrue([for arn in var.secrets_kms_key_arns : can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", arn))])
    error_message = "secrets_kms_key_arns lists the KMS key ARNs of the secrets: arn:aws:kms:<region>:<account>:key/<id>."
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
    error_message = "redis_port is a TCP port, 1 to 65535; Valkey's is 6379."
  }
}

variable "redis_secret_arn" {
  description = "Secret of the cache user; given exactly when redis_host is."
  type        = string
  default     = null

  validation {
    condition     = var.redis_secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:", var.redis_secret_arn))
    error_message = "redis_secret_arn is the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
  }
}

variable "api_keys_secret_arn" {
  description = "Secret that holds the JSON array of API keys; needed with auth_mode = \"api-key\"."
  type        = string
  default     = null

  validation {
    condition     = var.api_keys_secret_arn == null || can(regex("^arn:aws[a-z-]*:secretsmanager:", var.api_keys_secret_arn))
    error_message = "api_keys_secret_arn is the ARN of a Secrets Manager secret: arn:aws:secretsmanager:<region>:<account>:secret:<name>."
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
    error_message = "permissions_boundary_arn is the ARN of an IAM policy: arn:aws:iam::<account>:policy/<name>."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "auth_mode" {
  description = "How callers prove who they are: none, api-key or jwt. No default: an open API is a decision."
  type        = string

  validation {
    condition     = contains(["none", "api-key", "jwt"], var.auth_mode)
    error_message = "auth_mode is one of \"none\", \"api-key\", \"jwt\"."
  }
}

variable "allow_public_without_auth" {
  description = "Says in words that anyone on the internet may read and write: needed with auth_mode = \"none\", refused in prod."
  type        = bool
  default     = false
}

variable "cors_allowed_origins" {
  description = "Origins whose pages may call the API, or [\"*\"]. No default. The service answers preflights itself; API Gateway has no CORS configuration."
  type        = list(string)

  validation {
    condition     = length(var.cors_allowed_origins) >= 1 && (alltrue([for o in var.cors_allowed_origins : can(regex("^https?://[^/*, ]+$", o))]) || try(join("", var.cors_allowed_origins), "") == "*")
    error_message = "cors_allowed_origins is [\"*\"] alone, or a list of origins without a path, for example [\"https://app.example.com\"]."
  }
}

variable "jwt" {
  description = "Issuer, audience and https address of the keys; given exactly with auth_mode = \"jwt\"."
  type = object({
    issuer   = string
    audience = string
    jwks     = string
  })
  default = null

  validation {
    condition     = var.jwt == null || can(regex("^https://", var.jwt.jwks))
    error_message = "jwt.jwks is the https address of the issuer's key set, for example \"https://issuer.example.com/.well-known/jwks.json\"."
  }
}

variable "allow_delete_all" {
  description = "Whether the two deletes of many are allowed without authentication (ALLOW_DELETE_ALL)."
  type        = bool
  default     = false
}

variable "amount_sign" {
  description = "Amounts that are taken: positive, or any (refunds, as the old application did)."
  type        = string
  default     = "positive"

  validation {
    condition     = contains(["positive", "any"], var.amount_sign)
    error_message = "amount_sign is \"positive\" or \"any\"."
  }
}

variable "cache_mode" {
  description = "CACHE_MODE: on or off. Null means on with a shared cache and off without one."
  type        = string
  default     = null

  validation {
    condition     = var.cache_mode == null || contains(["on", "off"], coalesce(var.cache_mode, "off"))
    error_message = "cache_mode is \"on\" or \"off\", or null to follow redis_host."
  }
}

variable "cache_ttl_seconds" {
  description = "CACHE_TTL in seconds. Null leaves the service's default for the environment: 60 in dev, 180 in staging, 300 in prod."
  type        = number
  default     = null

  validation {
    condition     = var.cache_ttl_seconds == null || try(var.cache_ttl_seconds >= 1 && var.cache_ttl_seconds <= 86400, false)
    error_message = "cache_ttl_seconds is 1 to 86400, for example 300."
  }
}

variable "rate_limit_requests" {
  description = "RATE_LIMIT_REQUESTS: requests that one caller has per minute; 0 turns the limit off."
  type        = number
  default     = 100

  validation {
    condition     = var.rate_limit_requests >= 0 && floor(var.rate_limit_requests) == var.rate_limit_requests
    error_message = "rate_limit_requests is a whole number, 0 (off) or more."
  }
}

variable "trusted_proxy_hops" {
  description = "TRUSTED_PROXY_HOPS: proxies in front of the gateway. 0 when clients reach API Gateway themselves, 1 behind CloudFront."
  type        = number
  default     = 0

  validation {
    condition     = var.trusted_proxy_hops >= 0 && var.trusted_proxy_hops <= 5 && floor(var.trusted_proxy_hops) == var.trusted_proxy_hops
    error_message = "trusted_proxy_hops is a whole number from 0 to 5: 0 without CloudFront, 1 with it."
  }
}

variable "log_level" {
  description = "LOG_LEVEL of the functions."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.log_level)
    error_message = "log_level is one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"."
  }
}

variable "memory_size_mb" {
  description = "Memory of the api function; CPU grows with it."
  type        = number
  default     = 256

  validation {
    condition     = var.memory_size_mb >= 128 && var.memory_size_mb <= 10240
    error_message = "memory_size_mb is 128 to 10240, for example 256."
  }
}

variable "timeout_seconds" {
  description = "Timeout of the api function: above the service's own deadline (10 s) and below API Gateway's 30 s."
  type        = number
  default     = 15

  validation {
    condition     = var.timeout_seconds > 10 && var.timeout_seconds < 30
    error_message = "timeout_seconds is 11 to 29: longer than the service's own deadline of 10 s, shorter than API Gateway's 30 s."
  }
}

variable "reserved_concurrency" {
  description = "Sandboxes the api function may use at once; each holds up to two database connections."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency is a whole number of at least 1; count two database connections for each."
  }
}

variable "artifact" {
  description = "Release archive for the first apply. Null deploys the module's placeholder; from then on CI owns the code."
  type = object({
    bucket = string
    key    = string
  })
  default = null

  validation {
    condition     = var.artifact == null || can(regex("\\.zip$", var.artifact.key))
    error_message = "artifact.key names a .zip that holds the arm64 program as \"bootstrap\", for example \"releases/<commit>.zip\"."
  }
}

variable "throttling_rate_limit" {
  description = "Requests a second that API Gateway lets through."
  type        = number
  default     = 100

  validation {
    condition     = var.throttling_rate_limit > 0
    error_message = "throttling_rate_limit is above 0: 0 refuses every request."
  }
}

variable "throttling_burst_limit" {
  description = "Requests that API Gateway lets through at one moment."
  type        = number
  default     = 200

  validation {
    condition     = var.throttling_burst_limit > 0
    error_message = "throttling_burst_limit is above 0: 0 refuses every request."
  }
}

variable "custom_domain" {
  description = "Own name of the API: certificate of the same region, and base path (\"api\" serves below /api) or null for the root. Given, the generated address is switched off."
  type = object({
    domain_name     = string
    certificate_arn = string
    base_path       = optional(string)
  })
  default = null

  validation {
    condition     = var.custom_domain == null || can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", var.custom_domain.certificate_arn))
    error_message = "custom_domain.certificate_arn is the ARN of an ACM certificate of the API's region."
  }

  validation {
    condition     = try(var.custom_domain.base_path, null) == null || can(regex("^[a-z0-9_-]+$", var.custom_domain.base_path))
    error_message = "custom_domain.base_path is one path segment without slashes, for example \"api\", or null."
  }
}

variable "log_retention_days" {
  description = "Days that log events are kept: 7 in dev, 30 in staging, 90 in prod unless given."
  type        = number
  default     = null

  validation {
    condition     = var.log_retention_days == null || contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], coalesce(var.log_retention_days, 7))
    error_message = "log_retention_days is one of the periods CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}
