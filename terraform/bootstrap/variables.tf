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

variable "tags" {
  description = "Further tags for every resource; they win over Project and Environment (shared)."
  type        = map(string)
  default     = {}
}

# ---------------------------------------------------------------------------
# Account
# ---------------------------------------------------------------------------

variable "aws_account_id" {
  description = "Account that the state lives in: last part of the bucket's name. An apply with credentials of another account is refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id: write the twelve digits of the AWS account, as text."
  }
}

variable "aws_region" {
  description = "Region of the state bucket."
  type        = string
  default     = "us-east-1"

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region: write an AWS region, for example \"us-east-1\"."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "noncurrent_days" {
  description = "Days that an earlier version of a state is kept."
  type        = number
  default     = 365

  validation {
    condition     = var.noncurrent_days >= 90
    error_message = "noncurrent_days: write at least 90; an earlier state is the way back from a broken one."
  }
}
