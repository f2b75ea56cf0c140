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
  project_name            = "expense"
  environment             = "dev"
  kms_key_arn             = "arn:aws:kms:us-east-1:123456789012:key/operations"
  private_subnet_ids      = ["subnet-a", "subnet-b"]
  security_group_ids      = ["sg-lambda"]
  db_host                 = "db.example.internal"
  db_secret_arn           = "arn:aws:secretsmanager:us-east-1:123456789012:secret:app"
  db_migration_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:migration"
  db_admin_secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:admin"
  secrets_kms_key_arns    = ["arn:aws:kms:us-east-1:123456789012:key/data"]
  api_keys_secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-keys"
  alarm_topic_arns        = { critical = "arn:aws:sns:us-east-1:123456789012:critical", warning = "arn:aws:sns:us-east-1:123456789012:warning" }
  auth_mode               = "api-key"
  cors_allowed_origins    = ["https://app.example.com"]
}

run "each_function_reads_its_own_secrets" {
  command = plan

  assert {
    condition = {
      for kind, p in aws_iam_role_policy.this : kind => sort(flatten([for s in jsondecode(p.policy).Statement : s.Resource if s.Sid == "ReadOwnSecrets"]))
      } == {
      api   = tolist([var.api_keys_secret_arn, var.db_secret_arn])
      admin = tolist([var.db_admin_secret_arn, var.api_keys_secret_arn, var.db_secret_arn, var.db_migration_secret_arn])
    }
    error_message = "api reads the application's secrets, admin also those of migration and master user, nothing else."
  }
  assert {
    condition     = alltrue(flatten([for p in aws_iam_role_policy.this : [for s in jsondecode(p.policy).Statement : s.Action == ["secretsmanager:GetSecretValue"] if s.Sid == "ReadOwnSecrets"]]))
    error_message = "Secrets are read, not listed or written."
  }
}

run "no_statement_is_wide_open" {
  command = plan

  assert {
    condition     = alltrue(flatten([for p in aws_iam_role_policy.this : [for s in jsondecode(p.policy).Statement : [for a in flatten([s.Action]) : !strcontains(a, "*")]]]))
    error_message = "No action is a wildcard."
  }
  assert {
    condition = alltrue(flatten([
      for p in aws_iam_role_policy.this : [
        for s in jsondecode(p.policy).Statement : contains(["SendTraces", "JoinTheVpc", "NetworkIsForTheServiceNotTheCode"], s.Sid) if s.Resource == "*"
      ]
    ]))
    error_message = "Only what AWS gives no resource for has the resource *."
  }
  assert {
    condition     = alltrue([for r in aws_iam_role.this : [for s in jsondecode(r.assume_role_policy).Statement : s.Principal] == [{ Service = "lambda.amazonaws.com" }]])
    error_message = "Only Lambda takes the roles."
  }
}

run "keys_decrypt_only_what_the_function_needs" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for p in aws_iam_role_policy.this : [
        for s in jsondecode(p.policy).Statement : s.Condition.StringEquals["kms:ViaService"] == "secretsmanager.us-east-1.amazonaws.com" if s.Sid == "DecryptThroughSecretsManagerOnly"
      ]
    ]))
    error_message = "The secrets' key is used through Secrets Manager only."
  }
  assert {
    condition = alltrue([
      for kind, p in aws_iam_role_policy.this : one([
        for s in jsondecode(p.policy).Statement : s.Condition.StringEquals["kms:EncryptionContext:aws:lambda:FunctionArn"] if s.Sid == "DecryptOwnEnvironment"
      ]) == "arn:aws:lambda:us-east-1:123456789012:function:expense-dev-${kind}"
    ])
    error_message = "A function decrypts its own environment only."
  }
}

run "code_cannot_touch_the_network" {
  command = plan

  assert {
    condition = alltrue([
      for kind, p in aws_iam_role_policy.this : one([
        for s in jsondecode(p.policy).Statement : s.Effect == "Deny" && s.Condition.ArnEquals["lambda:SourceFunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:expense-dev-${kind}" && s.Action == one([for j in jsondecode(p.policy).Statement : j.Action if j.Sid == "JoinTheVpc"])
        if s.Sid == "NetworkIsForTheServiceNotTheCode"
      ])
    ])
    error_message = "The network rights that the Lambda service needs are denied to the function's code."
  }
}

run "roles_are_bounded" {
  command = plan

  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/boundary"
  }

  assert {
    condition     = alltrue([for r in aws_iam_role.this : r.permissions_boundary == "arn:aws:iam::123456789012:policy/boundary"])
    error_message = "Both roles carry the boundary."
  }
}
