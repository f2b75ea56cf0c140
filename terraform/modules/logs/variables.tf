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
  description = "Account whose services may use the key."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.aws_account_id))
    error_message = "aws_account_id is the twelve digits of an AWS account, as text."
  }
}

variable "aws_region" {
  description = "Region of the log groups."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region is an AWS region, for example \"us-east-1\"."
  }
}

################################################################################
# Settings
################################################################################

variable "create_pod_groups" {
  description = "Whether to make the groups that the log shipper of the cluster writes to; false without the EKS target."
  type        = bool
  default     = true
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
