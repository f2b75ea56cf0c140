//! Reads of the store that several requests share, so that a cold or absent cache does not multiply them.
//!
//! A fill runs in a task of its own: it is not cut off with the request that began it. A fill that panics gives `None`
//! to all who wait for it, never a hang; the panic itself is logged by the panic hook.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    future::Future,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::sync::watch;
use tracing::Instrument as _;

use crate::telemetry::context::carried;

/// Holds `None` until the fill is done; its end without a value means that the fill panicked.
type Outcome<V> = watch::Receiver<Option<V>>;
// A std mutex: never held across an await.
type Table<K, T> = Arc<Mutex<HashMap<K, T>>>;

fn lock<K, T>(table: &Table<K, T>) -> MutexGuard<'_, HashMap<K, T>> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn landed<V: Clone>(mut outcome: Outcome<V>) -> Option<V> {
    let value = outcome.wait_for(Option::is_some).await.ok()?;
    value.clone()
}

/// One fill at a time for each key; whoever comes with an equal key meanwhile takes its result.
///
/// Right only where equal keys prove that the result is good for all who come with them, as `(Key, Stamp)` does.
pub struct SingleFlight<K, V> {
    flights: Table<K, Outcome<V>>,
}

impl<K, V> SingleFlight<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Runs `fill`, or joins the one that runs for an equal key. `None`: the fill panicked.
    pub async fn run<F, R>(&self, key: K, fill: F) -> Option<V>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = V> + Send + 'static,
    {
        landed(self.board(key, fill)).await
    }

    fn board<F, R>(&self, key: K, fill: F) -> Outcome<V>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = V> + Send + 'static,
    {
        let mut flights = lock(&self.flights);
        let entry = match flights.entry(key) {
            Entry::Occupied(flight) => return flight.get().clone(),
            Entry::Vacant(entry) => entry,
        };
        let (done, outcome) = watch::channel(None);
        let (key, table) = (entry.key().clone(), self.flights.clone());
        entry.insert(outcome.clone());
        let flight = async move {
            let filled = caught(fill).await;
            // Off the table first: who comes from now on starts a flight of its own.
            lock(&table).remove(&key);
            if let Some(value) = filled {
                done.send_replace(Some(value));
            }
        };
        // Its lines and spans are those of the request that began it.
        tokio::spawn(carried(flight).in_current_span());
        outcome
    }
}

/// Runs a fill to its end; `None` where it panicked.
async fn caught<V, R: Future<Output = V>>(fill: impl FnOnce() -> R) -> Option<V> {
    // What a fill shares with others are ports, and those keep no half-made state across a panic.
    AssertUnwindSafe(async move { fill().await })
        .catch_unwind()
        .await
        .ok()
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self {
            flights: Arc::default(),
        }
    }
}

impl<K, V> fmt::Debug for SingleFlight<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SingleFlight").finish_non_exhaustive()
    }
}

/// One fill at a time for each key; whoever comes while it runs shares the **next** one with all who wait.
///
/// Needs no proof: nobody gets what was read before they came. A store under a dead cache is asked by one fill of each
/// key at a time, however many wait. A failure is given to who waits for the next fill too: a fill fails after as long
/// as a caller may wait for a connection, and each further one would take as long again.
pub struct Batched<K, V> {
    slots: Table<K, Option<Next<V>>>,
    failed: fn(&V) -> bool,
}

/// A fill that has not begun.
struct Next<V> {
    fill: BoxFuture<'static, V>,
    done: watch::Sender<Option<V>>,
}

impl<K, V> Batched<K, V>
where
    K: Hash + Eq + Clone + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// None at work; `failed` tells which results end the wait of all.
    #[must_use]
    pub fn new(failed: fn(&V) -> bool) -> Self {
        Self {
            slots: Arc::default(),
            failed,
        }
    }

    /// Runs `fill`, or shares one that begins after this call. `None`: the fill panicked.
    pub async fn run<F, R>(&self, key: K, fill: F) -> Option<V>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = V> + Send + 'static,
    {
        landed(self.queue(key, fill)).await
    }

    fn queue<F, R>(&self, key: K, fill: F) -> Outcome<V>
    where
        F: FnOnce() -> R + Send + 'static,
        R: Future<Output = V> + Send + 'static,
    {
        let begin = || {
            let (done, outcome) = watch::channel(None);
            // Nothing of the fill runs before its turn.
            let fill = async move { fill().await }.in_current_span().boxed();
            (Next { fill, done }, outcome)
        };
        match lock(&self.slots).entry(key) {
            Entry::Occupied(mut slot) => match slot.get() {
                Some(next) => next.done.subscribe(),
                None => {
                    let (next, outcome) = begin();
                    slot.insert(Some(next));
                    outcome
                }
            },
            Entry::Vacant(entry) => {
                let (first, outcome) = begin();
                tokio::spawn(drive(
                    self.slots.clone(),
                    self.failed,
                    entry.key().clone(),
                    first,
                ));
                entry.insert(None);
                outcome
            }
        }
    }
}

/// Runs the fills of one key, one after another, until nobody waits.
async fn drive<K: Hash + Eq, V: Clone>(
    slots: Table<K, Option<Next<V>>>,
    failed: fn(&V) -> bool,
    key: K,
    first: Next<V>,
) {
    let mut turn = Some(first);
    while let Some(Next { fill, done }) = turn {
        let value = caught(|| fill).await;
        let failure = value.clone().filter(failed);
        if let Some(value) = value {
            done.send_replace(Some(value));
        }
        drop(done);
        let mut slots = lock(&slots);
        turn = slots.get_mut(&key).and_then(Option::take);
        if let (Some(failure), Some(next)) = (failure, &turn) {
            next.done.send_replace(Some(failure));
            turn = None;
        }
        if turn.is_none() {
            slots.remove(&key);
        }
    }
}

impl<K, V> fmt::Debug for Batched<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batched").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::{sync::Semaphore, task::JoinHandle};

    use super::*;

    const FAILURE: u32 = u32::MAX;

    /// Fills that count themselves and wait for a permit.
    #[derive(Default)]
    struct Fills {
        begun: AtomicU32,
        gate: Option<Semaphore>,
    }

    impl Fills {
        fn held() -> Arc<Self> {
            Arc::new(Self {
                begun: AtomicU32::new(0),
                gate: Some(Semaphore::new(0)),
            })
        }

        async fn fill(self: Arc<Self>) -> u32 {
            let number = self.begun.fetch_add(1, Ordering::SeqCst) + 1;
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            number
        }

        fn release(&self) {
            self.gate.as_ref().unwrap().add_permits(1);
        }
    }

    /// Lets every task that can run do so: the test runtime has one thread and a queue without timers.
    async fn settle() {
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }

    fn fly(flights: &Arc<SingleFlight<u8, u32>>, fills: &Arc<Fills>) -> JoinHandle<Option<u32>> {
        let (flights, fills) = (flights.clone(), fills.clone());
        tokio::spawn(async move { flights.run(1, || fills.fill()).await })
    }

    fn batched() -> Arc<Batched<u8, u32>> {
        Arc::new(Batched::new(|value| *value == FAILURE))
    }

    fn wait(batched: &Arc<Batched<u8, u32>>, fills: &Arc<Fills>) -> JoinHandle<Option<u32>> {
        let (batched, fills) = (batched.clone(), fills.clone());
        tokio::spawn(async move { batched.run(1, || fills.fill()).await })
    }

    #[tokio::test]
    async fn equal_keys_share_one_flight() {
        let (flights, fills) = (Arc::default(), Fills::held());
        let waiting: Vec<_> = (0..9).map(|_| fly(&flights, &fills)).collect();
        settle().await;
        fills.release();
        for one in waiting {
            assert_eq!(one.await.unwrap(), Some(1));
        }
        fills.release();
        assert_eq!(fly(&flights, &fills).await.unwrap(), Some(2), "a new one");
    }

    #[tokio::test]
    async fn a_flight_outlives_the_request_that_began_it() {
        let (flights, fills) = (Arc::default(), Fills::held());
        let first = fly(&flights, &fills);
        settle().await;
        first.abort();
        let second = fly(&flights, &fills);
        settle().await;
        fills.release();
        assert_eq!(second.await.unwrap(), Some(1));
    }

    #[tokio::test]
    async fn a_panic_ends_the_wait_of_all() {
        let flights: Arc<SingleFlight<u8, u32>> = Arc::default();
        let batched = batched();
        for _ in 0..2 {
            assert_eq!(
                flights.run(1, || async { panic!("a bad fill") }).await,
                None
            );
            assert_eq!(
                batched.run(1, || async { panic!("a bad fill") }).await,
                None
            );
        }
        assert_eq!(flights.run(1, || async { 7 }).await, Some(7));
        assert_eq!(batched.run(1, || async { 7 }).await, Some(7));
    }

    #[tokio::test]
    async fn who_comes_during_a_fill_shares_the_next_one() {
        let (batched, fills) = (batched(), Fills::held());
        let first = wait(&batched, &fills);
        settle().await;
        let late: Vec<_> = (0..9).map(|_| wait(&batched, &fills)).collect();
        settle().await;
        fills.release();
        assert_eq!(first.await.unwrap(), Some(1));
        settle().await;
        fills.release();
        for one in late {
            assert_eq!(one.await.unwrap(), Some(2));
        }
        assert_eq!(fills.begun.load(Ordering::SeqCst), 2);
        assert!(lock(&batched.slots).is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn a_failure_ends_the_wait_of_all() {
        let batched = batched();
        let (held, go) = tokio::sync::oneshot::channel::<()>();
        let first = tokio::spawn({
            let batched = batched.clone();
            async move {
                let fill = || async move {
                    go.await.unwrap();
                    FAILURE
                };
                batched.run(1, fill).await
            }
        });
        settle().await;
        let fills = Fills::held();
        let late = wait(&batched, &fills);
        settle().await;
        held.send(()).unwrap();
        assert_eq!(first.await.unwrap(), Some(FAILURE));
        assert_eq!(late.await.unwrap(), Some(FAILURE));
        assert_eq!(fills.begun.load(Ordering::SeqCst), 0, "not asked again");
        fills.release();
        assert_eq!(wait(&batched, &fills).await.unwrap(), Some(1), "a new one");
    }

    #[tokio::test]
    async fn a_fill_speaks_with_the_ids_of_the_request_that_began_it() {
        use crate::telemetry::context::{RequestIds, TraceId, current, scope};

        let ids = RequestIds {
            correlation_id: axum::http::HeaderValue::from_static("first"),
            trace_id: TraceId([1; 16]),
        };
        let flights = SingleFlight::default();
        let fill = || async { current().map(|ids| ids.correlation_id) };
        let seen = scope(ids.clone(), flights.run(1, fill)).await.flatten();
        assert_eq!(seen, Some(ids.correlation_id));
    }
}
