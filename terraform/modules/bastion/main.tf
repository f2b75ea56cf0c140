# ---------------------------------------------------------------------------
# Names and tags
# ---------------------------------------------------------------------------

locals {
  name      = "${var.project_name}-${var.environment}-bastion"
  tags      = merge({ Project = var.project_name, Environment = var.environment }, var.tags)
  log_group = "/aws/ssm/${local.name}"
  log_arn   = "arn:${data.aws_partition.current.partition}:logs:${data.aws_region.current.region}:${data.aws_caller_identity.current.account_id}:log-group:${local.log_group}"
}

data "aws_caller_identity" "current" {}
data "aws_partition" "current" {}
data "aws_region" "current" {}

data "aws_ssm_parameter" "ami" {
  name = var.ami_parameter
}

# ---------------------------------------------------------------------------
# Instance
# ---------------------------------------------------------------------------

resource "aws_instance" "this" {
  #checkov:skip=CKV_AWS_126:Detailed monitoring costs and tells nothing of use about a machine that people log in to
  ami                         = data.aws_ssm_parameter.ami.insecure_value
  instance_type               = var.instance_type
  subnet_id                   = var.subnet_id
  vpc_security_group_ids      = [var.security_group_id]
  associate_public_ip_address = false
  iam_instance_profile        = aws_iam_instance_profile.this.name
  ebs_optimized               = true

  # No key_name: nobody logs in by SSH. The packages come from S3, which the private subnets reach without internet.
  user_data = <<-SCRIPT
    #!/bin/bash
    dnf install -y mariadb105 redis6
  SCRIPT

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  root_block_device {
    encrypted   = true
    volume_type = "gp3"
    volume_size = 10
  }

  tags        = merge(local.tags, { Name = local.name })
  volume_tags = merge(local.tags, { Name = local.name })

  lifecycle {
    # A newer image comes with the next planned replacement, not with any apply.
    ignore_changes = [ami]

    precondition {
      condition     = var.has_nat_gateway || length(setsubtract(["ssm", "ssmmessages", "ec2messages"], var.interface_endpoints)) == 0
      error_message = "The bastion cannot reach Session Manager: enable the NAT gateway, or add \"ssm\", \"ssmmessages\" and \"ec2messages\" to interface_endpoints."
    }
  }
}

# ---------------------------------------------------------------------------
# Role
# ---------------------------------------------------------------------------

resource "aws_iam_role" "this" {
  name                 = local.name
  permissions_boundary = var.permissions_boundary_arn

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ec2.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })

  tags = local.tags
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  role       = aws_iam_role.this.name
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role_policy" "session" {
  name = "hold-and-log-sessions"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = [local.log_arn, "${local.log_arn}:*"]
      }, {
      # The two ends of a session share a data key of this key.
      Effect   = "Allow"
      Action   = ["kms:Decrypt"]
      Resource = [var.kms_key_arn]
      }, {
      # The agent asks for the list before it writes; AWS offers no narrower resource for it.
      Effect   = "Allow"
      Action   = ["logs:DescribeLogGroups"]
      Resource = "*"
    }]
  })
}

# Writing only: a dump can neither be read back nor removed from here.
resource "aws_iam_role_policy" "dumps" {
  count = var.write_dumps ? 1 : 0

  name = "write-dumps"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:AbortMultipartUpload"]
      Resource = ["arn:${data.aws_partition.current.partition}:s3:::${var.dump_bucket_name}/*"]
      }, {
      # A multipart upload decrypts the data key that it was given first.
      Effect    = "Allow"
      Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
      Resource  = [var.dump_kms_key_arn]
      Condition = { StringEquals = { "kms:ViaService" = "s3.${data.aws_region.current.region}.amazonaws.com" } }
    }]
  })

  lifecycle {
    precondition {
      condition     = var.dump_bucket_name != null && var.dump_kms_key_arn != null
      error_message = "write_dumps wants dump_bucket_name and dump_kms_key_arn: take the bucket from module backup and the key it was given."
    }
  }
}

resource "aws_iam_instance_profile" "this" {
  name = local.name
  role = aws_iam_role.this.name

  tags = local.tags
}

# ---------------------------------------------------------------------------
# Sessions
# ---------------------------------------------------------------------------

resource "aws_cloudwatch_log_group" "sessions" {
  #checkov:skip=CKV_AWS_338:Kept 7, 30 or 90 days by environment; the audit trail is what is kept for a year
  name              = local.log_group
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn

  tags = local.tags
}

# People name this document when they start a session, so that it is logged and ends when idle.
resource "aws_ssm_document" "session" {
  name            = "${local.name}-session"
  document_type   = "Session"
  document_format = "JSON"

  content = jsonencode({
    schemaVersion = "1.0"
    description   = "Shell on the bastion, logged"
    sessionType   = "Standard_Stream"
    inputs = {
      cloudWatchLogGroupName      = local.log_group
      cloudWatchEncryptionEnabled = true
      cloudWatchStreamingEnabled  = true
      idleSessionTimeout          = tostring(var.idle_session_minutes)
      kmsKeyId                    = var.kms_key_arn
      runAsEnabled                = false
    }
  })

  tags = local.tags

  depends_on = [aws_cloudwatch_log_group.sessions]
}
