//! A server of stamps for the model: what Redis does, without Redis.

use std::collections::BTreeMap;

use super::{
    core::{Call, Reply},
    subject::Subject,
};
use crate::cache::Key;

/// Stamps and shared bytes, as Redis keeps them; `version` stands for the bytes made from that state of the store.
#[derive(Debug, Clone, Default, Hash)]
pub(super) struct Server {
    pub(super) history: u32,
    pub(super) frozen: bool,
    stamps: BTreeMap<Subject, u64>,
    /// Bytes by key and stamp.
    pub(super) shared: BTreeMap<(Key, [u64; 4]), u32>,
    drawn: u64,
}

impl Server {
    fn draw(&mut self) -> u64 {
        self.drawn += 1;
        self.drawn
    }

    /// Works on a call.
    pub(super) fn execute(&mut self, call: &Call) -> Reply {
        let (Call::Ask(subjects) | Call::Set(subjects)) = call;
        for subject in subjects {
            if matches!(call, Call::Set(_)) || !self.stamps.contains_key(subject) {
                let stamp = self.draw();
                self.stamps.insert(*subject, stamp);
            }
        }
        Reply {
            history: self.history.to_string(),
            stamps: subjects
                .iter()
                .map(|subject| self.stamps.get(subject).map(|stamp| [*stamp, 0]))
                .collect(),
        }
    }

    /// Takes the data of `old`, as a replica does that is made a primary again, or a restored server. Stamps that are
    /// drawn from now on are still new.
    pub(super) fn take_data_of(&mut self, old: &Self) {
        self.stamps.clone_from(&old.stamps);
        self.shared.clone_from(&old.shared);
        self.history += 1;
    }
}
