//! `release verify`: nothing is deployed that `build.yml` on main did not sign.

use std::{fs, path::Path, process::Command};

use anyhow::{Context as _, bail};

use super::{
    archive,
    image::{self, Repository},
};
use crate::{github, outputs::Outputs, program, targets::Target, words::Words};

/// Who issues the identities of workflows.
const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// The one workflow that signs, on the one branch.
const SIGNER: &str = ".github/workflows/build.yml@refs/heads/main";
/// Attached by that workflow: without it an image is not what that workflow makes.
const ATTESTATION: &str = "cyclonedx";

/// Runs the verb.
pub(super) fn run(words: &Words) -> anyhow::Result<()> {
    let outputs = Outputs::read(words.optional("outputs"))?;
    let commit = words.required("commit")?;
    let target = Target::parse(words.required("target")?)?;
    let identity = identity(&variable("GITHUB_REPOSITORY")?, &server())?;
    if target.has_eks() {
        let repository = Repository::of(&outputs)?;
        let digest = image::published(&repository, commit)?;
        image::log_in(&repository)?;
        let name = repository.image(&digest);
        println!("{name}: must be signed by {identity}");
        cosign(&["verify"], &identity, &[&name])?;
        cosign(
            &["verify-attestation", "--type", ATTESTATION],
            &identity,
            &[&name],
        )?;
        github::output("digest", &digest)?;
    }
    if target.has_lambda() {
        let folder = Path::new(words.required("into")?);
        fs::create_dir_all(folder)?;
        let (package, bundle) = archive::get(&outputs, commit, folder)?;
        let (package, bundle) = (text(&package)?, text(&bundle)?);
        println!("{package}: must be signed by {identity}");
        cosign(&["verify-blob", "--bundle", bundle], &identity, &[package])?;
        github::output("archive", package)?;
    }
    println!("verified");
    Ok(())
}

/// What Sigstore's certificate of a workflow says; a pattern would let other workflows or branches sign.
fn identity(repository: &str, server: &str) -> anyhow::Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    match repository.split_once('/') {
        Some((owner, name))
            if !owner.is_empty()
                && !name.is_empty()
                && owner.chars().chain(name.chars()).all(plain) =>
        {
            Ok(format!("{server}/{repository}/{SIGNER}"))
        }
        _ => bail!("GITHUB_REPOSITORY {repository:?} is not owner/name"),
    }
}

fn cosign(verb: &[&str], identity: &str, subject: &[&str]) -> anyhow::Result<()> {
    let mut command = Command::new("cosign");
    command
        .args(verb)
        .args(["--certificate-identity", identity])
        .args(["--certificate-oidc-issuer", ISSUER])
        .args(subject);
    // What it prints is the whole attestation: only a failure is worth reading.
    program::said(&mut command)
        .map(drop)
        .context("it is not signed as it must be, and is not deployed")
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the folder's name is no UTF-8")
}

fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name)
        .ok()
        .filter(|value| !value.is_empty())
        .with_context(|| format!("{name} is not set; in a workflow GitHub sets it"))
}

fn server() -> String {
    variable("GITHUB_SERVER_URL").unwrap_or_else(|_| "https://github.com".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace;

    #[test]
    fn the_signer_is_one_workflow_on_one_branch() {
        assert_eq!(
            identity("example-org/expense-backend", "https://github.com").unwrap(),
            "https://github.com/example-org/expense-backend/.github/workflows/build.yml@refs/heads/main"
        );
        for bad in ["", "owner", "owner/", "own er/name", "owner/name/.github"] {
            assert!(identity(bad, "https://github.com").is_err(), "{bad}");
        }
    }

    #[test]
    fn the_signing_workflow_is_there() {
        let file = SIGNER.split('@').next().unwrap();
        assert!(workspace::root().join(file).is_file(), "{file}");
    }
}
