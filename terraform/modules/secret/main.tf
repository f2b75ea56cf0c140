# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name = "${var.project_name}-${var.environment}-${var.name}"
  tags = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

# ---------------------------------------------------------------------------
# Secret
# ---------------------------------------------------------------------------

locals {
  # One of the two is left out.
  first_value = {
    for property, value in {
      SecretString = var.generated_field == null ? { Ref = "Content" } : null

      # Letters and digits alone: fit for MySQL, Valkey and every URL. 40 of them hold 238 bits.
      GenerateSecretString = var.generated_field == null ? null : {
        SecretStringTemplate = { Ref = "Content" }
        GenerateStringKey    = var.generated_field
        PasswordLength       = 40
        ExcludePunctuation   = true
      }
    } : property => value if value != null
  }

  template = {
    AWSTemplateFormatVersion = "2010-09-09"
    Description              = "${local.name}: ${var.description}"
    Parameters               = { Content = { Type = "String" } }
    Resources = {
      Secret = {
        Type                = "AWS::SecretsManager::Secret"
        DeletionPolicy      = var.environment == "prod" ? "Retain" : "Delete"
        UpdateReplacePolicy = "Retain"
        Properties = merge(local.first_value, {
          Name        = local.name
          Description = var.description
          KmsKeyId    = var.kms_key_arn
        })
      }
    }
  }
}

# Made by CloudFormation because Secrets Manager then makes the value itself: it never comes near Terraform, its plan or
# its state. A version written by Terraform would also be written again, with an old value, once rotations have taken
# its labels away; this one is written once.
resource "aws_cloudformation_stack" "this" {
  #checkov:skip=CKV_AWS_124:Whoever applies waits for the stack and sees its failure; there is nobody else to tell
  name          = "${local.name}-secret"
  template_body = jsonencode(local.template)
  parameters    = { Content = var.content }

  tags = local.tags # CloudFormation hands them on to the secret
}

data "aws_secretsmanager_secret" "this" {
  name = local.name

  depends_on = [aws_cloudformation_stack.this]
}
