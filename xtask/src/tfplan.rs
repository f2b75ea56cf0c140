//! `cargo xtask tfplan`: what a plan changes, without any value, and whether a later plan changes the same.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};

use crate::{github, outputs, words::Grammar};

const GRAMMAR: Grammar = Grammar {
    options: &["plan", "environment", "into", "reviewed", "outputs"],
    flags: &[],
    usage: "\
terraform show -json tfplan > plan.json
cargo xtask tfplan summary --plan plan.json --environment ENV --into FOLDER
cargo xtask tfplan same --plan plan.json --reviewed FOLDER/changes.json
cargo xtask tfplan outputs --outputs outputs.json --environment ENV

summary writes summary.md for people and changes.json. Both name addresses and actions only: values of a plan
may be secret, and a pull request is read by many. same fails unless the plan changes what was reviewed. outputs fails
where the variable TERRAFORM_OUTPUTS, which the workflows use, is not what Terraform says now.",
};

/// GitHub refuses comments of more than 65,536 characters.
const MOST_LINES: usize = 200;

/// Actions by address.
type Changes = BTreeMap<String, String>;

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    match words.only("summary, same or outputs")? {
        "summary" => {
            let changes = changes(&read(words.required("plan")?)?)?;
            let folder = Path::new(words.required("into")?);
            fs::create_dir_all(folder)?;
            let text = summary(words.required("environment")?, &changes);
            fs::write(folder.join("summary.md"), &text)?;
            fs::write(folder.join("changes.json"), json!(changes).to_string())?;
            print!("{text}");
            github::summary(&text)
        }
        "same" => {
            let changes = changes(&read(words.required("plan")?)?)?;
            let reviewed = read(words.required("reviewed")?)?;
            same(&reviewed_changes(&reviewed)?, &changes)?;
            println!("the plan changes what was reviewed: {}", count(&changes));
            Ok(())
        }
        "outputs" => {
            let known = std::env::var(outputs::VARIABLE).unwrap_or_default();
            let file = words.required("outputs")?;
            kept(&known, &read(file)?, words.required("environment")?)
        }
        other => bail!("{other:?}: write summary, same or outputs"),
    }
}

/// The variable is set by a person: GitHub lets no workflow's token write it.
fn kept(known: &str, now: &Value, environment: &str) -> anyhow::Result<()> {
    if serde_json::from_str::<Value>(known).is_ok_and(|known| known == *now) {
        println!("{} is what Terraform says", outputs::VARIABLE);
        return Ok(());
    }
    bail!(
        "{name} is not what Terraform says now. Set it in both environments of {environment}:\n  \
         terraform -chdir=terraform/environments/{environment} output -json > outputs.json\n  \
         gh variable set {name} --env {environment} < outputs.json\n  \
         gh variable set {name} --env {environment}-plan < outputs.json",
        name = outputs::VARIABLE
    )
}

fn read(file: &str) -> anyhow::Result<Value> {
    let text = fs::read_to_string(file).with_context(|| format!("reading {file}"))?;
    serde_json::from_str(&text).with_context(|| format!("{file} is no JSON"))
}

fn changes(plan: &Value) -> anyhow::Result<Changes> {
    if plan["format_version"].as_str().is_none() {
        bail!("it is not what `terraform show -json` prints of a plan");
    }
    if plan["errored"] == true {
        bail!("the plan ended in an error: it is not whole");
    }
    let mut changes = Changes::new();
    for change in plan["resource_changes"].as_array().into_iter().flatten() {
        let action = action(&change["change"]["actions"])?;
        if action == "no-op" || action == "read" {
            continue;
        }
        let address = change["address"]
            .as_str()
            .context("a change has no address")?;
        changes.insert(plain(address), action);
    }
    for (name, change) in plan["output_changes"].as_object().unwrap_or(&Map::new()) {
        let action = action(&change["actions"])?;
        if action != "no-op" {
            changes.insert(plain(&format!("output.{name}")), action);
        }
    }
    Ok(changes)
}

fn action(actions: &Value) -> anyhow::Result<String> {
    let words: Vec<_> = actions
        .as_array()
        .context("a change has no actions")?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    Ok(words.join(" then "))
}

/// Keys of `for_each` are anybody's text: nothing in them may end the code block that they stand in.
fn plain(address: &str) -> String {
    let keep = |c: char| c.is_ascii_graphic() && !matches!(c, '`' | '<' | '>' | '@');
    address
        .chars()
        .map(|c| if keep(c) { c } else { '?' })
        .take(200)
        .collect()
}

fn summary(environment: &str, changes: &Changes) -> String {
    let mut text = format!(
        "### Terraform plan of {environment}\n\n{}\n",
        count(changes)
    );
    if changes.is_empty() {
        return text;
    }
    text.push_str("\n```text\n");
    for (address, action) in changes.iter().take(MOST_LINES) {
        text.push_str(&format!("{action:<18} {address}\n"));
    }
    if changes.len() > MOST_LINES {
        text.push_str(&format!("and {} more\n", changes.len() - MOST_LINES));
    }
    text.push_str("```\n\nWithout values: the whole plan is on no page. It was made without refresh, by a role that reads no secret.\n");
    text
}

fn count(changes: &Changes) -> String {
    let mut sums = BTreeMap::new();
    for action in changes.values() {
        *sums.entry(action.as_str()).or_insert(0) += 1;
    }
    if sums.is_empty() {
        return "No changes.".to_owned();
    }
    let words: Vec<_> = sums
        .iter()
        .map(|(action, sum)| format!("{sum} {action}"))
        .collect();
    format!("{} changes: {}.", changes.len(), words.join(", "))
}

fn reviewed_changes(value: &Value) -> anyhow::Result<Changes> {
    serde_json::from_value(value.clone())
        .context("--reviewed is no changes.json of `tfplan summary`")
}

/// A plan that was made later, with refresh, may see what happened meanwhile.
fn same(reviewed: &Changes, fresh: &Changes) -> anyhow::Result<()> {
    let mut differences = Vec::new();
    for (address, action) in fresh {
        match reviewed.get(address) {
            Some(other) if other == action => {}
            Some(other) => differences.push(format!(
                "{address}: {other} was reviewed, now it is {action}"
            )),
            None => differences.push(format!("{address}: {action} was not reviewed")),
        }
    }
    for (address, action) in reviewed {
        if !fresh.contains_key(address) {
            differences.push(format!(
                "{address}: {action} was reviewed, now nothing is to be done"
            ));
        }
    }
    if !differences.is_empty() {
        bail!(
            "the plan is not the reviewed one; run the workflow again and review:\n{}",
            differences.join("\n")
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(changes: &[(&str, &[&str])]) -> Value {
        let changes: Vec<_> = changes
            .iter()
            .map(|(address, actions)| {
                json!({"address": address, "change": {"actions": actions, "after": {"password": "hunter2"}}})
            })
            .collect();
        json!({"format_version": "1.2", "resource_changes": changes})
    }

    #[test]
    fn a_summary_holds_no_value_and_no_markup() {
        let made = plan(&[
            ("aws_db_instance.this", &["delete", "create"]),
            ("aws_ssm_parameter.this[\"```@team<b>\"]", &["create"]),
            ("aws_vpc.this", &["no-op"]),
        ]);
        let text = summary("dev", &changes(&made).unwrap());
        assert!(
            text.contains("2 changes: 1 create, 1 delete then create."),
            "{text}"
        );
        assert!(
            !text.contains("hunter2") && !text.contains("@team") && !text.contains("<b>"),
            "{text}"
        );
        assert_eq!(text.matches("```").count(), 2, "{text}");
        assert!(!text.contains("aws_vpc"), "{text}");
    }

    #[test]
    fn another_change_than_the_reviewed_one_is_refused() {
        let reviewed = changes(&plan(&[("a.b", &["update"]), ("c.d", &["create"])])).unwrap();
        same(&reviewed, &reviewed).unwrap();
        for (fresh, wanted) in [
            (
                &[("a.b", &["delete"][..]), ("c.d", &["create"])][..],
                "a.b: update was reviewed, now it is delete",
            ),
            (&[("a.b", &["update"])], "c.d: create was reviewed"),
            (
                &[
                    ("a.b", &["update"]),
                    ("c.d", &["create"]),
                    ("e.f", &["delete"]),
                ],
                "e.f: delete was not reviewed",
            ),
        ] {
            let error = same(&reviewed, &changes(&plan(fresh)).unwrap())
                .unwrap_err()
                .to_string();
            assert!(error.contains(wanted), "{error}");
        }
    }

    #[test]
    fn outputs_that_changed_are_said_with_the_cure() {
        let now = json!({"workflows": {"value": {"base_url": "https://a"}}});
        kept(&now.to_string(), &now, "dev").unwrap();
        for known in ["", "{}", "no json"] {
            let error = kept(known, &now, "dev").unwrap_err().to_string();
            assert!(
                error.contains("gh variable set TERRAFORM_OUTPUTS --env dev-plan"),
                "{error}"
            );
        }
    }

    #[test]
    fn what_is_no_whole_plan_is_refused() {
        assert!(changes(&json!({"resource_changes": []})).is_err());
        assert!(changes(&json!({"format_version": "1.2", "errored": true})).is_err());
    }

    #[test]
    fn a_long_plan_fits_a_comment() {
        let many: Vec<_> = (0..2000)
            .map(|n| format!("aws_subnet.{n}{}", "x".repeat(300)))
            .collect();
        let listed: Vec<(&str, &[&str])> = many
            .iter()
            .map(|name| (name.as_str(), &["create"][..]))
            .collect();
        let text = summary("dev", &changes(&plan(&listed)).unwrap());
        assert!(text.len() < 60_000, "{}", text.len());
        assert!(text.contains("and 1800 more"));
    }
}
