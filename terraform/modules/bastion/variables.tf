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
# Instance
# ---------------------------------------------------------------------------

variable "instance_type" {
  description = "Type of the instance (x86-64)."
  type        = string
  default     = "t3.small"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*\\.[a-z0-9]+$", var.instance_type)) && !can(regex("^[a-z]+[0-9]+g[a-z]*\\.", var.instance_type))
    error_message = "instance_type: write an x86-64 type such as \"t3.small\"."
  }
}

variable "ami_parameter" {
  description = "Public SSM parameter that names the image: the current Amazon Linux 2023."
  type        = string
  default     = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

  validation {
    condition     = can(regex("^/aws/service/ami-amazon-linux-latest/al2023-.*x86_64$", var.ami_parameter))
    error_message = "ami_parameter: write a public parameter of Amazon Linux 2023 for x86-64, which has the Session Manager agent."
  }
}

variable "subnet_id" {
  description = "Private subnet of the instance; it gets no public address."
  type        = string
}

variable "security_group_id" {
  description = "Security group of the bastion (module security-groups): no way in."
  type        = string
}

# ---------------------------------------------------------------------------
# Way to Session Manager
# ---------------------------------------------------------------------------

variable "has_nat_gateway" {
  description = "The private subnets have a NAT gateway."
  type        = bool
}

variable "interface_endpoints" {
  description = "Interface endpoints of the VPC by short name."
  type        = set(string)
  default     = []
}

# ---------------------------------------------------------------------------
# Sessions
# ---------------------------------------------------------------------------

variable "kms_key_arn" {
  description = "Key of sessions and their log (module kms, operations key). Whoever starts a session must be allowed kms:GenerateDataKey with it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn: write the ARN of a KMS key, for example module.kms.operations_key_arn."
  }
}

variable "log_retention_days" {
  description = "Days that session logs are kept."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: write a period that CloudWatch Logs knows, for example 7, 30 or 90."
  }
}

variable "idle_session_minutes" {
  description = "Minutes without a key stroke after which a session ends."
  type        = number
  default     = 20

  validation {
    condition     = var.idle_session_minutes >= 1 && var.idle_session_minutes <= 60
    error_message = "idle_session_minutes: write 1 to 60."
  }
}

# ---------------------------------------------------------------------------
# Dumps
# ---------------------------------------------------------------------------

variable "write_dumps" {
  description = "Let people on the bastion write logical dumps into dump_bucket_name."
  type        = bool
  default     = false
}

variable "dump_bucket_name" {
  description = "Bucket of the dumps (module backup); needed with write_dumps."
  type        = string
  default     = null

  validation {
    condition     = var.dump_bucket_name == null || can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.dump_bucket_name))
    error_message = "dump_bucket_name: write the name of one bucket, without wildcard."
  }
}

variable "dump_kms_key_arn" {
  description = "Key of that bucket; needed with write_dumps."
  type        = string
  default     = null
}
