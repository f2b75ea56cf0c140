# Bucket and key are outputs of terraform/bootstrap in this environment's account: write yours.
terraform {
  backend "s3" {
    bucket       = "expense-terraform-state-777788889999"
    key          = "prod/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    kms_key_id   = "arn:aws:kms:us-east-1:777788889999:key/00000000-0000-0000-0000-000000000000"
    use_lockfile = true
  }
}
