//! helm, helm-unittest, kubeconform and the cluster: found beside the repository or on the PATH, else left out.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, bail};

use crate::{apt, workspace};

/// Where their builder lies, beside the repository. It is optional.
const BUILDER: &str = "../shared/tools/kube/build.sh";
/// What starts a cluster and runs a command in it.
const CLUSTER: &str = "../shared/tools/kube/up";

/// What there is.
pub(super) struct Tools {
    pub(super) helm: Option<PathBuf>,
    pub(super) unittest: Option<PathBuf>,
    pub(super) kubeconform: Option<Kubeconform>,
    pub(super) cluster: Option<PathBuf>,
}

/// The program and the schemas of Kubernetes and of the custom resources.
pub(super) struct Kubeconform {
    pub(super) program: PathBuf,
    pub(super) schemas: PathBuf,
}

impl Tools {
    pub(super) fn find(folder: Option<&Path>) -> anyhow::Result<Self> {
        if let Some(folder) = folder {
            return Ok(Self::of(folder));
        }
        let builder = workspace::root().join(BUILDER);
        if !builder.is_file() {
            return Ok(Self::installed());
        }
        Ok(Self::of(&build(&builder)?))
    }

    fn of(folder: &Path) -> Self {
        let program = |name: &str| Some(folder.join(name)).filter(|path| path.is_file());
        let schemas = folder.join("../schemas");
        let cluster = workspace::root().join(CLUSTER);
        Self {
            helm: program("helm"),
            unittest: program("helm-unittest"),
            kubeconform: program("kubeconform")
                .filter(|_| schemas.is_dir())
                .map(|program| Kubeconform { program, schemas }),
            cluster: Some(cluster).filter(|path| path.is_file()),
        }
    }

    /// Without the builder: what the machine has. The schemas come with the builder alone.
    fn installed() -> Self {
        let program = |name: &str| apt::on_path(name).then(|| PathBuf::from(name));
        Self {
            helm: program("helm"),
            unittest: program("helm-unittest"),
            kubeconform: None,
            cluster: None,
        }
    }
}

/// Builds what is not built yet (minutes, once) and gives the folder.
fn build(builder: &Path) -> anyhow::Result<PathBuf> {
    let output = Command::new(builder)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", builder.display()))?;
    if !output.status.success() {
        bail!("{} failed: {}", builder.display(), output.status);
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(PathBuf::from(text.trim()))
}
