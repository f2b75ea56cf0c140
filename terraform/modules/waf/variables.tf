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
  description = "Key that encrypts the log group, in the same region as the web ACL; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "scope" {
  description = "CLOUDFRONT (the module's provider must be of us-east-1) or REGIONAL (load balancer)."
  type        = string

  validation {
    condition     = contains(["CLOUDFRONT", "REGIONAL"], var.scope)
    error_message = "scope: write \"CLOUDFRONT\" or \"REGIONAL\"."
  }
}

variable "rate_limit" {
  description = "Requests that one address has in five minutes before it is blocked."
  type        = number
  default     = 2000

  validation {
    condition     = var.rate_limit >= 10 && var.rate_limit <= 2000000000
    error_message = "rate_limit: write 10 to 2000000000 requests per five minutes, for example 2000."
  }
}

variable "rate_limit_exempt_cidrs" {
  description = "IPv4 networks that the rate rule leaves alone, for load tests from known hosts; every other rule still holds for them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for cidr in var.rate_limit_exempt_cidrs : can(cidrhost(cidr, 0)) && try(tonumber(split("/", cidr)[1]) >= 16, false)])
    error_message = "rate_limit_exempt_cidrs: write IPv4 networks of /16 or smaller, for example [\"203.0.113.10/32\"]."
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
