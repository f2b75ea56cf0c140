//! What is in the image: size, configuration, every file.

use std::process::Command;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::engine::{Engine, checked};

/// The most that it may have, unpacked.
const MOST_BYTES: u64 = 25_000_000;

/// Where files may lie: anything else has slipped in. Only these two of them can be executed by themselves.
const PLACES: &[&str] = &["etc/", "usr/share/doc/", "var/lib/dpkg/status.d/", "lib"];
const PROGRAM: &str = "usr/bin/expense-backend";
/// Made by the engine for each container, not part of the image.
const OF_THE_ENGINE: &[&str] = &[
    "dev/",
    "proc/",
    "sys/",
    "run/",
    "etc/hosts",
    "etc/hostname",
    "etc/resolv.conf",
    "etc/mtab",
];

/// Fails where the image is too large, runs as root, or holds what it should not.
pub(super) fn check(engine: &Engine, image: &str) -> anyhow::Result<()> {
    let inspected: Value = serde_json::from_str(&engine.podman(&["image", "inspect", image])?)?;
    let description = &inspected[0];
    let bytes = description["Size"].as_u64().context("no size")?;
    ensure!(
        bytes <= MOST_BYTES,
        "the image has {bytes} bytes, more than {MOST_BYTES}"
    );
    check_configuration(description)?;
    let files = files(engine, image)?;
    check_files(&files)?;
    println!("{bytes} bytes unpacked, {} files", files.len());
    Ok(())
}

fn check_configuration(description: &Value) -> anyhow::Result<()> {
    let program = json!(["/usr/bin/expense-backend"]);
    for (pointer, wanted) in [
        ("/Config/User", json!("65532:65532")),
        ("/Config/Entrypoint", program),
        ("/Config/WorkingDir", json!("/var/lib/expense-backend")),
        (
            "/Healthcheck/Test",
            json!(["CMD", "/usr/bin/expense-backend", "healthcheck"]),
        ),
        ("/Labels/org.opencontainers.image.version", json!("checked")),
        (
            "/Labels/org.opencontainers.image.revision",
            json!("checked"),
        ),
        (
            "/Labels/org.opencontainers.image.licenses",
            json!("Apache-2.0"),
        ),
    ] {
        let found = description.pointer(pointer).unwrap_or(&Value::Null);
        ensure!(
            *found == wanted,
            "the image has {pointer} = {found}, not {wanted}"
        );
    }
    let variables = description["Config"]["Env"].to_string();
    ensure!(
        variables.contains("HOST=0.0.0.0") && !variables.contains("ENVIRONMENT"),
        "the image's variables: {variables}"
    );
    Ok(())
}

/// Lines of `tar -tv`: mode, owner, size, date, time, name.
fn files(engine: &Engine, image: &str) -> anyhow::Result<Vec<String>> {
    let container = engine.podman(&["create", image])?;
    let archive = engine.path("files.tar");
    let target = archive.display().to_string();
    let exported = engine.podman(&["export", "--output", &target, &container]);
    engine.podman(&["rm", &container])?;
    exported?;
    let listing = checked(
        Command::new("tar")
            .args(["--numeric-owner", "-tvf"])
            .arg(&archive),
    )?;
    Ok(String::from_utf8(listing.stdout)?
        .lines()
        .filter(|line| !line.starts_with('d') || line.contains("expense-backend"))
        .filter(|line| {
            let name = name(line);
            !OF_THE_ENGINE.iter().any(|path| name.starts_with(path))
        })
        .map(str::to_owned)
        .collect())
}

fn name(line: &str) -> &str {
    line.split_whitespace().nth(5).unwrap_or_default()
}

fn check_files(files: &[String]) -> anyhow::Result<()> {
    for line in files {
        let name = name(line);
        let program = name == PROGRAM;
        let home = name == "var/lib/expense-backend/";
        ensure!(
            program || home || PLACES.iter().any(|place| name.starts_with(place)),
            "the image holds {name}"
        );
        let executable = line.starts_with("-rwx");
        ensure!(
            !executable || program || name.starts_with("lib"),
            "{name} can be executed"
        );
        ensure!(
            home == line.contains(" 65532/65532 "),
            "{name} has the wrong owner: {line}"
        );
        let mode = line.get(..10).unwrap_or_default();
        ensure!(
            !mode.contains(['s', 't']) && mode.get(8..9) != Some("w"),
            "{name} has the mode {mode}"
        );
    }
    for needed in [
        PROGRAM,
        "var/lib/expense-backend/",
        "etc/ssl/certs/ca-certificates.crt",
        "var/lib/dpkg/status.d/libc6",
    ] {
        ensure!(
            files.iter().any(|line| name(line) == needed),
            "the image lacks {needed}"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Vec<String> {
        [
            "-rw-r--r-- 0/0 6 2023-11-14 22:13 etc/ssl/certs/ca-certificates.crt",
            "-rwxr-xr-x 0/0 9 2023-11-14 22:13 lib/x86_64-linux-gnu/libc.so.6",
            "-rwxr-xr-x 0/0 9 2023-11-14 22:13 usr/bin/expense-backend",
            "-rw-r--r-- 0/0 9 2023-11-14 22:13 var/lib/dpkg/status.d/libc6",
            "drwx------ 65532/65532 0 2023-11-14 22:13 var/lib/expense-backend/",
        ]
        .map(str::to_owned)
        .to_vec()
    }

    #[test]
    fn a_good_list_passes() {
        check_files(&good()).unwrap();
    }

    #[test]
    fn each_fault_is_named() {
        for (line, said) in [
            ("-rwxr-xr-x 0/0 9 2023-11-14 22:13 bin/sh", "holds bin/sh"),
            (
                "-rwxr-xr-x 0/0 9 2023-11-14 22:13 etc/start",
                "can be executed",
            ),
            (
                "-rw-r--r-- 65532/65532 9 2023-11-14 22:13 etc/passwd",
                "wrong owner",
            ),
            (
                "-rw-r--rw- 0/0 9 2023-11-14 22:13 etc/passwd",
                "has the mode",
            ),
            ("-rwsr-xr-x 0/0 9 2023-11-14 22:13 lib/su", "has the mode"),
        ] {
            let mut files = good();
            files.push(line.to_owned());
            let error = check_files(&files).expect_err(said).to_string();
            assert!(error.contains(said), "{line}: {error}");
        }
        let error = check_files(&good()[1..]).expect_err("no roots").to_string();
        assert!(error.contains("lacks etc/ssl"), "{error}");
    }

    #[test]
    fn a_changed_configuration_is_named() {
        let description = json!({
            "Config": {
                "User": "", "Entrypoint": ["/usr/bin/expense-backend"], "Env": ["HOST=0.0.0.0"]
            },
        });
        let error = check_configuration(&description)
            .expect_err("root")
            .to_string();
        assert!(error.contains("/Config/User"), "{error}");
    }
}
