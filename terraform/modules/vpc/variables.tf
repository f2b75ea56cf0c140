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
# Addresses
# ---------------------------------------------------------------------------

variable "vpc_cidr" {
  description = "Address range of the VPC. Each zone gets a private subnet of 1/16 of it (a /20 of a /16) and a public and a database subnet of 1/256."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.vpc_cidr, 0)) && can(regex("^(10\\.|172\\.(1[6-9]|2[0-9]|3[01])\\.|192\\.168\\.).*/(16|17|18)$", var.vpc_cidr))
    error_message = "vpc_cidr: write a private range (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16) with a prefix of /16 to /18, for example \"10.0.0.0/16\": pods take an address each, smaller subnets run out."
  }

  validation {
    condition     = try(cidrhost(var.vpc_cidr, 0) == split("/", var.vpc_cidr)[0], false)
    error_message = "vpc_cidr: write the first address of the range before the slash, for example \"10.0.0.0/16\", not \"10.0.1.0/16\"."
  }
}

# tflint-ignore: terraform_unused_declarations # it exists for its validations
variable "reserved_cidrs" {
  description = "Ranges that the VPC must not overlap: other environments, offices, VPNs, the cluster's service range."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.reserved_cidrs : can(cidrhost(c, 0))])
    error_message = "reserved_cidrs: write IPv4 ranges such as \"10.1.0.0/16\"."
  }

  # Two ranges overlap when they are equal under the shorter of the two prefixes.
  validation {
    condition = alltrue([
      for c in var.reserved_cidrs : try(
        cidrhost("${split("/", c)[0]}/${min(tonumber(split("/", c)[1]), tonumber(split("/", var.vpc_cidr)[1]))}", 0)
        != cidrhost("${split("/", var.vpc_cidr)[0]}/${min(tonumber(split("/", c)[1]), tonumber(split("/", var.vpc_cidr)[1]))}", 0),
      true)
    ])
    error_message = "vpc_cidr overlaps a range of reserved_cidrs: write a range that is used nowhere else, for example the next free 10.x.0.0/16."
  }
}

variable "availability_zones" {
  description = "Names of the availability zones, two in dev, three elsewhere."
  type        = list(string)

  validation {
    condition     = length(var.availability_zones) >= 2 && length(var.availability_zones) <= 3
    error_message = "availability_zones: name two or three zones; load balancer, database and cluster want at least two."
  }

  validation {
    condition     = length(distinct(var.availability_zones)) == length(var.availability_zones)
    error_message = "availability_zones: name each zone once."
  }

  validation {
    condition     = length(distinct([for z in var.availability_zones : replace(z, "/[a-z]$/", "")])) == 1 && alltrue([for z in var.availability_zones : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$", z))])
    error_message = "availability_zones: write zones of one region such as \"us-east-1a\"."
  }
}

variable "cluster_name" {
  description = "Cluster that may place load balancers in the subnets (sets the kubernetes.io tags); null where none runs."
  type        = string
  default     = null
}

# ---------------------------------------------------------------------------
# Ways out
# ---------------------------------------------------------------------------

variable "enable_nat_gateway" {
  description = "Give the private subnets a way to the internet. Costs about 32 USD a month and gateway; Lambda does without."
  type        = bool
  default     = false
}

variable "single_nat_gateway" {
  description = "One gateway for all zones: cheaper, but its zone's failure cuts the others off."
  type        = bool
  default     = true

  validation {
    condition     = !(var.environment == "prod" && var.enable_nat_gateway && var.single_nat_gateway)
    error_message = "single_nat_gateway: write false in prod (one_nat_gateway_per_az): one zone's failure must not cut the others off."
  }
}

variable "one_nat_gateway_per_az" {
  description = "One gateway in each zone. Wants single_nat_gateway = false."
  type        = bool
  default     = false

  validation {
    condition     = !(var.one_nat_gateway_per_az && var.single_nat_gateway)
    error_message = "one_nat_gateway_per_az and single_nat_gateway exclude each other: set one of them to false."
  }
}

variable "enable_vpn_gateway" {
  description = "Attach a VPN gateway and let it announce its routes to the private and database subnets."
  type        = bool
  default     = false

  validation {
    condition     = var.enable_vpn_gateway == (length(var.vpn_cidrs) > 0)
    error_message = "enable_vpn_gateway and vpn_cidrs belong together: name the networks behind the gateway in vpn_cidrs, or write enable_vpn_gateway = false and leave them out."
  }
}

variable "vpn_cidrs" {
  description = "Networks behind the VPN gateway: the network ACLs let them reach the private subnets on 443 and the data stores' ports. The security groups still decide."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for c in var.vpn_cidrs : can(cidrhost(c, 0)) && try(tonumber(split("/", c)[1]) >= 8, false)])
    error_message = "vpn_cidrs: write IPv4 ranges no wider than /8, for example \"192.168.10.0/24\"."
  }
}

# ---------------------------------------------------------------------------
# Data stores
# ---------------------------------------------------------------------------

variable "database_port" {
  description = "Port of MySQL, which the database subnets' network ACL lets in."
  type        = number
  default     = 3306

  validation {
    condition     = var.database_port >= 1024 && var.database_port <= 65535
    error_message = "database_port: write a port from 1024 to 65535, for example 3306."
  }
}

variable "cache_port" {
  description = "Port of the cache, which the database subnets' network ACL lets in."
  type        = number
  default     = 6379

  validation {
    condition     = var.cache_port >= 1024 && var.cache_port <= 65535
    error_message = "cache_port: write a port from 1024 to 65535, for example 6379."
  }
}

# ---------------------------------------------------------------------------
# Endpoints
# ---------------------------------------------------------------------------

variable "interface_endpoints" {
  description = "AWS services reached without the internet, by short name, for example [\"secretsmanager\"]. Each costs about 7 USD a month and zone."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for s in var.interface_endpoints : can(regex("^[a-z0-9]+([.-][a-z0-9]+)*$", s)) && s != "s3"])
    error_message = "interface_endpoints: write short service names such as \"secretsmanager\", \"ecr.api\" or \"ssm\"; S3 has its free gateway endpoint already."
  }
}

variable "interface_endpoint_zones" {
  description = "In how many zones each interface endpoint stands. One serves all zones, but falls with its own."
  type        = number
  default     = 1

  validation {
    condition     = var.interface_endpoint_zones >= 1 && var.interface_endpoint_zones <= 3 && floor(var.interface_endpoint_zones) == var.interface_endpoint_zones
    error_message = "interface_endpoint_zones: write 1, 2 or 3, and no more than there are zones."
  }
}

variable "endpoints_security_group_id" {
  description = "Security group of the interface endpoints (module security-groups); needed where interface_endpoints is not empty."
  type        = string
  default     = null
}

# ---------------------------------------------------------------------------
# Flow logs
# ---------------------------------------------------------------------------

variable "flow_log_retention_days" {
  description = "Days that flow logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.flow_log_retention_days)
    error_message = "flow_log_retention_days: write a period that CloudWatch Logs knows, for example 7, 30 or 90."
  }
}

variable "kms_key_arn" {
  description = "Key of the flow logs' group (module kms, operations key)."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key, for example module.kms.operations_key_arn."
  }
}
