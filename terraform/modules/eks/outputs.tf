output "cluster_id" {
  description = "Name of the cluster."
  value       = aws_eks_cluster.this.name
}

output "cluster_name" {
  description = "Name of the cluster, known before it is made."
  value       = local.cluster_name
}

output "cluster_arn" {
  description = "ARN of the cluster, known before it is made."
  value       = local.cluster_arn
}

output "cluster_endpoint" {
  description = "Address of the API server."
  value       = aws_eks_cluster.this.endpoint
}

output "cluster_certificate_authority" {
  description = "Certificate of the API server's authority, base64."
  value       = aws_eks_cluster.this.certificate_authority[0].data
}

output "cluster_security_group_id" {
  description = "Group that EKS itself puts on the control plane; nodes use the module security-groups' own."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "oidc_provider_arn" {
  description = "OIDC provider of the cluster, for IRSA."
  value       = aws_iam_openid_connect_provider.this.arn
}

output "oidc_issuer" {
  description = "OIDC issuer without https://, for IRSA."
  value       = local.oidc_issuer
}

output "node_role_arn" {
  description = "Role of the nodes."
  value       = aws_iam_role.node.arn
}

output "platform_role_arns" {
  description = "Roles of platform pods by workload (load-balancer-controller, external-dns, cluster-autoscaler, fluent-bit, cloudwatch-exporter, grafana, otel-collector)."
  value       = { for workload, role in module.platform_role : workload => role.role_arn }
}

output "platform_policies" {
  description = "What platform pods may do, as JSON, by workload."
  value       = { for workload, role in module.platform_role : workload => role.policy }
}

output "platform_service_accounts" {
  description = "Namespace and service account that each platform role is bound to."
  value       = { for workload in keys(local.platform_statements) : workload => local.service_accounts[workload] }
}

output "log_group_name" {
  description = "Log group of the control plane."
  value       = aws_cloudwatch_log_group.cluster.name
}
