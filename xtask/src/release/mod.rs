//! `cargo xtask release`: what is built once and promoted; each part is one verb.

mod archive;
mod image;
mod promoted;
mod sign;
mod verify;
mod version;

use anyhow::bail;

use crate::words::Grammar;

const GRAMMAR: Grammar = Grammar {
    options: &[
        "commit",
        "digest",
        "archive",
        "bundle",
        "image",
        "sboms",
        "outputs",
        "into",
        "target",
        "workflow",
        "tag",
    ],
    flags: &["if-there"],
    usage: "\
cargo xtask release VERB [OPTIONS]

  find --commit SHA [--if-there]
      the digest of the commit's image; with --if-there nothing where it is not published
  sign --image NAME@DIGEST --archive ZIP --sboms FILES
      signs both without a key of ours, and attaches the SBOMs (*.cdx.json, *.spdx.json) to the image
  publish --commit SHA --digest D --archive ZIP --bundle FILE
      puts the function's package and its signature into the bucket, then names the image by its commit:
      from then on it can be deployed
  verify --commit SHA --target TARGET --into FOLDER
      finds image and package of the commit, and fails unless both were signed by build.yml on main
  promoted --commit SHA --workflow FILE
      fails unless the workflow has succeeded for the commit
  version --tag vX.Y.Z [--into FOLDER]
      fails unless Cargo.toml, the chart and CHANGELOG.md say the same version; writes notes.md

--outputs FILE: what `terraform output -json` printed (default: the variable TERRAFORM_OUTPUTS).
Steps' outputs: digest, image, archive, version.",
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    match words.only("a verb")? {
        "find" => image::find(&words),
        "sign" => sign::run(&words),
        "publish" => image::publish(&words),
        "verify" => verify::run(&words),
        "promoted" => promoted::run(&words),
        "version" => version::run(&words),
        other => bail!("there is no {other:?}\n\n{}", GRAMMAR.usage),
    }
}
