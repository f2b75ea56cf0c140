# Credentials of another account than the one written are refused.
provider "aws" {
  region              = var.aws_region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}

# CloudFront's certificate and web ACL live here, wherever the service runs. The credentials are looked at in the service's
# own region: else the second region could not even be planned while this one is lost.
provider "aws" {
  alias               = "us_east_1"
  region              = "us-east-1"
  sts_region          = var.aws_region
  allowed_account_ids = [var.account_id]

  default_tags {
    tags = local.tags
  }
}
