# ---------------------------------------------------------------------------
# Deploy
# ---------------------------------------------------------------------------

locals {
  # The login is account-wide; ECR knows no resource for it.
  registry_login = {
    Sid      = "LogInToTheRegistry"
    Effect   = "Allow"
    Action   = ["ecr:GetAuthorizationToken"]
    Resource = "*"
  }

  deploy_statements = concat(
    [
      local.registry_login,
      {
        Sid      = "ReadImages"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
        Resource = var.ecr_repository_arn
      },
      {
        Sid      = "ReadArtefacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:GetObjectVersion"]
        Resource = "${var.artifact_bucket_arn}/releases/*"
      },
      {
        Sid       = "DecryptArtefacts"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = var.registry_kms_key_arn
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      },
      {
        # Alarms have no resource-level condition for reading; a canary watches them while it shifts weight.
        Sid      = "WatchAlarms"
        Effect   = "Allow"
        Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData"]
        Resource = "*"
      },
    ],
    length(var.lambda_function_arns) == 0 ? [] : [
      {
        Sid    = "ReleaseFunctions"
        Effect = "Allow"
        Action = [
          "lambda:GetAlias",
          "lambda:GetFunction",
          "lambda:GetFunctionConfiguration",
          "lambda:ListVersionsByFunction",
          "lambda:PublishVersion",
          "lambda:UpdateFunctionCode",
        ]
        Resource = [var.lambda_function_arns["api"], var.lambda_function_arns["admin"]]
      },
      {
        Sid      = "MoveTheAlias"
        Effect   = "Allow"
        Action   = ["lambda:UpdateAlias"]
        Resource = [var.lambda_function_arns["api"]]
      },
      {
        Sid      = "Migrate"
        Effect   = "Allow"
        Action   = ["lambda:InvokeFunction"]
        Resource = [var.lambda_function_arns["admin"], "${var.lambda_function_arns["admin"]}:*"]
      },
    ],
    [for arn in var.eks_cluster_arn[*] : {
      # Rights inside the cluster come from its access entry.
      Sid      = "FindTheCluster"
      Effect   = "Allow"
      Action   = ["eks:DescribeCluster"]
      Resource = arn
    }],
    [for arn in var.db_instance_arn[*] : {
      Sid      = "SnapshotBeforeMigration"
      Effect   = "Allow"
      Action   = ["rds:AddTagsToResource", "rds:CreateDBSnapshot", "rds:DescribeDBSnapshots"]
      Resource = [arn, "arn:${local.partition}:rds:${local.region}:${local.account}:snapshot:${local.name}-*"]
    }],
  )
}

resource "aws_iam_role" "deploy" {
  name                 = "${local.role_prefix}-deploy"
  description          = "CI: deploys releases to ${var.environment}"
  assume_role_policy   = local.trust.deploy
  max_session_duration = var.max_session_seconds
  permissions_boundary = aws_iam_policy.ci_boundary.arn
  tags                 = local.tags
}

resource "aws_iam_role_policy" "deploy" {
  name = "deploy"
  role = aws_iam_role.deploy.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = local.deploy_statements
  })
}
