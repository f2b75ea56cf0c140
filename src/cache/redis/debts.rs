//! Invalidations that are owed.

/// Somebody who waits for a write's stamps, or has given up.
pub(super) trait Writer {
    /// Whether it still waits.
    fn waits(&self) -> bool;
}

/// Invalidations that could not be delivered.
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Debts<W> {
    /// Of writers that may still wait.
    pub(super) waiting: Vec<W>,
    /// Of writers that have gone.
    pub(super) gone: u64,
}

impl<W: Writer> Debts<W> {
    /// No debts.
    pub(super) const fn none() -> Self {
        Self {
            waiting: Vec::new(),
            gone: 0,
        }
    }

    /// Whether nothing is owed.
    pub(super) const fn is_empty(&self) -> bool {
        self.waiting.is_empty() && self.gone == 0
    }

    /// Adds `more`.
    pub(super) fn add(&mut self, more: Self) {
        self.gone += more.gone;
        self.waiting.extend(more.waiting);
        // An outage may be long: only a number is kept of those that have gone.
        let before = self.waiting.len();
        self.waiting.retain(Writer::waits);
        self.gone += (before - self.waiting.len()) as u64;
    }
}
