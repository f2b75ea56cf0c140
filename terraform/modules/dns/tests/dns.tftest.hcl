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
  project_name = "expense"
  environment  = "dev"
  zone_name    = "dev.example.com"
}

run "makes_the_zone" {
  command = plan

  assert {
    condition     = aws_route53_zone.this[0].name == "dev.example.com" && aws_route53_zone.this[0].tags.Project == "expense" && aws_route53_zone.this[0].tags.Environment == "dev"
    error_message = "The zone is made and tagged."
  }
  assert {
    condition     = length(aws_acm_certificate.this) == 0 && length(aws_route53_record.alias) == 0 && length(aws_route53_record.failover) == 0 && length(aws_route53_health_check.failover) == 0
    error_message = "Certificate, records and failover are off until asked for."
  }
}

run "uses_the_zone_that_is_there" {
  command = plan

  variables {
    zone_id = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && output.zone_id == "Z0123456789ABCDEFGHIJ" && output.zone_arn == "arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ"
    error_message = "A given zone is used as it is."
  }
}

run "zone_that_is_known_later" {
  command = plan

  variables {
    create_zone = false
    zone_id     = "Z0123456789ABCDEFGHIJ"
  }

  assert {
    condition     = length(aws_route53_zone.this) == 0 && output.zone_id == "Z0123456789ABCDEFGHIJ"
    error_message = "A caller that says create_zone = false gets no zone, whatever is known of zone_id."
  }
}

run "refuses_to_make_a_zone_that_is_there" {
  command = plan

  variables {
    create_zone = true
    zone_id     = "Z0123456789ABCDEFGHIJ"
  }

  expect_failures = [aws_route53_zone.this]
}

run "certificate_is_validated_by_dns" {
  command = plan

  variables {
    certificate_names = ["api.dev.example.com", "*.dev.example.com", "dev.example.com"]
  }

  assert {
    condition     = aws_acm_certificate.this[0].validation_method == "DNS" && aws_acm_certificate.this[0].domain_name == "api.dev.example.com" && aws_acm_certificate.this[0].subject_alternative_names == toset(["*.dev.example.com", "dev.example.com"])
    error_message = "One certificate for all names, validated by DNS."
  }
  assert {
    condition     = toset(keys(aws_route53_record.validation)) == toset(["api.dev.example.com", "dev.example.com"]) && length(aws_acm_certificate_validation.this) == 1
    error_message = "A wildcard and its base name share one validation record."
  }
}

run "alias_records" {
  command = plan

  variables {
    alias_records = {
      "api.dev.example.com" = { dns_name = "d-abc.execute-api.us-east-1.amazonaws.com", zone_id = "Z1UJRXOUMOOFQ8" }
      "cdn.dev.example.com" = { dns_name = "d111.cloudfront.net", zone_id = "Z2FDTNDATAQYW2", ipv6 = true }
    }
  }

  assert {
    condition     = toset(keys(aws_route53_record.alias)) == toset(["api.dev.example.com A", "cdn.dev.example.com A", "cdn.dev.example.com AAAA"])
    error_message = "An A record for each name, and AAAA where the target speaks IPv6."
  }
  assert {
    condition     = aws_route53_record.alias["cdn.dev.example.com AAAA"].type == "AAAA" && aws_route53_record.alias["cdn.dev.example.com AAAA"].alias[0].name == "d111.cloudfront.net"
    error_message = "Records point to their targets."
  }
}

run "failover" {
  command = plan

  variables {
    failover = {
      name              = "api.dev.example.com"
      role              = "SECONDARY"
      target_dns_name   = "lb.us-west-2.example.com"
      target_zone_id    = "Z1H1FL5HABSF5"
      health_check_fqdn = "api-us-west-2.dev.example.com"
    }
  }

  assert {
    condition     = aws_route53_record.failover[0].failover_routing_policy[0].type == "SECONDARY" && aws_route53_record.failover[0].set_identifier == "expense-dev-secondary"
    error_message = "The region's record has its role."
  }
  assert {
    condition     = aws_route53_health_check.failover[0].type == "HTTPS" && aws_route53_health_check.failover[0].resource_path == "/readyz" && aws_route53_health_check.failover[0].fqdn == "api-us-west-2.dev.example.com"
    error_message = "Readiness of the region's own name is asked over HTTPS."
  }
}

run "refuses_a_name_outside_the_zone" {
  command = plan

  variables {
    certificate_names = ["api.example.org"]
  }

  expect_failures = [aws_acm_certificate.this]
}

run "refuses_two_kinds_of_record_for_a_name" {
  command = plan

  variables {
    alias_records = { "api.dev.example.com" = { dns_name = "d111.cloudfront.net", zone_id = "Z2FDTNDATAQYW2" } }
    failover      = { name = "api.dev.example.com", role = "PRIMARY", target_dns_name = "lb.example.com", target_zone_id = "Z1", health_check_fqdn = "a.dev.example.com" }
  }

  expect_failures = [aws_route53_record.failover]
}

run "refuses_to_check_the_name_that_fails_over" {
  command = plan

  variables {
    failover = { name = "api.dev.example.com", role = "PRIMARY", target_dns_name = "lb.example.com", target_zone_id = "Z1", health_check_fqdn = "api.dev.example.com" }
  }

  expect_failures = [aws_route53_record.failover]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # a zone by name
    zone_id = "dev.example.com"
    # a dot at the end
    zone_name = "dev.example.com."
    # an address as name
    certificate_names = ["https://api.dev.example.com"]
    # a bare label
    alias_records = { api = { dns_name = "d111.cloudfront.net", zone_id = "Z2FDTNDATAQYW2" } }
    # an unknown role
    failover = { name = "api.dev.example.com", role = "BOTH", target_dns_name = "lb.example.com", target_zone_id = "Z1", health_check_fqdn = "a.dev.example.com" }
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.zone_id,
    var.zone_name,
    var.certificate_names,
    var.alias_records,
    var.failover,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # a relative path
    failover = { name = "api.dev.example.com", role = "PRIMARY", target_dns_name = "lb.example.com", target_zone_id = "Z1", health_check_fqdn = "a.dev.example.com", health_check_path = "readyz" }
  }

  expect_failures = [
    var.failover,
  ]
}

