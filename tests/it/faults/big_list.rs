//! A list that is larger than what a process should hold: streamed, whole, and in little memory.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use crate::{
    each_backend,
    support::{backend::Backend, environment, http::Request, server::Server},
};

/// Contract: a million rows raise the resident memory by less than this.
const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// 2^18 rows unless told otherwise: enough that a list held in memory breaks the limit (each row takes 300 bytes of
/// text), and done in seconds by a debug build. `TEST_LIST_DOUBLINGS=20` makes it a million.
const DOUBLINGS: usize = 18;

each_backend!(a_list_of_many_rows_is_streamed_whole_in_little_memory);

fn a_list_of_many_rows_is_streamed_whole_in_little_memory(backend: &mut Backend) {
    let doublings = environment::number("TEST_LIST_DOUBLINGS", DOUBLINGS);
    let text = format!("{:_<250}", "a row among many");
    backend.insert_old_row(Some("12.5"), Some(&text));
    for _ in 0..doublings {
        backend.execute(
            "INSERT INTO transactions (amount, description) SELECT amount, description FROM transactions",
        );
    }
    let rows = 1_usize << doublings;
    let mut server = backend.serve();
    // What a first request costs anyway (pool, buffers) is not the list's.
    server.get("/transaction?limit=1000");
    server.get("/v1/transactions?limit=250");
    let before = server.process().resident_bytes();
    let (body, most) = watched(&mut server);
    let risen = most.saturating_sub(before);
    eprintln!(
        "{rows} rows, {} bytes: memory rose by {risen} bytes",
        body.len()
    );
    check_whole(&body, rows, &text);
    assert!(
        risen < MOST_BYTES,
        "{rows} rows raised the memory by {risen} bytes"
    );
}

/// The list, and the most memory that the server held meanwhile.
fn watched(server: &mut Server) -> (Vec<u8>, u64) {
    let over = AtomicBool::new(false);
    let address = server.address();
    let process = server.process();
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let mut most = 0;
            while !over.load(Ordering::SeqCst) {
                most = most.max(process.resident_bytes());
                thread::sleep(Duration::from_millis(5));
            }
            most.max(process.resident_bytes())
        });
        let mut connection = crate::support::http::Connection::open(address).unwrap();
        let reply = connection
            .send(&Request::new("GET", "/transaction"))
            .unwrap();
        over.store(true, Ordering::SeqCst);
        assert_eq!(reply.status, 200);
        (reply.body, watcher.join().unwrap())
    })
}

fn check_whole(body: &[u8], rows: usize, text: &str) {
    let body = std::str::from_utf8(body).unwrap();
    let inside = body.strip_prefix("{\"result\":[").unwrap();
    let inside = inside.strip_suffix("]}").expect("a closed list");
    let tail = format!(",\"amount\":12.5,\"description\":\"{text}\"}}");
    let mut last = 0_u64;
    let mut count = 0;
    for row in inside.split("{\"id\":").skip(1) {
        let (id, rest) = row.split_once(',').unwrap();
        let id: u64 = id.parse().unwrap();
        assert!(id > last, "{id} after {last}");
        last = id;
        count += 1;
        assert!(
            rest.len() + 1 >= tail.len() && tail[1..] == rest[..tail.len() - 1],
            "{row}"
        );
    }
    assert_eq!(count, rows);
}
