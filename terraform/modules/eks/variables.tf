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
# Cluster
# ---------------------------------------------------------------------------

variable "cluster_name" {
  description = "Name of the cluster; null makes <project>-<environment>-cluster."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_name == null || can(regex("^[a-z][a-z0-9-]{1,61}[a-z0-9]$", var.cluster_name))
    error_message = "cluster_name: write 3 to 63 lower-case letters, digits and hyphens, beginning with a letter, or leave it out."
  }
}

variable "cluster_version" {
  description = "Kubernetes version in standard support: 1.34 leaves it on 2026-12-02, 1.35 on 2027-03-27."
  type        = string
  default     = "1.36"

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.cluster_version)) && try(tonumber(split(".", var.cluster_version)[1]) >= 35, false)
    error_message = "cluster_version: write \"1.35\" or newer, for example \"1.36\"; older versions are out of standard support, or about to be, and cost six times as much."
  }
}

variable "service_ipv4_cidr" {
  description = "Range of the cluster's service addresses; no network that pods talk to may overlap it."
  type        = string
  default     = "172.20.0.0/16"

  validation {
    condition     = can(cidrhost(var.service_ipv4_cidr, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.).*/(1[2-9]|2[0-4])$", var.service_ipv4_cidr))
    error_message = "service_ipv4_cidr: write a private range with a prefix of /12 to /24, for example \"172.20.0.0/16\"."
  }
}

variable "private_subnet_ids" {
  description = "Private subnets of control plane and nodes, in at least two zones."
  type        = list(string)

  validation {
    condition     = length(var.private_subnet_ids) >= 2
    error_message = "private_subnet_ids: give subnets of at least two zones (module.vpc.private_subnet_ids)."
  }
}

variable "control_plane_security_group_ids" {
  description = "Additional groups of the control plane (module security-groups, cluster)."
  type        = list(string)

  validation {
    condition     = length(var.control_plane_security_group_ids) > 0
    error_message = "control_plane_security_group_ids: give module.security_groups.cluster_security_group_id; nodes name it in their rules."
  }
}

variable "node_security_group_ids" {
  description = "Groups of the nodes and their pods (module security-groups, nodes)."
  type        = list(string)

  validation {
    condition     = length(var.node_security_group_ids) > 0
    error_message = "node_security_group_ids: give module.security_groups.node_security_group_id."
  }
}

variable "endpoint_private_access" {
  description = "API server reachable inside the VPC."
  type        = bool
  default     = true

  validation {
    condition     = var.endpoint_private_access
    error_message = "endpoint_private_access: write true; the nodes reach the API server through it."
  }
}

variable "endpoint_public_access" {
  description = "API server reachable from the internet, from public_access_cidrs only. Refused in prod."
  type        = bool
  default     = false

  validation {
    condition     = !(var.environment == "prod" && var.endpoint_public_access)
    error_message = "endpoint_public_access: write false in prod; come through the bastion, or the runner inside the VPC."
  }
}

variable "public_access_cidrs" {
  description = "Who may reach the public endpoint. No default: the world is refused outside dev."
  type        = list(string)
  default     = []

  validation {
    condition     = !var.endpoint_public_access || length(var.public_access_cidrs) > 0
    error_message = "public_access_cidrs: name at least one range, for example [\"203.0.113.0/24\"], or write endpoint_public_access = false."
  }

  validation {
    condition     = var.environment == "dev" || alltrue([for c in var.public_access_cidrs : try(tonumber(split("/", c)[1]) >= 8, false)])
    error_message = "public_access_cidrs: 0.0.0.0/0 and other ranges wider than /8 are refused outside dev; write the office's or the VPN's range."
  }

  validation {
    condition     = alltrue([for c in var.public_access_cidrs : can(cidrhost(c, 0))])
    error_message = "public_access_cidrs: write IPv4 ranges such as \"203.0.113.0/24\"."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete the cluster."
  type        = bool
  default     = true

  validation {
    condition     = var.environment != "prod" || var.deletion_protection
    error_message = "deletion_protection: write true in prod."
  }
}

variable "kms_key_arn" {
  description = "Key of Kubernetes secrets (module kms, cluster key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key, for example module.kms.cluster_key_arn."
  }
}

variable "log_kms_key_arn" {
  description = "Key of the control plane's log group (module kms, operations key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.log_kms_key_arn))
    error_message = "log_kms_key_arn: write the ARN of a KMS key, for example module.kms.operations_key_arn."
  }
}

variable "log_retention_days" {
  description = "Days that the control plane's logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: write a period that CloudWatch Logs knows, for example 7, 30 or 90."
  }
}

variable "access_entries" {
  description = "Who may use the Kubernetes API: a role, an EKS access policy (view, edit, admin, cluster-admin), its namespaces (none means all), and Kubernetes groups for RBAC of one's own."
  type = map(object({
    principal_arn     = string
    policy            = optional(string)
    namespaces        = optional(list(string), [])
    kubernetes_groups = optional(list(string), [])
  }))
  default = {}

  validation {
    condition     = alltrue([for e in var.access_entries : e.policy == null || contains(["view", "edit", "admin", "cluster-admin"], coalesce(e.policy, "view"))])
    error_message = "access_entries: write policy = \"view\", \"edit\", \"admin\" or \"cluster-admin\", or leave it out and name kubernetes_groups."
  }

  validation {
    condition     = alltrue([for e in var.access_entries : e.policy != "cluster-admin" || length(e.namespaces) == 0])
    error_message = "access_entries: \"cluster-admin\" is for the whole cluster; write \"admin\" with namespaces."
  }

  validation {
    condition     = alltrue([for e in var.access_entries : !contains(e.kubernetes_groups, "system:masters")])
    error_message = "access_entries: the group system:masters goes past all rules; write policy = \"cluster-admin\"."
  }
}
