//! buildah and podman, with images of their own and nothing from a registry.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use anyhow::{Context as _, ensure};

use crate::{
    apt::{self, Program},
    temporary::Folder,
    workspace,
};

const PROGRAMS: &[Program] = &[
    Program {
        name: "buildah",
        package: "buildah",
    },
    Program {
        name: "podman",
        package: "podman",
    },
    Program {
        name: "runc",
        package: "runc",
    },
    Program {
        name: "debootstrap",
        package: "debootstrap",
    },
];

/// The release of Debian that the image of the toolchain is made of.
const DEBIAN: &str = "bookworm";
/// Stands in for the image of the toolchain: apt and dpkg are all that the stage "files" takes from it.
pub(super) const BASE: &str = "localhost/expense-backend-base:bookworm";
/// The settings of the Pod Security level "restricted", and a root file system that cannot be written.
pub(super) const RESTRICTED: &[&str] = &[
    "--read-only",
    "--read-only-tmpfs=false",
    "--cap-drop=all",
    "--security-opt=no-new-privileges",
    "--ulimit=nofile=1024:1024",
    "--ulimit=nproc=1024:1024",
    "--network=host",
];
/// Any moment will do, as long as it is the same.
const SOURCE_DATE_EPOCH: &str = "1700000000";

/// A store of images, and a folder for what is built.
pub(super) struct Engine {
    store: PathBuf,
    folder: Folder,
}

impl Engine {
    /// Opens the store; makes the base image where it is missing (half a minute, once), and runs `true` in it.
    ///
    /// # Errors
    /// Where this machine can build or run no image at all: nothing of the product is in the base.
    pub(super) fn new() -> anyhow::Result<Self> {
        ensure!(rustix::process::geteuid().is_root(), "it needs root");
        apt::ensure(PROGRAMS)?;
        let engine = Self {
            store: workspace::cache()?.join("images"),
            folder: Folder::new("image")?,
        };
        if engine.podman(&["image", "exists", BASE]).is_err() {
            engine.make_base()?;
        }
        let mut trial = vec!["run", "--rm"];
        trial.extend(RESTRICTED);
        trial.extend([BASE, "/bin/true"]);
        engine.podman(&trial)?;
        Ok(engine)
    }

    fn make_base(&self) -> anyhow::Result<()> {
        println!("installing a base of Debian {DEBIAN}");
        let root = self.folder.path().join("debian");
        checked(
            Command::new("debootstrap")
                .args(["--variant=minbase", DEBIAN])
                .arg(&root),
        )?;
        let context = self.folder.path().join("base");
        fs::create_dir(&context)?;
        checked(
            Command::new("tar")
                .args(["--exclude=./var/cache/apt/*", "-C"])
                .arg(&root)
                .arg("-cf")
                .arg(context.join("base.tar"))
                .arg("."),
        )?;
        fs::write(
            context.join("Dockerfile"),
            "FROM scratch\nADD base.tar /\nCMD [\"/bin/sh\"]\n",
        )?;
        self.buildah(&context, BASE, &[])?;
        fs::remove_dir_all(&root)?;
        fs::remove_dir_all(&context).map_err(Into::into)
    }

    /// Builds the image twice, and hands out its id: two builds of the same files give the same files.
    pub(super) fn build_twice(&self, dockerfile: &str, binary: &Path) -> anyhow::Result<String> {
        let context = self.folder.path().join("context");
        fs::create_dir(&context)?;
        checked(
            Command::new("cp")
                .arg("-R")
                .arg(workspace::root().join("image"))
                .arg(&context),
        )?;
        fs::copy(binary, context.join("expense-backend"))
            .with_context(|| format!("copying {}", binary.display()))?;
        fs::write(context.join("Dockerfile"), dockerfile)?;
        let start = Instant::now();
        let first = self.build(&context)?;
        println!("built in {:.0} s: {first}", start.elapsed().as_secs_f32());
        let second = self.build(&context)?;
        let (one, two) = (self.layers(&first)?, self.layers(&second)?);
        ensure!(
            one == two,
            "two builds of the same files differ: {one}, {two}"
        );
        println!("built again: the same bytes, {one}");
        // The second has taken over its name.
        self.podman(&["image", "rm", &first])?;
        Ok(second)
    }

    /// The digests of its layers. The image's own digest differs here from build to build: buildah writes the name of
    /// the container that it worked in into the configuration.
    fn layers(&self, image: &str) -> anyhow::Result<String> {
        self.podman(&[
            "image",
            "inspect",
            "--format",
            "{{json .RootFS.Layers}}",
            image,
        ])
    }

    fn build(&self, context: &Path) -> anyhow::Result<String> {
        let name = format!("localhost/expense-backend:{}", std::process::id());
        self.buildah(
            context,
            &name,
            &[
                "--timestamp",
                SOURCE_DATE_EPOCH,
                "--build-arg",
                "VERSION=checked",
                "--build-arg",
                "GIT_COMMIT=checked",
            ],
        )?;
        self.podman(&["image", "inspect", "--format", "{{.Id}}", &name])
    }

    fn buildah(&self, context: &Path, name: &str, words: &[&str]) -> anyhow::Result<()> {
        // chroot: no network of its own, and no kernel feature that a container of a CI service lacks.
        let mut command = Command::new("buildah");
        command
            .args(self.store_words())
            .args(["bud", "--isolation=chroot", "--pull-never"])
            // The form that can say HEALTHCHECK.
            .args(["--layers=false", "--format=docker", "--tag", name])
            .args(words)
            .arg(context);
        checked(&mut command).map(drop)
    }

    /// podman's answer.
    pub(super) fn podman(&self, words: &[&str]) -> anyhow::Result<String> {
        let output = checked(&mut self.podman_command(words))?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn podman_command(&self, words: &[&str]) -> Command {
        let mut command = Command::new("podman");
        command
            .args(self.store_words())
            .args(["--cgroup-manager=cgroupfs", "--runtime=runc"])
            .args(words);
        command
    }

    /// The last lines that a container wrote, and whether it runs.
    pub(super) fn state(&self, container: &str) -> anyhow::Result<(bool, String)> {
        let running = self.podman(&["inspect", "--format", "{{.State.Running}}", container])?;
        let log = self
            .podman_command(&["logs", "--tail=3", container])
            .output()
            .context("starting podman")?;
        let text = [log.stdout, log.stderr].concat();
        Ok((
            running == "true",
            String::from_utf8_lossy(&text).into_owned(),
        ))
    }

    /// A path for something that goes with the engine.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn store_words(&self) -> [String; 6] {
        [
            "--storage-driver".to_owned(),
            "vfs".to_owned(),
            "--root".to_owned(),
            self.store.join("root").display().to_string(),
            "--runroot".to_owned(),
            self.store.join("run").display().to_string(),
        ]
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // The base stays for the next run.
        let own = format!("localhost/expense-backend:{}", std::process::id());
        if self.podman(&["image", "exists", &own]).is_ok()
            && let Err(error) = self.podman(&["image", "rm", "--force", &own])
        {
            eprintln!("{own} is left behind: {error:#}");
        }
    }
}

/// Runs it to its end; fails with the last lines of what it said.
pub(super) fn checked(command: &mut Command) -> anyhow::Result<Output> {
    let output = command
        .output()
        .with_context(|| format!("starting {:?}", command.get_program()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned()
        + &String::from_utf8_lossy(&output.stdout);
    let lines: Vec<_> = said.lines().collect();
    ensure!(
        output.status.success(),
        "{:?} ended with {}: {}",
        command.get_program(),
        output.status,
        lines[lines.len().saturating_sub(15)..].join("\n")
    );
    Ok(output)
}
