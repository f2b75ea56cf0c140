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
  description = "Key that encrypts the topics; its policy lets CloudWatch and EventBridge use it (the operations key of the kms module does)."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key: arn:aws:kms:<region>:<account>:key/<id>, not an alias or an id."
  }
}

variable "db_instance" {
  description = "Database to watch: identifier, storage and connection limit; null watches none (on EKS the Prometheus alerts are the one source)."
  type = object({
    identifier           = string
    allocated_storage_gb = number
    max_connections      = number
    replica_identifier   = optional(string)
  })
  default = null

  validation {
    condition     = var.db_instance == null || try(var.db_instance.allocated_storage_gb > 0 && var.db_instance.max_connections > 0, false)
    error_message = "db_instance.allocated_storage_gb and db_instance.max_connections: write numbers above 0; the thresholds are shares of them."
  }
}

variable "cache_cluster_ids" {
  description = "Cache nodes to watch, by ElastiCache cluster id (<group>-001, …); empty watches none."
  type        = list(string)
  default     = []
}

variable "alb_tags" {
  description = "Tags by which the controller's load balancers are found; null watches none. The first apply finds none: the load balancer comes with the ingress."
  type        = map(string)
  default     = null

  validation {
    condition     = var.alb_tags == null || try(length(var.alb_tags) >= 1, false)
    error_message = "alb_tags: name at least one tag, for example { \"elbv2.k8s.aws/cluster\" = \"expense-dev\" }: without one every load balancer of the account is found."
  }
}

variable "lambda" {
  description = "The Lambda target (outputs of the lambda module): watched by the service's own metrics and shown on a dashboard; null without it."
  type = object({
    api_function_name   = string
    admin_function_name = string
    api_id              = string
  })
  default = null
}

variable "certificates" {
  description = "Certificates to watch, by name; told 30 days before they expire."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name, arn in var.certificates : can(regex("^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/", arn))])
    error_message = "certificates maps a name to the ARN of an ACM certificate, for example { api = \"arn:aws:acm:us-east-1:123456789012:certificate/abc\" }."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "critical_emails" {
  description = "Addresses that are told of critical alarms, beside whoever subscribes to the topic."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.critical_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "critical_emails: write e-mail addresses, for example [\"oncall@example.com\"]."
  }
}

variable "warning_emails" {
  description = "Addresses that are told of warnings, beside whoever subscribes to the topic."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.warning_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "warning_emails: write e-mail addresses, for example [\"team@example.com\"]."
  }
}

variable "info_emails" {
  description = "Addresses that are told of notices, beside whoever subscribes to the topic."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for address in var.info_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "info_emails: write e-mail addresses, for example [\"team@example.com\"]."
  }
}

variable "metric_namespace" {
  description = "CloudWatch namespace of the service's own metrics."
  type        = string
  default     = "ExpenseBackend"

  validation {
    condition     = can(regex("^[A-Za-z0-9_./-]+$", var.metric_namespace)) && !startswith(var.metric_namespace, "AWS/")
    error_message = "metric_namespace is the service's own namespace, for example \"ExpenseBackend\"; names that begin with AWS/ are reserved."
  }
}
