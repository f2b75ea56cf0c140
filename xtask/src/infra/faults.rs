//! The five faults of the first design's snippets, planted one by one: each must be caught by its own check.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};

use super::{check::Check, lint, offline::TfOffline, plan::Plan, roots};
use crate::temporary::Folder;

/// A planted fault and what catches it.
struct Fault {
    /// File below `terraform/tests/faults` (`.tf.txt`: nothing else takes it for ours), and name of the check.
    name: &'static str,
    /// Words that the refusal must hold: another error would prove nothing.
    says: &'static [&'static str],
    catch: fn(&TfOffline, &Path) -> anyhow::Result<()>,
}

const FAULTS: [Fault; 5] = [
    Fault {
        name: "removed-arguments",
        says: &[
            "replication_group_description",
            "number_cache_clusters",
            "auth_token_enabled",
        ],
        catch: validate,
    },
    Fault {
        name: "escaped-interpolation",
        says: &["$${"],
        catch: |_, folder| lint::escaped_interpolation(folder),
    },
    Fault {
        name: "undeclared-reference",
        says: &["undeclared resource", "aws_wafv2_web_acl"],
        catch: validate,
    },
    Fault {
        name: "wildcard-trust",
        says: &["StringEquals"],
        catch: |tf, folder| lint::wildcard_trusts_of(&planned(tf, folder)?),
    },
    Fault {
        name: "open-network",
        says: &["0.0.0.0/0"],
        catch: |tf, folder| lint::open_network(&planned(tf, folder)?),
    },
];

/// One check a fault: it passes where the fault is refused for its own reason.
pub(super) fn check(tf: &TfOffline) -> Vec<Check> {
    FAULTS
        .iter()
        .map(|fault| Check::of(format!("fault {} is caught", fault.name), caught(tf, fault)))
        .collect()
}

fn caught(tf: &TfOffline, fault: &Fault) -> anyhow::Result<()> {
    let file = roots::terraform().join(format!("tests/faults/{}.tf.txt", fault.name));
    let folder = Folder::new("infra")?;
    fs::copy(&file, folder.path().join("main.tf")).with_context(|| file.display().to_string())?;
    let Err(error) = (fault.catch)(tf, folder.path()) else {
        bail!("the check named {} let it pass", fault.name);
    };
    let text = format!("{error:#}");
    if let Some(word) = fault.says.iter().find(|word| !text.contains(**word)) {
        bail!("it is refused, but not for {word:?}: {text}");
    }
    Ok(())
}

fn validate(tf: &TfOffline, folder: &Path) -> anyhow::Result<()> {
    tf.validate(folder)
}

fn planned(tf: &TfOffline, folder: &Path) -> anyhow::Result<Plan> {
    let plan = tf
        .plan(folder, &[])
        .context("the fixture itself must plan")?;
    Ok(Plan::read(&plan))
}
