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
  description = "Key that encrypts the log group and the runner's artefacts; its policy lets CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

variable "vpc_id" {
  description = "VPC that the runner joins."
  type        = string
}

variable "private_subnet_ids" {
  description = "Private subnets that the runner joins; they need a way to GitHub (NAT)."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 1
    error_message = "private_subnet_ids: name at least one subnet: a runner outside the VPC cannot reach a private cluster endpoint."
  }
}

variable "security_group_ids" {
  description = "Security groups of the runner, made by the security-groups module and admitted to the cluster endpoint."
  type        = list(string)

  validation {
    condition     = length(var.security_group_ids) >= 1
    error_message = "security_group_ids: name at least one group, the one that the cluster endpoint admits."
  }
}

variable "connection_arn" {
  description = "CodeConnections connection to GitHub; it is confirmed once by hand in the console."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/", var.connection_arn))
    error_message = "connection_arn: write the ARN of a CodeConnections connection: arn:aws:codeconnections:<region>:<account>:connection/<id>."
  }
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

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "github_repository" {
  description = "GitHub repository whose jobs the runner takes, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository: write owner/name, for example \"example-org/expense-backend\"."
  }
}

variable "compute_type" {
  description = "CodeBuild compute type of a runner."
  type        = string
  default     = "BUILD_GENERAL1_SMALL"

  validation {
    condition     = contains(["BUILD_GENERAL1_SMALL", "BUILD_GENERAL1_MEDIUM", "BUILD_GENERAL1_LARGE"], var.compute_type)
    error_message = "compute_type: write \"BUILD_GENERAL1_SMALL\", \"BUILD_GENERAL1_MEDIUM\" or \"BUILD_GENERAL1_LARGE\"."
  }
}

variable "timeout_minutes" {
  description = "Minutes after which a job is stopped."
  type        = number
  default     = 60

  validation {
    condition     = var.timeout_minutes >= 5 && var.timeout_minutes <= 480
    error_message = "timeout_minutes: write 5 to 480."
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
