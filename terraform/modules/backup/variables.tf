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
  description = "Key that encrypts the dumps."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

variable "writer_role_arns" {
  description = "Roles that may write dumps (the bastion's); nobody gets the right to remove one."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.writer_role_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*]+$", arn))])
    error_message = "writer_role_arns: write IAM role ARNs without wildcard: arn:aws:iam::<account>:role/<name>."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "lock_days" {
  description = "Days that a dump can neither be changed nor removed: 7 in dev and staging, 30 in prod unless given."
  type        = number
  default     = null

  validation {
    condition     = var.lock_days == null || try(var.lock_days >= 1 && var.lock_days <= 365, false)
    error_message = "lock_days: write 1 to 365."
  }
}

variable "expire_days" {
  description = "Days after which a dump expires; longer than lock_days."
  type        = number
  default     = 90

  validation {
    condition     = var.expire_days >= 7
    error_message = "expire_days: write at least 7."
  }
}
