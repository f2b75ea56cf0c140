//! One way down: a module imports only modules below it.
//!
//! `bins -> app -> router -> {middleware, handlers} -> service -> {store, cache} -> domain`, with leaves beside them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A module of `src/`, and the modules of the crate that it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    // Leaves: they may use values of the domain, and leaves below them.
    ("secrets", &["domain"]),
    ("config", &["domain", "secrets"]),
    ("telemetry", &["domain", "config"]),
    ("tls", &[]),
    ("redis_link", &["config", "secrets", "telemetry"]),
    ("auth", &["config", "secrets", "telemetry"]),
    ("rate_limit", &["config", "redis_link"]),
    ("wire", &["domain"]),
    // Ports and their adapters.
    ("store", &["domain", "config", "secrets", "telemetry"]),
    ("cache", &["domain", "redis_link", "telemetry"]),
    // The rules, by the ports alone.
    (
        "service",
        &["domain", "store", "cache", "telemetry", "wire"],
    ),
    // HTTP: never the store; of the cache only what a ready reply is.
    (
        "handlers",
        &[
            "domain",
            "service",
            "wire",
            "auth",
            "config",
            "telemetry",
            "middleware",
            "cache",
        ],
    ),
    ("openapi", &["handlers"]),
    ("ui", &["handlers", "openapi"]),
    (
        "middleware",
        &["domain", "auth", "config", "telemetry", "rate_limit"],
    ),
    (
        "router",
        &[
            "handlers",
            "middleware",
            "openapi",
            "ui",
            "auth",
            "rate_limit",
            "telemetry",
        ],
    ),
    // Entrances and what puts the parts together.
    ("server", &["config", "middleware", "service"]),
    (
        "app",
        &[
            "router",
            "handlers",
            "middleware",
            "service",
            "store",
            "cache",
            "domain",
            "config",
            "secrets",
            "telemetry",
            "redis_link",
            "rate_limit",
            "auth",
        ],
    ),
    (
        "cli",
        &["app", "config", "telemetry", "server", "openapi", "auth"],
    ),
    (
        "lambda",
        &["app", "cli", "config", "telemetry", "middleware"],
    ),
];

/// Crates that only some modules may name.
const MAY_NAME: &[(&str, &[&str])] = &[
    // `auth` and `telemetry` read its header types, no more.
    (
        "axum",
        &[
            "auth",
            "telemetry",
            "ui",
            "app",
            "handlers",
            "lambda",
            "middleware",
            "openapi",
            "router",
            "server",
            "cli",
        ],
    ),
    ("sqlx", &["store"]),
    ("redis", &["cache", "redis_link", "rate_limit"]),
    ("moka", &["cache"]),
    // `cli` asks the running server, as a client.
    ("hyper", &["server", "cli"]),
    ("lambda_http", &["lambda"]),
    ("aws_sdk_secretsmanager", &["secrets"]),
];

/// Modules that name a concrete adapter; the only place besides the adapter's own folder.
const ADAPTERS: &[&str] = &[
    "store::mysql",
    "store::sqlite",
    "cache::memory",
    "cache::redis",
];
const NAMES_ADAPTERS: &[&str] = &["app", "cli", "lambda"];

#[test]
fn no_module_imports_upwards() {
    let rules: BTreeMap<_, _> = MAY_IMPORT.iter().copied().collect();
    let mut faults = Vec::new();
    let mut seen = BTreeSet::new();
    for source in sources() {
        let module = source.module.as_str();
        let Some(allowed) = rules.get(module) else {
            faults.push(format!("{}: {module} has no rule", source.path));
            continue;
        };
        seen.insert(module.to_owned());
        for imported in imports(&source.text) {
            if imported != module && !allowed.contains(&imported.as_str()) {
                faults.push(format!("{}: {module} -> {imported}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let unused: Vec<_> = rules
        .keys()
        .filter(|module| !seen.contains(**module))
        .collect();
    assert!(
        unused.is_empty(),
        "rules for modules that are not there: {unused:?}"
    );
}

#[test]
fn foreign_crates_stay_where_they_belong() {
    let mut faults = Vec::new();
    for source in sources() {
        for (name, modules) in MAY_NAME {
            let foreign = without_own_imports(&source.text);
            let named = foreign.lines().any(|line| names_crate(line, name));
            if named && !modules.contains(&source.module.as_str()) {
                faults.push(format!("{} names {name}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn adapters_are_chosen_in_one_place() {
    let mut faults = Vec::new();
    for source in sources() {
        for adapter in ADAPTERS {
            let own = adapter.starts_with(&format!("{}::", source.module));
            if source.text.contains(adapter)
                && !own
                && !NAMES_ADAPTERS.contains(&source.module.as_str())
            {
                faults.push(format!("{} names {adapter}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn only_the_configuration_reads_the_environment() {
    for source in sources() {
        if source.module != "config" {
            for call in ["env::var", "env::vars"] {
                assert!(
                    !source.text.contains(call),
                    "{} reads the environment",
                    source.path
                );
            }
        }
    }
}

struct Source {
    path: String,
    module: String,
    text: String,
}

/// Every file of `src/` but `lib.rs`, without comments and without its unit tests.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    gather(&root, &root, &mut sources);
    assert!(sources.len() > 30, "{} files", sources.len());
    sources
}

fn gather(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, sources);
            continue;
        }
        let inside = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        if !inside.ends_with(".rs") || inside == "lib.rs" {
            continue;
        }
        let module = inside
            .split('/')
            .next()
            .unwrap()
            .trim_end_matches(".rs")
            .to_owned();
        let text = fs::read_to_string(&path).unwrap();
        sources.push(Source {
            path: inside,
            module,
            text: without_comments_and_tests(&text),
        });
    }
}

fn without_comments_and_tests(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The first step of every `crate::…` path, also of `use crate::{a, b::{c}}`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_steps(group)),
            None => found.extend(word(rest)),
        }
    }
    found
}

fn first_steps(group: &str) -> Vec<String> {
    let mut steps = Vec::new();
    let mut depth = 0_u32;
    let mut start = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                steps.extend(word(group[start..at].trim_start()));
                return steps;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                steps.extend(word(group[start..at].trim_start()));
                start = at + 1;
            }
            _ => {}
        }
    }
    panic!("an import without its end: {group}");
}

fn word(text: &str) -> Option<String> {
    let end = text
        .find(|c: char| !(c.is_alphanumeric() || c == '_'))
        .unwrap_or(text.len());
    Some(text[..end].to_owned()).filter(|word| !word.is_empty())
}

/// Without `use crate::…;`: a module of ours may be named like a crate.
fn without_own_imports(code: &str) -> String {
    let mut parts = code.split("use crate::");
    let mut rest = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, after) = part.split_once(';').unwrap_or((part, ""));
        rest.push_str(after);
    }
    rest
}

fn names_crate(line: &str, name: &str) -> bool {
    line.match_indices(&format!("{name}::")).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':'))
    })
}

#[test]
fn imports_are_found_in_every_form() {
    let code = "use crate::{\n    app,\n    store::{self, mysql::X},\n};\nlet x = crate::wire::page;\nuse other_crate::y;";
    let wanted: BTreeSet<_> = ["app", "store", "wire"].map(str::to_owned).into();
    assert_eq!(imports(code), wanted);
    let own = without_own_imports("use crate::{\n    redis::X,\n};\nuse redis::Y;");
    assert_eq!(own.matches("redis::").count(), 1, "{own}");
    assert!(names_crate("    sqlx::query(x)", "sqlx"));
    assert!(!names_crate("use crate::redis::x;", "redis"));
    assert!(!names_crate("my_sqlx::query(x)", "sqlx"));
}
