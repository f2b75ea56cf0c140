# ---------------------------------------------------------------------------
# Service
# ---------------------------------------------------------------------------

variable "auth_mode" {
  description = "How callers of the functions prove who they are: \"none\", \"api-key\" or \"jwt\". No default: an open API is a decision."
  type        = string
}

variable "allow_public_without_auth" {
  description = "Says in words that anyone may read and write; needed with auth_mode = \"none\", refused in prod."
  type        = bool
  default     = false
}

variable "allowed_origins" {
  description = "Origins whose pages may call the functions, or [\"*\"]. No default."
  type        = list(string)
}

variable "jwt" {
  description = "Issuer, audience and key set, with auth_mode = \"jwt\"."
  type = object({
    issuer   = string
    audience = string
    jwks     = string
  })
  default = null

  validation {
    condition     = var.jwt == null || var.enable_nat_gateway != false
    error_message = "jwt: the functions fetch the issuer's keys from the internet; write enable_nat_gateway = true."
  }

  validation {
    condition     = var.jwt == null || var.enable_nat_gateway == true || coalesce(var.deploy_target, jsondecode(file("${path.module}/../../../deploy-targets.json"))[var.environment]) != "lambda"
    error_message = "jwt: the functions fetch the issuer's keys from the internet; write enable_nat_gateway = true."
  }
}

variable "allow_delete_all" {
  description = "Allow the two deletes of many without authentication."
  type        = bool
  default     = false
}

variable "amount_sign" {
  description = "\"positive\", or \"any\" as long as users of the old application enter refunds."
  type        = string
  default     = "positive"
}

variable "cache_ttl_seconds" {
  description = "Seconds that a cached reply may live."
  type        = number
}

variable "rate_limit_requests" {
  description = "Requests that one caller has per minute; 0 turns the limit off."
  type        = number
  default     = 100
}

variable "log_level" {
  description = "Level of the functions' logs."
  type        = string
  default     = "info"
}

# ---------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------

variable "lambda_memory_size_mb" {
  description = "Memory of the api function."
  type        = number
  default     = 256
}

variable "lambda_reserved_concurrency" {
  description = "Sandboxes that the api function may use at once; each holds up to two database connections."
  type        = number
}

variable "lambda_artifact" {
  description = "Release archive for the first apply; null deploys a placeholder, CI brings the code."
  type = object({
    bucket = string
    key    = string
  })
  default = null
}

variable "lambda_throttling_rate_limit" {
  description = "Requests a second that API Gateway lets through."
  type        = number
  default     = 100
}

variable "lambda_throttling_burst_limit" {
  description = "Requests that API Gateway lets through at one moment."
  type        = number
  default     = 200
}
