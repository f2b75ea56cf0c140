# ---------------------------------------------------------------------------
# Platform roles
# ---------------------------------------------------------------------------

locals {
  default_service_accounts = {
    load-balancer-controller = { namespace = "kube-system", service_account = "aws-load-balancer-controller" }
    external-dns             = { namespace = "kube-system", service_account = "external-dns" }
    cluster-autoscaler       = { namespace = "kube-system", service_account = "cluster-autoscaler" }
    fluent-bit               = { namespace = "logging", service_account = "fluent-bit" }
    cloudwatch-exporter      = { namespace = "monitoring", service_account = "cloudwatch-exporter" }
    grafana                  = { namespace = "monitoring", service_account = "prometheus-grafana" }
    otel-collector           = { namespace = "monitoring", service_account = "otel-collector" }
  }
  service_accounts = merge(local.default_service_accounts, var.platform_service_accounts)

  platform_statements = merge(
    {
      load-balancer-controller = local.load_balancer_controller
      cluster-autoscaler       = local.cluster_autoscaler
      cloudwatch-exporter      = local.cloudwatch_exporter
      grafana                  = local.grafana
    },
    length(var.hosted_zone_ids) > 0 ? { external-dns = local.external_dns } : {},
    length(var.pod_log_group_names) > 0 ? { fluent-bit = local.fluent_bit } : {},
    var.enable_otel_collector_role ? { otel-collector = local.otel_collector } : {},
  )
}

module "platform_role" {
  source   = "../pod-role"
  for_each = local.platform_statements

  project_name             = var.project_name
  environment              = var.environment
  tags                     = var.tags
  permissions_boundary_arn = var.permissions_boundary_arn

  name              = each.key
  policy            = jsonencode({ Version = "2012-10-17", Statement = each.value })
  cluster_name      = aws_eks_cluster.this.name # known beforehand, and the association waits for the cluster
  namespace         = local.service_accounts[each.key].namespace
  service_accounts  = [local.service_accounts[each.key].service_account]
  identity          = var.identity
  oidc_provider_arn = aws_iam_openid_connect_provider.this.arn
  oidc_issuer       = local.oidc_issuer
}

locals {
  oidc_issuer = replace(aws_eks_cluster.this.identity[0].oidc[0].issuer, "https://", "")
}

# ---------------------------------------------------------------------------
# DNS, scaling, logs, metrics, traces
# ---------------------------------------------------------------------------

locals {
  external_dns = [
    {
      Sid      = "WriteRecordsOfTheseZones"
      Effect   = "Allow"
      Action   = ["route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets", "route53:ListTagsForResources"]
      Resource = [for id in var.hosted_zone_ids : "arn:${local.partition}:route53:::hostedzone/${id}"]
    },
    {
      Sid      = "FindZones"
      Effect   = "Allow"
      Action   = ["route53:ListHostedZones"]
      Resource = ["*"]
    },
  ]

  cluster_autoscaler = [
    {
      Sid    = "LookAtGroups"
      Effect = "Allow"
      Action = [
        "autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances", "autoscaling:DescribeLaunchConfigurations",
        "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags", "ec2:DescribeImages", "ec2:DescribeInstanceTypes",
        "ec2:DescribeLaunchTemplateVersions", "ec2:GetInstanceTypesFromInstanceRequirements",
      ]
      Resource = ["*"]
    },
    {
      Sid      = "LookAtNodeGroups"
      Effect   = "Allow"
      Action   = ["eks:DescribeNodegroup"]
      Resource = ["arn:${local.partition}:eks:${local.region}:${local.account}:nodegroup/${local.cluster_name}/*/*"]
    },
    {
      # EKS puts this tag on the groups behind its node groups.
      Sid       = "ScaleThisClustersGroups"
      Effect    = "Allow"
      Action    = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
      Resource  = ["arn:${local.partition}:autoscaling:${local.region}:${local.account}:autoScalingGroup:*"]
      Condition = { StringEquals = { "aws:ResourceTag/k8s.io/cluster-autoscaler/${local.cluster_name}" = "owned" } }
    },
  ]

  fluent_bit = [
    {
      Sid    = "WriteTheseLogGroups"
      Effect = "Allow"
      Action = ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"]
      Resource = flatten([
        for g in var.pod_log_group_names : [for suffix in ["", ":*"] : "arn:${local.partition}:logs:${local.region}:${local.account}:log-group:${g}${suffix}"]
      ])
    },
  ]

  # Metrics have no resources in IAM: reading them is all or nothing.
  cloudwatch_exporter = [
    {
      Sid      = "ReadMetrics"
      Effect   = "Allow"
      Action   = ["cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "tag:GetResources"]
      Resource = ["*"]
    },
  ]

  grafana = [
    {
      Sid      = "ReadMetricsAndAlarms"
      Effect   = "Allow"
      Action   = ["cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricStatistics", "cloudwatch:ListMetrics", "ec2:DescribeRegions", "ec2:DescribeTags", "tag:GetResources"]
      Resource = ["*"]
    },
  ]

  otel_collector = [
    {
      Sid      = "SendTraces"
      Effect   = "Allow"
      Action   = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
      Resource = ["*"]
    },
  ]
}
