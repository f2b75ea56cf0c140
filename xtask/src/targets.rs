//! `deploy-targets.json`: the one file that says where each environment runs; Terraform reads it too.

use std::{fmt, fs, path::Path};

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use crate::{github, words::Grammar, workspace};

/// Every environment, in the order of promotion.
pub(crate) const ENVIRONMENTS: [&str; 3] = ["dev", "staging", "prod"];

/// The file.
pub(crate) const FILE: &str = "deploy-targets.json";

const GRAMMAR: Grammar = Grammar {
    options: &[],
    flags: &[],
    usage: "\
cargo xtask target ENVIRONMENT

Prints where the environment runs by deploy-targets.json: lambda, eks or both. In a workflow it is also
written to the step's output `target`.",
};

/// Where the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// Functions behind API Gateway.
    Lambda,
    /// Pods behind a load balancer.
    Eks,
    /// Side by side, on one database.
    Both,
}

impl Target {
    pub(crate) fn parse(word: &str) -> anyhow::Result<Self> {
        match word {
            "lambda" => Ok(Self::Lambda),
            "eks" => Ok(Self::Eks),
            "both" => Ok(Self::Both),
            other => bail!("{other:?} is no target: write lambda, eks or both"),
        }
    }

    pub(crate) fn has_eks(self) -> bool {
        self != Self::Lambda
    }

    pub(crate) fn has_lambda(self) -> bool {
        self != Self::Eks
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lambda => "lambda",
            Self::Eks => "eks",
            Self::Both => "both",
        })
    }
}

/// The environment's own name, where the word is one.
pub(crate) fn environment(word: &str) -> anyhow::Result<&'static str> {
    ENVIRONMENTS
        .into_iter()
        .find(|name| *name == word)
        .with_context(|| format!("{word:?} is no environment: write dev, staging or prod"))
}

/// What the file in `root` says of the environment.
pub(crate) fn of(root: &Path, environment: &str) -> anyhow::Result<Target> {
    let path = root.join(FILE);
    let text = fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    read(&text, environment).with_context(|| path.display().to_string())
}

/// Every environment is named and nothing else is, whichever is asked for.
fn read(text: &str, environment: &str) -> anyhow::Result<Target> {
    let all: serde_json::Map<String, Value> =
        serde_json::from_str(text).context("it is no JSON object")?;
    for name in all.keys() {
        ensure!(
            ENVIRONMENTS.contains(&name.as_str()),
            "{name:?} is no environment"
        );
    }
    let mut found = None;
    for name in ENVIRONMENTS {
        let word = all
            .get(name)
            .with_context(|| format!("{name:?} is missing"))?;
        let word = word
            .as_str()
            .with_context(|| format!("{name:?} is no text"))?;
        let target = Target::parse(word).with_context(|| name.to_owned())?;
        if name == environment {
            found = Some(target);
        }
    }
    found.with_context(|| format!("{environment:?} is no environment"))
}

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    let environment = environment(words.only("the environment")?)?;
    let target = of(workspace::root(), environment)?;
    println!("{target}");
    github::output("target", &target.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repository_names_a_target_for_each() {
        for environment in ENVIRONMENTS {
            of(workspace::root(), environment).unwrap();
        }
    }

    #[test]
    fn the_file_decides() {
        let text = r#"{"dev":"lambda","staging":"both","prod":"eks"}"#;
        assert_eq!(read(text, "dev").unwrap(), Target::Lambda);
        assert_eq!(read(text, "staging").unwrap(), Target::Both);
        assert_eq!(read(text, "prod").unwrap(), Target::Eks);
        let flipped = text.replace(r#""dev":"lambda""#, r#""dev":"eks""#);
        assert_eq!(read(&flipped, "dev").unwrap(), Target::Eks);
    }

    #[test]
    fn a_broken_file_is_refused_whichever_environment_is_asked_for() {
        for (text, wanted) in [
            (r#"{"dev":"lambda","staging":"eks"}"#, "prod"),
            (r#"{"dev":"lambda","staging":"eks","prod":"ecs"}"#, "ecs"),
            (
                r#"{"dev":"lambda","staging":"eks","prod":"eks","qa":"eks"}"#,
                "qa",
            ),
            (r#"{"dev":1,"staging":"eks","prod":"eks"}"#, "dev"),
            ("[]", "JSON"),
        ] {
            let error = format!("{:#}", read(text, "staging").unwrap_err());
            assert!(error.contains(wanted), "{error}");
        }
    }
}
