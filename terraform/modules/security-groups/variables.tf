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
# Network
# ---------------------------------------------------------------------------

variable "vpc_id" {
  description = "VPC that the groups belong to."
  type        = string
}

variable "internet_egress" {
  description = "There is a NAT gateway: nodes, functions, bastion and runner may reach the world on 443. Without it only endpoints and S3."
  type        = bool
  default     = false
}

variable "s3_prefix_list_id" {
  description = "Prefix list of the S3 gateway endpoint (module vpc)."
  type        = string
}

# ---------------------------------------------------------------------------
# Which groups are there
# ---------------------------------------------------------------------------

variable "enable_eks" {
  description = "Groups of the load balancer, the cluster and its nodes."
  type        = bool
  default     = false
}

variable "enable_lambda" {
  description = "Group of the functions."
  type        = bool
  default     = false
}

variable "enable_elasticache" {
  description = "Group of the cache."
  type        = bool
  default     = false
}

variable "enable_bastion" {
  description = "Group of the bastion."
  type        = bool
  default     = false
}

variable "enable_runner" {
  description = "Group of the CI runner inside the VPC. Wants enable_eks."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_runner || var.enable_eks
    error_message = "enable_runner: the runner stands in the VPC to reach a private cluster; set enable_eks = true, or enable_runner = false."
  }
}

variable "enable_rotation" {
  description = "Group of the function that rotates the database users' passwords."
  type        = bool
  default     = true
}

# ---------------------------------------------------------------------------
# Ports
# ---------------------------------------------------------------------------

variable "app_port" {
  description = "Port of the service in its pod."
  type        = number
  default     = 8080

  validation {
    condition     = var.app_port >= 1024 && var.app_port <= 65535
    error_message = "app_port: write a port from 1024 to 65535, for example 8080; the container does not run as root."
  }
}

variable "database_port" {
  description = "Port of MySQL."
  type        = number
  default     = 3306

  validation {
    condition     = var.database_port >= 1024 && var.database_port <= 65535
    error_message = "database_port: write a port from 1024 to 65535, for example 3306."
  }
}

variable "cache_port" {
  description = "Port of the cache."
  type        = number
  default     = 6379

  validation {
    condition     = var.cache_port >= 1024 && var.cache_port <= 65535
    error_message = "cache_port: write a port from 1024 to 65535, for example 6379."
  }
}

# ---------------------------------------------------------------------------
# Load balancer
# ---------------------------------------------------------------------------

variable "alb_ingress_cidrs" {
  description = "Who may reach the load balancer on 80 and 443: the world for a public API, the VPC's range for an internal one."
  type        = set(string)
  default     = ["0.0.0.0/0"]

  validation {
    condition     = length(var.alb_ingress_cidrs) > 0 && alltrue([for c in var.alb_ingress_cidrs : can(cidrhost(c, 0))])
    error_message = "alb_ingress_cidrs: write at least one IPv4 range, for example [\"0.0.0.0/0\"] or [\"10.0.0.0/16\"]."
  }
}

variable "restrict_alb_to_cloudfront" {
  description = "Close the load balancer to all but CloudFront (443 from its published range). Only once no client sends GET with a body: CloudFront answers those with 403."
  type        = bool
  default     = false
}
