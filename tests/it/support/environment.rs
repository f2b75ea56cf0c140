//! What the test command tells the tests, and what is done where it tells nothing.

use std::{ffi::OsString, path::PathBuf};

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name)
        .and_then(|value| value.into_string().ok())
        .filter(|value| !value.is_empty())
}

/// `TEST_MYSQL_URL`: where root may make databases, such as `mysql://root@127.0.0.1:3306`.
pub(crate) fn mysql_url() -> Option<String> {
    needed("TEST_MYSQL_URL")
}

/// `TEST_REDIS_URL`: a Redis that all tests share.
pub(crate) fn redis_url() -> Option<String> {
    needed("TEST_REDIS_URL")
}

/// `TEST_MOTO_URL`: a stand-in for Secrets Manager.
pub(crate) fn moto_url() -> Option<String> {
    needed("TEST_MOTO_URL")
}

/// `TEST_XTASK`: the program behind `cargo xtask`.
pub(crate) fn xtask() -> Option<PathBuf> {
    needed("TEST_XTASK").map(PathBuf::from)
}

/// `TEST_REDIS_ROOT`: what the command takes for `/`, where that is not the system's.
pub(crate) fn redis_root() -> Option<PathBuf> {
    variable("TEST_REDIS_ROOT").map(PathBuf::from)
}

/// `TEST_REDIS_COMMAND`: how a test starts a Redis of its own; `redis-server` unless told.
pub(crate) fn redis_command() -> String {
    variable("TEST_REDIS_COMMAND").unwrap_or_else(|| "redis-server".to_owned())
}

/// A number that a longer run may raise, such as `TEST_LIST_ROWS`.
pub(crate) fn number(name: &str, default: usize) -> usize {
    variable(name).map_or(default, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("{name}={text:?} is not a number"))
    })
}

/// Whether a missing server is a failure: `REQUIRE_SERVERS=1`, as the test command sets it.
pub(crate) fn servers_required() -> bool {
    variable("REQUIRE_SERVERS").is_some_and(|value| value == "1")
}

/// Says why a test does nothing, or fails where servers are required.
pub(crate) fn skip(reason: &str) {
    assert!(!servers_required(), "REQUIRE_SERVERS=1, but {reason}");
    eprintln!("skipped: {reason}");
}

/// A file of the folder beside the repository that holds the old application's data (`EXPENSE_SHARED`). It is
/// optional even where servers are required: a clone may stand alone.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = variable("EXPENSE_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"),
        PathBuf::from,
    );
    let file = folder.join(path);
    if file.exists() {
        return Some(file);
    }
    eprintln!("skipped: {} is not there", file.display());
    None
}

/// What a spawned program inherits: where programs are found, and where coverage profiles go.
pub(crate) fn inherited() -> Vec<(String, OsString)> {
    ["PATH", "HOME", "TMPDIR", "LLVM_PROFILE_FILE"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), std::env::var_os(name)?)))
        .collect()
}

fn needed(name: &str) -> Option<String> {
    let value = variable(name);
    if value.is_none() {
        skip(&format!("{name} is not set (cargo xtask test sets it)"));
    }
    value
}
