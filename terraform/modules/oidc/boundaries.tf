# ---------------------------------------------------------------------------
# Boundaries
# ---------------------------------------------------------------------------

# A boundary grants nothing: it is the most that a role can ever hold, whatever is attached to it later.

locals {
  boundary_arns = [local.ci_boundary_arn, local.workload_boundary_arn]

  keep_the_boundaries = [
    {
      Sid      = "BoundariesStay"
      Effect   = "Deny"
      Action   = ["iam:DeleteRolePermissionsBoundary"]
      Resource = "*"
    },
    {
      Sid      = "BoundariesAreNotRewritten"
      Effect   = "Deny"
      Action   = ["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"]
      Resource = local.boundary_arns
    },
  ]

  keep_the_state = {
    Sid    = "StateStays"
    Effect = "Deny"
    Action = [
      "s3:BypassGovernanceRetention", "s3:DeleteBucket*", "s3:DeleteObjectVersion", "s3:PutBucketPolicy", "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration",
    ]
    Resource = [local.state_arn, "${local.state_arn}/*"]
  }

  keep_the_states_key = {
    Sid      = "StatesKeyStays"
    Effect   = "Deny"
    Action   = ["kms:CreateGrant", "kms:DisableKey", "kms:DisableKeyRotation", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
    Resource = var.state_kms_key_arn
  }
}

resource "aws_iam_policy" "ci_boundary" {
  # checkov:skip=CKV_AWS_286:A boundary grants nothing; roles can be made only under the workload boundary.
  # checkov:skip=CKV_AWS_287:A boundary grants nothing.
  # checkov:skip=CKV_AWS_288:A boundary grants nothing.
  # checkov:skip=CKV_AWS_289:A boundary grants nothing.
  # checkov:skip=CKV_AWS_290:A boundary grants nothing.
  # checkov:skip=CKV_AWS_355:A boundary grants nothing.
  # checkov:skip=CKV2_AWS_40:A boundary grants nothing; what the CI roles may do in IAM is in their own policies.
  name        = "${local.role_prefix}-boundary"
  description = "The most that a CI role of ${var.environment} can hold"
  tags        = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(
      [{
        Sid      = "AtMost"
        Effect   = "Allow"
        Action   = [for service in concat(local.managed_services, ["ce", "codeconnections", "iam", "s3", "secretsmanager"]) : "${service}:*"]
        Resource = "*"
      }],
      local.keep_the_boundaries,
      [
        {
          Sid       = "RolesAreBounded"
          Effect    = "Deny"
          Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
          Resource  = "*"
          Condition = { StringNotEquals = { "iam:PermissionsBoundary" = local.workload_boundary_arn } }
        },
        {
          Sid    = "CiRolesAreNotChangedByCi"
          Effect = "Deny"
          # Not the readings: a plan refreshes these roles too.
          Action = [
            "iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PassRole", "iam:PutRolePolicy",
            "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription",
          ]
          Resource = [
            for action in ["push", "deploy", "plan", "apply"] : "arn:${local.partition}:iam::${local.account}:role/${local.role_prefix}-${action}"
          ]
        },
        {
          Sid      = "ProviderIsNotChangedByCi"
          Effect   = "Deny"
          Action   = ["iam:AddClientIDToOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider", "iam:RemoveClientIDFromOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint"]
          Resource = local.provider_arn
        },
        {
          Sid      = "NoUsersAndNoKeys"
          Effect   = "Deny"
          Action   = ["iam:AddUserToGroup", "iam:AttachGroupPolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey", "iam:CreateGroup", "iam:CreateLoginProfile", "iam:CreateUser", "iam:PutGroupPolicy", "iam:PutUserPolicy", "iam:UpdateLoginProfile"]
          Resource = "*"
        },
        local.keep_the_state,
        local.keep_the_states_key,
        {
          Sid      = "LocksAndTrailStay"
          Effect   = "Deny"
          Action   = ["cloudtrail:DeleteTrail", "cloudtrail:StopLogging", "s3:BypassGovernanceRetention"]
          Resource = "*"
        },
      ],
    )
  })
}

resource "aws_iam_policy" "workload_boundary" {
  # checkov:skip=CKV_AWS_287:A boundary grants nothing.
  # checkov:skip=CKV_AWS_288:A boundary grants nothing.
  # checkov:skip=CKV_AWS_289:A boundary grants nothing.
  # checkov:skip=CKV_AWS_290:A boundary grants nothing.
  # checkov:skip=CKV_AWS_355:A boundary grants nothing.
  name        = "${local.name}-workload-boundary"
  description = "The most that a role made in ${var.environment} can hold"
  tags        = local.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "AtMost"
        Effect = "Allow"
        Action = [
          "acm:*", "autoscaling:*", "cloudwatch:*", "codebuild:*", "codeconnections:*", "cognito-idp:DescribeUserPoolClient", "ec2:*", "ec2messages:*", "ecr:*", "eks:*",
          "eks-auth:*", "elasticache:Describe*", "elasticloadbalancing:*", "iam:CreateServiceLinkedRole", "iam:GetServerCertificate", "iam:ListServerCertificates", "kms:*",
          "logs:*", "rds:Describe*", "route53:*", "s3:*", "secretsmanager:*", "shield:*", "sns:Publish", "ssm:*", "ssmmessages:*", "sts:GetCallerIdentity", "tag:*",
          "waf-regional:*", "wafv2:*", "xray:*",
        ]
        Resource = "*"
      },
      {
        Sid      = "NoStateForWorkloads"
        Effect   = "Deny"
        Action   = ["s3:*"]
        Resource = [local.state_arn, "${local.state_arn}/*"]
      },
      {
        Sid    = "KeysSecretsAndLocksStay"
        Effect = "Deny"
        Action = [
          "kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion", "s3:BypassGovernanceRetention", "s3:DeleteBucket*", "s3:PutBucketPolicy",
          "secretsmanager:DeleteSecret", "secretsmanager:PutResourcePolicy",
        ]
        Resource = "*"
      },
    ]
  })
}
