//! Which idempotency keys this process is at work on, so that a second request waits here and not on a connection.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

/// How long a second request waits for the first one's reply.
const PATIENCE: Duration = Duration::from_secs(1);

type Name = (String, String);

/// The keys at work. Across processes the store's own row lock does the same.
#[derive(Debug, Default, Clone)]
pub(super) struct InProgress {
    // A std mutex: never held across an await.
    keys: Arc<Mutex<HashMap<Name, watch::Receiver<()>>>>,
}

/// Held while a request with its key runs; those who wait wake when it is dropped.
#[derive(Debug)]
pub(super) struct Running {
    name: Name,
    keys: InProgress,
    _done: watch::Sender<()>,
}

impl InProgress {
    /// Enters a key. Waits where it is at work; `None` where its first request is still not done after a second.
    ///
    /// Whoever waited goes on without an entry of its own: the store has the first reply by then.
    pub(super) async fn enter(&self, caller: &str, key: &str) -> Option<Option<Running>> {
        let name = (caller.to_owned(), key.to_owned());
        let mut running = match self.take(name) {
            Ok(entered) => return Some(Some(entered)),
            Err(running) => running,
        };
        // An error is the sender's end, which is what is waited for.
        timeout(PATIENCE, running.changed())
            .await
            .ok()
            .map(|_| None)
    }

    fn take(&self, name: Name) -> Result<Running, watch::Receiver<()>> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        match keys.entry(name.clone()) {
            Entry::Occupied(entry) => Err(entry.get().clone()),
            Entry::Vacant(entry) => {
                let (done, running) = watch::channel(());
                entry.insert(running);
                Ok(Running {
                    name,
                    keys: self.clone(),
                    _done: done,
                })
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut keys = self
            .keys
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        keys.remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_second_waits_for_the_first_or_gives_up() {
        let keys = InProgress::default();
        let first = keys.enter("me", "k").await.flatten();
        assert!(first.is_some());
        assert!(
            keys.enter("me", "k").await.is_none(),
            "still running after a second"
        );
        assert!(
            keys.enter("you", "k").await.flatten().is_some(),
            "keys are per caller"
        );
        let waiting = tokio::spawn({
            let keys = keys.clone();
            async move { keys.enter("me", "k").await }
        });
        tokio::task::yield_now().await;
        drop(first);
        assert!(matches!(waiting.await, Ok(Some(None))));
        assert!(
            keys.enter("me", "k").await.flatten().is_some(),
            "free again"
        );
    }
}
