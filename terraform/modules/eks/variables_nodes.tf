# ---------------------------------------------------------------------------
# Nodes
# ---------------------------------------------------------------------------

variable "node_instance_types" {
  description = "Types of the nodes, alike in size; several give spot more pools to draw from."
  type        = list(string)
  default     = ["t3.medium"]

  validation {
    condition     = length(var.node_instance_types) > 0 && alltrue([for t in var.node_instance_types : can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9]+$", t))])
    error_message = "node_instance_types: write at least one type, for example [\"t3.medium\"]."
  }
}

variable "node_ami_type" {
  description = "Image of the nodes: Amazon Linux 2023 or Bottlerocket, by processor."
  type        = string
  default     = "AL2023_x86_64_STANDARD"

  validation {
    condition     = contains(["AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64"], var.node_ami_type)
    error_message = "node_ami_type: write AL2023_x86_64_STANDARD, AL2023_ARM_64_STANDARD, BOTTLEROCKET_x86_64 or BOTTLEROCKET_ARM_64."
  }
}

variable "node_min_size" {
  description = "Fewest nodes, both groups together."
  type        = number
  default     = 2

  validation {
    condition     = var.node_min_size >= 1 && floor(var.node_min_size) == var.node_min_size
    error_message = "node_min_size: write a whole number from 1 on."
  }
}

variable "node_desired_size" {
  description = "Nodes at first, both groups together; afterwards the autoscaler decides."
  type        = number
  default     = 2

  validation {
    condition     = var.node_desired_size >= var.node_min_size && var.node_desired_size <= var.node_max_size && floor(var.node_desired_size) == var.node_desired_size
    error_message = "node_desired_size: write a whole number from node_min_size to node_max_size."
  }
}

variable "node_max_size" {
  description = "Most nodes, both groups together."
  type        = number
  default     = 4

  validation {
    condition     = var.node_max_size >= var.node_min_size && var.node_max_size <= 100 && floor(var.node_max_size) == var.node_max_size
    error_message = "node_max_size: write a whole number from node_min_size to 100."
  }
}

variable "node_disk_size_gb" {
  description = "Disk of a node in GiB (gp3, encrypted)."
  type        = number
  default     = 30

  validation {
    condition     = var.node_disk_size_gb >= 20 && var.node_disk_size_gb <= 1000
    error_message = "node_disk_size_gb: write 20 to 1000."
  }
}

variable "enable_spot_instances" {
  description = "Run a share of the nodes on spot capacity, in a node group of its own."
  type        = bool
  default     = false
}

variable "spot_instance_percentage" {
  description = "Share of spot nodes in percent, rounded down; one node at least stays on demand, 100 excepted."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_instance_percentage >= 0 && var.spot_instance_percentage <= 100
    error_message = "spot_instance_percentage: write 0 to 100."
  }

  validation {
    condition     = var.enable_spot_instances == (var.spot_instance_percentage > 0)
    error_message = "spot_instance_percentage: write a share above 0 with enable_spot_instances = true, and 0 with false."
  }

  validation {
    condition     = !(var.environment == "prod" && var.spot_instance_percentage > 50)
    error_message = "spot_instance_percentage: write at most 50 in prod; spot nodes go away with two minutes' notice."
  }
}

# ---------------------------------------------------------------------------
# Add-ons
# ---------------------------------------------------------------------------

variable "addon_versions" {
  description = "Versions of add-ons by name; an add-on that is not named gets EKS's default for the cluster's version."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.addon_versions), ["vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent", "aws-ebs-csi-driver", "metrics-server"])) == 0
    error_message = "addon_versions: name vpc-cni, kube-proxy, coredns, eks-pod-identity-agent, aws-ebs-csi-driver or metrics-server."
  }
}

# ---------------------------------------------------------------------------
# Platform roles
# ---------------------------------------------------------------------------

variable "identity" {
  description = "How platform pods take their roles: \"pod-identity\" or \"irsa\". The add-ons' own roles always use Pod Identity."
  type        = string
  default     = "pod-identity"

  validation {
    condition     = contains(["pod-identity", "irsa"], var.identity)
    error_message = "identity: write \"pod-identity\" or \"irsa\"."
  }
}

variable "hosted_zone_ids" {
  description = "Route 53 zones that external-dns may write to; none, no role."
  type        = list(string)
  default     = []
}

variable "pod_log_group_names" {
  description = "Log groups that Fluent Bit may write to (module logs); none, no role."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for g in var.pod_log_group_names : !strcontains(g, "*")])
    error_message = "pod_log_group_names: name each log group whole, without \"*\"."
  }
}

variable "enable_otel_collector_role" {
  description = "Make the role of an OpenTelemetry collector that sends traces to X-Ray."
  type        = bool
  default     = false
}

variable "platform_service_accounts" {
  description = "Namespace and service account of each platform workload, where they differ from the defaults."
  type = map(object({
    namespace       = string
    service_account = string
  }))
  default = {}

  validation {
    condition     = length(setsubtract(keys(var.platform_service_accounts), ["load-balancer-controller", "external-dns", "cluster-autoscaler", "fluent-bit", "cloudwatch-exporter", "grafana", "otel-collector"])) == 0
    error_message = "platform_service_accounts: name load-balancer-controller, external-dns, cluster-autoscaler, fluent-bit, cloudwatch-exporter, grafana or otel-collector."
  }
}
