output "api_function_name" {
  description = "Name of the function that answers HTTP events."
  value       = aws_lambda_function.this["api"].function_name
}

output "api_function_arn" {
  description = "ARN of the function that answers HTTP events, without qualifier."
  value       = aws_lambda_function.this["api"].arn
}

output "admin_function_name" {
  description = "Name of the function that migrates and sets up users."
  value       = aws_lambda_function.this["admin"].function_name
}

output "admin_function_arn" {
  description = "ARN of the function that migrates and sets up users, without qualifier."
  value       = aws_lambda_function.this["admin"].arn
}

output "function_arns" {
  description = "Both functions' ARNs by kind (api, admin), for the deploy role."
  value       = { for kind, function in aws_lambda_function.this : kind => function.arn }
}

output "alias_name" {
  description = "Alias that API Gateway calls and CI shifts."
  value       = aws_lambda_alias.live.name
}

output "alias_arn" {
  description = "ARN of that alias."
  value       = aws_lambda_alias.live.arn
}

output "role_arns" {
  description = "Execution roles by kind (api, admin)."
  value       = { for kind, role in aws_iam_role.this : kind => role.arn }
}

output "api_id" {
  description = "Id of the HTTP API: dimension of its CloudWatch metrics."
  value       = aws_apigatewayv2_api.this.id
}

output "api_url" {
  description = "Address under which clients reach the API."
  value       = local.api_url
}

output "api_host" {
  description = "Host of that address: origin of CloudFront."
  value       = local.api_host
}

output "custom_domain_target" {
  description = "Name and hosted zone that an alias record of the custom domain points to; null without one."
  value = one([for d in aws_apigatewayv2_domain_name.this : {
    dns_name = d.domain_name_configuration[0].target_domain_name
    zone_id  = d.domain_name_configuration[0].hosted_zone_id
  }])
}

output "log_group_names" {
  description = "Log groups by source (api, admin, access)."
  value = merge(
    { for kind, group in aws_cloudwatch_log_group.function : kind => group.name },
    { access = aws_cloudwatch_log_group.access.name },
  )
}

output "database_connections" {
  description = "Database connections that the functions may hold at once: two for each sandbox of both functions."
  value       = 2 * (var.reserved_concurrency + 1)
}
