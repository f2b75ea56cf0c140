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
  kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/operations"
  scope        = "REGIONAL"
}

run "rules" {
  command = plan

  assert {
    condition     = { for r in aws_wafv2_web_acl.this.rule : r.name => r.priority } == { common = 1, sql-injection = 2, rate-limit = 4 }
    error_message = "The managed rules come first, then the rate rule."
  }
  assert {
    condition     = one([for r in aws_wafv2_web_acl.this.rule : r.statement[0].rate_based_statement[0].limit if r.name == "rate-limit"]) == 2000 && one([for r in aws_wafv2_web_acl.this.rule : r.statement[0].rate_based_statement[0].evaluation_window_sec if r.name == "rate-limit"]) == 300
    error_message = "2000 requests in five minutes."
  }
  assert {
    condition     = one([for r in aws_wafv2_web_acl.this.rule : length(r.action[0].block) if r.name == "rate-limit"]) == 1
    error_message = "The rate rule blocks."
  }
  assert {
    condition = { for r in aws_wafv2_web_acl.this.rule : r.statement[0].managed_rule_group_statement[0].name => r.statement[0].managed_rule_group_statement[0].vendor_name if r.name != "rate-limit" } == {
      AWSManagedRulesCommonRuleSet = "AWS"
      AWSManagedRulesSQLiRuleSet   = "AWS"
    }
    error_message = "Both managed groups are there."
  }
  assert {
    condition     = alltrue([for r in aws_wafv2_web_acl.this.rule : length(r.override_action[0].none) == 1 && length(r.override_action[0].count) == 0 if r.name != "rate-limit"])
    error_message = "The managed groups act as they are made."
  }
  assert {
    condition     = aws_wafv2_web_acl.this.name == "expense-dev-regional" && aws_wafv2_web_acl.this.tags.Project == "expense" && aws_wafv2_web_acl.this.tags.Environment == "dev"
    error_message = "Named and tagged by project and environment."
  }
}

run "only_body_rules_count" {
  command = plan

  assert {
    condition = {
      for r in aws_wafv2_web_acl.this.rule : r.name => [for o in r.statement[0].managed_rule_group_statement[0].rule_action_override : o.name if length(o.action_to_use[0].count) == 1] if r.name != "rate-limit"
      } == {
      common        = ["SizeRestrictions_BODY", "CrossSiteScripting_BODY"]
      sql-injection = ["SQLi_BODY", "SQLiExtendedPatterns_BODY"]
    }
    error_message = "Exactly the four body rules count instead of blocking."
  }
  assert {
    condition     = alltrue(flatten([for r in aws_wafv2_web_acl.this.rule : [for o in r.statement[0].managed_rule_group_statement[0].rule_action_override : length(o.action_to_use[0].allow) == 0] if r.name != "rate-limit"]))
    error_message = "No rule is overridden to allow."
  }
}

run "logs_hold_no_credential" {
  command = plan

  assert {
    condition     = aws_cloudwatch_log_group.this.name == "aws-waf-logs-expense-dev-regional" && aws_cloudwatch_log_group.this.kms_key_id == var.kms_key_arn && aws_cloudwatch_log_group.this.retention_in_days == 7
    error_message = "The group has the prefix that WAF asks for, is encrypted, and keeps 7 days in dev."
  }
  assert {
    condition     = toset(flatten([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f.single_header[*].name])) == toset(["authorization", "cookie", "x-api-key"])
    error_message = "Headers that prove the caller are redacted."
  }
  assert {
    condition     = length(flatten([for f in aws_wafv2_web_acl_logging_configuration.this.redacted_fields : f.query_string])) == 1
    error_message = "The query string is redacted."
  }
  assert {
    condition     = aws_wafv2_web_acl_logging_configuration.this.logging_filter[0].default_behavior == "DROP"
    error_message = "Allowed requests are not logged twice."
  }
}

run "load_test_hosts" {
  command = plan

  variables {
    rate_limit_exempt_cidrs = ["203.0.113.10/32"]
  }

  assert {
    condition     = aws_wafv2_ip_set.rate_limit_exempt[0].addresses == toset(["203.0.113.10/32"])
    error_message = "The named networks are left alone by the rate rule."
  }
  assert {
    condition     = { for r in aws_wafv2_web_acl.this.rule : r.name => r.priority } == { common = 1, sql-injection = 2, rate-limit-exempt = 3, rate-limit = 4 }
    error_message = "They skip the rate rule only: the managed rules come before."
  }
}

run "without_exemption" {
  command = plan

  variables {
    environment = "prod"
  }

  assert {
    condition     = length(aws_wafv2_ip_set.rate_limit_exempt) == 0 && !contains([for r in aws_wafv2_web_acl.this.rule : r.name], "rate-limit-exempt") && aws_cloudwatch_log_group.this.retention_in_days == 90
    error_message = "Without an exemption the rate rule holds for everybody; prod keeps 90 days."
  }
}

run "cloudfront_scope" {
  command = plan

  variables {
    scope = "CLOUDFRONT"
  }

  assert {
    condition     = aws_wafv2_web_acl.this.scope == "CLOUDFRONT" && aws_wafv2_web_acl.this.name == "expense-dev-cloudfront"
    error_message = "The scope is CLOUDFRONT."
  }
}

run "refuses_cloudfront_scope_in_another_region" {
  command = plan

  override_data {
    target = data.aws_region.current
    values = { region = "eu-central-1" }
  }

  variables {
    scope = "CLOUDFRONT"
  }

  expect_failures = [aws_wafv2_web_acl.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # a key alias
    kms_key_arn = "alias/operations"
    # an unknown scope
    scope = "GLOBAL"
    # a rate below wafs
    rate_limit = 5
    # the world
    rate_limit_exempt_cidrs = ["0.0.0.0/0"]
    # an odd retention
    log_retention_days = 8
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.kms_key_arn,
    var.scope,
    var.rate_limit,
    var.rate_limit_exempt_cidrs,
    var.log_retention_days,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # what is no network
    rate_limit_exempt_cidrs = ["203.0.113.10"]
  }

  expect_failures = [
    var.rate_limit_exempt_cidrs,
  ]
}

