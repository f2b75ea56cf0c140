//! The function's package and its signature, in the bucket of releases.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};

use crate::{
    aws::Aws,
    outputs::{Outputs, path},
};

/// Where a commit's files lie; the push role may write below `releases/` only.
fn key(commit: &str, file: &str) -> String {
    format!("releases/{commit}/{file}")
}

const PACKAGE: &str = "bootstrap.zip";
const BUNDLE: &str = "bootstrap.zip.sigstore.json";

/// Uploads both, the signature first: a package is never there without it.
pub(super) fn put(
    outputs: &Outputs,
    commit: &str,
    archive: &str,
    bundle: &str,
) -> anyhow::Result<()> {
    let (aws, bucket) = place(outputs)?;
    for (file, name) in [(bundle, BUNDLE), (archive, PACKAGE)] {
        ensure!(Path::new(file).is_file(), "{file} is not there");
        aws.json(&[
            "s3api",
            "put-object",
            "--bucket",
            &bucket,
            "--key",
            &key(commit, name),
            "--body",
            file,
        ])?;
        println!("uploaded {}", key(commit, name));
    }
    Ok(())
}

/// Fetches both into the folder.
pub(super) fn get(
    outputs: &Outputs,
    commit: &str,
    folder: &Path,
) -> anyhow::Result<(PathBuf, PathBuf)> {
    let (aws, bucket) = place(outputs)?;
    let fetch = |name: &str| {
        let file = folder.join(name);
        let mut command = aws.command(&[
            "s3api",
            "get-object",
            "--bucket",
            &bucket,
            "--key",
            &key(commit, name),
        ]);
        crate::program::said(command.arg(&file))
            .with_context(|| format!("{} in the bucket {bucket}", key(commit, name)))?;
        anyhow::Ok(file)
    };
    Ok((fetch(PACKAGE)?, fetch(BUNDLE)?))
}

fn place(outputs: &Outputs) -> anyhow::Result<(Aws, String)> {
    let arn = outputs.text(path::ARTIFACT_BUCKET_ARN)?;
    let bucket = arn
        .rsplit_once(":::")
        .map(|(_, name)| name.to_owned())
        .with_context(|| format!("{arn:?} is no bucket's ARN"))?;
    Ok((Aws::new(outputs.text(path::REGION)?), bucket))
}
