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

variable "zone_id" {
  description = "Public hosted zone that already exists; null makes one for zone_name (see create_zone)."
  type        = string
  default     = null

  validation {
    condition     = var.zone_id == null || can(regex("^Z[A-Z0-9]+$", var.zone_id))
    error_message = "zone_id is a Route53 hosted zone id, for example \"Z0123456789ABCDEFGHIJ\", or null to make the zone."
  }
}

variable "create_zone" {
  description = "Whether to make the zone. Null makes it where zone_id is null; a caller whose zone_id is known only after an apply says false."
  type        = bool
  default     = null
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "zone_name" {
  description = "Domain of the zone, without a dot at the end."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.zone_name))
    error_message = "zone_name: write a domain without a dot at the end, for example \"dev.example.com\"."
  }
}

variable "certificate_names" {
  description = "Names of the certificate, the first as its subject; all in the zone. Empty makes none."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.certificate_names : can(regex("^(\\*\\.)?([a-z0-9-]+\\.)+[a-z]{2,}$", name))])
    error_message = "certificate_names: write DNS names, for example [\"api.dev.example.com\"]."
  }
}

variable "alias_records" {
  description = "Alias records by name: API Gateway's custom domain, or CloudFront (ipv6 = true). The load balancer's record is external-dns's."
  type = map(object({
    dns_name = string
    zone_id  = string
    ipv6     = optional(bool, false)
  }))
  default = {}

  validation {
    condition     = alltrue([for name, target in var.alias_records : can(regex("^(\\*\\.)?([a-z0-9-]+\\.)+[a-z]{2,}$", name))])
    error_message = "alias_records: write as keys whole DNS names, for example \"api.dev.example.com\"."
  }
}

variable "failover" {
  description = "Failover of one name over two regions; null leaves it off. This environment's record is role; both are health-checked by HTTPS on health_check_path."
  type = object({
    name              = string
    role              = string
    target_dns_name   = string
    target_zone_id    = string
    health_check_fqdn = string
    health_check_path = optional(string, "/readyz")
  })
  default = null

  validation {
    condition     = var.failover == null || contains(["PRIMARY", "SECONDARY"], try(var.failover.role, "PRIMARY"))
    error_message = "failover.role: write \"PRIMARY\" or \"SECONDARY\"."
  }

  validation {
    condition     = var.failover == null || startswith(try(var.failover.health_check_path, "/"), "/")
    error_message = "failover.health_check_path: begin with \"/\", for example \"/readyz\"."
  }
}
