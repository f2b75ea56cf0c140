# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

variable "name" {
  description = "Name of the bucket, unique in the world."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.name))
    error_message = "name: write 3 to 63 lower-case letters, digits and hyphens, for example \"expense-artifacts-123456789012\"."
  }
}

variable "tags" {
  description = "Tags of the bucket, Project and Environment among them."
  type        = map(string)

  validation {
    condition     = length(setsubtract(["Project", "Environment"], keys(var.tags))) == 0
    error_message = "tags holds at least Project and Environment, for example { Project = \"expense\", Environment = \"dev\" }."
  }
}

# ---------------------------------------------------------------------------
# Dependencies
# ---------------------------------------------------------------------------

variable "kms_key_arn" {
  description = "Key that encrypts the objects, of the bucket's region. Null encrypts with S3's own keys: only for log files that no key policy lets a service write."
  type        = string

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id; or null."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "statements" {
  description = "What the bucket's policy says beside \"TLS only\": paths are below the bucket, \"\" is the bucket itself."
  type = list(object({
    sid        = string
    effect     = optional(string, "Allow")
    principals = map(list(string))
    actions    = list(string)
    paths      = optional(list(string), ["*"])
    conditions = optional(map(map(list(string))), {})
  }))
  default = []

  validation {
    condition     = alltrue([for s in var.statements : s.effect == "Deny" || !contains(flatten(values(s.principals)), "*")])
    error_message = "statements allow named principals only: write account, role or service instead of \"*\"."
  }

  validation {
    condition     = alltrue([for s in var.statements : s.effect == "Deny" || !contains(s.actions, "*") && !contains(s.actions, "s3:*")])
    error_message = "statements allow named actions only: write for example \"s3:GetObject\" instead of \"s3:*\"."
  }
}

variable "lock" {
  description = "Object lock that every new object gets; null locks none."
  type = object({
    mode = string
    days = number
  })
  default = null

  validation {
    condition     = var.lock == null || try(contains(["GOVERNANCE", "COMPLIANCE"], var.lock.mode) && var.lock.days >= 1, false)
    error_message = "lock: write mode \"GOVERNANCE\" or \"COMPLIANCE\" and at least 1 day."
  }
}

variable "expire_days" {
  description = "Days after which an object expires; null keeps it."
  type        = number
  default     = null

  validation {
    condition     = var.expire_days == null || try(var.expire_days >= 1, false)
    error_message = "expire_days: write at least 1, or null to keep objects."
  }
}

variable "noncurrent_days" {
  description = "Days that a replaced or deleted version is kept. Versions stay in the Standard class: small files cost more elsewhere, and a restore must not wait for hours."
  type        = number
  default     = 90

  validation {
    condition     = var.noncurrent_days >= 1
    error_message = "noncurrent_days: write at least 1."
  }
}
