project_name   = "expense"
aws_account_id = "123456789012" # write yours
aws_region     = "us-east-1"
