# ---------------------------------------------------------------------------
# Push
# ---------------------------------------------------------------------------

resource "aws_iam_role" "push" {
  count = var.registry_owner ? 1 : 0

  name                 = "${local.role_prefix}-push"
  description          = "CI: pushes images and Lambda artefacts"
  assume_role_policy   = local.trust.push
  max_session_duration = var.max_session_seconds
  permissions_boundary = aws_iam_policy.ci_boundary.arn
  tags                 = local.tags
}

resource "aws_iam_role_policy" "push" {
  count = var.registry_owner ? 1 : 0

  name = "push"
  role = aws_iam_role.push[0].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.registry_login,
      {
        Sid    = "PushImages"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability",
          "ecr:BatchGetImage",
          "ecr:CompleteLayerUpload",
          "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer",
          "ecr:InitiateLayerUpload",
          "ecr:PutImage",
          "ecr:UploadLayerPart",
        ]
        Resource = var.ecr_repository_arn
      },
      {
        Sid      = "PutArtefacts"
        Effect   = "Allow"
        Action   = ["s3:GetObject", "s3:PutObject"]
        Resource = "${var.artifact_bucket_arn}/releases/*"
      },
      {
        Sid       = "EncryptArtefacts"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = var.registry_kms_key_arn
        Condition = { StringLike = { "kms:ViaService" = "s3.*.amazonaws.com" } }
      },
    ]
  })
}
