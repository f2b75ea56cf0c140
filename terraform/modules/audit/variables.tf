################################################################################
# Identity
################################################################################

variable "project_name" {
  description = "Project that the resources belong to: first part of every name and value of the tag Project."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.project_name))
    error_message = "project_name is 3 to 20 lower-case letters, digits and hyphens, begins with a letter and ends without a hyphen, for example \"expense\"."
  }
}

variable "environment" {
  description = "Environment that the resources belong to: second part of every name and value of the tag Environment."
  type        = string

  validation {
    condition     = contains(["dev", "staging", "prod"], var.environment)
    error_message = "environment is one of \"dev\", \"staging\", \"prod\"."
  }
}

variable "tags" {
  description = "Tags for every resource, added to Project and Environment, which always win."
  type        = map(string)
  default     = {}
}

################################################################################
# Dependencies
################################################################################

variable "aws_account_id" {
  description = "Account of the trail: part of the bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id is the twelve digits of an AWS account, as text."
  }
}

variable "aws_region" {
  description = "Home region of the trail."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region is an AWS region, for example \"us-east-1\"."
  }
}

################################################################################
# Settings
################################################################################

variable "retention_days" {
  description = "Days that a log file can neither be changed nor removed, after which it expires: 90 in dev and staging, 365 in prod unless given."
  type        = number
  default     = null

  validation {
    condition     = var.retention_days == null || try(var.retention_days >= 90 && var.retention_days <= 3650, false)
    error_message = "retention_days is 90 to 3650, for example 365."
  }
}

variable "lock_mode" {
  description = "GOVERNANCE (a named right lifts the lock) or COMPLIANCE (nobody can, not even root)."
  type        = string
  default     = "GOVERNANCE"

  validation {
    condition     = contains(["GOVERNANCE", "COMPLIANCE"], var.lock_mode)
    error_message = "lock_mode is \"GOVERNANCE\" or \"COMPLIANCE\"."
  }
}
