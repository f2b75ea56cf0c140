# ---------------------------------------------------------------------------
# Secret
# ---------------------------------------------------------------------------

# Begins with no key, so that every caller is refused, and is then kept by people. They put in hashes, never keys.
module "secret" {
  source = "../secret"

  project_name = var.project_name
  environment  = var.environment
  tags         = var.tags

  name        = "api-keys"
  description = "API keys of the service: a JSON array of names, SHA-256 hashes and scopes"
  kms_key_arn = var.kms_key_arn
  content     = "[]"
}
