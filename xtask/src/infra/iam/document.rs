//! Policy documents and what they say of one request.

use anyhow::{Context as _, bail};
use serde_json::Value;

use super::{
    condition::{self, Context, strings},
    pattern::{matches, matches_action},
};

/// What is asked.
pub(super) struct Request<'a> {
    pub(super) action: &'a str,
    pub(super) resource: &'a str,
    /// `AWS arn:…`, `Service …` or `Federated …`; only documents that name principals look at it.
    pub(super) principal: Option<&'a str>,
    pub(super) context: &'a Context,
}

/// What one or more documents say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// A Deny matches: nothing else counts.
    Denied,
    /// An Allow matches.
    Allowed,
    /// Nothing matches.
    Silent,
}

/// A parsed policy.
#[derive(Clone)]
pub(in crate::infra) struct Document {
    statements: Vec<Value>,
}

impl Document {
    pub(in crate::infra) fn parse(text: &str) -> anyhow::Result<Self> {
        let value: Value = serde_json::from_str(text).context("a policy is no JSON")?;
        let statements = match &value["Statement"] {
            Value::Array(items) => items.clone(),
            Value::Object(_) => vec![value["Statement"].clone()],
            _ => bail!("a policy has no Statement"),
        };
        Ok(Self { statements })
    }

    pub(in crate::infra) fn statements(&self) -> &[Value] {
        &self.statements
    }

    pub(super) fn verdict(&self, request: &Request<'_>) -> anyhow::Result<Verdict> {
        let mut verdict = Verdict::Silent;
        for statement in &self.statements {
            if !applies(statement, request)? {
                continue;
            }
            match statement["Effect"].as_str() {
                Some("Deny") => return Ok(Verdict::Denied),
                Some("Allow") => verdict = Verdict::Allowed,
                other => bail!("a statement's Effect is {other:?}"),
            }
        }
        Ok(verdict)
    }
}

/// The verdict of several documents together.
pub(super) fn together<'a>(
    documents: impl IntoIterator<Item = &'a Document>,
    request: &Request<'_>,
) -> anyhow::Result<Verdict> {
    let mut verdict = Verdict::Silent;
    for document in documents {
        match document.verdict(request)? {
            Verdict::Denied => return Ok(Verdict::Denied),
            Verdict::Allowed => verdict = Verdict::Allowed,
            Verdict::Silent => {}
        }
    }
    Ok(verdict)
}

fn applies(statement: &Value, request: &Request<'_>) -> anyhow::Result<bool> {
    Ok(names_action(statement, request.action)
        && names_resource(statement, request.resource)
        && names_principal(statement, request.principal)
        && condition::holds(&statement["Condition"], request.context)?)
}

fn names_action(statement: &Value, action: &str) -> bool {
    let any = |key: &str| {
        strings(&statement[key])
            .iter()
            .any(|pattern| matches_action(pattern, action))
    };
    if statement.get("NotAction").is_some() {
        !any("NotAction")
    } else {
        any("Action")
    }
}

fn names_resource(statement: &Value, resource: &str) -> bool {
    let any = |key: &str| {
        strings(&statement[key])
            .iter()
            .any(|pattern| matches(pattern, resource))
    };
    if statement.get("NotResource").is_some() {
        !any("NotResource")
    } else if statement.get("Resource").is_some() {
        any("Resource")
    } else {
        // Trust and repository policies are about what they hang on.
        true
    }
}

fn names_principal(statement: &Value, principal: Option<&str>) -> bool {
    let Some(named) = statement.get("Principal") else {
        return true;
    };
    if named == "*" {
        return true;
    }
    let Some((kind, name)) = principal.and_then(|text| text.split_once(' ')) else {
        return false;
    };
    strings(&named[kind])
        .iter()
        .any(|wanted| wanted == "*" || wanted == name || is_account_of(wanted, name))
}

/// `arn:aws:iam::111111111111:root`, or the bare digits, stand for the whole account.
fn is_account_of(wanted: &str, arn: &str) -> bool {
    let account = wanted
        .strip_suffix(":root")
        .and_then(|text| text.rsplit(':').next())
        .unwrap_or(wanted);
    account.len() == 12 && arn.split(':').nth(4) == Some(account)
}

#[cfg(test)]
mod tests {
    use super::{Document, Request, Verdict, together};
    use crate::infra::iam::condition::Context;

    fn ask(documents: &[&str], action: &str, resource: &str, principal: Option<&str>) -> Verdict {
        let documents: Vec<_> = documents
            .iter()
            .map(|text| Document::parse(text).unwrap())
            .collect();
        let context = Context::new();
        let request = Request {
            action,
            resource,
            principal,
            context: &context,
        };
        together(&documents, &request).unwrap()
    }

    #[test]
    fn deny_wins_over_allow_in_any_order() {
        let allow = r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
        let deny = r#"{"Statement":{"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:b/*"}}"#;
        assert_eq!(
            ask(&[allow, deny], "s3:DeleteObject", "arn:b/x", None),
            Verdict::Denied
        );
        assert_eq!(
            ask(&[deny, allow], "s3:GetObject", "arn:b/x", None),
            Verdict::Allowed
        );
        assert_eq!(
            ask(&[deny], "s3:GetObject", "arn:b/x", None),
            Verdict::Silent
        );
    }

    #[test]
    fn not_action_and_not_resource_turn_around() {
        let policy =
            r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","NotResource":"arn:secret"}]}"#;
        assert_eq!(
            ask(&[policy], "s3:GetObject", "arn:b", None),
            Verdict::Allowed
        );
        assert_eq!(
            ask(&[policy], "iam:GetRole", "arn:b", None),
            Verdict::Silent
        );
        assert_eq!(
            ask(&[policy], "s3:GetObject", "arn:secret", None),
            Verdict::Silent
        );
    }

    #[test]
    fn principals_are_compared_by_kind_and_account() {
        let policy = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::111111111111:root"},"Action":"s3:GetObject","Resource":"*"}]}"#;
        let of = |account: &str| format!("AWS arn:aws:iam::{account}:role/r");
        assert_eq!(
            ask(&[policy], "s3:GetObject", "x", Some(&of("111111111111"))),
            Verdict::Allowed
        );
        assert_eq!(
            ask(&[policy], "s3:GetObject", "x", Some(&of("222222222222"))),
            Verdict::Silent
        );
        assert_eq!(
            ask(&[policy], "s3:GetObject", "x", Some("Service x")),
            Verdict::Silent
        );
        assert_eq!(ask(&[policy], "s3:GetObject", "x", None), Verdict::Silent);
    }
}
