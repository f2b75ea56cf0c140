//! Each rule of the table. A configuration is written as in a shell: `PORT=9000 METRICS_PORT=9000`; `+mysql` and
//! `+production` stand for what those need at least.

mod defaults;
mod refusals;

use super::*;

fn variables(text: &str) -> Vec<(String, String)> {
    let expanded = text
        .replace("+mysql", "DB_HOST=db DB_USER=app DB_PWD=hunter2")
        .replace(
            "+production",
            "ENVIRONMENT=production AUTH_MODE=none TRUSTED_PROXY_HOPS=1",
        );
    let pair = |word: &str| {
        let (name, value) = word.split_once('=').unwrap();
        (name.to_owned(), value.to_owned())
    };
    expanded.split_whitespace().map(pair).collect()
}

/// The last of several values of a variable counts.
fn read(entrance: Entrance, text: &str) -> Result<Config, ConfigFaults> {
    let vars = variables(text);
    let lookup = |name: &str| {
        let found = vars.iter().rev().find(|(key, _)| key == name);
        found.map(|(_, value)| value.clone())
    };
    Config::from_lookup(lookup, entrance)
}

fn good(text: &str) -> Config {
    read(Entrance::Server, text).unwrap()
}

fn faults(text: &str) -> String {
    read(Entrance::Server, text).unwrap_err().to_string()
}

fn mysql(config: &Config) -> &MySqlConfig {
    match &config.store {
        StoreConfig::MySql(mysql) => mysql,
        StoreConfig::Sqlite { .. } => panic!("SQLite"),
    }
}

fn sqlite(config: &Config) -> (&str, PoolConfig) {
    match &config.store {
        StoreConfig::Sqlite { path, pool } => (path.to_str().unwrap(), *pool),
        StoreConfig::MySql(_) => panic!("MySQL"),
    }
}
