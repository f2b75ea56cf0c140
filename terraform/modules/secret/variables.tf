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
# Secret
# ---------------------------------------------------------------------------

variable "name" {
  description = "What the secret is for, in a word or two: third part of its name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name: write 3 to 32 lower-case letters, digits and hyphens, for example \"db-app\"."
  }
}

variable "description" {
  description = "What the secret holds, in words."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the secret (module kms, data key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key, for example module.kms.data_key_arn."
  }
}

variable "content" {
  description = "First content as JSON; nothing secret may stand in it. With generated_field an object, to which that field is added."
  type        = string

  validation {
    condition     = can(jsondecode(var.content)) && !can(jsondecode(var.content).password)
    error_message = "content: write JSON without a field \"password\"; name the field in generated_field, and AWS makes its value."
  }
}

variable "generated_field" {
  description = "Field whose value Secrets Manager makes up: 40 letters and digits. Null makes none."
  type        = string
  default     = null
}
