# ---------------------------------------------------------------------------
# Apply
# ---------------------------------------------------------------------------

locals {
  # Services that the environment is made of. IAM, S3 and Secrets Manager have narrower statements of their own.
  managed_services = [
    "acm", "apigateway", "autoscaling", "budgets", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "codebuild", "ec2", "ecr", "eks",
    "elasticache", "elasticloadbalancing", "events", "kms", "lambda", "logs", "rds", "route53", "serverlessrepo", "sns", "ssm", "tag", "wafv2",
  ]

  regions = distinct(concat([local.region, "us-east-1"], var.extra_regions))

  # Roles, policies and profiles of this environment; the rotation function's stack names its role after itself.
  own_roles     = [for prefix in ["", "serverlessrepo-"] : "arn:${local.partition}:iam::${local.account}:role/${prefix}${local.name}-*"]
  own_policies  = "arn:${local.partition}:iam::${local.account}:policy/${local.name}-*"
  own_profiles  = "arn:${local.partition}:iam::${local.account}:instance-profile/${local.name}-*"
  own_providers = "arn:${local.partition}:iam::${local.account}:oidc-provider/oidc.eks.*"
  own_secrets   = "arn:${local.partition}:secretsmanager:*:${local.account}:secret:${local.name}*"

  apply_statements = [
    {
      Sid       = "ManageServices"
      Effect    = "Allow"
      Action    = concat([for service in local.managed_services : "${service}:*"], ["ce:ListCostAllocationTags", "ce:UpdateCostAllocationTagsStatus"])
      Resource  = "*"
      Condition = { StringEquals = { "aws:RequestedRegion" = local.regions } }
    },
    {
      Sid      = "ManageBuckets"
      Effect   = "Allow"
      Action   = ["s3:CreateBucket", "s3:DeleteBucket*", "s3:Get*", "s3:List*", "s3:PutAccelerateConfiguration", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration"]
      Resource = ["arn:${local.partition}:s3:::${var.project_name}-*"]
    },
    {
      Sid      = "ManageSecrets"
      Effect   = "Allow"
      Action   = ["secretsmanager:*"]
      Resource = local.own_secrets
    },
    {
      # RDS makes the master user's secret in the caller's name.
      Sid      = "LetRdsMakeTheMasterSecret"
      Effect   = "Allow"
      Action   = ["secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:RotateSecret", "secretsmanager:TagResource"]
      Resource = "arn:${local.partition}:secretsmanager:*:${local.account}:secret:rds!*"
    },
    {
      Sid      = "MakePasswords"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetRandomPassword", "secretsmanager:ListSecrets"]
      Resource = "*"
    },
    {
      Sid      = "UseTheGitHubConnection"
      Effect   = "Allow"
      Action   = ["codeconnections:GetConnection", "codeconnections:PassConnection", "codeconnections:UseConnection"]
      Resource = "arn:${local.partition}:codeconnections:${local.region}:${local.account}:connection/*"
    },
    {
      Sid      = "ReadIam"
      Effect   = "Allow"
      Action   = ["iam:Get*", "iam:List*"]
      Resource = "*"
    },
    {
      # Whatever is made or changed carries the boundary: a role cannot be used to grow beyond it.
      Sid       = "ManageBoundedRoles"
      Effect    = "Allow"
      Action    = ["iam:AttachRolePolicy", "iam:CreateRole", "iam:DeleteRolePolicy", "iam:DetachRolePolicy", "iam:PutRolePermissionsBoundary", "iam:PutRolePolicy"]
      Resource  = local.own_roles
      Condition = { StringEquals = { "iam:PermissionsBoundary" = local.workload_boundary_arn } }
    },
    {
      Sid      = "TendRoles"
      Effect   = "Allow"
      Action   = ["iam:DeleteRole", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole", "iam:UpdateRoleDescription"]
      Resource = local.own_roles
    },
    {
      Sid      = "ManagePolicies"
      Effect   = "Allow"
      Action   = ["iam:CreatePolicy", "iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:TagPolicy", "iam:UntagPolicy"]
      Resource = local.own_policies
    },
    {
      Sid      = "ManageInstanceProfiles"
      Effect   = "Allow"
      Action   = ["iam:AddRoleToInstanceProfile", "iam:CreateInstanceProfile", "iam:DeleteInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:TagInstanceProfile", "iam:UntagInstanceProfile"]
      Resource = local.own_profiles
    },
    {
      Sid      = "ManageTheClustersProvider"
      Effect   = "Allow"
      Action   = ["iam:AddClientIDToOpenIDConnectProvider", "iam:CreateOpenIDConnectProvider", "iam:DeleteOpenIDConnectProvider", "iam:TagOpenIDConnectProvider", "iam:UntagOpenIDConnectProvider", "iam:UpdateOpenIDConnectProviderThumbprint"]
      Resource = local.own_providers
    },
    {
      Sid      = "PassRolesToTheServicesThatRunThem"
      Effect   = "Allow"
      Action   = ["iam:PassRole"]
      Resource = local.own_roles
      Condition = {
        StringEquals = {
          "iam:PassedToService" = [
            "codebuild.amazonaws.com", "ec2.amazonaws.com", "eks.amazonaws.com", "lambda.amazonaws.com", "monitoring.rds.amazonaws.com", "pods.eks.amazonaws.com", "vpc-flow-logs.amazonaws.com",
          ]
        }
      }
    },
    {
      Sid      = "MakeServiceLinkedRoles"
      Effect   = "Allow"
      Action   = ["iam:CreateServiceLinkedRole"]
      Resource = "arn:${local.partition}:iam::${local.account}:role/aws-service-role/*"
      Condition = {
        StringEquals = {
          "iam:AWSServiceName" = [
            "autoscaling.amazonaws.com", "eks-nodegroup.amazonaws.com", "eks.amazonaws.com", "elasticache.amazonaws.com", "elasticloadbalancing.amazonaws.com",
            "ops.apigateway.amazonaws.com", "rds.amazonaws.com", "replication.ecr.amazonaws.com", "spot.amazonaws.com", "wafv2.amazonaws.com",
          ]
        }
      }
    },
  ]
}

resource "aws_iam_role" "apply" {
  name                 = "${local.role_prefix}-apply"
  description          = "CI: applies ${var.environment}, under its permissions boundary"
  assume_role_policy   = local.trust.apply
  max_session_duration = 7200
  permissions_boundary = aws_iam_policy.ci_boundary.arn
  tags                 = local.tags
}

resource "aws_iam_role_policy" "apply" {
  # checkov:skip=CKV_AWS_286:Roles can be made only under the workload boundary, which the CI boundary also enforces by Deny.
  # checkov:skip=CKV_AWS_287:The role makes the secrets of its environment.
  # checkov:skip=CKV_AWS_288:The role makes buckets and databases; what it may read is bounded by name.
  # checkov:skip=CKV_AWS_289:Permissions are managed under the workload boundary only.
  # checkov:skip=CKV_AWS_290:The role makes the environment; region, names and boundary are its constraints.
  # checkov:skip=CKV_AWS_355:Most create calls take no resource; the region is the constraint.
  name = "apply"
  role = aws_iam_role.apply.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.state_read_statements, local.state_write_statements, local.apply_statements)
  })
}
