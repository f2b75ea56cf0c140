//! A panic is one line of the log like any other, with the ids of the request that it ended.

use std::panic::{self, PanicHookInfo};

/// From now on panics are logged, and printed nowhere else.
pub(super) fn install() {
    panic::set_hook(Box::new(report));
}

fn report(panic: &PanicHookInfo<'_>) {
    let cause = panic.payload_as_str().unwrap_or("no text");
    match panic.location() {
        Some(location) => tracing::error!(%location, cause, "panicked"),
        None => tracing::error!(cause, "panicked"),
    }
}
