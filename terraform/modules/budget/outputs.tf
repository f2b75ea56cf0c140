output "budget_name" {
  description = "Name of the budget."
  value       = aws_budgets_budget.monthly.name
}

output "monthly_budget_usd" {
  description = "The limit, which the computed estimate is compared with."
  value       = var.monthly_budget_usd
}
