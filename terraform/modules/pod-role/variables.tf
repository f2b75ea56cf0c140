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
variable "permissions_boundary_arn" {
  description = "Boundary of every role made here (output workload_boundary_arn of module oidc); null where none is used."
  type        = string
  default     = null

  validation {
    condition     = var.permissions_boundary_arn == null || can(regex("^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/", var.permissions_boundary_arn))
    error_message = "permissions_boundary_arn: write the ARN of an IAM policy, arn:aws:iam::<account>:policy/<name>, or leave it out."
  }
}

# ---------------------------------------------------------------------------
# Role
# ---------------------------------------------------------------------------

variable "name" {
  description = "What the role is for, in a word or two: third part of its name."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,30}[a-z0-9]$", var.name))
    error_message = "name: write 3 to 32 lower-case letters, digits and hyphens, for example \"external-dns\"."
  }
}

variable "policy" {
  description = "What the role may do: a policy document in JSON; null where managed policies say it all."
  type        = string
  default     = null

  # The hard rules of every workload: no action of all services, none of a whole service.
  validation {
    condition = var.policy == null ? true : alltrue(flatten([
      for s in try(jsondecode(var.policy).Statement, [{}]) : [for a in try(flatten([s.Action]), ["*"]) : !endswith(a, ":*") && a != "*"]
    ]))
    error_message = "policy: name each action, for example \"route53:ListHostedZones\"; \"*\", \"service:*\" and NotAction are refused."
  }
}

variable "managed_policy_arns" {
  description = "AWS managed policies for the role, where AWS maintains the list of actions (EBS CSI, VPC CNI)."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.managed_policy_arns : can(regex("^arn:[a-z-]+:iam::aws:policy/", a)) && !can(regex("(AdministratorAccess|PowerUserAccess|IAMFullAccess)$", a))])
    error_message = "managed_policy_arns: write ARNs of AWS managed policies (arn:aws:iam::aws:policy/…), none that administers the account."
  }
}

# ---------------------------------------------------------------------------
# Who takes it
# ---------------------------------------------------------------------------

variable "cluster_name" {
  description = "Cluster whose pods take the role."
  type        = string
}

variable "namespace" {
  description = "Namespace of the pods."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", var.namespace))
    error_message = "namespace: write one Kubernetes namespace such as \"expense\"; wildcards are refused."
  }
}

variable "service_accounts" {
  description = "Service accounts of the pods; several where releases stand side by side."
  type        = set(string)

  validation {
    condition     = length(var.service_accounts) > 0 && alltrue([for s in var.service_accounts : can(regex("^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$", s))])
    error_message = "service_accounts: write at least one Kubernetes service account such as \"expense-backend\"; wildcards are refused."
  }
}

variable "identity" {
  description = "How pods take the role: \"pod-identity\" (the agent hands out credentials) or \"irsa\" (the cluster's OIDC provider vouches)."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa"], var.identity)
    error_message = "identity: write \"pod-identity\" or \"irsa\"."
  }
}

variable "create_association" {
  description = "Associate the role with the service accounts. False for EKS add-ons, which make the association themselves."
  type        = bool
  default     = true
}

variable "oidc_provider_arn" {
  description = "The cluster's OIDC provider; needed for irsa."
  type        = string
  default     = null
}

variable "oidc_issuer" {
  description = "The cluster's OIDC issuer without https://; needed for irsa."
  type        = string
  default     = null

  validation {
    condition     = var.oidc_issuer == null ? true : !startswith(var.oidc_issuer, "https://")
    error_message = "oidc_issuer: write it without https://, as conditions name it, for example \"oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE\"."
  }
}
