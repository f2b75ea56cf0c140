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
  mock_resource "aws_iam_openid_connect_provider" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::123456789012:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/A1" }
  }
  mock_resource "aws_eks_cluster" {
    override_during = plan
    defaults = {
      identity              = [{ oidc = [{ issuer = "https://oidc.eks.us-east-1.amazonaws.com/id/A1" }] }]
      certificate_authority = [{ data = "Y2E=" }]
    }
  }
}

variables {
  project_name                     = "expense"
  environment                      = "prod"
  private_subnet_ids               = ["subnet-a", "subnet-b"]
  control_plane_security_group_ids = ["sg-cluster"]
  node_security_group_ids          = ["sg-nodes"]
  kms_key_arn                      = "arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555"
  log_kms_key_arn                  = "arn:aws:kms:us-east-1:123456789012:key/66666666-7777-8888-9999-000000000000"
  hosted_zone_ids                  = ["Z1"]
  pod_log_group_names              = ["/expense/prod/application"]
  enable_otel_collector_role       = true
}

run "all_roles" {
  command = plan

  assert {
    condition     = toset(keys(module.platform_role)) == toset(["load-balancer-controller", "external-dns", "cluster-autoscaler", "fluent-bit", "cloudwatch-exporter", "grafana", "otel-collector"])
    error_message = "Each platform workload has its role."
  }
  assert {
    condition     = alltrue(flatten([for p in output.platform_policies : [for s in jsondecode(p).Statement : [for a in s.Action : !strcontains(a, "*")]]]))
    error_message = "No policy names an action by wildcard."
  }
  assert {
    condition = alltrue(flatten([
      for p in output.platform_policies : [
        for s in jsondecode(p).Statement : [
          for a in s.Action : can(regex("^[a-z0-9]+:(Describe|Get|List)", a)) || startswith(a, "xray:Put")
        ] if contains(s.Resource, "*")
      ]
    ]))
    error_message = "On all resources policies only read (and send traces)."
  }
}

run "each_role_is_bound_to_its_pods" {
  command = plan

  assert {
    condition = alltrue([
      for w, sa in output.platform_service_accounts :
      jsondecode(module.platform_role[w].trust_policy).Statement[0].Condition.StringEquals == {
        "aws:RequestTag/eks-cluster-arn"            = "arn:aws:eks:us-east-1:123456789012:cluster/expense-prod-cluster"
        "aws:RequestTag/kubernetes-namespace"       = sa.namespace
        "aws:RequestTag/kubernetes-service-account" = [sa.service_account]
      }
    ])
    error_message = "Each role is bound to cluster, namespace and service account."
  }
}

run "external_dns_writes_one_zone" {
  command = plan
  assert {
    condition     = jsondecode(output.platform_policies["external-dns"]).Statement[0].Resource == ["arn:aws:route53:::hostedzone/Z1"]
    error_message = "external-dns writes records of the given zone alone."
  }
}

run "the_autoscaler_scales_this_cluster" {
  command = plan
  assert {
    condition     = [for s in jsondecode(output.platform_policies["cluster-autoscaler"]).Statement : s.Condition.StringEquals if contains(s.Action, "autoscaling:SetDesiredCapacity")] == [{ "aws:ResourceTag/k8s.io/cluster-autoscaler/expense-prod-cluster" = "owned" }]
    error_message = "The autoscaler changes this cluster's groups alone."
  }
}

run "fluent_bit_writes_its_groups" {
  command = plan
  assert {
    condition     = toset(flatten([for s in jsondecode(output.platform_policies["fluent-bit"]).Statement : s.Resource])) == toset(["arn:aws:logs:us-east-1:123456789012:log-group:/expense/prod/application", "arn:aws:logs:us-east-1:123456789012:log-group:/expense/prod/application:*"])
    error_message = "Fluent Bit writes to the given groups alone."
  }
}

run "the_controller_changes_its_own_load_balancers" {
  command = plan
  assert {
    condition     = alltrue([for s in jsondecode(output.platform_policies["load-balancer-controller"]).Statement : s.Condition.StringEquals["aws:ResourceTag/elbv2.k8s.aws/cluster"] == "expense-prod-cluster" if contains(s.Action, "elasticloadbalancing:DeleteLoadBalancer")])
    error_message = "Load balancers of others cannot be changed."
  }
  assert {
    condition     = !strcontains(output.platform_policies["load-balancer-controller"], "SecurityGroupIngress") && !strcontains(output.platform_policies["load-balancer-controller"], "CreateSecurityGroup")
    error_message = "The controller makes no security groups: Terraform owns them."
  }
}

run "irsa_by_switch" {
  command = plan
  variables {
    identity = "irsa"
  }
  assert {
    condition     = jsondecode(module.platform_role["grafana"].trust_policy).Statement[0].Condition.StringEquals["oidc.eks.us-east-1.amazonaws.com/id/A1:sub"] == ["system:serviceaccount:monitoring:prometheus-grafana"]
    error_message = "With IRSA the issuer vouches for the service account."
  }
}

run "another_service_account" {
  command = plan
  variables {
    platform_service_accounts = { grafana = { namespace = "observability", service_account = "grafana" } }
  }
  assert {
    condition     = output.platform_service_accounts["grafana"].namespace == "observability"
    error_message = "Names of service accounts follow their charts."
  }
}
