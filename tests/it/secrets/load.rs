//! Constant load: readers and writers that note every request that fails.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::support::{
    http::{Connection, Request},
    json, wait,
};

/// Connections, each with one request at a time.
const CALLERS: usize = 4;
/// What a caller waits between two requests.
const PACE: Duration = Duration::from_millis(5);
const PROGRESS_LIMIT: Duration = Duration::from_secs(60);

/// See the module.
pub(super) struct Load {
    shared: Arc<Shared>,
    callers: Vec<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    over: AtomicBool,
    done: [AtomicUsize; CALLERS],
    written: AtomicUsize,
    failures: Mutex<Vec<String>>,
}

/// What came of it.
pub(super) struct Outcome {
    /// Requests.
    pub(super) sent: usize,
    /// Rows that were acknowledged.
    pub(super) written: usize,
    /// Requests with another answer than the good one.
    pub(super) failures: Vec<String>,
}

impl Load {
    pub(super) fn start(address: SocketAddr) -> Self {
        let shared = Arc::new(Shared::default());
        let callers = (0..CALLERS)
            .map(|number| {
                let shared = Arc::clone(&shared);
                thread::spawn(move || call(number, address, &shared))
            })
            .collect();
        Self { shared, callers }
    }

    /// Waits until every caller has ended `requests` more requests.
    pub(super) fn progress(&self, requests: usize) {
        let ended = || {
            self.shared
                .done
                .each_ref()
                .map(|done| done.load(Ordering::SeqCst))
        };
        let before = ended();
        wait::until("progress of every caller", PROGRESS_LIMIT, || {
            let enough = |(now, before): (usize, usize)| now >= before + requests;
            ended().into_iter().zip(before).all(enough).then_some(())
        });
    }

    pub(super) fn stop(self) -> Outcome {
        self.shared.over.store(true, Ordering::SeqCst);
        for caller in self.callers {
            caller.join().unwrap();
        }
        let done = self.shared.done.iter();
        Outcome {
            sent: done.map(|done| done.load(Ordering::SeqCst)).sum(),
            written: self.shared.written.load(Ordering::SeqCst),
            failures: std::mem::take(&mut *self.shared.failures.lock().unwrap()),
        }
    }
}

/// Half of the requests are writes, and half of those have an idempotency key. Nothing is sent twice.
fn call(number: usize, address: SocketAddr, shared: &Shared) {
    let mut connection = Connection::open(address).unwrap();
    for turn in number.. {
        if shared.over.load(Ordering::SeqCst) {
            return;
        }
        let (request, good) = if turn % 2 == 0 {
            let body = json::transaction("1.25", "under load");
            let mut request = Request::new("POST", "/v1/transactions").json(body);
            if turn % 4 == 0 {
                let key = format!("caller-{number}-turn-{turn}");
                request = request.header("Idempotency-Key", &key);
            }
            (request, 201)
        } else {
            (Request::new("GET", "/v1/transactions?limit=3"), 200)
        };
        let reply = connection.send(&request);
        match reply {
            Ok(reply) if reply.status == good => {
                shared
                    .written
                    .fetch_add(usize::from(good == 201), Ordering::SeqCst);
            }
            Ok(reply) => shared.fail(format!(
                "{} {}: {}",
                request.method,
                reply.status,
                reply.text()
            )),
            Err(error) => {
                shared.fail(format!("{}: {error}", request.method));
                connection = Connection::open(address).unwrap();
            }
        }
        shared.done[number].fetch_add(1, Ordering::SeqCst);
        thread::sleep(PACE);
    }
}

impl Shared {
    fn fail(&self, what: String) {
        self.failures.lock().unwrap().push(what);
    }
}
