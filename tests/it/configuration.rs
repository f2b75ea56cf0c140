//! `docs/CONFIGURATION.md` against the program: every variable, its default, what it allows.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap},
};

use expense_backend::config::{Config, Entrance};

const PAGE: &str = include_str!("../../docs/CONFIGURATION.md");

/// Refused wherever a value is looked at.
const NONSENSE: &str = "¿";

struct Row {
    variable: &'static str,
    default: &'static str,
    allowed: &'static str,
}

fn rows() -> Vec<Row> {
    let row = |line: &'static str| {
        let cells: Vec<_> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [variable, default, allowed, meaning] = cells[..] else {
            panic!("four cells: {line}")
        };
        assert!(meaning.ends_with(['.', '`']), "a meaning: {line}");
        Row {
            variable: variable.trim_matches('`'),
            default,
            allowed,
        }
    };
    PAGE.lines()
        .filter(|line| line.starts_with("| `"))
        .map(row)
        .collect()
}

/// The variables that every configuration of the kind has, so that it is whole without the one that is looked at.
fn base(kind: &str) -> HashMap<&'static str, &'static str> {
    let mysql = [("DB_HOST", "db"), ("DB_USER", "app"), ("DB_PWD", "x")];
    let words = [
        ("TRUSTED_PROXY_HOPS", "0"),
        ("AUTH_MODE", "none"),
        ("CACHE_MODE", "on"),
    ];
    match kind {
        "development" => HashMap::new(),
        "lambda" => mysql.into(),
        "staging" => mysql
            .into_iter()
            .chain([("ENVIRONMENT", "staging"), ("REDIS_HOST", "r")])
            .collect(),
        "production" => {
            let whole = mysql.into_iter().chain(words);
            whole
                .chain([("ENVIRONMENT", "production"), ("REDIS_HOST", "r")])
                .collect()
        }
        other => panic!("{other}"),
    }
}

fn read(kind: &str, vars: &HashMap<&str, &str>) -> Result<Config, String> {
    let entrance = match kind {
        "lambda" => Entrance::Lambda,
        _ => Entrance::Server,
    };
    let lookup = |name: &str| vars.get(name).map(|value| (*value).to_owned());
    Config::from_lookup(lookup, entrance).map_err(|faults| faults.to_string())
}

#[test]
fn every_variable_that_the_program_asks_for_is_on_the_page_once() {
    let asked = RefCell::new(BTreeSet::new());
    for entrance in [Entrance::Server, Entrance::Job, Entrance::Lambda] {
        for mode in ["jwt", "api-key"] {
            let _faults = Config::from_lookup(
                |name| {
                    asked.borrow_mut().insert(name.to_owned());
                    (name == "AUTH_MODE").then(|| mode.to_owned())
                },
                entrance,
            );
        }
    }
    let listed: Vec<_> = rows().iter().map(|row| row.variable.to_owned()).collect();
    let once: BTreeSet<_> = listed.iter().cloned().collect();
    assert_eq!(listed.len(), once.len(), "a variable has two rows");
    assert_eq!(asked.into_inner(), once);
}

/// A default such as `` `60`, in production `300` `` is the value that changes nothing when it is set.
#[test]
fn the_defaults_on_the_page_are_the_programs() {
    for row in rows() {
        for (words, kind) in [
            ("", "development"),
            ("in staging ", "staging"),
            ("in production ", "production"),
            ("on Lambda ", "lambda"),
        ] {
            let start = format!("{words}`");
            let Some(cell) = row
                .default
                .split(", ")
                .find_map(|part| part.strip_prefix(&start))
            else {
                continue;
            };
            let (value, _) = cell.split_once('`').unwrap();
            let mut vars = base(kind);
            vars.remove(row.variable);
            let unset = format!("{:?}", read(kind, &vars));
            vars.insert(row.variable, value);
            let set = format!("{:?}", read(kind, &vars));
            // What production wants in words has no default there.
            if kind != "production" {
                assert!(unset.starts_with("Ok"), "{}: {unset}", row.variable);
            }
            assert_eq!(set, unset, "{} in {kind}", row.variable);
        }
    }
}

#[test]
fn a_refusal_says_what_the_page_allows() {
    for row in rows() {
        let vars = HashMap::from([(row.variable, NONSENSE)]);
        match read("development", &vars) {
            Ok(_) => assert_eq!(row.allowed, "any text", "{}", row.variable),
            Err(fault) if row.allowed == "any text" => {
                let part = format!("{} is \"", row.variable);
                assert!(!fault.contains(&part), "{fault}");
            }
            Err(fault) => {
                assert!(fault.contains(row.variable), "{fault}");
                assert!(fault.contains(row.allowed), "{}: {fault}", row.allowed);
            }
        }
    }
}
