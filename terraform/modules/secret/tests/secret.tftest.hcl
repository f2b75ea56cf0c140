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
  project_name    = "expense"
  environment     = "dev"
  name            = "db-app"
  description     = "MySQL login of the service"
  kms_key_arn     = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  content         = "{\"username\":\"expense_app\"}"
  generated_field = "password"
}

run "aws_makes_the_value" {
  command = plan

  assert {
    condition = jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.Properties.GenerateSecretString == {
      SecretStringTemplate = { Ref = "Content" }
      GenerateStringKey    = "password"
      PasswordLength       = 40
      ExcludePunctuation   = true
    }
    error_message = "Secrets Manager makes up 40 letters and digits."
  }
  assert {
    condition     = !can(jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.Properties.SecretString) && !strcontains(aws_cloudformation_stack.this.parameters["Content"], "password")
    error_message = "No value of the generated field stands in plan or state."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.Properties.KmsKeyId == var.kms_key_arn
    error_message = "The secret is encrypted with the given key."
  }
  assert {
    condition     = output.name == "expense-dev-db-app" && output.iam_arn == "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-db-app-??????"
    error_message = "Policies name exactly this secret."
  }
  assert {
    condition     = aws_cloudformation_stack.this.tags.Project == "expense" && aws_cloudformation_stack.this.tags.Environment == "dev"
    error_message = "The secret is tagged."
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.DeletionPolicy == "Delete"
    error_message = "Outside prod the secret goes with its stack."
  }
}

run "prod_keeps_the_secret" {
  command = plan
  variables {
    environment = "prod"
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.DeletionPolicy == "Retain"
    error_message = "In prod the secret outlives its stack."
  }
}

run "nothing_generated" {
  command = plan
  variables {
    content         = "[]"
    generated_field = null
  }
  assert {
    condition     = jsondecode(aws_cloudformation_stack.this.template_body).Resources.Secret.Properties.SecretString == { Ref = "Content" } && aws_cloudformation_stack.this.parameters["Content"] == "[]"
    error_message = "The given content is the first value."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # a password in the content
    content = "{\"username\":\"x\",\"password\":\"secret\"}"
    # a bad name
    name = "DB App"
    # a key that is no arn
    kms_key_arn = "data"
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
  }

  expect_failures = [
    var.content,
    var.name,
    var.kms_key_arn,
    var.environment,
    var.project_name,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # content that is no json
    content = "username=x"
  }

  expect_failures = [
    var.content,
  ]
}
