//! The old application's table, as two years of use left it.

use super::environment;

/// A row of the file: what must still be there after any migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldRow {
    /// Its number.
    pub id: i64,
    /// Its amount as the file has it.
    pub amount: Option<String>,
    /// Its text.
    pub description: Option<String>,
}

/// A file of statements that make the table and fill it.
pub struct Dump {
    /// The statements.
    pub sql: String,
    /// The rows in them, read without a server.
    pub rows: Vec<OldRow>,
}

impl Dump {
    /// Reads `legacy-<kind>.sql`; `None`, with a printed reason, where the optional folder is not there.
    pub fn read(kind: &str) -> Option<Self> {
        let path = environment::shared(&format!("data/legacy-{kind}.sql"))?;
        let sql = std::fs::read_to_string(path).unwrap();
        let rows = sql
            .lines()
            .filter_map(|line| line.strip_prefix('('))
            .map(row)
            .collect();
        Some(Self { sql, rows })
    }
}

/// Reads `1,4.34,'Haircut'),`.
fn row(line: &str) -> OldRow {
    let (id, rest) = line.split_once(',').unwrap();
    let (amount, rest) = rest.split_once(',').unwrap();
    let text = rest.trim_end_matches([',', ';']).strip_suffix(')').unwrap();
    OldRow {
        id: id.parse().unwrap(),
        amount: present(amount).map(str::to_owned),
        description: present(text).map(unquoted),
    }
}

fn present(value: &str) -> Option<&str> {
    (value != "NULL").then_some(value)
}

fn unquoted(literal: &str) -> String {
    let inner = literal
        .strip_prefix('\'')
        .and_then(|rest| rest.strip_suffix('\''));
    let mut chars = inner.unwrap().chars();
    let mut text = String::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().unwrap() {
                'n' => text.push('\n'),
                quoted @ ('\'' | '"' | '\\') => text.push(quoted),
                other => panic!("\\{other} is not known here"),
            },
            c => text.push(c),
        }
    }
    text
}
