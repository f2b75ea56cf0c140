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

variable "origin_domain_name" {
  description = "Own name of the origin, with a certificate for that name: the ALB's record (written by external-dns) or the API's custom domain."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.origin_domain_name)) && !can(regex("\\.(elb\\.amazonaws\\.com|elb\\.[a-z0-9-]+\\.amazonaws\\.com)$", var.origin_domain_name))
    error_message = "origin_domain_name is a DNS name of your own that the origin's certificate covers, for example \"origin.example.com\"; with a load balancer's own name TLS to the origin fails."
  }
}

variable "vpc_origin_alb_arn" {
  description = "Internal load balancer that CloudFront reaches privately (VPC origin); null for an internet-facing origin."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_origin_alb_arn == null || can(regex("^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/app/", var.vpc_origin_alb_arn))
    error_message = "vpc_origin_alb_arn: write the ARN of an application load balancer: arn:aws:elasticloadbalancing:<region>:<account>:loadbalancer/app/<name>/<id>."
  }
}

variable "certificate_arn" {
  description = "ACM certificate of the aliases, in us-east-1."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:acm:us-east-1:[0-9]{12}:certificate/", var.certificate_arn))
    error_message = "certificate_arn: write the ARN of an ACM certificate of us-east-1, the only region CloudFront reads: arn:aws:acm:us-east-1:<account>:certificate/<id>."
  }
}

variable "web_acl_arn" {
  description = "Web ACL of CLOUDFRONT scope that filters every request."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:wafv2:us-east-1:[0-9]{12}:global/webacl/", var.web_acl_arn))
    error_message = "web_acl_arn: write the ARN of a web ACL of CLOUDFRONT scope: arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>."
  }
}

# ---------------------------------------------------------------------------
# Settings
# ---------------------------------------------------------------------------

variable "aliases" {
  description = "Names that clients use."
  type        = list(string)

  validation {
    condition     = length(var.aliases) >= 1 && alltrue([for name in var.aliases : can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", name))])
    error_message = "aliases: write at least one DNS name that certificate_arn covers, for example [\"api.example.com\"]."
  }
}

variable "forward_viewer_host" {
  description = "Whether the origin gets the client's Host header: true for the load balancer, false for API Gateway, which routes by its own name."
  type        = bool
  default     = true
}

variable "price_class" {
  description = "Edge locations that serve. Null: all in prod, North America and Europe elsewhere."
  type        = string
  default     = null

  validation {
    condition     = var.price_class == null || contains(["PriceClass_100", "PriceClass_200", "PriceClass_All"], coalesce(var.price_class, "PriceClass_100"))
    error_message = "price_class: write \"PriceClass_100\", \"PriceClass_200\" or \"PriceClass_All\"."
  }
}

variable "enable_access_logs" {
  description = "Whether access logs are kept (standard logging v2, in a bucket made here); prod refuses to do without."
  type        = bool
  default     = true
}

variable "access_log_days" {
  description = "Days that access logs are kept: 7 in dev, 30 in staging, 90 in prod unless given."
  type        = number
  default     = null

  validation {
    condition     = var.access_log_days == null || try(var.access_log_days >= 1 && var.access_log_days <= 3650, false)
    error_message = "access_log_days: write 1 to 3650, for example 90."
  }
}

variable "log_kms_key_arn" {
  description = "Key of us-east-1 that encrypts the access logs; its policy lets delivery.logs.amazonaws.com use it. Null encrypts with S3's own keys."
  type        = string
  default     = null

  validation {
    condition     = var.log_kms_key_arn == null || can(regex("^arn:aws[a-z-]*:kms:us-east-1:[0-9]{12}:key/", var.log_kms_key_arn))
    error_message = "log_kms_key_arn: write the ARN of a KMS key of us-east-1, where CloudFront's logs are delivered from, or null."
  }
}
