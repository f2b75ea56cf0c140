# ---------------------------------------------------------------------------
# Users
# ---------------------------------------------------------------------------

variable "app_username" {
  description = "Database user of the service; its alternate for rotation is <name>_clone."
  type        = string
  default     = "expense_app"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,25}$", var.app_username))
    error_message = "app_username: write up to 26 lower-case letters, digits and underscores: MySQL takes 32, the alternate adds _clone."
  }
}

variable "migration_username" {
  description = "Database user of the migrations; its alternate for rotation is <name>_clone."
  type        = string
  default     = "expense_migrate"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,25}$", var.migration_username)) && var.migration_username != var.app_username
    error_message = "migration_username: write up to 26 lower-case letters, digits and underscores, another name than app_username."
  }
}

variable "rotation" {
  description = "Rotation of the two users' passwords: every how many days, where its function runs, and the version of AWS's rotation application. Null turns it off."
  type = object({
    days                = optional(number, 30)
    subnet_ids          = list(string)
    security_group_ids  = list(string)
    application_version = optional(string, "1.1.671")
  })
  default = null

  validation {
    condition     = var.rotation == null ? true : var.rotation.days >= 1 && var.rotation.days <= 90
    error_message = "rotation.days: write 1 to 90."
  }

  validation {
    condition     = var.rotation == null ? true : length(var.rotation.subnet_ids) > 0 && length(var.rotation.security_group_ids) > 0
    error_message = "rotation: give private subnets and the rotation group (module.security_groups.rotation_security_group_id)."
  }

  validation {
    condition     = var.environment != "prod" || var.rotation != null
    error_message = "rotation: give it in prod; passwords that never change are refused there."
  }
}
