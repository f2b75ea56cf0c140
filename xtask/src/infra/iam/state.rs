//! Roles and policies of an applied environment, read from its state.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::document::Document;

/// A role with all that bounds it.
pub(super) struct Role {
    pub(super) arn: String,
    pub(super) trust: Document,
    pub(super) policies: Vec<Document>,
    /// AWS's own policies: their text is not here, so what they allow cannot be told.
    pub(super) opaque: Vec<String>,
    pub(super) boundary: Option<Document>,
}

/// An applied environment.
pub(super) struct Account {
    pub(super) roles: BTreeMap<String, Role>,
    /// Bucket policies by the bucket's name.
    pub(super) buckets: BTreeMap<String, Document>,
    /// Every instance by its address, for references.
    instances: BTreeMap<String, Value>,
}

impl Account {
    /// Reads a state file of version 4.
    pub(super) fn read(state: &Value) -> anyhow::Result<Self> {
        let instances = instances(state);
        let mut account = Self {
            roles: BTreeMap::new(),
            buckets: BTreeMap::new(),
            instances,
        };
        account.read_roles()?;
        account.read_policies()?;
        account.read_buckets()?;
        Ok(account)
    }

    /// Replaces each `${address.attribute}` by its value; a slash leads into the attribute: `master_user_secret/0/secret_arn`.
    pub(super) fn resolve(&self, text: &str) -> anyhow::Result<String> {
        let mut rest = text;
        let mut resolved = String::new();
        while let Some((before, after)) = rest.split_once("${") {
            let (reference, tail) = after
                .split_once('}')
                .with_context(|| format!("{text}: a reference has no end"))?;
            let (address, attribute) = reference
                .rsplit_once('.')
                .with_context(|| format!("{reference} names no attribute"))?;
            let value = self
                .instances
                .get(address)
                .and_then(|values| values.pointer(&format!("/{attribute}"))?.as_str())
                .with_context(|| format!("{reference} is not in the state"))?;
            resolved.push_str(before);
            resolved.push_str(value);
            rest = tail;
        }
        Ok(resolved + rest)
    }

    fn of_kind<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        self.instances.iter().filter_map(move |(address, values)| {
            (values["__kind"] == kind).then_some((address.as_str(), values))
        })
    }

    fn read_roles(&mut self) -> anyhow::Result<()> {
        let bounds: BTreeMap<String, Document> = self
            .of_kind("aws_iam_policy")
            .map(|(address, values)| {
                // Roles name their boundary by its true ARN, or by the one that the stand-in made up.
                let document = parse(address, &values["policy"])?;
                Ok([
                    (text(&values["name"]), document.clone()),
                    (text(&values["arn"]), document),
                ])
            })
            .collect::<anyhow::Result<Vec<_>>>()?
            .into_iter()
            .flatten()
            .collect();
        let mut roles = BTreeMap::new();
        for (address, values) in self.of_kind("aws_iam_role") {
            let boundary = match values["permissions_boundary"].as_str() {
                None | Some("") => None,
                Some(arn) => {
                    let name = arn.rsplit('/').next().unwrap_or(arn);
                    let found = bounds.get(arn).or_else(|| bounds.get(name));
                    Some(found.cloned().with_context(|| {
                        format!("{address}: boundary {arn} is not made by this environment")
                    })?)
                }
            };
            let role = Role {
                arn: text(&values["arn"]),
                trust: parse(address, &values["assume_role_policy"])?,
                policies: Vec::new(),
                opaque: Vec::new(),
                boundary,
            };
            roles.insert(text(&values["name"]), role);
        }
        self.roles = roles;
        Ok(())
    }

    fn read_policies(&mut self) -> anyhow::Result<()> {
        // Inline policies name their role by id, which the stand-in makes up: both ways are taken.
        let names: BTreeMap<String, String> = self
            .of_kind("aws_iam_role")
            .flat_map(|(_, values)| {
                let name = text(&values["name"]);
                [(text(&values["id"]), name.clone()), (name.clone(), name)]
            })
            .collect();
        let managed: BTreeMap<String, Value> = self
            .of_kind("aws_iam_policy")
            .map(|(_, values)| (text(&values["arn"]), values["policy"].clone()))
            .collect();
        let mut found = Vec::new();
        for (address, values) in self.of_kind("aws_iam_role_policy") {
            found.push((
                address.to_owned(),
                text(&values["role"]),
                Ok(values["policy"].clone()),
            ));
        }
        for (address, values) in self.of_kind("aws_iam_role_policy_attachment") {
            let arn = text(&values["policy_arn"]);
            let policy = managed.get(&arn).cloned().ok_or(arn);
            found.push((address.to_owned(), text(&values["role"]), policy));
        }
        for (address, role, policy) in found {
            let role = names
                .get(&role)
                .and_then(|name| self.roles.get_mut(name))
                .with_context(|| format!("{address}: role {role} is not in the state"))?;
            match policy {
                Ok(policy) => role.policies.push(parse(&address, &policy)?),
                Err(arn) => role.opaque.push(arn),
            }
        }
        Ok(())
    }

    fn read_buckets(&mut self) -> anyhow::Result<()> {
        let ids: BTreeMap<String, String> = self
            .of_kind("aws_s3_bucket")
            .map(|(_, values)| (text(&values["id"]), text(&values["bucket"])))
            .collect();
        let mut buckets = BTreeMap::new();
        for (address, values) in self.of_kind("aws_s3_bucket_policy") {
            let bucket = text(&values["bucket"]);
            let name = ids.get(&bucket).cloned().unwrap_or(bucket);
            buckets.insert(name, parse(address, &values["policy"])?);
        }
        self.buckets = buckets;
        Ok(())
    }
}

fn parse(address: &str, policy: &Value) -> anyhow::Result<Document> {
    let Some(text) = policy.as_str() else {
        bail!("{address} has no policy text");
    };
    Document::parse(text).with_context(|| address.to_owned())
}

fn instances(state: &Value) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for resource in state["resources"].as_array().into_iter().flatten() {
        let (kind, name) = (text(&resource["type"]), text(&resource["name"]));
        let module = resource["module"].as_str();
        for instance in resource["instances"].as_array().into_iter().flatten() {
            let mut values = instance["attributes"].clone();
            if resource["mode"] == "managed" {
                values["__kind"] = Value::String(kind.clone());
            }
            let prefix = module
                .map(|module| format!("{module}."))
                .unwrap_or_default();
            let key = match &instance["index_key"] {
                Value::String(key) => format!("[{key}]"),
                Value::Number(key) => format!("[{key}]"),
                _ => String::new(),
            };
            let data = if resource["mode"] == "data" {
                "data."
            } else {
                ""
            };
            found.insert(format!("{prefix}{data}{kind}.{name}{key}"), values);
        }
    }
    found
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
