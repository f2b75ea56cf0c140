//! The image in the registry: pushed by digest, named by its commit when it may be deployed.

use anyhow::{Context as _, bail, ensure};
use serde_json::Value;

use super::archive;
use crate::{
    aws::Aws,
    github,
    outputs::{Outputs, path},
    program,
    words::Words,
};

/// One repository, which may be another account's.
pub(super) struct Repository {
    aws: Aws,
    account: String,
    name: String,
    url: String,
}

/// The digest of a commit's image; `None` where there is none.
pub(super) fn digest_of(repository: &Repository, commit: &str) -> anyhow::Result<Option<String>> {
    let id = format!("imageTag={commit}");
    let answer = repository.call("batch-get-image", &["--image-ids", &id])?;
    for failure in answer["failures"].as_array().into_iter().flatten() {
        if failure["failureCode"] != "ImageNotFound" {
            bail!("the registry: {failure}");
        }
    }
    Ok(answer["images"][0]["imageId"]["imageDigest"]
        .as_str()
        .map(str::to_owned))
}

impl Repository {
    pub(super) fn of(outputs: &Outputs) -> anyhow::Result<Self> {
        Self::at(
            outputs.text(path::REPOSITORY_URL)?,
            outputs.text(path::REGION)?,
        )
    }

    /// `123456789012.dkr.ecr.us-east-1.amazonaws.com/expense-backend`
    fn at(url: &str, region: &str) -> anyhow::Result<Self> {
        let parts = || {
            let (host, name) = url.split_once('/')?;
            let (account, rest) = host.split_once(".dkr.ecr.")?;
            let (own, _) = rest.split_once('.')?;
            Some((account, own, name))
        };
        let (account, own, name) =
            parts().with_context(|| format!("{url:?} is no repository of ECR"))?;
        ensure!(
            own == region,
            "the registry is in {own}, the environment in {region}"
        );
        Ok(Self {
            aws: Aws::new(own),
            account: account.to_owned(),
            name: name.to_owned(),
            url: url.to_owned(),
        })
    }

    /// By digest: what it names can never be something else.
    pub(super) fn image(&self, digest: &str) -> String {
        format!("{}@{digest}", self.url)
    }

    fn call(&self, verb: &str, more: &[&str]) -> anyhow::Result<Value> {
        let mut words = vec![
            "ecr",
            verb,
            "--registry-id",
            &self.account,
            "--repository-name",
            &self.name,
        ];
        words.extend(more);
        self.aws.json(&words)
    }

    /// Gives the digest a further name. The manifest's bytes are handed back as they came, so the digest stays.
    fn name(&self, digest: &str, commit: &str) -> anyhow::Result<()> {
        let id = format!("imageDigest={digest}");
        let answer = self.call("batch-get-image", &["--image-ids", &id])?;
        let image = &answer["images"][0];
        let manifest = image["imageManifest"]
            .as_str()
            .with_context(|| format!("the registry has no image {digest}: was it pushed?"))?;
        let kind = image["imageManifestMediaType"]
            .as_str()
            .context("the registry does not say what kind of manifest it is")?;
        let put = self.call(
            "put-image",
            &[
                "--image-tag",
                commit,
                "--image-manifest",
                manifest,
                "--image-manifest-media-type",
                kind,
                "--image-digest",
                digest,
            ],
        )?;
        ensure!(
            put["image"]["imageId"]["imageDigest"] == digest,
            "the registry gave the name to another digest: {put}"
        );
        Ok(())
    }
}

/// `release find`
pub(super) fn find(words: &Words) -> anyhow::Result<()> {
    let repository = Repository::of(&Outputs::read(words.optional("outputs"))?)?;
    let commit = words.required("commit")?;
    let Some(digest) = digest_of(&repository, commit)? else {
        ensure!(
            words.flag("if-there"),
            "there is no image of {commit}: only commits of main are built (build.yml)"
        );
        println!("{commit} is not published yet");
        return Ok(());
    };
    println!("{}", repository.image(&digest));
    github::output("digest", &digest)?;
    github::output("image", &repository.image(&digest))
}

/// `release publish`: the image's name comes last, so that whatever has a name is whole.
pub(super) fn publish(words: &Words) -> anyhow::Result<()> {
    let outputs = Outputs::read(words.optional("outputs"))?;
    let repository = Repository::of(&outputs)?;
    let (commit, digest) = (words.required("commit")?, words.required("digest")?);
    if let Some(there) = digest_of(&repository, commit)? {
        ensure!(
            there == digest,
            "{commit} is published already, as {there}: a release is promoted, never built again"
        );
    }
    archive::put(
        &outputs,
        commit,
        words.required("archive")?,
        words.required("bundle")?,
    )?;
    repository.name(digest, commit)?;
    println!("published: {} is {}", commit, repository.image(digest));
    github::output("digest", digest)?;
    github::summary(&format!(
        "Published `{commit}` as `{}`",
        repository.image(digest)
    ))
}

/// That the commit was published, for the verbs that need it.
pub(super) fn published(repository: &Repository, commit: &str) -> anyhow::Result<String> {
    digest_of(repository, commit)?.with_context(|| {
        format!("there is no image of {commit}: only commits of main are built (build.yml)")
    })
}

/// The registry's login, handed to cosign by its standard input.
pub(super) fn log_in(repository: &Repository) -> anyhow::Result<()> {
    let password = program::said(&mut repository.password())?;
    let host = repository.url.split('/').next().unwrap_or_default();
    let mut command = std::process::Command::new("cosign");
    command.args(["login", host, "--username", "AWS", "--password-stdin"]);
    program::told(&mut command, password.trim()).map(drop)
}

impl Repository {
    /// The CLI's plain answer, not JSON.
    fn password(&self) -> std::process::Command {
        self.aws.command(&["ecr", "get-login-password"])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_and_region_stand_in_the_address() {
        let url = "777788889999.dkr.ecr.us-east-1.amazonaws.com/expense-backend";
        let repository = Repository::at(url, "us-east-1").unwrap();
        assert_eq!(
            (repository.account.as_str(), repository.name.as_str()),
            ("777788889999", "expense-backend")
        );
        assert_eq!(repository.image("sha256:1"), format!("{url}@sha256:1"));
        for (url, region) in [
            (url, "eu-west-1"),
            ("ghcr.io/owner/expense-backend", "us-east-1"),
        ] {
            assert!(Repository::at(url, region).is_err(), "{url}");
        }
    }
}
