//! `kill -9` under write load: no acknowledged row is lost, none is stored twice, none by half.

use std::{
    collections::HashMap,
    sync::atomic::{AtomicUsize, Ordering},
    thread,
    time::Duration,
};

use crate::{
    each_backend,
    support::{
        backend::Backend,
        http::{Connection, Request},
        json,
        server::Server,
        wait,
    },
};

const ROUNDS: usize = 10;
const WRITERS: usize = 6;
/// Acknowledged writes of a round before the kill.
const ENOUGH: usize = 40;

each_backend!(every_acknowledged_row_is_there_exactly_once);

/// What one writer knows: the rows that were acknowledged, and the one that was on its way.
#[derive(Default)]
struct Writer {
    sent: usize,
    acknowledged: Vec<String>,
    uncertain: Option<String>,
}

impl Writer {
    /// Writes until the server is gone. What was on its way when the last one died is sent again first, with its key.
    fn write_until_the_end(&mut self, number: usize, server: &Server, total: &AtomicUsize) {
        let Ok(mut connection) = Connection::open(server.address()) else {
            return;
        };
        loop {
            let name = self.uncertain.take().unwrap_or_else(|| {
                self.sent += 1;
                format!("writer {number} row {}", self.sent)
            });
            let request = Request::new("POST", "/v1/transactions")
                .header("Idempotency-Key", &name.replace(' ', "-"))
                .json(json::transaction("1.25", &name));
            match connection.send(&request) {
                Ok(reply) if reply.status == 201 => {
                    self.acknowledged.push(name);
                    total.fetch_add(1, Ordering::SeqCst);
                }
                Ok(reply) => panic!("{}: {}", reply.status, reply.text()),
                Err(_) => {
                    self.uncertain = Some(name);
                    return;
                }
            }
        }
    }
}

fn every_acknowledged_row_is_there_exactly_once(backend: &mut Backend) {
    let mut writers: Vec<Writer> = (0..WRITERS).map(|_| Writer::default()).collect();
    for round in 0..ROUNDS {
        let mut server = backend.serve();
        let total = AtomicUsize::new(0);
        thread::scope(|scope| {
            let running: Vec<_> = writers
                .iter_mut()
                .enumerate()
                .map(|(number, writer)| {
                    let (server, total) = (&server, &total);
                    scope.spawn(move || writer.write_until_the_end(number, server, total))
                })
                .collect();
            wait::until("acknowledged writes", Duration::from_secs(60), || {
                let over = running.iter().any(thread::ScopedJoinHandle::is_finished);
                assert!(!over, "a writer of round {round} ended before the kill");
                (total.load(Ordering::SeqCst) >= ENOUGH).then_some(())
            });
            server.kill_now();
        });
        server.kill();
    }
    let server = backend.serve();
    let stored = stored(&server);
    for (number, writer) in writers.iter().enumerate() {
        assert!(
            !writer.acknowledged.is_empty(),
            "writer {number} wrote nothing"
        );
        for name in &writer.acknowledged {
            assert_eq!(stored.get(name), Some(&1), "{name}");
        }
    }
    let acknowledged: usize = writers.iter().map(|writer| writer.acknowledged.len()).sum();
    let uncertain = writers
        .iter()
        .filter_map(|writer| writer.uncertain.as_ref());
    let of_these: usize = uncertain.filter_map(|name| stored.get(name)).sum();
    let all: usize = stored.values().sum();
    assert_eq!(all, acknowledged + of_these, "a row that nobody sent");
    assert!(acknowledged >= ROUNDS * ENOUGH, "{acknowledged}");
}

/// How often each description is there; every row must be whole.
fn stored(server: &Server) -> HashMap<String, usize> {
    let list = server.get("/transaction").json();
    let mut stored = HashMap::new();
    for row in list["result"].as_array().unwrap() {
        assert_eq!(row["amount"].to_string(), "1.25", "{row}");
        let name = row["description"].as_str().unwrap().to_owned();
        *stored.entry(name).or_default() += 1;
    }
    stored
}
