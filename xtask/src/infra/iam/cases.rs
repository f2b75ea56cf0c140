//! The table of what each role may and may not do.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::{
    condition::Context,
    document::{Request, Verdict, together},
    state::{Account, Role},
};

/// The file, as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Table {
    /// What the table is, for its reader.
    #[serde(rename = "about")]
    _about: String,
    pub(super) cases: Vec<Case>,
}

/// One row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Case {
    /// `dev`, `staging` or `prod`.
    pub(super) environment: String,
    /// Name of the role that asks, or, for `sts:` actions, that is asked for.
    pub(super) role: String,
    pub(super) action: String,
    /// An ARN, or `${address.attribute}` of the state.
    #[serde(default = "any")]
    pub(super) resource: String,
    /// Condition keys of the request.
    #[serde(default)]
    pub(super) context: BTreeMap<String, Values>,
    /// Who asks for the role: `Federated …` or `Service …`.
    #[serde(default)]
    pub(super) principal: Option<String>,
    pub(super) expect: Expect,
    pub(super) why: String,
}

#[derive(Deserialize, Clone)]
#[serde(untagged)]
pub(super) enum Values {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq, Debug)]
#[serde(rename_all = "lowercase")]
pub(super) enum Expect {
    Allow,
    Deny,
}

fn any() -> String {
    "*".to_owned()
}

impl Case {
    /// Fails where the role may do more, or less, than the table says.
    pub(super) fn hold_against(&self, account: &Account) -> anyhow::Result<()> {
        let role = account.roles.get(&self.role).with_context(|| {
            let known: Vec<_> = account.roles.keys().map(String::as_str).collect();
            format!(
                "there is no role {}; there are {}",
                self.role,
                known.join(", ")
            )
        })?;
        let resource = account.resolve(&self.resource)?;
        let mut context = self.resolved_context(account)?;
        context
            .entry("aws:PrincipalArn".to_owned())
            .or_insert_with(|| vec![role.arn.clone()]);
        let principal = match &self.principal {
            Some(principal) => account.resolve(principal)?,
            None => format!("AWS {}", role.arn),
        };
        let request = Request {
            action: &self.action,
            resource: &resource,
            principal: Some(&principal),
            context: &context,
        };
        let found = if self.action.starts_with("sts:Assume") {
            taking(role, &request)?
        } else {
            doing(role, account, &request, self.expect)?
        };
        if found != self.expect {
            bail!(
                "{} on {resource}: found {found:?}, expected {:?}: {}",
                self.action,
                self.expect,
                self.why
            );
        }
        Ok(())
    }

    fn resolved_context(&self, account: &Account) -> anyhow::Result<Context> {
        self.context
            .iter()
            .map(|(key, values)| {
                let values = match values {
                    Values::One(value) => vec![value.clone()],
                    Values::Many(values) => values.clone(),
                };
                let values = values.iter().map(|value| account.resolve(value));
                Ok((key.clone(), values.collect::<anyhow::Result<_>>()?))
            })
            .collect()
    }
}

/// Who may take the role: its trust alone decides.
fn taking(role: &Role, request: &Request<'_>) -> anyhow::Result<Expect> {
    Ok(match role.trust.verdict(request)? {
        Verdict::Allowed => Expect::Allow,
        Verdict::Denied | Verdict::Silent => Expect::Deny,
    })
}

/// What the role may do: its policies within its boundary, and the bucket's policy, which can refuse or add.
fn doing(
    role: &Role,
    account: &Account,
    request: &Request<'_>,
    expect: Expect,
) -> anyhow::Result<Expect> {
    let identity = together(&role.policies, request)?;
    let boundary = match &role.boundary {
        Some(boundary) => boundary.verdict(request)?,
        None => Verdict::Allowed,
    };
    let bucket = request
        .resource
        .strip_prefix("arn:aws:s3:::")
        .and_then(|path| path.split('/').next())
        .and_then(|name| account.buckets.get(name));
    let resource = match bucket {
        Some(policy) => policy.verdict(request)?,
        None => Verdict::Silent,
    };
    if [identity, boundary, resource].contains(&Verdict::Denied) {
        return Ok(Expect::Deny);
    }
    let within = boundary == Verdict::Allowed;
    if expect == Expect::Deny && within && identity == Verdict::Silent && !role.opaque.is_empty() {
        bail!(
            "cannot be told: the role also has {}",
            role.opaque.join(", ")
        );
    }
    // A bucket of the same account that names the role itself lets it in beside its boundary's silence only
    // for the role's session; that subtlety is never wanted here, so both must agree with the boundary.
    let allowed = within && (identity == Verdict::Allowed || resource == Verdict::Allowed);
    Ok(if allowed { Expect::Allow } else { Expect::Deny })
}
