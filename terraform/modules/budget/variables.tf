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
# Settings
# ---------------------------------------------------------------------------

variable "monthly_budget_usd" {
  description = "Monthly cost in USD that the environment may reach."
  type        = number

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd is an amount in USD above 0, for example 45."
  }
}

variable "budget_alert_emails" {
  description = "Addresses that the notices go to."
  type        = list(string)

  validation {
    condition     = length(var.budget_alert_emails) >= 1 && length(var.budget_alert_emails) <= 10 && alltrue([for address in var.budget_alert_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "budget_alert_emails: write 1 to 10 e-mail addresses, for example [\"devops@example.com\"]."
  }
}

variable "activate_cost_allocation_tags" {
  description = "Whether to activate the tags Project and Environment for cost allocation. Only the paying account can: false in a member account, and in a second environment of one account. AWS knows a tag only a day after its first use."
  type        = bool
  default     = true
}
