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

variable "state_bucket_name" {
  description = "Bucket that holds the Terraform state (output state_bucket_name of bootstrap)."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.state_bucket_name))
    error_message = "state_bucket_name: write a bucket's name, for example \"expense-terraform-state-123456789012\"."
  }
}

variable "state_kms_key_arn" {
  description = "Key that encrypts the Terraform state (output state_kms_key_arn of bootstrap)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.state_kms_key_arn))
    error_message = "state_kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>."
  }
}

variable "ecr_repository_arn" {
  description = "Image repository: of this account, or of the registry's account."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:ecr:[a-z0-9-]+:[0-9]{12}:repository/[^*]+$", var.ecr_repository_arn))
    error_message = "ecr_repository_arn: write one repository's ARN without wildcard: arn:aws:ecr:<region>:<account>:repository/<name>."
  }
}

variable "artifact_bucket_arn" {
  description = "Bucket of the Lambda release archives: of this account, or of the registry's account."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:s3:::[^*/]+$", var.artifact_bucket_arn))
    error_message = "artifact_bucket_arn: write one bucket's ARN: arn:aws:s3:::<name>."
  }
}

variable "registry_kms_key_arn" {
  description = "Key that encrypts the release archives (output kms_key_arn of the ecr module)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.registry_kms_key_arn))
    error_message = "registry_kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>."
  }
}

variable "lambda_function_arns" {
  description = "Functions that the deploy role may update, by kind (output function_arns of the lambda module); empty without the Lambda target."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(var.lambda_function_arns) == 0 || toset(keys(var.lambda_function_arns)) == toset(["api", "admin"])
    error_message = "lambda_function_arns: write exactly the keys \"api\" and \"admin\", or leave it empty."
  }
}

variable "eks_cluster_arn" {
  description = "Cluster that the deploy role may describe; null without the EKS target."
  type        = string
  default     = null

  validation {
    condition     = var.eks_cluster_arn == null || can(regex("^arn:aws[a-z-]*:eks:[a-z0-9-]+:[0-9]{12}:cluster/[^*]+$", var.eks_cluster_arn))
    error_message = "eks_cluster_arn: write one cluster's ARN without wildcard: arn:aws:eks:<region>:<account>:cluster/<name>."
  }
}

variable "db_instance_arn" {
  description = "Database that the deploy role may snapshot before a migration; null where there is none."
  type        = string
  default     = null

  validation {
    condition     = var.db_instance_arn == null || can(regex("^arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:db:[^*]+$", var.db_instance_arn))
    error_message = "db_instance_arn: write one database's ARN without wildcard: arn:aws:rds:<region>:<account>:db:<identifier>."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "github_repository" {
  description = "GitHub repository whose workflows may take the roles, as owner/name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9-]{0,38}(@[0-9]+)?/[A-Za-z0-9._-]+(@[0-9]+)?$", var.github_repository))
    error_message = "github_repository: write owner/name without wildcard, for example \"example-org/expense-backend\"."
  }
}

variable "github_environments" {
  description = "GitHub environment that each role is bound to. Null: registry (push), <env> (deploy and apply), <env>-plan (plan)."
  type = object({
    push   = optional(string)
    deploy = optional(string)
    plan   = optional(string)
    apply  = optional(string)
  })
  default = {}

  validation {
    condition     = alltrue([for name in values(var.github_environments) : name == null || can(regex("^[A-Za-z0-9_-]+$", name))])
    error_message = "github_environments: write names of GitHub environments: letters, digits, hyphens and underscores, no wildcard."
  }
}

variable "create_provider" {
  description = "Whether to make the account's GitHub OIDC provider; false where another environment of the same account has made it."
  type        = bool
  default     = true
}

variable "registry_owner" {
  description = "Whether this environment owns the registry, and so has the push role."
  type        = bool
  default     = false
}

variable "max_session_seconds" {
  description = "Longest session of the plan, deploy and push roles."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_session_seconds >= 3600 && var.max_session_seconds <= 7200
    error_message = "max_session_seconds: write 3600 to 7200: a job's credentials should not outlive the job by much."
  }
}

variable "extra_regions" {
  description = "Further regions that the apply role may work in, for example that of the backups' copies. Its own and us-east-1 (global services) are always among them."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for region in var.extra_regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "extra_regions: write AWS regions, for example [\"us-west-2\"]."
  }
}
