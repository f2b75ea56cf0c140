mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

variables {
  project_name       = "expense"
  environment        = "prod"
  origin_domain_name = "origin.example.com"
  certificate_arn    = "arn:aws:acm:us-east-1:123456789012:certificate/abc"
  web_acl_arn        = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/expense/abc"
  aliases            = ["api.example.com"]
}

run "tls_and_web_acl" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.viewer_certificate[0].minimum_protocol_version == "TLSv1.2_2021" && aws_cloudfront_distribution.this.viewer_certificate[0].acm_certificate_arn == var.certificate_arn
    error_message = "Clients speak TLS 1.2 or newer with our certificate."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].viewer_protocol_policy == "redirect-to-https"
    error_message = "Plain HTTP is redirected."
  }
  assert {
    condition     = one(aws_cloudfront_distribution.this.origin).custom_origin_config[0].origin_protocol_policy == "https-only" && one(aws_cloudfront_distribution.this.origin).custom_origin_config[0].origin_ssl_protocols == toset(["TLSv1.2"])
    error_message = "The origin is reached by TLS 1.2 only."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.web_acl_id == var.web_acl_arn
    error_message = "The web ACL filters every request."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.tags.Project == "expense" && aws_cloudfront_distribution.this.tags.Environment == "prod"
    error_message = "The distribution carries the tags Project and Environment."
  }
}

run "caches_nothing" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].cache_policy_id == "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
    error_message = "The managed policy CachingDisabled is used."
  }
  assert {
    condition     = length(aws_cloudfront_distribution.this.default_cache_behavior[0].forwarded_values) == 0 && length(aws_cloudfront_distribution.this.ordered_cache_behavior) == 0
    error_message = "There is no other behaviour and no old forwarded_values."
  }
  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].allowed_methods == toset(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
    error_message = "Every method of the API passes."
  }
}

run "hosts" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].origin_request_policy_id == "216adef6-5c7f-47e4-b989-5492eafa07d3"
    error_message = "The load balancer gets everything of the viewer, Host included."
  }
}

run "before_api_gateway" {
  command = plan

  variables {
    forward_viewer_host = false
  }

  assert {
    condition     = aws_cloudfront_distribution.this.default_cache_behavior[0].origin_request_policy_id == "b689b0a8-53d0-40ab-baf2-68738e2966ac"
    error_message = "API Gateway gets everything but the viewer's Host."
  }
}

run "price_class_by_environment" {
  command = plan

  variables {
    environment        = "dev"
    enable_access_logs = false
  }

  assert {
    condition     = aws_cloudfront_distribution.this.price_class == "PriceClass_100" && length(module.logs) == 0 && length(aws_cloudwatch_log_delivery.this) == 0
    error_message = "dev uses the cheapest edge locations and may do without access logs."
  }
}

run "prod_serves_everywhere_and_logs" {
  command = plan

  assert {
    condition     = aws_cloudfront_distribution.this.price_class == "PriceClass_All"
    error_message = "prod uses all edge locations."
  }
  assert {
    condition     = module.logs[0].guarantees.expire_days == 90 && jsondecode(module.logs[0].guarantees.policy).Statement[1].Principal == { Service = ["delivery.logs.amazonaws.com"] } && jsondecode(module.logs[0].guarantees.policy).Statement[1].Condition.StringEquals["aws:SourceAccount"] == ["123456789012"]
    error_message = "Only this account's log delivery writes access logs, kept for 90 days."
  }
  assert {
    condition     = length(setintersection(["cs-uri-query", "cs(Cookie)", "cs(Referer)"], aws_cloudwatch_log_delivery.this[0].record_fields)) == 0
    error_message = "Query strings, cookies and referers are not logged."
  }
}

run "vpc_origin" {
  command = plan

  variables {
    vpc_origin_alb_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/expense/abc"
  }

  assert {
    condition     = aws_cloudfront_vpc_origin.this[0].vpc_origin_endpoint_config[0].arn == var.vpc_origin_alb_arn && aws_cloudfront_vpc_origin.this[0].vpc_origin_endpoint_config[0].origin_protocol_policy == "https-only"
    error_message = "The internal load balancer is reached privately and by TLS."
  }
  assert {
    condition     = length(one(aws_cloudfront_distribution.this.origin).custom_origin_config) == 0 && length(one(aws_cloudfront_distribution.this.origin).vpc_origin_config) == 1
    error_message = "Then there is no public origin."
  }
}

run "refuses_prod_without_logs" {
  command = plan

  variables {
    enable_access_logs = false
  }

  expect_failures = [aws_cloudfront_distribution.this]
}

run "refuses_another_region" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { region = "eu-central-1" }
  }

  expect_failures = [aws_cloudfront_distribution.this]
}

run "refuses_to_ask_itself" {
  command = plan

  variables {
    aliases = ["api.example.com", "origin.example.com"]
  }

  expect_failures = [aws_cloudfront_distribution.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # a load balancers own name
    origin_domain_name = "expense-1.us-east-1.elb.amazonaws.com"
    # a network load balancer
    vpc_origin_alb_arn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/net/expense/abc"
    # a certificate of another region
    certificate_arn = "arn:aws:acm:eu-central-1:123456789012:certificate/abc"
    # a regional web acl
    web_acl_arn = "arn:aws:wafv2:us-east-1:123456789012:regional/webacl/expense/abc"
    # no alias
    aliases = []
    # an unknown price class
    price_class = "PriceClass_Cheap"
    # to keep no log
    access_log_days = 0
    # a key of another region
    log_kms_key_arn = "arn:aws:kms:eu-central-1:123456789012:key/a"
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.origin_domain_name,
    var.vpc_origin_alb_arn,
    var.certificate_arn,
    var.web_acl_arn,
    var.aliases,
    var.price_class,
    var.access_log_days,
    var.log_kms_key_arn,
  ]
}

