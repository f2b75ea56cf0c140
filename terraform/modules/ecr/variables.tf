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

variable "repository_name" {
  description = "Last part of the repository's name: <project>-<repository_name>. One registry serves all environments, so no environment is in it."
  type        = string
  default     = "backend"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*[a-z0-9]$", var.repository_name))
    error_message = "repository_name: write lower-case letters, digits and hyphens, for example \"backend\"."
  }
}

variable "pull_account_ids" {
  description = "Accounts of the other environments: they may pull images and read artefacts, nothing else."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.pull_account_ids : can(regex("^[0-9]{12}$", id))])
    error_message = "pull_account_ids: write AWS accounts of twelve digits each, as text; \"*\" is never allowed."
  }
}

variable "pull_organization_id" {
  description = "Organization that a pulling account must belong to as well; null asks for none."
  type        = string
  default     = null

  validation {
    condition     = var.pull_organization_id == null || can(regex("^o-[a-z0-9]{10,32}$", var.pull_organization_id))
    error_message = "pull_organization_id: write an AWS Organizations id, for example \"o-a1b2c3d4e5\"."
  }
}

variable "keep_images" {
  description = "Tagged images that are kept; older ones expire."
  type        = number
  default     = 100

  validation {
    condition     = var.keep_images >= 10
    error_message = "keep_images: write at least 10: a rollback needs earlier images."
  }
}

variable "untagged_days" {
  description = "Days after which an untagged image expires."
  type        = number
  default     = 7

  validation {
    condition     = var.untagged_days >= 1
    error_message = "untagged_days: write at least 1."
  }
}

variable "replication_region" {
  description = "Region that images are copied to, so that a lost region can be made anew from them; null copies none."
  type        = string
  default     = null

  validation {
    condition     = var.replication_region == null || can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.replication_region))
    error_message = "replication_region: write a region such as \"us-west-2\", another than the registry's."
  }
}

variable "artifact_noncurrent_days" {
  description = "Days that a replaced version of a Lambda artefact is kept."
  type        = number
  default     = 90

  validation {
    condition     = var.artifact_noncurrent_days >= 30
    error_message = "artifact_noncurrent_days: write at least 30: a rollback reads earlier artefacts."
  }
}
