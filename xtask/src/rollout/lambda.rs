//! The functions: `admin` migrates, a version of `api` is published, the alias moves to it step by step.

use std::{fs, path::Path};

use anyhow::{Context as _, bail, ensure};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{alarms::Alarms, alias::Alias, options::Options};
use crate::{
    aws::Aws,
    outputs::{Outputs, path},
    temporary::Folder,
    workspace,
};

/// What Terraform deploys before there is a release; it only exits.
const PLACEHOLDER: &str = "terraform/modules/lambda/placeholder.zip";

/// Both functions of an environment.
pub(super) struct Functions {
    aws: Aws,
    api: String,
    admin: String,
    alias: String,
    url: String,
}

impl Functions {
    pub(super) fn new(outputs: &Outputs) -> anyhow::Result<Self> {
        let text = |path| outputs.text(path).map(str::to_owned);
        Ok(Self {
            aws: Aws::new(outputs.text(path::REGION)?),
            api: text(path::API_FUNCTION)?,
            admin: text(path::ADMIN_FUNCTION)?,
            alias: text(path::ALIAS)?,
            url: text(path::API_URL)?,
        })
    }

    /// Brings the release out; the alias is where it was before wherever this fails.
    pub(super) fn deploy(&self, options: &Options) -> anyhow::Result<()> {
        let archive = options.archive()?;
        let sum = checksum(archive)?;
        let stable = self.settle()?;
        let first = self.is_placeholder(&stable)?;
        let alarms = Alarms::begin(&self.aws, &self.api, options.despite_alarms || first)?;
        self.update(&self.admin, archive, &sum)?;
        self.migrate()?;
        self.update(&self.api, archive, &sum)?;
        let release = self.publish(&sum, &options.commit)?;
        if release == stable {
            println!("version {stable} of {} is this release already", self.api);
            return options.smoke.test(&self.url, options.smoke_wait);
        }
        if let Err(error) = self.shift(options, &alarms, &stable, &release, first) {
            self.alias().point(&stable).with_context(|| {
                format!("{error:#}; and the alias could not be put back to version {stable}")
            })?;
            bail!("rolled back, version {stable} serves all requests: {error:#}");
        }
        println!("version {release} serves all requests; before it: {stable}");
        Ok(())
    }

    fn shift(
        &self,
        options: &Options,
        alarms: &Alarms<'_>,
        stable: &str,
        release: &str,
        first: bool,
    ) -> anyhow::Result<()> {
        let alias = self.alias();
        // The placeholder answers nothing: to leave it requests would be to refuse them.
        for percent in options.canary.iter().filter(|_| !first) {
            println!("version {release} gets {percent}% of the requests");
            alias.try_out(stable, release, *percent)?;
            alarms.watch(options.watch, options.poll)?;
        }
        println!("version {release} gets all requests");
        alias.point(release)?;
        options.smoke.test(&self.url, options.smoke_wait)?;
        alarms.watch(options.watch, options.poll)
    }

    /// The version that serves. A weight that an interrupted rollout left is taken away.
    pub(super) fn settle(&self) -> anyhow::Result<String> {
        let alias = self.alias();
        let found = alias.pointer()?;
        if let Some(tried) = found.tried {
            println!(
                "version {tried} is still being tried by an interrupted rollout: it gets no more requests"
            );
            alias.point(&found.version)?;
        }
        println!("version {} of {} serves", found.version, self.api);
        Ok(found.version)
    }

    /// All requests go to an earlier version.
    pub(super) fn back(&self, to: Option<u64>) -> anyhow::Result<()> {
        let found = self.alias().pointer()?;
        let versions = self.versions()?;
        let target = match (to, &found.tried) {
            (Some(number), _) => number,
            // The release that is being tried goes; what served most requests stays.
            (None, Some(_)) => number(&found.version)?,
            (None, None) => before(&versions, number(&found.version)?)?,
        };
        ensure!(
            versions.contains(&target),
            "{} has no version {target}; it has {versions:?}",
            self.api
        );
        self.alias().point(&target.to_string())?;
        println!("version {target} of {} serves all requests", self.api);
        Ok(())
    }

    fn alias(&self) -> Alias<'_> {
        Alias {
            aws: &self.aws,
            function: &self.api,
            name: &self.alias,
        }
    }

    fn is_placeholder(&self, version: &str) -> anyhow::Result<bool> {
        let sum = checksum(&workspace::root().join(PLACEHOLDER))?;
        Ok(self.code(&self.api, version)? == sum)
    }

    /// Checksum of what a version of a function runs.
    fn code(&self, function: &str, version: &str) -> anyhow::Result<String> {
        let answer = self.aws.json(&[
            "lambda",
            "get-function-configuration",
            "--function-name",
            function,
            "--qualifier",
            version,
        ])?;
        let sum = answer["CodeSha256"].as_str();
        sum.map(str::to_owned)
            .with_context(|| format!("{function} does not say what code it runs"))
    }

    /// Uploads the very bytes that were verified, and waits until Lambda has them.
    fn update(&self, function: &str, archive: &Path, sum: &str) -> anyhow::Result<()> {
        if self.code(function, "$LATEST")? == sum {
            // The same again would be a new version of the same.
            println!("{function} has this package already");
            return Ok(());
        }
        println!("{function}: uploading the package");
        let zip = format!("fileb://{}", archive.display());
        let answer = self.aws.json(&[
            "lambda",
            "update-function-code",
            "--function-name",
            function,
            "--zip-file",
            &zip,
        ])?;
        ensure!(
            answer["CodeSha256"] == sum,
            "{function} got other code than {}",
            archive.display()
        );
        self.aws.wait(&[
            "lambda",
            "wait",
            "function-updated-v2",
            "--function-name",
            function,
        ])
    }

    /// Only adds to the schema: the version that serves goes on understanding it.
    fn migrate(&self) -> anyhow::Result<()> {
        println!("{}: migrating", self.admin);
        let folder = Folder::new("invoke")?;
        let asked = folder.file("event.json", r#"{"command":"migrate"}"#)?;
        let answered = folder.path().join("answer.json");
        let payload = format!("fileb://{}", asked.display());
        let mut command = self.aws.command(&[
            "lambda",
            "invoke",
            "--function-name",
            &self.admin,
            "--payload",
            &payload,
            // As long as the function may run: an answer that is given up would be a migration that runs twice.
            "--cli-read-timeout",
            "910",
        ]);
        let told: Value = serde_json::from_str(&crate::program::said(command.arg(&answered))?)?;
        let answer = fs::read_to_string(&answered).context("the answer of the migration")?;
        migrated(&told, &answer)
    }

    fn publish(&self, sum: &str, commit: &str) -> anyhow::Result<String> {
        let answer = self.aws.json(&[
            "lambda",
            "publish-version",
            "--function-name",
            &self.api,
            "--code-sha256",
            sum,
            "--description",
            commit,
        ])?;
        let version = answer["Version"]
            .as_str()
            .context("publish-version names no version")?;
        self.aws.wait(&[
            "lambda",
            "wait",
            "published-version-active",
            "--function-name",
            &self.api,
            "--qualifier",
            version,
        ])?;
        println!("{}: version {version} is published", self.api);
        Ok(version.to_owned())
    }

    fn versions(&self) -> anyhow::Result<Vec<u64>> {
        let words = [
            "lambda",
            "list-versions-by-function",
            "--function-name",
            &self.api,
        ];
        let answer = self.aws.json(&words)?;
        Ok(answer["Versions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|version| version["Version"].as_str()?.parse().ok())
            .collect())
    }
}

/// `StatusCode` is 200 also where the function failed.
fn migrated(told: &Value, answer: &str) -> anyhow::Result<()> {
    if let Some(kind) = told["FunctionError"].as_str() {
        bail!("the migration failed ({kind}), nothing was shifted: {answer}");
    }
    let done: Value = serde_json::from_str(answer)
        .with_context(|| format!("the migration's answer is no JSON: {answer}"))?;
    let count = done["migrations"]
        .as_array()
        .map(Vec::len)
        .map(|count| count as u64)
        .or_else(|| done["migrations"].as_u64())
        .with_context(|| format!("the migration did not say what it ran: {answer}"))?;
    println!("migrations run: {count}");
    Ok(())
}

fn number(version: &str) -> anyhow::Result<u64> {
    version
        .parse()
        .ok()
        .with_context(|| format!("{version:?} is no published version"))
}

fn before(versions: &[u64], current: u64) -> anyhow::Result<u64> {
    versions
        .iter()
        .copied()
        .filter(|version| *version < current)
        .max()
        .with_context(|| format!("there is no version before {current}"))
}

/// As Lambda writes it.
fn checksum(archive: &Path) -> anyhow::Result<String> {
    let bytes = fs::read(archive).with_context(|| format!("reading {}", archive.display()))?;
    Ok(STANDARD.encode(Sha256::digest(bytes)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_failed_migration_is_seen_behind_status_200() {
        let failed = json!({"StatusCode": 200, "FunctionError": "Unhandled"});
        let error = migrated(&failed, r#"{"errorMessage":"the store is away"}"#).unwrap_err();
        assert!(error.to_string().contains("the store is away"), "{error}");
        let fine = json!({"StatusCode": 200});
        migrated(&fine, r#"{"migrations":6}"#).unwrap();
        migrated(&fine, r#"{"migrations":[]}"#).unwrap();
        for answer in ["null", "{}", "Simple Lambda happy path OK"] {
            assert!(migrated(&fine, answer).is_err(), "{answer}");
        }
    }

    #[test]
    fn the_version_before_is_the_next_lower_one() {
        assert_eq!(before(&[1, 2, 5, 7], 7).unwrap(), 5);
        assert!(before(&[1], 1).is_err());
    }
}
