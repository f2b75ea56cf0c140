//! The smoke test after a rollout: `cargo xtask smoke`, on the address that clients use.

use std::process::Command;

use anyhow::{Context as _, bail};

use crate::program;

/// What it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Smoke {
    Read,
    /// With rows of its own, which it removes.
    Write,
    Off,
}

impl Smoke {
    /// Nothing is written to the rows of production.
    pub(super) fn read(word: Option<&str>, environment: &str) -> anyhow::Result<Self> {
        match (word, environment) {
            (None, "prod") | (Some("read"), _) => Ok(Self::Read),
            (Some("write"), "prod") => bail!("--smoke write: prod is only read"),
            (None | Some("write"), _) => Ok(Self::Write),
            (Some("off"), _) => Ok(Self::Off),
            (Some(other), _) => bail!("--smoke {other:?}: write read, write or off"),
        }
    }

    /// Fails where the service does not do what it promises; it may take `wait` seconds to answer at all.
    pub(super) fn test(self, url: &str, wait: u64) -> anyhow::Result<()> {
        if self == Self::Off {
            println!("no smoke test of {url}: --smoke off");
            return Ok(());
        }
        let own = std::env::current_exe().context("finding this program")?;
        let mut command = Command::new(own);
        command.args(["smoke", "--url", url, "--wait", &wait.to_string()]);
        if self == Self::Write {
            command.arg("--write");
        }
        program::shown(&mut command).with_context(|| format!("the smoke test of {url}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_only_read() {
        assert_eq!(Smoke::read(None, "prod").unwrap(), Smoke::Read);
        assert_eq!(Smoke::read(None, "dev").unwrap(), Smoke::Write);
        assert_eq!(Smoke::read(Some("off"), "prod").unwrap(), Smoke::Off);
        assert!(Smoke::read(Some("write"), "prod").is_err());
        assert!(Smoke::read(Some("sometimes"), "dev").is_err());
    }
}
