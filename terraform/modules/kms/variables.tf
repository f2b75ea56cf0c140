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
# Keys
# ---------------------------------------------------------------------------

variable "enable_cluster_key" {
  description = "Make the key that encrypts Kubernetes secrets. Needed where a cluster runs."
  type        = bool
  default     = false
}

variable "deletion_window_in_days" {
  description = "Days between the order to delete a key and its end. Until then it can be called back."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_in_days >= 10 && var.deletion_window_in_days <= 30
    error_message = "deletion_window_in_days: write 10 to 30; data under a deleted key is lost for ever."
  }
}

# ---------------------------------------------------------------------------
# Account
# ---------------------------------------------------------------------------

variable "ebs_encryption_by_default" {
  description = "Encrypt every new EBS volume of the account in this region. Off only where another stack of the account owns the setting."
  type        = bool
  default     = true
}
