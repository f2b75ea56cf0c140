//! An AWS account that is none: moto on loopback, asked by the real CLI.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use serde_json::{Value, json};

use crate::{
    child::Server,
    outputs, program,
    python_tool::{self, PythonTool},
    temporary::Folder,
    test::moto,
};

const AWS_CLI: PythonTool = PythonTool {
    folder: "awscli-1.46.3",
    packages: &["awscli==1.46.3"],
};
/// moto's only account.
pub(super) const ACCOUNT: &str = "123456789012";
pub(super) const REGION: &str = "us-east-1";
/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(300);

/// moto, and a folder for what is made.
pub(super) struct Account {
    path: OsString,
    address: String,
    pub(super) folder: Folder,
    _server: Server,
}

/// How one of our commands ended.
pub(super) struct Ended {
    pub(super) passed: bool,
    pub(super) said: String,
}

impl Account {
    pub(super) fn open() -> anyhow::Result<Self> {
        let folder = Folder::new("account")?;
        let bin = folder.path().join("bin");
        fs::create_dir(&bin)?;
        let (server, address) = moto::serve(folder.path().join("moto.log"))?;
        let with_aws = python_tool::path_with(&AWS_CLI.bin()?)?;
        let folders = std::iter::once(bin).chain(std::env::split_paths(&with_aws));
        let account = Self {
            path: std::env::join_paths(folders)?,
            address,
            folder,
            _server: server,
        };
        // Functions answer what they are told to, instead of being run by Docker.
        account.post(
            "/moto-api/config",
            &json!({"lambda": {"use_docker": false}}),
        )?;
        Ok(account)
    }

    /// A program of another name than its own: first on the PATH.
    pub(super) fn stand_in(&self, name: &str, script: &str) -> anyhow::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        let file = self.folder.file(&format!("bin/{name}"), script)?;
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))?;
        Ok(())
    }

    /// moto's own interface.
    pub(super) fn post(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let address = format!("{}{path}", self.address);
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--fail", "--max-time", "20"]);
        curl.args(["--data", &body.to_string(), &address]);
        program::said(&mut curl).map(drop)
    }

    /// The AWS CLI.
    pub(super) fn aws(&self, words: &[&str]) -> anyhow::Result<Value> {
        let mut command = Command::new("aws");
        command
            .args(words)
            .args(["--output", "json", "--endpoint-url", &self.address]);
        let text = program::said(self.inside(&mut command))?;
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).with_context(|| format!("aws {}", words.join(" ")))
    }

    /// One of our own commands, to its end.
    pub(super) fn xtask(&self, outputs: &Value, words: &[&str]) -> anyhow::Result<Ended> {
        let log = self.folder.path().join("said");
        let mut child = self.begin(outputs, words, &log)?;
        let status = child.wait()?;
        Ok(Ended {
            passed: status.success(),
            said: fs::read_to_string(&log)?,
        })
    }

    /// The same, going on; what it says goes to `log`.
    pub(super) fn begin(
        &self,
        outputs: &Value,
        words: &[&str],
        log: &Path,
    ) -> anyhow::Result<Child> {
        let file = fs::File::create(log)?;
        let mut command = Command::new(std::env::current_exe()?);
        self.inside(&mut command)
            .args(words)
            .env(outputs::VARIABLE, outputs.to_string())
            .env("GITHUB_OUTPUT", self.output_file())
            .env("GITHUB_REPOSITORY", "example-org/expense-backend")
            .env("GITHUB_STEP_SUMMARY", self.folder.path().join("summary"))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .context("starting our own command")
    }

    /// What the steps' outputs were written to.
    pub(super) fn output_file(&self) -> PathBuf {
        self.folder.path().join("output")
    }

    fn inside<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command
            .env("PATH", &self.path)
            .env("AWS_ENDPOINT_URL", &self.address)
            .env("AWS_ACCESS_KEY_ID", "stand-in")
            .env("AWS_SECRET_ACCESS_KEY", "stand-in")
            .env("AWS_DEFAULT_REGION", REGION)
            .env("AWS_PAGER", "")
            .env_remove("GITHUB_RUN_ID")
            .env_remove("SMOKE_API_KEY")
    }
}

impl Ended {
    /// Fails unless it ended as wanted and said so.
    pub(super) fn must(&self, pass: bool, words: &[&str]) -> anyhow::Result<()> {
        ensure!(
            self.passed == pass,
            "it {} but should not have:\n{}",
            if self.passed { "passed" } else { "failed" },
            self.said
        );
        for word in words {
            ensure!(
                self.said.contains(word),
                "it did not say {word:?}:\n{}",
                self.said
            );
        }
        Ok(())
    }
}

/// Asks again until it is so.
pub(super) fn until(what: &str, is_so: impl Fn() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_so()? {
        if Instant::now() > end {
            bail!("{what}: not within {} s", PATIENCE.as_secs());
        }
        thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}
