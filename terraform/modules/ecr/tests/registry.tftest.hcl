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
  environment  = "prod"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.name == "expense-backend" && output.repository_name == "expense-backend"
    error_message = "The repository is named <project>-backend, without an environment."
  }
  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "A tag never moves."
  }
  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "Images are scanned on push."
  }
  assert {
    condition     = aws_ecr_repository.this.force_delete == false
    error_message = "A repository that holds images cannot be destroyed."
  }
  assert {
    condition     = length(aws_ecr_repository_policy.pull) == 0 && length(jsondecode(module.artifacts.guarantees.policy).Statement) == 1
    error_message = "Without other accounts nobody is named in a resource policy."
  }
  assert {
    condition     = output.artifact_bucket_arn == "arn:aws:s3:::expense-artifacts-123456789012" && module.artifacts.guarantees.versioned
    error_message = "Artefacts lie in a versioned bucket named by the account."
  }
  assert {
    condition     = aws_ecr_repository.this.tags.Project == "expense" && aws_ecr_repository.this.tags.Environment == "prod" && aws_kms_key.this.tags.Project == "expense"
    error_message = "Everything carries the tags Project and Environment."
  }
}

run "encrypted_with_its_own_key" {
  command = plan

  override_resource {
    target          = aws_kms_key.this
    override_during = plan
    values          = { arn = "arn:aws:kms:us-east-1:123456789012:key/registry", key_id = "registry" }
  }

  assert {
    condition     = aws_ecr_repository.this.encryption_configuration[0].encryption_type == "KMS" && aws_ecr_repository.this.encryption_configuration[0].kms_key == "arn:aws:kms:us-east-1:123456789012:key/registry"
    error_message = "Images are encrypted with the registry's key."
  }
  assert {
    condition     = module.artifacts.guarantees.kms_key_arn == "arn:aws:kms:us-east-1:123456789012:key/registry"
    error_message = "Artefacts are encrypted with the registry's key."
  }
  assert {
    condition     = aws_kms_key.this.enable_key_rotation
    error_message = "The key rotates."
  }
}

run "lifecycle" {
  command = plan

  assert {
    condition     = [for r in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules : "${r.selection.tagStatus} ${r.selection.countNumber}"] == ["untagged 7", "any 100"]
    error_message = "Untagged images expire after 7 days; 100 images are kept."
  }
}

run "other_accounts_pull_and_nothing_else" {
  command = plan

  variables {
    pull_account_ids     = ["111111111111", "222222222222"]
    pull_organization_id = "o-a1b2c3d4e5"
  }

  assert {
    condition     = jsondecode(aws_ecr_repository_policy.pull[0].policy).Statement[0].Principal.AWS == ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]
    error_message = "Exactly the named accounts pull."
  }
  assert {
    condition     = alltrue([for a in jsondecode(aws_ecr_repository_policy.pull[0].policy).Statement[0].Action : can(regex("^ecr:(Batch(CheckLayerAvailability|GetImage)|DescribeImages|GetDownloadUrlForLayer)$", a))])
    error_message = "They get no right to push or delete."
  }
  assert {
    condition     = jsondecode(aws_ecr_repository_policy.pull[0].policy).Statement[0].Condition.StringEquals["aws:PrincipalOrgID"] == "o-a1b2c3d4e5"
    error_message = "They must belong to the organization."
  }
  assert {
    condition     = jsondecode(module.artifacts.guarantees.policy).Statement[1].Action == ["s3:GetObject", "s3:GetObjectVersion"] && jsondecode(module.artifacts.guarantees.policy).Statement[1].Resource == ["arn:aws:s3:::expense-artifacts-123456789012/releases/*"] && jsondecode(module.artifacts.guarantees.policy).Statement[1].Condition.StringEquals["aws:PrincipalOrgID"] == ["o-a1b2c3d4e5"]
    error_message = "They read releases, and nothing else of the bucket."
  }
  assert {
    condition     = jsondecode(aws_kms_key.this.policy).Statement[1].Action == ["kms:Decrypt", "kms:DescribeKey"] && jsondecode(aws_kms_key.this.policy).Statement[1].Condition.StringEquals["kms:ViaService"] == ["ecr.us-east-1.amazonaws.com", "s3.us-east-1.amazonaws.com"] && jsondecode(aws_kms_key.this.policy).Statement[1].Condition.StringEquals["aws:PrincipalOrgID"] == ["o-a1b2c3d4e5"]
    error_message = "They decrypt through ECR and S3 only."
  }
}

run "copies_in_a_second_region" {
  command = plan

  variables {
    replication_region = "us-west-2"
  }

  assert {
    condition     = one(aws_ecr_replication_configuration.this[0].replication_configuration[0].rule).destination[0].region == "us-west-2" && one(aws_ecr_replication_configuration.this[0].replication_configuration[0].rule).destination[0].registry_id == "123456789012"
    error_message = "Images are copied to the second region of the same account."
  }
  assert {
    condition     = one(one(aws_ecr_replication_configuration.this[0].replication_configuration[0].rule).repository_filter).filter == "expense-backend"
    error_message = "Only this repository is copied."
  }
  assert {
    condition     = aws_ecr_repository_creation_template.copies[0].region == "us-west-2" && aws_ecr_repository_creation_template.copies[0].image_tag_mutability == "IMMUTABLE" && aws_ecr_repository_creation_template.copies[0].encryption_configuration[0].encryption_type == "AES256"
    error_message = "The copy's tags never move either, and it is encrypted."
  }
}

run "no_copies_by_default" {
  command = plan

  assert {
    condition     = length(aws_ecr_replication_configuration.this) == 0 && length(aws_ecr_repository_creation_template.copies) == 0
    error_message = "Nothing leaves the region unless it is asked for."
  }
}

run "refuses_copies_in_its_own_region" {
  command = plan

  variables {
    replication_region = "us-east-1"
  }

  expect_failures = [aws_ecr_replication_configuration.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # an unknown environment
    environment = "production"
    # a bad project name
    project_name = "Expense_App"
    # a repository with a slash
    repository_name = "team/backend"
    # every account
    pull_account_ids = ["*"]
    # a bad organization
    pull_organization_id = "example"
    # to keep one image
    keep_images = 1
    # to expire at once
    untagged_days = 0
    # to forget artefacts
    artifact_noncurrent_days = 1
    # a zone for a region
    replication_region = "us-west-2a"
  }

  expect_failures = [
    var.environment,
    var.project_name,
    var.repository_name,
    var.pull_account_ids,
    var.pull_organization_id,
    var.keep_images,
    var.untagged_days,
    var.artifact_noncurrent_days,
    var.replication_region,
  ]
}

