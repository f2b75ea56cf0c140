//! Words on the command line, and commands that touch nothing.

use std::process::Stdio;

use super::{code, run, text, variables};
use crate::support::server::program;

#[test]
fn a_word_that_is_not_known_is_repeated_and_ends_with_64() {
    let folder = tempfile::tempdir().unwrap();
    for (words, fault) in [
        (&["serv"] as &[&str], "serv"),
        (&["migrate", "--chekc"], "--chekc"),
        (&["healthcheck", "now"], "now"),
        (&["keys", "old"], "old"),
        (&["keys", "new", "--scope", "read"], "read"),
    ] {
        let output = run(folder.path(), &[], words);
        assert_eq!(code(output.status), 64, "{words:?}");
        assert!(output.stdout.is_empty(), "{words:?}");
        let said = text(&output.stderr);
        assert!(said.contains(&format!("'{fault}'")), "{said}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

/// Neither the configuration nor the disk is any of their business.
#[test]
fn commands_that_only_speak_need_no_configuration_and_leave_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let nonsense = [("ENVIRONMENT", "nonsense"), ("PORT", "none")];
    for (words, part) in [
        (&["--help"] as &[&str], "healthcheck"),
        (&["--version"], env!("CARGO_PKG_VERSION")),
        (&["migrate", "--help"], "--check"),
        (&["openapi"], "\"openapi\": \"3.1"),
        (&["keys", "new"], "\"sha256\""),
    ] {
        let output = run(folder.path(), &nonsense, words);
        assert_eq!(code(output.status), 0, "{words:?}");
        assert!(text(&output.stdout).contains(part), "{words:?}");
    }
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
}

#[test]
fn a_reader_who_goes_away_is_no_fault() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(folder.path(), &variables(&[]), &["openapi"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(code(output.status), 0, "{}", text(&output.stderr));
}
