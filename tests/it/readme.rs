//! The README's calls are true: each block of shell between the marks is run as printed.
//!
//! A block that is marked with the line `<!-- tested -->` before it holds pairs: a line that begins with `$ `, then
//! what it prints. Only the port is replaced.

use std::{fs, path::Path, process::Command};

use crate::support::backend::Backend;

const MARK: &str = "<!-- tested -->";
/// Where the README's server listens.
const PRINTED: &str = "127.0.0.1:8080";
/// Calls that the first screen shows at least.
const LEAST: usize = 5;

struct Call {
    command: String,
    printed: String,
}

#[test]
fn every_call_of_the_readme_prints_what_it_says() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(&readme).expect("a README.md");
    let calls = calls(&text);
    let curls = calls
        .iter()
        .filter(|call| call.command.starts_with("curl "))
        .count();
    assert!(curls >= LEAST, "{curls} curl lines after {MARK}");
    let backend = Backend::sqlite();
    let server = backend.serve();
    for call in calls {
        let command = call
            .command
            .replace(PRINTED, &server.address().to_string())
            .replace("localhost:8080", &server.address().to_string());
        let output = Command::new("sh")
            .args(["-ec", &command])
            .current_dir(backend.folder())
            .output()
            .unwrap();
        assert!(output.status.success(), "{command}: {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        check(&call.command, &call.printed, &said);
    }
}

/// `…` stands for whatever differs from run to run, such as a time.
#[track_caller]
fn check(command: &str, printed: &str, said: &str) {
    let (printed, said) = (printed.trim_end(), said.trim_end());
    let mut rest = said;
    let mut parts = printed.split('…');
    let first = parts.next().unwrap_or_default();
    let matched = rest.strip_prefix(first).is_some_and(|after| {
        rest = after;
        let mut parts = parts.peekable();
        while let Some(part) = parts.next() {
            let found = if parts.peek().is_none() {
                rest.ends_with(part).then_some(rest.len())
            } else {
                rest.find(part).map(|at| at + part.len())
            };
            match found {
                Some(end) => rest = &rest[end..],
                None => return false,
            }
        }
        rest.is_empty()
    });
    assert!(matched, "{command}\nprints   {said}\nnot      {printed}");
}

fn calls(readme: &str) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    for block in readme.split(MARK).skip(1) {
        let inside = block
            .split("```")
            .nth(1)
            .expect("a fenced block after the mark");
        for line in inside.lines().skip(1) {
            match (line.strip_prefix("$ "), calls.last_mut()) {
                (Some(command), _) => calls.push(Call {
                    command: command.to_owned(),
                    printed: String::new(),
                }),
                (None, Some(call)) => {
                    call.printed.push_str(line);
                    call.printed.push('\n');
                }
                (None, None) => panic!("a reply before its command: {line}"),
            }
        }
    }
    calls
}

#[test]
fn calls_and_replies_are_told_apart() {
    let readme = "x\n<!-- tested -->\n```console\n$ curl a\n{\"x\":1}\n$ curl b\nb\n```\n";
    let calls = calls(readme);
    assert_eq!(calls.len(), 2);
    assert_eq!(
        (calls[0].command.as_str(), calls[0].printed.as_str()),
        ("curl a", "{\"x\":1}\n")
    );
    check("x", "{\"at\":\"…\",\"b\":1}", "{\"at\":\"2026\",\"b\":1}\n");
    check("x", "", "\n");
    let differs = std::panic::catch_unwind(|| {
        check("x", "{\"at\":\"…\",\"b\":1}", "{\"at\":\"2026\",\"b\":2}")
    });
    assert!(differs.is_err());
    assert!(std::panic::catch_unwind(|| check("x", "a", "ab")).is_err());
}
