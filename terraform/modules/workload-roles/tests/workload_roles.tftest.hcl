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
  project_name         = "expense"
  environment          = "dev"
  cluster_name         = "expense-dev-cluster"
  app_secret_arn       = "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-db-app-??????"
  migration_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-db-migration-??????"
  redis_secret_arn     = "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-redis-??????"
  api_keys_secret_arn  = "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-dev-api-keys-??????"
  db_instance_arn      = "arn:aws:rds:us-east-1:123456789012:db:expense-dev-mysql"
}

run "the_pods_read_their_three_secrets" {
  command = plan

  assert {
    condition     = toset(jsondecode(output.backend_policy).Statement[0].Resource) == toset([var.app_secret_arn, var.redis_secret_arn, var.api_keys_secret_arn])
    error_message = "The pods read exactly the database, cache and API-key secrets."
  }
  assert {
    condition     = toset(flatten([for s in jsondecode(output.backend_policy).Statement : s.Action])) == toset(["secretsmanager:GetSecretValue", "kms:Decrypt"])
    error_message = "The pods may read secrets and decrypt, nothing else."
  }
  assert {
    condition     = !strcontains(output.backend_policy, "rds!db") && !strcontains(output.backend_policy, "db-migration")
    error_message = "The pods read neither the master nor the migration secret."
  }
}

run "the_job_reads_its_secrets" {
  command = plan

  assert {
    condition     = toset(jsondecode(output.migration_policy).Statement[0].Resource) == toset([var.app_secret_arn, var.migration_secret_arn])
    error_message = "The Job reads the application and the migration user's secrets."
  }
  assert {
    condition     = jsondecode(output.migration_policy).Statement[1].Condition.StringEquals["secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn"] == var.db_instance_arn
    error_message = "The Job reads this database's master secret, no other's."
  }
  assert {
    condition     = !strcontains(output.migration_policy, "redis") && !strcontains(output.migration_policy, "api-keys")
    error_message = "The Job reads neither the cache's nor the API-key secret."
  }
}

run "keys_open_through_secrets_manager_only" {
  command = plan

  assert {
    condition = alltrue(flatten([
      for p in [output.backend_policy, output.migration_policy] : [
        for s in jsondecode(p).Statement :
        s.Condition.StringEquals["kms:ViaService"] == "secretsmanager.us-east-1.amazonaws.com" && can(s.Condition.StringLike["kms:EncryptionContext:SecretARN"])
        if contains(s.Action, "kms:Decrypt")
      ]
    ]))
    error_message = "Decrypting is bound to Secrets Manager and to the secrets' own ARNs."
  }
  assert {
    condition     = toset(jsondecode(output.backend_policy).Statement[1].Condition.StringLike["kms:EncryptionContext:SecretARN"]) == toset([var.app_secret_arn, var.redis_secret_arn, var.api_keys_secret_arn])
    error_message = "The pods decrypt their own secrets alone."
  }
}

run "no_cache_no_keys" {
  command = plan

  variables {
    redis_secret_arn    = null
    api_keys_secret_arn = null
  }

  assert {
    condition     = jsondecode(output.backend_policy).Statement[0].Resource == [var.app_secret_arn]
    error_message = "What is not there is not granted."
  }
}

run "irsa_by_switch" {
  command = plan

  variables {
    identity          = "irsa"
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A1"
    oidc_issuer       = "oidc.eks.us-east-1.amazonaws.com/id/A1"
  }

  assert {
    condition     = jsondecode(module.backend.trust_policy).Statement[0].Condition.StringEquals["oidc.eks.us-east-1.amazonaws.com/id/A1:sub"] == ["system:serviceaccount:expense:expense-backend"]
    error_message = "The pods' role is bound to their service account."
  }
  assert {
    condition     = jsondecode(module.migration.trust_policy).Statement[0].Condition.StringEquals["oidc.eks.us-east-1.amazonaws.com/id/A1:sub"] == ["system:serviceaccount:expense:expense-backend-migrate"]
    error_message = "The Job's role is bound to its own service account."
  }
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # pods that are the job
    migration_service_accounts = ["expense-backend"]
    # a wildcard app secret
    app_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:*"
    # a wildcard migration secret
    migration_secret_arn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:expense-*"
    # a wildcard redis secret
    redis_secret_arn = "*"
    # a wildcard api keys secret
    api_keys_secret_arn = "*"
    # a wildcard database
    db_instance_arn = "arn:aws:rds:us-east-1:123456789012:db:*"
    # an unknown identity
    identity = "node"
    # a boundary that is no policy
    permissions_boundary_arn = "x"
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
  }

  expect_failures = [
    var.migration_service_accounts,
    var.app_secret_arn,
    var.migration_secret_arn,
    var.redis_secret_arn,
    var.api_keys_secret_arn,
    var.db_instance_arn,
    var.identity,
    var.permissions_boundary_arn,
    var.environment,
    var.project_name,
  ]
}
