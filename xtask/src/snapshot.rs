//! `cargo xtask snapshot`: a named snapshot of the database before a migration, waited for.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, ensure};

use crate::{
    aws::Aws,
    github,
    outputs::{Outputs, path},
    words::Grammar,
};

const GRAMMAR: Grammar = Grammar {
    options: &["outputs", "commit"],
    flags: &[],
    usage: "\
cargo xtask snapshot --commit SHA [--outputs FILE]

Takes a snapshot of the environment's database, named after the commit that is about to migrate it, and waits
until it is available. Prints its name, which is also the step's output `snapshot`.

  --outputs FILE   what `terraform output -json` printed (default: the variable TERRAFORM_OUTPUTS)",
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    let outputs = Outputs::read(words.optional("outputs"))?;
    let commit = words.required("commit")?;
    let database = outputs.text(path::DB_IDENTIFIER)?;
    let name = name(database, commit, &attempt()?)?;
    let aws = Aws::new(outputs.text(path::REGION)?);
    println!("{database}: snapshot {name}");
    aws.json(&[
        "rds",
        "create-db-snapshot",
        "--db-instance-identifier",
        database,
        "--db-snapshot-identifier",
        &name,
        "--tags",
        &format!("Key=Commit,Value={commit}"),
        "Key=Purpose,Value=before-migration",
    ])?;
    aws.wait(&[
        "rds",
        "wait",
        "db-snapshot-available",
        "--db-snapshot-identifier",
        &name,
    ])?;
    println!("available");
    github::output("snapshot", &name)?;
    github::summary(&format!("Database before the migration: snapshot `{name}`"))
}

/// Begins with the database's own name: the deploy role may only make snapshots that do.
fn name(database: &str, commit: &str, attempt: &str) -> anyhow::Result<String> {
    ensure!(
        commit.len() >= 12 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "--commit {commit:?} is no commit"
    );
    Ok(format!("{database}-before-{}-{attempt}", &commit[..12]))
}

/// What tells a second attempt from the first: the run of the workflow, or by hand the time.
fn attempt() -> anyhow::Result<String> {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    if let (Some(run), Some(attempt)) = (variable("GITHUB_RUN_ID"), variable("GITHUB_RUN_ATTEMPT"))
    {
        return Ok(format!("{run}-{attempt}"));
    }
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("the clock stands before 1970")?;
    Ok(now.as_secs().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_what_and_before_what() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(
            name("expense-prod-mysql", commit, "42-1").unwrap(),
            "expense-prod-mysql-before-0123456789ab-42-1"
        );
        assert!(name("expense-prod-mysql", "main", "42-1").is_err());
    }
}
