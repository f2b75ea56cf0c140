# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_partition" "current" {}

locals {
  name = "${var.project_name}-${var.environment}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)

  create_zone = var.create_zone != null ? var.create_zone : var.zone_id == null

  zone_id  = local.create_zone ? aws_route53_zone.this[0].zone_id : var.zone_id
  zone_arn = "arn:${data.aws_partition.current.partition}:route53:::hostedzone/${local.zone_id}"
}

# ---------------------------------------------------------------------------
# Zone
# ---------------------------------------------------------------------------

resource "aws_route53_zone" "this" {
  # checkov:skip=CKV2_AWS_38:DNSSEC needs a DS record at the parent, which this account may not own; a wrong one takes the zone off the net. See README.
  # checkov:skip=CKV2_AWS_39:Query logs would name every client's resolver and serve no alarm.
  count = local.create_zone ? 1 : 0

  name    = var.zone_name
  comment = "${local.name}: managed by Terraform"
  tags    = merge(local.tags, { Name = var.zone_name })

  lifecycle {
    precondition {
      condition     = var.zone_id == null
      error_message = "create_zone and zone_id contradict each other: leave zone_id out to make a zone, or create_zone to use the one that is there."
    }
  }
}

# ---------------------------------------------------------------------------
# Certificate
# ---------------------------------------------------------------------------

resource "aws_acm_certificate" "this" {
  count = length(var.certificate_names) > 0 ? 1 : 0

  domain_name               = var.certificate_names[0]
  subject_alternative_names = slice(var.certificate_names, 1, length(var.certificate_names))
  validation_method         = "DNS"
  tags                      = merge(local.tags, { Name = var.certificate_names[0] })

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = alltrue([for name in var.certificate_names : endswith(name, ".${var.zone_name}") || name == var.zone_name])
      error_message = "certificate_names all lie in zone_name: a name outside it can never be validated by this zone's records."
    }
  }
}

# Keyed by name, which is known before the certificate is: a wildcard and its base name share one record.
resource "aws_route53_record" "validation" {
  for_each = toset([for name in var.certificate_names : trimprefix(name, "*.")])

  zone_id         = local.zone_id
  name            = one(distinct([for o in aws_acm_certificate.this[0].domain_validation_options : o.resource_record_name if trimprefix(o.domain_name, "*.") == each.key]))
  type            = "CNAME"
  ttl             = 300
  records         = distinct([for o in aws_acm_certificate.this[0].domain_validation_options : o.resource_record_value if trimprefix(o.domain_name, "*.") == each.key])
  allow_overwrite = true
}

resource "aws_acm_certificate_validation" "this" {
  count = length(aws_acm_certificate.this)

  certificate_arn         = aws_acm_certificate.this[0].arn
  validation_record_fqdns = [for record in aws_route53_record.validation : record.fqdn]
}

# ---------------------------------------------------------------------------
# Records
# ---------------------------------------------------------------------------

resource "aws_route53_record" "alias" {
  for_each = { for pair in setproduct(keys(var.alias_records), ["A", "AAAA"]) : "${pair[0]} ${pair[1]}" => { name = pair[0], type = pair[1] } if pair[1] == "A" || var.alias_records[pair[0]].ipv6 }

  zone_id = local.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = var.alias_records[each.value.name].dns_name
    zone_id                = var.alias_records[each.value.name].zone_id
    evaluate_target_health = false
  }
}

# ---------------------------------------------------------------------------
# Failover
# ---------------------------------------------------------------------------

resource "aws_route53_health_check" "failover" {
  count = var.failover == null ? 0 : 1

  type              = "HTTPS"
  fqdn              = var.failover.health_check_fqdn
  port              = 443
  resource_path     = var.failover.health_check_path
  request_interval  = 30
  failure_threshold = 3
  enable_sni        = true
  tags              = merge(local.tags, { Name = "${local.name}-${lower(var.failover.role)}" })
}

resource "aws_route53_record" "failover" {
  count = var.failover == null ? 0 : 1

  zone_id         = local.zone_id
  name            = var.failover.name
  type            = "A"
  set_identifier  = "${local.name}-${lower(var.failover.role)}"
  health_check_id = aws_route53_health_check.failover[0].id

  failover_routing_policy {
    type = var.failover.role
  }

  alias {
    name                   = var.failover.target_dns_name
    zone_id                = var.failover.target_zone_id
    evaluate_target_health = true
  }

  lifecycle {
    precondition {
      condition     = !contains(keys(var.alias_records), var.failover.name)
      error_message = "failover.name also stands in alias_records: a name has either a plain record or failover records; remove it from alias_records."
    }
    precondition {
      condition     = var.failover.health_check_fqdn != var.failover.name
      error_message = "failover.health_check_fqdn is this region's own name, not the name that fails over: checking the latter would follow the failover."
    }
  }
}
