# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "${var.project_name}-${var.environment}"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition

  price_class = coalesce(var.price_class, var.environment == "prod" ? "PriceClass_All" : "PriceClass_100")
  log_days    = coalesce(var.access_log_days, { dev = 7, staging = 30, prod = 90 }[var.environment])

  # AWS's managed policies have the same ids in every account.
  managed_policies = {
    caching_disabled              = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    all_viewer                    = "216adef6-5c7f-47e4-b989-5492eafa07d3"
    all_viewer_except_host_header = "b689b0a8-53d0-40ab-baf2-68738e2966ac"
  }
}

# ---------------------------------------------------------------------------
# Origin
# ---------------------------------------------------------------------------

resource "aws_cloudfront_vpc_origin" "this" {
  count = var.vpc_origin_alb_arn == null ? 0 : 1

  vpc_origin_endpoint_config {
    name                   = local.name
    arn                    = var.vpc_origin_alb_arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }

  tags = local.tags
}

# ---------------------------------------------------------------------------
# Distribution
# ---------------------------------------------------------------------------

# trivy:ignore:AVD-AWS-0010 Access logs: see the skip of checkov below.
resource "aws_cloudfront_distribution" "this" {
  # checkov:skip=CKV_AWS_305:An API has no root object; the service answers "/" itself.
  # checkov:skip=CKV_AWS_310:Failover between regions is DNS's; a second origin group member would repeat writes.
  # checkov:skip=CKV_AWS_374:Clients are in no fixed set of countries.
  # checkov:skip=CKV_AWS_86:Access logs are delivered by standard logging v2 below, which this rule does not know.
  # checkov:skip=CKV2_AWS_32:The security headers are the service's own; CORS and caching headers must pass unchanged.
  # checkov:skip=CKV2_AWS_47:The web ACL is made by the waf module; its rule set against Log4j is left out with a reason there.
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  comment         = "Expense API of ${var.environment}"
  price_class     = local.price_class
  aliases         = var.aliases
  web_acl_id      = var.web_acl_arn

  origin {
    origin_id   = "api"
    domain_name = var.origin_domain_name

    dynamic "custom_origin_config" {
      for_each = var.vpc_origin_alb_arn == null ? [true] : []

      content {
        http_port              = 80
        https_port             = 443
        origin_protocol_policy = "https-only"
        origin_ssl_protocols   = ["TLSv1.2"]
      }
    }

    dynamic "vpc_origin_config" {
      for_each = aws_cloudfront_vpc_origin.this[*].id

      content {
        vpc_origin_id = vpc_origin_config.value
      }
    }
  }

  # Nothing is cached: every reply says no-store or private, and a write must be seen by the next read.
  default_cache_behavior {
    target_origin_id         = "api"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    viewer_protocol_policy   = "redirect-to-https"
    compress                 = true
    cache_policy_id          = local.managed_policies.caching_disabled
    origin_request_policy_id = var.forward_viewer_host ? local.managed_policies.all_viewer : local.managed_policies.all_viewer_except_host_header
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    ssl_support_method       = "sni-only"
    minimum_protocol_version = "TLSv1.2_2021"
  }

  tags = local.tags

  lifecycle {
    precondition {
      condition     = var.environment != "prod" || var.enable_access_logs
      error_message = "prod keeps access logs: leave enable_access_logs true."
    }
    precondition {
      condition     = data.aws_region.current.region == "us-east-1"
      error_message = "CloudFront's logs are delivered from us-east-1: call the module with providers = { aws = aws.us_east_1 }."
    }
    precondition {
      condition     = !contains(var.aliases, var.origin_domain_name)
      error_message = "origin_domain_name is also one of aliases: CloudFront would ask itself; give the origin a name of its own."
    }
  }
}

# ---------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------

module "logs" {
  count  = var.enable_access_logs ? 1 : 0
  source = "../bucket"

  name            = "${local.name}-cdn-logs-${local.account}"
  tags            = local.tags
  kms_key_arn     = var.log_kms_key_arn
  expire_days     = local.log_days
  noncurrent_days = 1

  statements = [{
    sid        = "LogDeliveryWrites"
    principals = { Service = ["delivery.logs.amazonaws.com"] }
    actions    = ["s3:PutObject"]
    paths      = ["AWSLogs/${local.account}/CloudFront/*"]
    conditions = {
      StringEquals = { "aws:SourceAccount" = [local.account] }
      ArnLike      = { "aws:SourceArn" = ["arn:${local.partition}:logs:us-east-1:${local.account}:delivery-source:${local.name}-cdn"] }
    }
  }]
}

resource "aws_cloudwatch_log_delivery_source" "this" {
  count = var.enable_access_logs ? 1 : 0

  name         = "${local.name}-cdn"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
  tags         = local.tags
}

resource "aws_cloudwatch_log_delivery_destination" "this" {
  count = var.enable_access_logs ? 1 : 0

  name          = "${local.name}-cdn"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "${module.logs[0].arn}/AWSLogs/${local.account}/CloudFront"
  }

  tags = local.tags
}

# The fields are named, so that query strings and cookies are not among them.
resource "aws_cloudwatch_log_delivery" "this" {
  count = var.enable_access_logs ? 1 : 0

  delivery_source_name     = aws_cloudwatch_log_delivery_source.this[0].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.this[0].arn
  record_fields = [
    "date", "time", "x-edge-location", "c-ip", "cs-method", "x-host-header", "cs-uri-stem", "sc-status", "sc-bytes",
    "time-taken", "x-edge-result-type", "x-edge-request-id", "ssl-protocol", "ssl-cipher", "cs-protocol-version",
  ]
  tags = local.tags

  # The bucket must let the delivery in before it is checked.
  depends_on = [module.logs]
}
