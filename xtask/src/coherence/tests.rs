//! Every rule is green on the repository, and red when what it compares is changed in memory.

use std::collections::BTreeSet;

use super::{RULES, Texts};

/// Rule, file, what stands there, what is put in its place, what the fault must name.
type Break = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

const DEV: &str = "terraform/environments/dev/terraform.tfvars";
const PROD: &str = "terraform/environments/prod/terraform.tfvars";
const VALUES: &str = "helm/expense-backend/values.yaml";
const PROD_VALUES: &str = "helm/expense-backend/values-prod.yaml";
const CONFIGURATION: &str = "docs/CONFIGURATION.md";

#[rustfmt::skip]
const BREAKS: &[Break] = &[
    ("ports", DEV, "app_port           = 8080", "app_port           = 8081", "app_port"),
    ("ports", VALUES, "metricsPort: 9090", "metricsPort: 9091", "metricsPort"),
    ("ports", CONFIGURATION, "| `REDIS_PORT` | `6379`", "| `REDIS_PORT` | `6380`", "REDIS_PORT"),
    ("ports", "compose.yaml", "METRICS_PORT: \"9090\"", "METRICS_PORT: \"9091\"", "METRICS_PORT"),
    ("ports", "compose.yaml", "8080:8080", "8080:8081", "ports"),
    ("ports", "compose/prometheus.yml", "expense-backend:9090", "expense-backend:8080", "target"),
    ("ports", "helm/platform/values/otel-collector.yaml", ":4318\n", ":4319\n", "tracesPort"),
    ("ports", "helm/platform/values/prometheus-adapter.yaml", "listenPort: 4443", "listenPort: 6443", "prometheus-adapter"),
    ("ports", "terraform/modules/security-groups/main.tf", "port = 9443", "port = 9444", "load balancer controller"),
    ("ports", "helm/platform/environments/dev.yaml", ":587", ":465", "smtp_smarthost"),
    ("ports", "terraform/modules/vpc/network_acls.tf", "from = 587, to = 587", "from = 465, to = 465", "stops mail"),
    ("stopping", VALUES, "SHUTDOWN_NOTICE_MS: 15000", "SHUTDOWN_NOTICE_MS: 15001", "SHUTDOWN_NOTICE_MS 15001"),
    ("stopping", VALUES, "terminationGracePeriodSeconds: 30", "terminationGracePeriodSeconds: 25", "terminationGracePeriodSeconds"),
    ("stopping", VALUES, "deregistrationDelaySeconds: 20", "deregistrationDelaySeconds: 26", "deregistrationDelaySeconds"),
    ("stopping", VALUES, "idleTimeoutSeconds: 60", "idleTimeoutSeconds: 75", "KEEP_ALIVE_SECS"),
    ("stopping", "compose.yaml", "stop_grace_period: 30s", "stop_grace_period: 25s", "stop_grace_period"),
    ("stopping", ".github/workflows/deploy.yml", "--timeout 5m", "--timeout 4m", "activeDeadlineSeconds"),
    ("pool arithmetic", PROD, "rds_max_connections           = 200", "rds_max_connections           = 150", "values-prod.yaml"),
    ("pool arithmetic", PROD_VALUES, "maxReplicas: 10", "maxReplicas: 16", "values-prod.yaml"),
    ("pool arithmetic", VALUES, "DB_POOL_MAX: 6", "DB_POOL_MAX: 7", "values-dev.yaml"),
    ("pool arithmetic", DEV, "lambda_reserved_concurrency = 10", "lambda_reserved_concurrency = 12", "values-dev.yaml"),
    ("pool arithmetic", "helm/expense-backend/values-beside.yaml", "maxReplicas: 3", "maxReplicas: 4", "values-dev.yaml"),
    ("pool arithmetic", "helm/expense-backend/templates/deployment.yaml", "maxSurge: 1", "maxSurge: 2", "values-dev.yaml"),
    ("pool arithmetic", "terraform/modules/lambda/main.tf", "DB_POOL_MAX        = \"2\"", "DB_POOL_MAX        = \"3\"", "on Lambda"),
    ("settings of pods and functions", PROD, "cache_ttl_seconds           = 300", "cache_ttl_seconds           = 120", "CACHE_TTL"),
    ("settings of pods and functions", PROD_VALUES, "AMOUNT_SIGN: any", "AMOUNT_SIGN: positive", "AMOUNT_SIGN"),
    ("settings of pods and functions", PROD_VALUES, "AUTH_MODE: api-key", "AUTH_MODE: jwt", "AUTH_MODE"),
    ("settings of pods and functions", PROD_VALUES, "  ALLOW_DELETE_ALL: false\n", "", "in words"),
    ("settings of pods and functions", PROD_VALUES, "ALLOW_DELETE_ALL: false", "ALLOW_DELETE_ALL: true", "ALLOW_DELETE_ALL"),
    ("settings of pods and functions", PROD_VALUES, "https://expense.example.com", "https://other.example.com", "CORS_ALLOWED_ORIGINS"),
    ("settings of pods and functions", PROD_VALUES, "environment: production", "environment: staging", "environment"),
    ("settings of pods and functions", VALUES, "RATE_LIMIT_REQUESTS: 600", "RATE_LIMIT_REQUESTS: 100", "RATE_LIMIT_REQUESTS"),
    ("settings of pods and functions", VALUES, "SHUTDOWN_NOTICE_MS: 15000", "SHUTDOWN_NOTICE_MS: 14000", "SHUTDOWN_NOTICE_MS"),
    ("settings of pods and functions", CONFIGURATION, "in staging `180`", "in staging `120`", "CACHE_TTL in staging"),
    ("settings of pods and functions", "terraform/modules/lambda/main.tf", "prod = \"production\"", "prod = \"prod\"", "ENVIRONMENT"),
    ("secrets", PROD_VALUES, "expense-prod-db-app", "expense-prod-db", "databaseSecretId"),
    ("secrets", PROD, "project_name = \"expense\"", "project_name = \"costs\"", "Terraform's name"),
    ("secrets", "terraform/modules/elasticache/main.tf", "\"redis\"", "\"cache\"", "redisSecretId"),
    ("secrets", "terraform/modules/rds/users.tf", "dbname    =", "database  =", "dbname"),
    ("secrets", "src/secrets/login.rs", "written.host", "written.address", "host"),
    ("service accounts", "helm/expense-backend/values-beside.yaml", "name: expense-backend-migrate", "name: migrate", "migration"),
    ("service accounts", "terraform/environments/prod/variables_eks.tf", "[\"expense-backend\"]", "[\"backend\"]", "backend_service_accounts"),
    ("service accounts", "helm/expense-backend/Chart.yaml", "name: expense-backend", "name: backend", "serviceAccount"),
    ("service accounts", "terraform/modules/eks/platform_roles.tf", "namespace = \"logging\"", "namespace = \"logs\"", "fluent-bit"),
    ("service accounts", "terraform/modules/eks/platform_roles.tf", "\"prometheus-grafana\"", "\"grafana\"", "Grafana"),
    ("service accounts", "xtask/src/rollout/eks.rs", "const RELEASE: &str = \"expense-backend\"", "const RELEASE: &str = \"api\"", "rollouts"),
    ("service accounts", "helm/platform/charts.yaml", "when: external-dns", "when: externaldns", "externaldns"),
    ("namespaces and groups", "terraform/modules/workload-roles/variables.tf", "default     = \"expense\"", "default     = \"costs\"", "costs"),
    ("namespaces and groups", "helm/platform/manifests/10-namespaces.yaml", "  name: monitoring\n", "  name: monitor\n", "monitoring"),
    ("namespaces and groups", "helm/platform/manifests/40-deployers.yaml", "Group\n    apiGroup: rbac.authorization.k8s.io\n    name: expense-deployers", "Group\n    apiGroup: rbac.authorization.k8s.io\n    name: deployers", "group"),
    ("namespaces and groups", "helm/platform/values/fluent-bit.yaml", "*_expense_*", "*_costs_*", "one input"),
    ("namespaces and groups", VALUES, "monitoringNamespace: monitoring", "monitoringNamespace: logging", "Prometheus"),
    ("log groups", "terraform/modules/logs/main.tf", "[\"application\", \"platform\"]", "[\"pods\", \"platform\"]", "pods"),
    ("log groups", "helm/platform/values/fluent-bit.yaml", "log_group_names.platform", "log_group_names.application", "platform"),
    ("log groups", PROD, "log_retention_days          = 90", "log_retention_days          = 30", "log_retention_days"),
    ("scheme, hops, region, subnets", "terraform/environments/prod/variables.tf", "default     = \"internet-facing\"", "default     = \"internal\"", "alb_scheme"),
    ("scheme, hops, region, subnets", VALUES, "TRUSTED_PROXY_HOPS: 1", "TRUSTED_PROXY_HOPS: 2", "TRUSTED_PROXY_HOPS"),
    ("scheme, hops, region, subnets", PROD, "aws_region   = \"us-east-1\"", "aws_region   = \"eu-west-1\"", "aws.region"),
    ("scheme, hops, region, subnets", PROD_VALUES, "10.2.64.0/20", "10.2.64.0/23", "10.2.66.0/24"),
    ("scheme, hops, region, subnets", PROD_VALUES, "10.2.80.0/20", "10.0.0.0/8", "wider"),
    ("scheme, hops, region, subnets", PROD, "vpc_cidr                 = \"10.2.0.0/16\"", "vpc_cidr                 = \"10.7.0.0/16\"", "10.7.64.0/24"),
    ("scheme, hops, region, subnets", "terraform/environments/dev/outputs.tf", "local.cloudfront ? 2 : 1", "1", "outputs.tf"),
    ("engines", "terraform/modules/rds/variables.tf", "default     = \"mysql8.4\"", "default     = \"mysql9.7\"", "9.7"),
    ("engines", "terraform/modules/rds/variables.tf", "default     = \"8.4\"", "default     = \"8.0\"", "engine_version"),
    ("engines", "compose.yaml", "valkey/valkey:8", "valkey/valkey:9", "valkey"),
    ("engines", CONFIGURATION, "MySQL (8.4", "MySQL (8.0", "MySQL"),
    ("toolchain", "rust-toolchain.toml", "1.95.0", "1.96.0", "Dockerfile"),
    ("toolchain", "Dockerfile", "ENV RUSTUP_TOOLCHAIN=1.95.0", "ENV RUSTUP_TOOLCHAIN=1.94.0", "RUSTUP_TOOLCHAIN"),
    ("toolchain", "Cargo.toml", "rust-version = \"1.95\"", "rust-version = \"1.94\"", "rust-version"),
    ("Kubernetes", PROD, "\"1.36\"", "\"1.37\"", "1.37"),
    ("Kubernetes", "helm/expense-backend/Chart.yaml", ">=1.33.0-0", ">=1.37.0-0", "kubeVersion"),
    ("Kubernetes", "helm/platform/values/cluster-autoscaler.yaml", "v1.36.1", "v1.35.0", "image.tag"),
    ("version of the program", "Cargo.toml", "version = \"0.1.0\"", "version = \"0.2.0\"", "appVersion"),
    ("version of the program", "Dockerfile", "ARG VERSION=0.1.0", "ARG VERSION=0.0.9", "VERSION"),
    ("version of the program", "docs/openapi.json", "\"version\": \"0.1.0\"", "\"version\": \"1\"", "openapi"),
    ("deploy targets", "deploy-targets.json", "\"dev\": \"lambda\"", "\"dev\": \"ecs\"", "ecs"),
    ("deploy targets", "deploy-targets.json", "\"dev\": \"lambda\"", "\"test\": \"lambda\"", "dev"),
    ("deploy targets", "terraform/environments/dev/locals.tf", "deploy-targets.json", "targets.json", "locals.tf"),
    ("deploy targets", DEV, "environment  = \"dev\"", "environment  = \"dev\"\ndeploy_target = \"eks\"", "of its own"),
    ("deploy targets", DEV, "lambda = 45, ", "", "monthly_budget_usd"),
    ("engines of the workflows", ".github/workflows/ci.yml", "image: mysql:8.4", "image: mysql:8.0", "mysql:8.4"),
    ("versions of the workflows", ".github/workflows/ci.yml", "toolchain: [pinned, stable]", "toolchain: 1.90.0", "1.90.0"),
    ("versions of the workflows", ".github/workflows/terraform-ci.yml", "terraform_version: 1.11.4", "terraform_version: 1.9.8", "1.9.8"),
    ("targets of the workflows", ".github/workflows/prepare.yml", "xtask target", "xtask where", "prepare.yml"),
    ("targets of the workflows", ".github/workflows/cd-dev.yml", "${{ needs.prepare.outputs.target }}", "eks", "cd-dev.yml"),
    ("targets of the workflows", ".github/workflows/deploy.yml", "inputs.target", "inputs.where", "deploy.yml"),
    ("engines of the workflows", "compose.yaml", "valkey/valkey:8", "valkey/valkey:9", "valkey/valkey:9"),
    ("metrics of the service", "src/telemetry/names.rs", "\"db_errors_total\"", "\"db_failures_total\"", "db_errors_total"),
    ("metrics of the service", "src/telemetry/names.rs", "\"http_requests_total\"", "\"requests_total\"", "http_requests_total"),
    ("metrics of the service", "src/telemetry/emf.rs", "const NAMESPACE: &str = \"ExpenseBackend\"", "const NAMESPACE: &str = \"Expense\"", "metric_namespace"),
    ("metrics of the service", VALUES, "metric: http_requests_per_second", "metric: requests_per_second", "requestsPerSecond"),
    ("metrics of CloudWatch", "helm/platform/values/cloudwatch-exporter.yaml", "aws_metric_name: FreeStorageSpace", "aws_metric_name: FreeSpace", "aws_rds_free_storage_space"),
    ("metrics of CloudWatch", "helm/platform/values/cloudwatch-exporter-billing.yaml", "[Maximum]", "[Average]", "aws_billing"),
    ("labels and severities", VALUES, "release: prometheus", "release: monitoring", "release"),
    ("labels and severities", VALUES, "grafana_dashboard: \"1\"", "grafana_dashboard: \"2\"", "dashboards"),
    ("labels and severities", "helm/platform/values/kube-prometheus-stack.yaml", "[monitoring, expense]", "[monitoring]", "expense"),
    ("labels and severities", "helm/platform/values/alertmanager.yaml", "severity = \"warning\"", "severity = \"warn\"", "warning"),
    ("outputs of Terraform", "terraform/environments/staging/outputs.tf", "    cluster_name               =", "    cluster                    =", "helm.cluster_name"),
    ("outputs of Terraform", "helm/platform/terraform-output.example.json", "\"web_acl_arn\"", "\"acl_arn\"", "web_acl_arn"),
    ("outputs of Terraform", "helm/platform/environments/dev.yaml", "slack_channel:", "slack_chanel:", "slack_channel"),
    ("outputs of Terraform", "helm/platform/values/external-dns.yaml", "((dns.zone_id))", "((dns.zone))", "dns.zone"),
];

fn rule(name: &str) -> super::Compare {
    let found = RULES.iter().find(|(known, _)| *known == name);
    found.unwrap_or_else(|| panic!("there is no rule {name}")).1
}

#[test]
fn the_repository_is_coherent() {
    let texts = Texts::of_the_repository();
    for (name, compare) in RULES {
        if let Err(error) = compare(&texts) {
            panic!("{name}: {error:#}");
        }
    }
}

#[test]
fn every_break_is_found_by_its_rule() {
    let mut silent = Vec::new();
    for (name, path, find, replace, wanted) in BREAKS {
        let mut texts = Texts::of_the_repository();
        texts.change(path, find, replace);
        match rule(name)(&texts) {
            Ok(_) => silent.push(format!(
                "{name}: {path}: {find:?} -> {replace:?} stays green"
            )),
            Err(error) if !format!("{error:#}").contains(wanted) => {
                silent.push(format!("{name}: {find:?} -> {replace:?} says {error:#}"));
            }
            Err(_) => {}
        }
    }
    assert!(silent.is_empty(), "{}", silent.join("\n"));
}

#[test]
fn every_rule_is_broken_at_least_twice() {
    for (name, _) in RULES {
        let count = BREAKS.iter().filter(|(rule, ..)| rule == name).count();
        assert!(count >= 2, "{name} is broken {count} times");
    }
}

#[test]
fn a_file_that_is_not_there_is_a_fault() {
    for (name, compare) in RULES {
        let texts = Texts::of_the_repository();
        compare(&texts).unwrap();
        let read: BTreeSet<String> = texts.paths_read();
        assert!(!read.is_empty(), "{name} reads nothing");
        for path in read {
            let mut without = Texts::of_the_repository();
            without.hide(&path);
            assert!(compare(&without).is_err(), "{name} does without {path}");
        }
    }
}

/// The targets are changed in one file, and everything that is compared here follows.
#[test]
fn the_target_of_an_environment_may_be_changed_in_its_file_alone() {
    for (find, replace) in [
        ("\"dev\": \"lambda\"", "\"dev\": \"eks\""),
        ("\"dev\": \"lambda\"", "\"dev\": \"both\""),
        ("\"prod\": \"eks\"", "\"prod\": \"lambda\""),
        ("\"staging\": \"eks\"", "\"staging\": \"both\""),
    ] {
        let mut texts = Texts::of_the_repository();
        texts.change("deploy-targets.json", find, replace);
        for (name, compare) in RULES {
            if let Err(error) = compare(&texts) {
                panic!("{replace}: {name}: {error:#}");
            }
        }
    }
}
