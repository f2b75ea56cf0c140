# ---------------------------------------------------------------------------
# CI
# ---------------------------------------------------------------------------

variable "github_repository" {
  description = "GitHub repository whose workflows may take the roles, as owner/name."
  type        = string
}

variable "github_environments" {
  description = "GitHub environment that each role is bound to, where it differs from registry, <env> and <env>-plan."
  type = object({
    push   = optional(string)
    deploy = optional(string)
    plan   = optional(string)
    apply  = optional(string)
  })
  default = {}
}

variable "create_github_provider" {
  description = "Make the account's GitHub OIDC provider; false where another environment of the account has made it."
  type        = bool
  default     = true
}

variable "state_bucket_name" {
  description = "Bucket of the state (output of bootstrap)."
  type        = string
}

variable "state_kms_key_arn" {
  description = "Key of the state (output of bootstrap)."
  type        = string
}

# ---------------------------------------------------------------------------
# Registry
# ---------------------------------------------------------------------------

variable "registry_owner" {
  description = "Make the one registry of images and Lambda artefacts here; exactly one environment does."
  type        = bool
  default     = false
}

variable "registry_pull_account_ids" {
  description = "Accounts of the other environments, which may pull."
  type        = list(string)
  default     = []
}

variable "registry_replication_region" {
  description = "Region that images are copied to, for the loss of the registry's; null copies none."
  type        = string
  default     = null

  validation {
    condition     = var.registry_replication_region == null || var.registry_owner
    error_message = "registry_replication_region: leave it out where registry_owner is false; the owner of the registry copies."
  }
}

variable "registry" {
  description = "The registry that another environment made (its outputs); null where this one owns it."
  type = object({
    repository_arn      = string
    repository_url      = string
    artifact_bucket_arn = string
    kms_key_arn         = string
  })
  default = null

  validation {
    condition     = var.registry_owner == (var.registry == null)
    error_message = "registry: give it where registry_owner is false, and leave it out where it is true."
  }
}

# ---------------------------------------------------------------------------
# Logs, alarms, budget
# ---------------------------------------------------------------------------

variable "log_retention_days" {
  description = "Days that logs are kept: 7 in dev, 30 in staging, 90 in prod."
  type        = number

  validation {
    condition     = var.log_retention_days >= lookup({ staging = 30, prod = 90 }, var.environment, 1)
    error_message = "log_retention_days: write at least 30 in staging and 90 in prod."
  }
}

variable "critical_emails" {
  description = "Addresses that are told of critical alarms."
  type        = list(string)
  default     = []
}

variable "warning_emails" {
  description = "Addresses that are told of warnings."
  type        = list(string)
  default     = []
}

variable "info_emails" {
  description = "Addresses that are told of what can wait: a certificate that expires within 30 days."
  type        = list(string)
  default     = []
}

variable "monthly_budget_usd" {
  description = "Monthly cost in USD that the environment may reach, by deploy target."
  type = object({
    lambda = number
    eks    = number
    both   = number
  })
}

variable "budget_alert_emails" {
  description = "Addresses that the budget's notices go to."
  type        = list(string)
}

variable "activate_cost_allocation_tags" {
  description = "Activate the tags Project and Environment for cost allocation; only the paying account can."
  type        = bool
  default     = false
}
