# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "auth_mode" {
  description = "How callers prove who they are: none, api-key or jwt. No default: an open API is a decision."
  type        = string

  validation {
    condition     = contains(["none", "api-key", "jwt"], var.auth_mode)
    error_message = "auth_mode: write one of \"none\", \"api-key\", \"jwt\"."
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
    error_message = "cors_allowed_origins: write [\"*\"] alone, or a list of origins without a path, for example [\"https://app.example.com\"]."
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
    error_message = "jwt.jwks: write the https address of the issuer's key set, for example \"https://issuer.example.com/.well-known/jwks.json\"."
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
    error_message = "amount_sign: write \"positive\" or \"any\"."
  }
}

variable "cache_mode" {
  description = "CACHE_MODE: on or off. Null means on with a shared cache and off without one."
  type        = string
  default     = null

  validation {
    condition     = var.cache_mode == null || contains(["on", "off"], coalesce(var.cache_mode, "off"))
    error_message = "cache_mode: write \"on\" or \"off\", or null to follow redis_host."
  }
}

variable "cache_ttl_seconds" {
  description = "CACHE_TTL in seconds. Null leaves the service's default for the environment: 60 in dev, 180 in staging, 300 in prod."
  type        = number
  default     = null

  validation {
    condition     = var.cache_ttl_seconds == null || try(var.cache_ttl_seconds >= 1 && var.cache_ttl_seconds <= 86400, false)
    error_message = "cache_ttl_seconds: write 1 to 86400, for example 300."
  }
}

variable "rate_limit_requests" {
  description = "RATE_LIMIT_REQUESTS: requests that one caller has per minute; 0 turns the limit off."
  type        = number
  default     = 100

  validation {
    condition     = var.rate_limit_requests >= 0 && floor(var.rate_limit_requests) == var.rate_limit_requests
    error_message = "rate_limit_requests: write a whole number, 0 (off) or more."
  }
}

variable "trusted_proxy_hops" {
  description = "TRUSTED_PROXY_HOPS: proxies in front of the gateway. 0 when clients reach API Gateway themselves, 1 behind CloudFront."
  type        = number
  default     = 0

  validation {
    condition     = var.trusted_proxy_hops >= 0 && var.trusted_proxy_hops <= 5 && floor(var.trusted_proxy_hops) == var.trusted_proxy_hops
    error_message = "trusted_proxy_hops: write a whole number from 0 to 5: 0 without CloudFront, 1 with it."
  }
}

variable "log_level" {
  description = "LOG_LEVEL of the functions."
  type        = string
  default     = "info"

  validation {
    condition     = contains(["error", "warn", "info", "debug", "trace"], var.log_level)
    error_message = "log_level: write one of \"error\", \"warn\", \"info\", \"debug\", \"trace\"."
  }
}

variable "memory_size_mb" {
  description = "Memory of the api function; CPU grows with it."
  type        = number
  default     = 256

  validation {
    condition     = var.memory_size_mb >= 128 && var.memory_size_mb <= 10240
    error_message = "memory_size_mb: write 128 to 10240, for example 256."
  }
}

variable "timeout_seconds" {
  description = "Timeout of the api function: above the service's own deadline (10 s) and below API Gateway's 30 s."
  type        = number
  default     = 15

  validation {
    condition     = var.timeout_seconds > 10 && var.timeout_seconds < 30
    error_message = "timeout_seconds: write 11 to 29: longer than the service's own deadline of 10 s, shorter than API Gateway's 30 s."
  }
}

variable "reserved_concurrency" {
  description = "Sandboxes the api function may use at once; each holds up to two database connections."
  type        = number
  default     = 10

  validation {
    condition     = var.reserved_concurrency >= 1 && floor(var.reserved_concurrency) == var.reserved_concurrency
    error_message = "reserved_concurrency: write a whole number of at least 1; count two database connections for each."
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
    error_message = "throttling_rate_limit: write a number above 0: 0 refuses every request."
  }
}

variable "throttling_burst_limit" {
  description = "Requests that API Gateway lets through at one moment."
  type        = number
  default     = 200

  validation {
    condition     = var.throttling_burst_limit > 0
    error_message = "throttling_burst_limit: write a number above 0: 0 refuses every request."
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
    error_message = "custom_domain.certificate_arn: write the ARN of an ACM certificate of the API's region."
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
    error_message = "log_retention_days: write a period that CloudWatch Logs knows: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653."
  }
}
