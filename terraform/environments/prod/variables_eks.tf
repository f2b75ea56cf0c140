# ---------------------------------------------------------------------------
# Cluster
# ---------------------------------------------------------------------------

variable "eks_cluster_version" {
  description = "Kubernetes version."
  type        = string
}

variable "eks_node_instance_types" {
  description = "Types of the nodes."
  type        = list(string)
}

variable "eks_node_desired_size" {
  description = "Nodes at first."
  type        = number
}

variable "eks_node_min_size" {
  description = "Fewest nodes."
  type        = number
}

variable "eks_node_max_size" {
  description = "Most nodes."
  type        = number
}

variable "eks_enable_spot_instances" {
  description = "Run a share of the nodes on spot capacity."
  type        = bool
}

variable "eks_spot_percentage" {
  description = "Share of spot nodes in percent."
  type        = number
}

variable "eks_endpoint_public_access" {
  description = "API server reachable from eks_public_access_cidrs; never in prod."
  type        = bool
  default     = false
}

variable "eks_public_access_cidrs" {
  description = "Who may reach the public endpoint."
  type        = list(string)
  default     = []
}

variable "eks_admin_role_arns" {
  description = "Roles of people who administer the cluster."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for a in var.eks_admin_role_arns : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/[^*]+$", a))])
    error_message = "eks_admin_role_arns: write ARNs of IAM roles without wildcard."
  }
}

variable "eks_deploy_namespaces" {
  description = "Namespaces that the deploy role may change."
  type        = list(string)
  default     = ["expense"]
}

variable "eks_identity" {
  description = "How pods take their roles: \"pod-identity\" or \"irsa\"."
  type        = string
  default     = "pod-identity"
}

variable "enable_tracing" {
  description = "Make the role of an OpenTelemetry collector that sends traces to X-Ray."
  type        = bool
  default     = false
}

variable "backend_service_accounts" {
  description = "Service accounts of the service's pods, one for each release that stands side by side."
  type        = set(string)
  default     = ["expense-backend"]
}

variable "migration_service_accounts" {
  description = "Service accounts of the migration Job."
  type        = set(string)
  default     = ["expense-backend-migrate"]
}

variable "runner" {
  description = "CI runner inside the VPC, for a private cluster: its connection to GitHub. Null makes none."
  type = object({
    connection_arn = string
  })
  default = null
}
