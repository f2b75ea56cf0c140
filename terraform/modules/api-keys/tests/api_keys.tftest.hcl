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
  kms_key_arn  = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
}

run "begins_with_no_key" {
  command = plan

  assert {
    condition     = jsondecode(module.secret.template).Resources.Secret.Properties.SecretString == { Ref = "Content" }
    error_message = "The first content is written once, by CloudFormation: what people put in stays."
  }
  assert {
    condition     = jsondecode(module.secret.template).Resources.Secret.Properties.KmsKeyId == var.kms_key_arn
    error_message = "The secret is encrypted with the given key."
  }
  assert {
    condition     = output.secret_iam_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-api-keys-??????"
    error_message = "Policies name exactly this secret."
  }
  assert {
    condition     = module.secret.tags.Project == "expense" && module.secret.tags.Environment == "dev"
    error_message = "The secret is tagged."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a key that is no arn
    kms_key_arn = "data"
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
  }

  expect_failures = [
    var.kms_key_arn,
    var.environment,
    var.project_name,
  ]
}
