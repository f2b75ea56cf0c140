//! A connection of the pool in the hands of a caller.

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, atomic::Ordering},
    time::Instant,
};

use tokio::sync::OwnedSemaphorePermit;

use super::{Connector, Shared};

/// A connection and its past.
pub(super) struct Kept<T> {
    pub(super) connection: T,
    pub(super) made: Instant,
    pub(super) used: Instant,
    pub(super) generation: u64,
}

impl<T> Kept<T> {
    /// One that was just made.
    pub(super) fn new(connection: T, generation: u64) -> Self {
        let now = Instant::now();
        Self {
            connection,
            made: now,
            used: now,
            generation,
        }
    }
}

/// A connection in the hands of one caller. Dropped without [`Lease::give_back`], it is closed.
pub(in crate::store) struct Lease<C: Connector> {
    /// Present until the lease ends.
    kept: Option<Kept<C::Connection>>,
    shared: Arc<Shared<C>>,
    _permit: OwnedSemaphorePermit,
}

impl<C: Connector> Lease<C> {
    /// Counts as in use until it is dropped.
    pub(super) fn new(
        kept: Kept<C::Connection>,
        shared: Arc<Shared<C>>,
        permit: OwnedSemaphorePermit,
    ) -> Self {
        shared.in_use.fetch_add(1, Ordering::Relaxed);
        Self {
            kept: Some(kept),
            shared,
            _permit: permit,
        }
    }

    /// Ends the lease of a connection that is clean: no transaction open, no reply unread.
    pub(in crate::store) fn give_back(mut self) {
        if let Some(kept) = self.kept.take() {
            self.shared.keep(kept);
        }
    }
}

impl<C: Connector> Drop for Lease<C> {
    fn drop(&mut self) {
        self.shared.in_use.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C: Connector> Deref for Lease<C> {
    type Target = C::Connection;

    #[expect(
        clippy::expect_used,
        reason = "present until the lease ends, by construction"
    )]
    fn deref(&self) -> &C::Connection {
        &self
            .kept
            .as_ref()
            .expect("a lease holds a connection")
            .connection
    }
}

impl<C: Connector> DerefMut for Lease<C> {
    #[expect(
        clippy::expect_used,
        reason = "present until the lease ends, by construction"
    )]
    fn deref_mut(&mut self) -> &mut C::Connection {
        &mut self
            .kept
            .as_mut()
            .expect("a lease holds a connection")
            .connection
    }
}
