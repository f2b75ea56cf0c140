//! What Terraform says of an environment after `deploy-targets.json` was changed.

use std::fs;

use anyhow::Context as _;
use serde_json::Value;

use super::{offline::TfOffline, tree};
use crate::targets;

/// As `terraform output -json` prints it, with identifiers that are made up; `None` without the stand-in provider.
pub(crate) fn outputs_with(environment: &str, targets: &str) -> anyhow::Result<Option<Value>> {
    let Ok(tf) = TfOffline::find() else {
        return Ok(None);
    };
    let copy = tree::copy()?;
    fs::write(copy.root().join(targets::FILE), targets)?;
    tree::strip_validations(&copy.terraform())?;
    let folder = copy.terraform().join("environments").join(environment);
    let state = copy.root().join("flipped.tfstate");
    let state = tf.apply(&folder, &state, &[])?;
    let outputs = state.get("outputs").context("the state has no outputs")?;
    Ok(Some(outputs.clone()))
}
