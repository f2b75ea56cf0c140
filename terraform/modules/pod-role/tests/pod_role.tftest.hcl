mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "123456789012" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { region = "us-east-1" }
  }
}

variables {
  project_name     = "expense"
  environment      = "dev"
  name             = "external-dns"
  cluster_name     = "expense-dev-cluster"
  namespace        = "kube-system"
  service_accounts = ["external-dns"]
  policy           = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"route53:ListHostedZones\",\"Resource\":\"*\"}]}"
}

run "pod_identity_by_default" {
  command = plan

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal == { Service = "pods.eks.amazonaws.com" }
    error_message = "EKS Pod Identity takes the role, nobody else."
  }
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == {
      "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:us-east-1:123456789012:cluster/expense-dev-cluster"
      "aws:RequestTag/kubernetes-namespace"       = "kube-system"
      "aws:RequestTag/kubernetes-service-account" = ["external-dns"]
    }
    error_message = "The role is bound to cluster, namespace and service account."
  }
  assert {
    condition     = keys(aws_eks_pod_identity_association.this) == ["external-dns"]
    error_message = "Each service account is associated."
  }
  assert {
    condition     = aws_iam_role.this.name == "expense-dev-external-dns" && aws_iam_role.this.tags.Project == "expense" && aws_iam_role.this.tags.Environment == "dev"
    error_message = "The role is named and tagged."
  }
}

run "irsa_by_switch" {
  command = plan

  variables {
    identity          = "irsa"
    oidc_provider_arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A1"
    oidc_issuer       = "oidc.eks.us-east-1.amazonaws.com/id/A1"
    service_accounts  = ["blue", "green"]
  }

  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Principal.Federated == var.oidc_provider_arn
    error_message = "The cluster's OIDC provider vouches."
  }
  assert {
    condition = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals == {
      "oidc.eks.us-east-1.amazonaws.com/id/A1:aud" = "sts.amazonaws.com"
      "oidc.eks.us-east-1.amazonaws.com/id/A1:sub" = ["system:serviceaccount:kube-system:blue", "system:serviceaccount:kube-system:green"]
    }
    error_message = "Audience and subjects are compared whole."
  }
  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0
    error_message = "IRSA needs no association."
  }
}

run "addons_associate_themselves" {
  command = plan
  variables {
    create_association  = false
    policy              = null
    managed_policy_arns = ["arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy"]
  }
  assert {
    condition     = length(aws_eks_pod_identity_association.this) == 0 && length(aws_iam_role_policy_attachment.this) == 1 && length(aws_iam_role_policy.this) == 0
    error_message = "The add-on makes the association; the managed policy is attached."
  }
}

run "boundary" {
  command = plan
  variables {
    permissions_boundary_arn = "arn:aws:iam::123456789012:policy/expense-dev-boundary"
  }
  assert {
    condition     = aws_iam_role.this.permissions_boundary == "arn:aws:iam::123456789012:policy/expense-dev-boundary"
    error_message = "The role carries the boundary."
  }
}

run "refuses_irsa_without_a_provider" {
  command = plan
  variables {
    identity = "irsa"
  }
  expect_failures = [aws_iam_role.this]
}

run "refuses_a_role_that_may_do_nothing" {
  command = plan
  variables {
    policy = null
  }
  expect_failures = [aws_iam_role.this]
}

# Each value below is wrong in its own way, and every one of them must be refused.
run "refuses_wrong_values" {
  command = plan

  variables {
    # all actions
    policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":[\"*\"],\"Resource\":\"*\"}]}"
    # an administrator
    managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"]
    # a wildcard namespace
    namespace = "*"
    # no service account
    service_accounts = []
    # an unknown identity
    identity = "node"
    # an issuer with a scheme
    oidc_issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/A1"
    # a bad name
    name = "External DNS"
    # a boundary that is no policy
    permissions_boundary_arn = "boundary"
    # an unknown environment
    environment = "test"
    # a bad project name
    project_name = "x"
  }

  expect_failures = [
    var.policy,
    var.managed_policy_arns,
    var.namespace,
    var.service_accounts,
    var.identity,
    var.oidc_issuer,
    var.name,
    var.permissions_boundary_arn,
    var.environment,
    var.project_name,
  ]
}

run "refuses_wrong_values_again" {
  command = plan

  variables {
    # all actions of a service
    policy = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"arn:aws:s3:::x\"}]}"
  }

  expect_failures = [
    var.policy,
  ]
}
