//! Each rule is broken once, in a copy of the real files: it has to say so.

use super::{
    document::{File, Repository},
    rules::RULES,
};
use crate::workspace;

/// File below `.github`, what is replaced by what, and a part of the finding.
const MUTATIONS: &[(&str, &str, &str, &str)] = &[
    // Pins
    (
        "workflows/ci.yml",
        "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1",
        "checkout@v7",
        "is pinned to v7",
    ),
    (
        "workflows/ci.yml",
        "checkout@3d3c42e5",
        "checkout@4d3c42e5",
        ".github/actions.tsv says",
    ),
    (
        "workflows/ci.yml",
        " # v7.0.1",
        " # v6.0.0",
        "the comment says",
    ),
    (
        "workflows/ci.yml",
        "Swatinem/rust-cache@",
        "evil/rust-cache@",
        "evil/rust-cache is not in",
    ),
    (
        "workflows/deploy.yml",
        "./.github/actions/xtask",
        "./.github/actions/xtusk",
        "xtusk is not there",
    ),
    (
        "workflows/cd-dev.yml",
        "./.github/workflows/build.yml",
        "./.github/workflows/bild.yml",
        "bild.yml is not there",
    ),
    // Rights
    (
        "workflows/ci.yml",
        "permissions: {}\n\nconcurrency",
        "permissions: {contents: read}\n\nconcurrency",
        "at the top",
    ),
    (
        "workflows/ci.yml",
        "    permissions:\n      contents: read\n    steps:",
        "    steps:",
        "states no permissions",
    ),
    (
        "workflows/ci.yml",
        "pull-requests: read",
        "pull-requests: write",
        "may write pull-requests",
    ),
    (
        "workflows/codeql.yml",
        "security-events: write",
        "security-events: read",
        "no longer writes security-events",
    ),
    (
        "workflows/codeql.yml",
        "  pull_request:\n",
        "  pull_request_target:\n",
        "triggered by pull_request_target",
    ),
    (
        "workflows/deploy.yml",
        "    environment:\n      name: ${{ inputs.environment }}\n",
        "    environmental:\n      name: x\n",
        "id-token but no environment",
    ),
    (
        "workflows/cd-dev.yml",
        "    secrets:\n",
        "    secrets: inherit\n    x:\n",
        "secrets: inherit",
    ),
    // Limits
    (
        "workflows/ci.yml",
        "    timeout-minutes: 30\n",
        "",
        "has no timeout-minutes",
    ),
    (
        "workflows/load.yml",
        "timeout-minutes: 180",
        "timeout-minutes: 360",
        "has no timeout-minutes",
    ),
    (
        "workflows/ci.yml",
        "runs-on: ubuntu-24.04",
        "runs-on: ubuntu-latest",
        "names no release",
    ),
    (
        "workflows/cd-prod.yml",
        "  cancel-in-progress: false\n",
        "",
        "no concurrency group",
    ),
    (
        "workflows/deploy.yml",
        "      cancel-in-progress: false",
        "      cancel-in-progress: true",
        "may be cancelled",
    ),
    (
        "workflows/terraform-ci.yml",
        "group: environment-${{ matrix.environment }}",
        "group: terraform",
        "outside of the group",
    ),
    (
        "workflows/ci.yml",
        "persist-credentials: false",
        "persist-credentials: true",
        "leaves the token",
    ),
    // Calls
    (
        "workflows/deploy.yml",
        "run: .xtask/xtask snapshot --commit \"$GITHUB_SHA\"",
        "run: .xtask/xtask snapshot --commit ${{ github.sha }}",
        "pasted into the script",
    ),
    (
        "workflows/ci.yml",
        "cargo xtask deny",
        "cargo xtask denny",
        "no command `xtask denny`",
    ),
    (
        "workflows/deploy.yml",
        "xtask rollout ",
        "xtask rolout ",
        "no command `xtask rolout`",
    ),
    (
        "workflows/release.yml",
        ".github/scripts/checksums",
        ".github/scripts/checksum",
        "checksum is not there",
    ),
    (
        "workflows/release.yml",
        "helm package helm/expense-backend",
        "helm package helm/expense",
        "helm/expense is not there",
    ),
    // Outputs and roles
    (
        "workflows/deploy.yml",
        "workflows.value.deploy_role_arn",
        "workflows.value.deployer_role_arn",
        "workflows.deployer_role_arn",
    ),
    (
        "workflows/deploy.yml",
        "workflows.value.deploy_role_arn",
        "workflows.value.push_role_arn",
        "the push role does not trust the environment dev",
    ),
    (
        "workflows/build.yml",
        "environment: registry",
        "environment: dev",
        "the push role does not trust",
    ),
    (
        "workflows/terraform-ci.yml",
        "${{ matrix.environment }}-plan",
        "${{ matrix.environment }}-planned",
        "the plan role does not trust",
    ),
    // Settings
    (
        "workflows/deploy.yml",
        "vars.GRAFANA_URL",
        "vars.GRAFANA_ADDRESS",
        "describe the variable GRAFANA_ADDRESS",
    ),
    (
        "workflows/deploy.yml",
        "vars.GRAFANA_URL",
        "''",
        "describes the variable GRAFANA_URL, which no workflow uses",
    ),
    (
        "workflows/load.yml",
        "secrets.LOAD_API_KEY",
        "secrets.LOAD_KEY",
        "describe the secret LOAD_KEY",
    ),
    (
        "workflows/release.yml",
        "environment: release",
        "environment: releases",
        "describe the environment releases",
    ),
    // Order
    (
        "workflows/deploy.yml",
        "run: .xtask/xtask release verify",
        "run: .xtask/xtask release find",
        "has no step `xtask release verify`",
    ),
    (
        "workflows/deploy.yml",
        "        id: verified\n",
        "        id: verified\n        if: inputs.environment == 'prod'\n",
        "has a condition",
    ),
    (
        "workflows/deploy.yml",
        "if: inputs.environment == 'prod'",
        "if: inputs.environment == 'production'",
        "not taken exactly in prod",
    ),
    (
        "workflows/build.yml",
        "exit-code: '1'",
        "exit-code: '0'",
        "does not fail on what it finds",
    ),
    (
        "workflows/cd-dev.yml",
        "target: ${{ needs.prepare.outputs.target }}",
        "target: eks",
        "does not come from deploy-targets.json",
    ),
    (
        "workflows/cd-prod.yml",
        "needs: [prepare, promotion]",
        "needs: prepare",
        "without waiting for promotion",
    ),
    (
        "workflows/cd-prod.yml",
        "--workflow cd-staging.yml",
        "--workflow cd-dev.yml",
        "whether cd-staging.yml succeeded",
    ),
    (
        "workflows/cd-staging.yml",
        "environment: staging\n      target",
        "environment: prod\n      target",
        "deploys \"prod\"",
    ),
];

fn findings(repository: &Repository) -> Vec<String> {
    RULES
        .iter()
        .flat_map(|rule| (rule.check)(repository))
        .collect()
}

fn read() -> Repository {
    Repository::read(workspace::root()).unwrap()
}

#[test]
fn the_workflows_keep_the_rules() {
    assert_eq!(findings(&read()), Vec::<String>::new());
}

#[test]
fn every_rule_sees_what_breaks_it() {
    let mut unseen = Vec::new();
    for (name, old, new, wanted) in MUTATIONS {
        let mut repository = read();
        let file = repository
            .workflows
            .iter_mut()
            .find(|file| file.name == *name)
            .unwrap();
        if !file.text.contains(old) {
            unseen.push(format!("{name} does not hold {old:?}"));
            continue;
        }
        *file = File::parse(name, file.text.replacen(old, new, 1)).unwrap();
        let found = findings(&repository);
        if !found.iter().any(|finding| finding.contains(wanted)) {
            unseen.push(format!("{name}: {old:?} -> {new:?}: {found:?}"));
        }
    }
    assert!(unseen.is_empty(), "{}", unseen.join("\n"));
}

#[test]
fn files_that_the_workflows_depend_on_are_watched_too() {
    let mut without_output = read();
    without_output.outputs = without_output.outputs.replace("base_url ", "base_uri ");
    let mut other_trust = read();
    other_trust.trust = other_trust.trust.replace("\"registry\"", "\"push\"");
    let mut undescribed = read();
    undescribed.settings = undescribed
        .settings
        .replace("| `SLACK_WEBHOOK_URL` | secret", "| SLACK | secret");
    let mut unset = read();
    unset.settings = unset
        .settings
        .replace("gh secret set SLACK_WEBHOOK_URL", "gh secret set SLACK");
    for (repository, wanted) in [
        (without_output, "workflows.base_url"),
        (other_trust, "does not trust the environment registry"),
        (
            undescribed,
            "does not describe the secret SLACK_WEBHOOK_URL",
        ),
        (
            unset,
            "does not say how the secret SLACK_WEBHOOK_URL is set",
        ),
    ] {
        let found = findings(&repository);
        assert!(
            found.iter().any(|finding| finding.contains(wanted)),
            "{wanted}: {found:?}"
        );
    }
}
