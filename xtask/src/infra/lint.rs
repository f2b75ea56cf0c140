//! Rules of our own, each named after the fault it catches. They run on the product and on planted faults alike.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    iam::{Document, strings},
    plan::{Plan, Planned},
    tree,
};

/// What Terraform interpolates; behind `$$` it would be taken for text.
const INTERPOLATED: [&str; 7] = [
    "var.", "local.", "module.", "data.", "each.", "path.", "aws_",
];

/// Ports that a load balancer serves to everybody.
const PUBLIC_PORTS: [u64; 2] = [80, 443];

const EVERYBODY: [&str; 2] = ["0.0.0.0/0", "::/0"];

/// `escaped-interpolation`: `$${var.x}` is the text `${var.x}`, not its value.
pub(super) fn escaped_interpolation(folder: &Path) -> anyhow::Result<()> {
    for path in tree::files_ending_in(folder, "tf")? {
        let text = fs::read_to_string(&path)?;
        for (number, line) in text.lines().enumerate() {
            let escaped = line.split("$${").skip(1).any(|rest| {
                INTERPOLATED
                    .iter()
                    .any(|start| rest.trim_start().starts_with(start))
            });
            if escaped && !line.trim_start().starts_with('#') {
                bail!(
                    "{}:{}: $${{…}} is text, not a value: write format() or ${{…}}",
                    path.display(),
                    number + 1
                );
            }
        }
    }
    Ok(())
}

/// `wildcard-trust`: whoever trusts a web identity names one subject whole, for one audience.
pub(super) fn wildcard_trust(address: &str, trust: &Document) -> anyhow::Result<()> {
    for statement in trust
        .statements()
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
    {
        let principal = &statement["Principal"];
        if principal == "*" || strings(&principal["AWS"]).iter().any(|name| name == "*") {
            bail!("{address} trusts everybody");
        }
        if principal.get("Federated").is_some() {
            whole_subject(&statement["Condition"]).with_context(|| address.to_owned())?;
        }
    }
    Ok(())
}

fn whole_subject(condition: &Value) -> anyhow::Result<()> {
    for claim in [":sub", ":aud"] {
        let wanted: Vec<String> = condition["StringEquals"]
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(key, _)| key.ends_with(claim))
            .flat_map(|(_, values)| strings(values))
            .collect();
        if wanted.is_empty() {
            bail!(
                "the trust compares no {claim} by StringEquals: any token of the provider, or a pattern of them, would do"
            );
        }
        if let Some(loose) = wanted.iter().find(|value| value.contains(['*', '?'])) {
            bail!("the trust's {claim} is {loose}: a wildcard");
        }
    }
    Ok(())
}

/// The trusts that a plan knows already.
pub(super) fn wildcard_trusts_of(plan: &Plan) -> anyhow::Result<()> {
    for role in plan.of_kind("aws_iam_role") {
        if let Some(text) = role.values["assume_role_policy"].as_str() {
            wildcard_trust(&role.address, &Document::parse(text)?)?;
        }
    }
    Ok(())
}

/// `open-network`: nothing but a load balancer's 80 and 443 is open to the world, and no cluster endpoint is.
pub(super) fn open_network(plan: &Plan) -> anyhow::Result<()> {
    for resource in &plan.resources {
        let open = match resource.kind.as_str() {
            "aws_vpc_security_group_ingress_rule" => {
                rule_is_open(resource, &["cidr_ipv4", "cidr_ipv6"])
            }
            "aws_security_group_rule" => {
                resource.values["type"] == "ingress"
                    && rule_is_open(resource, &["cidr_blocks", "ipv6_cidr_blocks"])
            }
            "aws_security_group" => inline_is_open(resource),
            "aws_eks_cluster" => cluster_is_open(resource),
            _ => false,
        };
        if open {
            bail!(
                "{} is open to 0.0.0.0/0: name the networks that need it",
                resource.address
            );
        }
    }
    Ok(())
}

fn rule_is_open(rule: &Planned, sources: &[&str]) -> bool {
    names_everybody(&rule.values, sources) && !is_public_port(&rule.values)
}

fn inline_is_open(group: &Planned) -> bool {
    group.values["ingress"]
        .as_array()
        .into_iter()
        .flatten()
        .any(|rule| {
            names_everybody(rule, &["cidr_blocks", "ipv6_cidr_blocks"]) && !is_public_port(rule)
        })
}

fn cluster_is_open(cluster: &Planned) -> bool {
    let config = &cluster.values["vpc_config"][0];
    config["endpoint_public_access"] != false && names_everybody(config, &["public_access_cidrs"])
}

fn names_everybody(values: &Value, keys: &[&str]) -> bool {
    keys.iter()
        .flat_map(|key| strings(&values[*key]))
        .any(|cidr| EVERYBODY.contains(&cidr.as_str()))
}

fn is_public_port(rule: &Value) -> bool {
    let (from, to) = (rule["from_port"].as_u64(), rule["to_port"].as_u64());
    from == to && from.is_some_and(|port| PUBLIC_PORTS.contains(&port))
}
