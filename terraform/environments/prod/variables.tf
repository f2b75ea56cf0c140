# Values are judged where they are used: each module validates its own. Here is judged what no module sees.

# ---------------------------------------------------------------------------
# Names, place, target
# ---------------------------------------------------------------------------

variable "project_name" {
  description = "Project identifier: first part of every name, and the value of the tag Project."
  type        = string
}

variable "environment" {
  description = "Environment: second part of every name, and the value of the tag Environment."
  type        = string
}

variable "aws_region" {
  description = "Region of everything but CloudFront's parts."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.aws_region))
    error_message = "aws_region: write a region such as \"us-east-1\"."
  }

  validation {
    condition     = alltrue([for z in var.availability_zones : startswith(z, var.aws_region)])
    error_message = "aws_region and availability_zones do not fit: write zones of that region, for example \"us-east-1a\" for \"us-east-1\"."
  }
}

variable "account_id" {
  description = "AWS account of the environment; credentials of another one are refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: write the account's twelve digits in quotes."
  }
}

variable "region_role" {
  description = "\"primary\", or \"secondary\" for the same environment in a second region of the same account: names get \"-dr\", trail and budget stay the first region's."
  type        = string
  default     = "primary"

  validation {
    condition     = contains(["primary", "secondary"], var.region_role)
    error_message = "region_role: write \"primary\" or \"secondary\"."
  }

  validation {
    condition     = var.region_role == "primary" || (!var.create_github_provider && !var.registry_owner && try(length(values(var.github_environments)) > 0, false))
    error_message = "region_role: with \"secondary\" write create_github_provider = false, registry_owner = false and github_environments of its own; the account's provider and the registry are the first region's."
  }
}

variable "deploy_target" {
  description = "Overrides deploy-targets.json at the repository's root: \"lambda\", \"eks\" or \"both\". Leave it out; CI and the chart read the file."
  type        = string
  default     = null

  validation {
    condition     = var.deploy_target == null || contains(["lambda", "eks", "both"], coalesce(var.deploy_target, "eks"))
    error_message = "deploy_target: write \"lambda\", \"eks\" or \"both\", or leave it out."
  }
}

variable "deletion_protection" {
  description = "Refuse to delete database and cluster."
  type        = bool
  default     = true
}

# ---------------------------------------------------------------------------
# Network
# ---------------------------------------------------------------------------

variable "vpc_cidr" {
  description = "Address range of the VPC."
  type        = string
}

variable "reserved_cidrs" {
  description = "Ranges that the VPC must not overlap: the other environments', the cluster's services, offices."
  type        = list(string)
}

variable "availability_zones" {
  description = "Zones: two in dev, three elsewhere."
  type        = list(string)

  validation {
    condition     = var.environment == "dev" || length(var.availability_zones) == 3
    error_message = "availability_zones: name three zones outside dev."
  }
}

variable "enable_nat_gateway" {
  description = "NAT for the private subnets; null: with a cluster, without one not."
  type        = bool
  default     = null

  validation {
    condition     = var.enable_nat_gateway != false || coalesce(var.deploy_target, jsondecode(file("${path.module}/../../../deploy-targets.json"))[var.environment]) == "lambda"
    error_message = "enable_nat_gateway: leave it out or write true with a cluster; its nodes pull images from other regions and registries."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones."
  type        = bool
  default     = true
}

variable "one_nat_gateway_per_az" {
  description = "One NAT gateway in each zone."
  type        = bool
  default     = false
}

variable "enable_vpn_gateway" {
  description = "Attach a VPN gateway."
  type        = bool
  default     = false
}

variable "vpn_cidrs" {
  description = "Networks behind the VPN gateway."
  type        = list(string)
  default     = []
}

variable "interface_endpoints" {
  description = "Interface endpoints by short name; null: what functions, rotation and bastion call where there is no NAT."
  type        = set(string)
  default     = null
}

variable "interface_endpoint_zones" {
  description = "Zones in which each interface endpoint stands."
  type        = number
  default     = 1
}

variable "app_port" {
  description = "Port of the service in its pod."
  type        = number
}

variable "database_port" {
  description = "Port of MySQL."
  type        = number
}

variable "cache_port" {
  description = "Port of the cache."
  type        = number
}

# ---------------------------------------------------------------------------
# Edge
# ---------------------------------------------------------------------------

variable "domain" {
  description = "Public zone (made, or taken by zone_id) and the service's host in it; null on Lambda serves under API Gateway's own name."
  type = object({
    zone_name = string
    zone_id   = optional(string)
    host      = optional(string, "api")
  })
  default = null

  validation {
    condition     = var.domain == null ? true : can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain.zone_name)) && can(regex("^[a-z0-9-]+$", var.domain.host))
    error_message = "domain: write zone_name as a domain without a dot at its end, for example \"dev.expense.example.com\", and host as one label, for example \"api\"."
  }

  validation {
    condition     = var.domain != null || coalesce(var.deploy_target, jsondecode(file("${path.module}/../../../deploy-targets.json"))[var.environment]) == "lambda"
    error_message = "domain: give one with a cluster; without a name there is no certificate, and the load balancer would speak plain HTTP."
  }
}

variable "enable_cloudfront" {
  description = "Put CloudFront in front. It answers GET with a body with 403: only once no client sends that."
  type        = bool
  default     = false

  validation {
    condition     = !var.enable_cloudfront || var.domain != null
    error_message = "enable_cloudfront: give domain as well; CloudFront needs a name of its own and a certificate."
  }
}

variable "restrict_alb_to_cloudfront" {
  description = "Close the load balancer to all but CloudFront."
  type        = bool
  default     = false

  validation {
    condition     = !var.restrict_alb_to_cloudfront || var.enable_cloudfront
    error_message = "restrict_alb_to_cloudfront: write enable_cloudfront = true as well; else nobody comes in."
  }
}

variable "alb_scheme" {
  description = "Scheme of the ingress' load balancer: internet-facing, or internal behind a VPC origin of CloudFront."
  type        = string
  default     = "internet-facing"

  validation {
    condition     = contains(["internet-facing", "internal"], var.alb_scheme)
    error_message = "alb_scheme: write \"internet-facing\" or \"internal\"."
  }

  validation {
    condition     = var.alb_scheme != "internal" || !var.enable_cloudfront || var.alb_arn != null
    error_message = "alb_scheme: with \"internal\" behind CloudFront give alb_arn, the load balancer that the ingress made."
  }
}

variable "alb_arn" {
  description = "Internal load balancer that the ingress made; known after the first deployment."
  type        = string
  default     = null
}

variable "load_test_cidrs" {
  description = "Hosts whose load tests the web ACL's rate rule leaves alone."
  type        = list(string)
  default     = []
}

variable "failover" {
  description = "Failover of one name over two regions, with health checks; null leaves it off. The target is the load balancer's, the gateway's or CloudFront's own name and zone."
  type = object({
    name              = string
    role              = string
    target_dns_name   = string
    target_zone_id    = string
    health_check_fqdn = string
    health_check_path = optional(string, "/readyz")
  })
  default = null
}
