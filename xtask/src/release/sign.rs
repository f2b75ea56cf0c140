//! `release sign`: keyless signatures of the image and the package, and the SBOMs, attached to the digest.

use std::{path::Path, process::Command};

use anyhow::{Context as _, bail, ensure};

use crate::{program, words::Words};

/// Runs the verb.
pub(super) fn run(words: &Words) -> anyhow::Result<()> {
    let image = words.required("image")?;
    ensure!(
        image.contains("@sha256:"),
        "--image {image:?} names no digest: a tag may come to name something else"
    );
    let archive = words.required("archive")?;
    let sboms = words
        .required("sboms")?
        .split(',')
        .map(|file| Ok((file, kind(file)?)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    cosign(&["sign", "--yes", image])?;
    for (file, kind) in sboms {
        ensure!(Path::new(file).is_file(), "{file} is not there");
        cosign(&[
            "attest",
            "--yes",
            "--type",
            kind,
            "--predicate",
            file,
            image,
        ])?;
    }
    let bundle = format!("{archive}.sigstore.json");
    cosign(&["sign-blob", "--yes", "--bundle", &bundle, archive])?;
    println!("signed: {image}, {archive}");
    Ok(())
}

fn cosign(words: &[&str]) -> anyhow::Result<()> {
    program::said(Command::new("cosign").args(words))
        .map(drop)
        .context("it could not be signed")
}

/// The predicate's type, by the file's name.
fn kind(file: &str) -> anyhow::Result<&'static str> {
    if file.ends_with(".cdx.json") {
        Ok("cyclonedx")
    } else if file.ends_with(".spdx.json") {
        Ok("spdxjson")
    } else {
        bail!("{file:?} is neither *.cdx.json nor *.spdx.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_says_the_kind() {
        assert_eq!(kind("image.cdx.json").unwrap(), "cyclonedx");
        assert_eq!(kind("source.spdx.json").unwrap(), "spdxjson");
        assert!(kind("sbom.json").is_err());
    }
}
