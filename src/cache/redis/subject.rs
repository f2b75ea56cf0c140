//! What stamps stand for: which of them prove a key, and which of them a write changes.

use crate::{
    cache::{Change, Key, Stamp},
    domain::TransactionId,
};

/// What a stamp stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Subject {
    /// All lists.
    Lists,
    /// All rows at once.
    Rows,
    /// One row.
    Row(TransactionId),
}

/// The stamps that prove a key.
pub(super) fn proving(key: Key) -> Vec<Subject> {
    match key {
        Key::List => vec![Subject::Lists],
        Key::OldRow(id) | Key::Resource(id) => vec![Subject::Rows, Subject::Row(id)],
    }
}

/// The stamps that writes change, each once.
pub(super) fn touched(changes: &[Change]) -> Vec<Subject> {
    let mut subjects = vec![Subject::Lists];
    for change in changes {
        match change {
            Change::Inserted => {}
            Change::Row(id) => subjects.push(Subject::Row(*id)),
            Change::Everything => subjects.push(Subject::Rows),
        }
    }
    subjects.sort_unstable();
    subjects.dedup();
    subjects
}

/// The stamp of a key, made of those that prove it. The last part is the number of the chain by which they were read.
pub(super) fn stamp(
    key: Key,
    of: impl Fn(Subject) -> Option<[u64; 2]>,
    chain: u64,
) -> Option<Stamp> {
    match key {
        Key::List => {
            let [a, b] = of(Subject::Lists)?;
            Some(Stamp([a, b, 0, 0, chain]))
        }
        Key::OldRow(id) | Key::Resource(id) => {
            let [a, b] = of(Subject::Rows)?;
            let [c, d] = of(Subject::Row(id))?;
            Some(Stamp([a, b, c, d, chain]))
        }
    }
}
