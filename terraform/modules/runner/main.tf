# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

locals {
  name      = "${var.project_name}-${var.environment}-runner"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  account   = data.aws_caller_identity.current.account_id
  partition = data.aws_partition.current.partition
  region    = data.aws_region.current.region

  retention_days = coalesce(var.log_retention_days, { dev = 7, staging = 30, prod = 90 }[var.environment])
  log_group      = "/aws/codebuild/${local.name}"
}

# ---------------------------------------------------------------------------
# Access
# ---------------------------------------------------------------------------

resource "aws_iam_role" "this" {
  name                 = local.name
  description          = "CodeBuild runner for GitHub jobs inside the VPC"
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "codebuild.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceArn" = "arn:${local.partition}:codebuild:${local.region}:${local.account}:project/${local.name}" }
      }
    }]
  })

  tags = local.tags
}

# The runner carries jobs; what a job may do comes from the role that it takes by OIDC.
resource "aws_iam_role_policy" "this" {
  # checkov:skip=CKV_AWS_290:EC2 knows no resource for interfaces that do not exist yet.
  # checkov:skip=CKV_AWS_355:EC2 knows no resource for interfaces that do not exist yet.
  name = "runner"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "WriteOwnLogs"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${local.log_group}:*"
      },
      {
        Sid      = "UseTheConnection"
        Effect   = "Allow"
        Action   = ["codeconnections:GetConnection", "codeconnections:GetConnectionToken", "codeconnections:UseConnection"]
        Resource = var.connection_arn
      },
      {
        # EC2 knows no resource for these before the interface exists.
        Sid    = "JoinTheVpc"
        Effect = "Allow"
        Action = [
          "ec2:CreateNetworkInterface",
          "ec2:DeleteNetworkInterface",
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
        ]
        Resource = "*"
      },
      {
        Sid      = "LendTheInterfaceToCodeBuild"
        Effect   = "Allow"
        Action   = ["ec2:CreateNetworkInterfacePermission"]
        Resource = "arn:${local.partition}:ec2:${local.region}:${local.account}:network-interface/*"
        Condition = {
          StringEquals = {
            "ec2:AuthorizedService" = "codebuild.amazonaws.com"
            "ec2:Subnet"            = [for id in var.private_subnet_ids : "arn:${local.partition}:ec2:${local.region}:${local.account}:subnet/${id}"]
          }
        }
      },
    ]
  })
}

# ---------------------------------------------------------------------------
# Runner
# ---------------------------------------------------------------------------

# An account has one GitHub credential a region.
resource "aws_codebuild_source_credential" "github" {
  auth_type   = "CODECONNECTIONS"
  server_type = "GITHUB"
  token       = var.connection_arn
}

resource "aws_codebuild_project" "this" {
  name           = local.name
  description    = "GitHub jobs that must reach the private cluster endpoint"
  service_role   = aws_iam_role.this.arn
  encryption_key = var.kms_key_arn
  build_timeout  = var.timeout_minutes

  source {
    type     = "GITHUB"
    location = "https://github.com/${var.github_repository}.git"
  }

  artifacts {
    type = "NO_ARTIFACTS"
  }

  environment {
    type            = "ARM_CONTAINER"
    compute_type    = var.compute_type
    image           = "aws/codebuild/amazonlinux-aarch64-standard:3.0"
    privileged_mode = false
  }

  vpc_config {
    vpc_id             = var.vpc_id
    subnets            = var.private_subnet_ids
    security_group_ids = var.security_group_ids
  }

  logs_config {
    cloudwatch_logs {
      status     = "ENABLED"
      group_name = aws_cloudwatch_log_group.this.name
    }
  }

  tags = local.tags

  depends_on = [aws_iam_role_policy.this, aws_codebuild_source_credential.github]
}

# GitHub asks for a runner only when a job of this repository names it.
resource "aws_codebuild_webhook" "this" {
  project_name = aws_codebuild_project.this.name
  build_type   = "BUILD"

  filter_group {
    filter {
      type    = "EVENT"
      pattern = "WORKFLOW_JOB_QUEUED"
    }
  }
}

# ---------------------------------------------------------------------------
# Logs
# ---------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_338:Events are kept 7, 30 or 90 days by environment; GitHub keeps the jobs' own logs.
  name              = local.log_group
  retention_in_days = local.retention_days
  kms_key_id        = var.kms_key_arn
  tags              = local.tags
}
