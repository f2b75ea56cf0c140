# ---------------------------------------------------------------------------
# Plan
# ---------------------------------------------------------------------------

locals {
  # Settings, never contents: no secret's value, object, log event or database row.
  read_actions = [
    "acm:DescribeCertificate", "acm:ListTagsForCertificate",
    "apigateway:GET",
    "autoscaling:Describe*",
    "budgets:ListTagsForResource", "budgets:ViewBudget",
    "ce:ListCostAllocationTags",
    "cloudformation:DescribeStacks", "cloudformation:GetTemplate",
    "cloudfront:GetDistribution", "cloudfront:GetVpcOrigin", "cloudfront:ListTagsForResource",
    "cloudtrail:DescribeTrails", "cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors", "cloudtrail:GetTrail", "cloudtrail:GetTrailStatus", "cloudtrail:ListTags",
    "cloudwatch:DescribeAlarms", "cloudwatch:GetDashboard", "cloudwatch:ListTagsForResource",
    "codebuild:BatchGetProjects", "codebuild:ListSourceCredentials",
    "ec2:Describe*", "ec2:GetEbsEncryptionByDefault",
    "ecr:DescribeRegistry", "ecr:DescribeRepositories", "ecr:DescribeRepositoryCreationTemplates", "ecr:GetLifecyclePolicy", "ecr:GetRepositoryPolicy", "ecr:ListTagsForResource",
    "eks:Describe*", "eks:List*",
    "elasticache:Describe*", "elasticache:ListTagsForResource",
    "elasticloadbalancing:Describe*",
    "iam:Get*", "iam:List*",
    "kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListAliases", "kms:ListResourceTags",
    "lambda:GetAlias", "lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:GetFunctionConcurrency", "lambda:GetPolicy", "lambda:ListTags", "lambda:ListVersionsByFunction",
    "logs:DescribeDeliveries", "logs:DescribeDeliveryDestinations", "logs:DescribeDeliverySources", "logs:DescribeLogGroups", "logs:GetDelivery", "logs:GetDeliveryDestination", "logs:GetDeliverySource", "logs:ListTagsForResource",
    "rds:Describe*", "rds:ListTagsForResource",
    "route53:GetChange", "route53:GetHealthCheck", "route53:GetHostedZone", "route53:ListResourceRecordSets", "route53:ListTagsForResource",
    "s3:GetAccelerateConfiguration", "s3:GetBucket*", "s3:GetEncryptionConfiguration", "s3:GetLifecycleConfiguration", "s3:GetReplicationConfiguration",
    "secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy", "secretsmanager:ListSecretVersionIds",
    "serverlessrepo:GetApplication", "serverlessrepo:GetCloudFormationTemplate",
    "sns:GetSubscriptionAttributes", "sns:GetTopicAttributes", "sns:ListTagsForResource",
    "ssm:DescribeDocument", "ssm:DescribeDocumentPermission", "ssm:GetDocument", "ssm:ListTagsForResource",
    "wafv2:GetIPSet", "wafv2:GetLoggingConfiguration", "wafv2:GetWebACL", "wafv2:ListTagsForResource",
  ]
}

resource "aws_iam_role" "plan" {
  name                 = "${local.role_prefix}-plan"
  description          = "CI: plans ${var.environment}, read-only but for the lock of its state"
  assume_role_policy   = local.trust.plan
  max_session_duration = var.max_session_seconds
  permissions_boundary = aws_iam_policy.ci_boundary.arn
  tags                 = local.tags
}

resource "aws_iam_role_policy" "plan" {
  # checkov:skip=CKV_AWS_355:Describe calls take no resource in most services; every action here reads settings.
  name = "plan"
  role = aws_iam_role.plan.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat(local.state_read_statements, [
      {
        Sid      = "ReadSettings"
        Effect   = "Allow"
        Action   = local.read_actions
        Resource = "*"
      },
      {
        # The image of the bastion is named by a public parameter of AWS.
        Sid      = "ReadPublicParameters"
        Effect   = "Allow"
        Action   = ["ssm:GetParameter", "ssm:GetParameters"]
        Resource = "arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*"
      },
      {
        # A job of an unreviewed pull request runs with this role: it must never hold a secret.
        Sid      = "NoSecretValues"
        Effect   = "Deny"
        Action   = ["secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue"]
        Resource = "*"
      },
    ])
  })
}
