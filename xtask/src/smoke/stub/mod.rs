//! A small service that keeps the promises that the smoke test asks about, but for one.

mod service;
mod wire;

use std::{
    collections::BTreeMap,
    io::BufReader,
    net::TcpListener,
    sync::{Arc, Mutex},
    thread,
};

use serde_json::{Value, json};

use self::{service::Service, wire::Request};

/// What the stub does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    None,
    NotAlive,
    /// `/readyz` says 503, the first times or always.
    Unready(u32),
    Degraded,
    ListDescends,
    ListRenamesMembers,
    ListReordersMembers,
    ListFails,
    ListKeptByBrowsers,
    SummaryOfOtherDays,
    WithoutHeader(&'static str),
    OtherCorrelationId,
    PageForUnknownRoutes,
    FaultWithoutField,
    NoAllow,
    OpenDoor,
    OldOpenApi,
    MetricsShown,
    StaleList,
    StaleRow,
    NoLocation,
    /// `Location` names the row of somebody else.
    LyingLocation,
    RepeatsWrites,
    WriteFails,
    /// The row is recorded, and its reply never comes.
    WriteUnanswered,
    IgnoresPreconditions,
    KeepsDeletedRows,
    IgnoresSearch,
}

/// Who may call, where the stub asks for it.
pub(super) const KEY: &str = "key-of-the-stub";
/// The row that was there before, of somebody else.
pub(super) const FOREIGN: u64 = 1;

#[derive(Default)]
struct State {
    rows: BTreeMap<u64, (Value, String)>,
    last: u64,
    keys: BTreeMap<String, u64>,
    /// What a stale cache would hold.
    kept: BTreeMap<String, String>,
    asked_ready: u32,
}

/// A running stub. It ends with the test's process.
pub(super) struct Stub {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Stub {
    /// Starts one that asks nobody for a key unless `closed`.
    pub(super) fn start(flaw: Flaw, closed: bool) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let mut first = State::default();
        first
            .rows
            .insert(FOREIGN, (json!(100), "Groceries".to_owned()));
        first.last = FOREIGN;
        let state = Arc::new(Mutex::new(first));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let Some(request) = Request::read(&mut reader) else {
                    continue;
                };
                let answer = Service {
                    flaw,
                    closed,
                    state: &mut shared.lock().unwrap(),
                }
                .answer(&request);
                answer.write(reader.get_mut(), &request, flaw);
            }
        });
        Self { url, state }
    }

    /// The ids of the rows.
    pub(super) fn rows(&self) -> Vec<u64> {
        self.state.lock().unwrap().rows.keys().copied().collect()
    }
}
