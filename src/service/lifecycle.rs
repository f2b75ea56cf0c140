//! Whether the process is on its way out.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Set once at the first signal, read by `/readyz` and by every reply of the notice. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Lifecycle(Arc<AtomicBool>);

impl Lifecycle {
    /// From now on the process is unready and replies say `Connection: close`.
    pub fn drain(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether the process is on its way out.
    #[must_use]
    pub fn draining(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}
