//! The store behind a cache that can prove nothing is not asked once for each reader.

use std::{thread, time::Duration};

use crate::support::{
    backend::Backend, exposition::Scrape, mariadb::MariaDb, server::Server, wait,
};

const READERS: i64 = 40;

fn scrape(server: &Server) -> Scrape {
    Scrape::parse(server.get("/metrics").text())
}

fn statements(server: &Server, query: &str) -> i64 {
    scrape(server).count("db_query_duration_seconds_count", &[("query", query)])
}

/// Readers that come while the store stands still are served by the read under way and the next one.
#[test]
fn readers_without_a_cache_share_statements() {
    let Some(mariadb) = MariaDb::start() else {
        return;
    };
    let backend = Backend::on(&mariadb.url());
    backend.insert_old_row(Some("1"), Some("shared"));
    let server = backend.serve_with(&[("CACHE_MODE", "off")]);
    for (target, query) in [("/transaction", "list"), ("/transaction/1", "find")] {
        let before = statements(&server, query);
        mariadb.freeze();
        thread::scope(|scope| {
            let readers: Vec<_> = (0..READERS)
                .map(|_| scope.spawn(|| server.get(target)))
                .collect();
            // Still at work until the store goes on; the scrape itself is one of them.
            wait::until("all readers at work", Duration::from_secs(10), || {
                (scrape(&server).count("http_requests_in_flight", &[]) > READERS).then_some(())
            });
            mariadb.thaw();
            for reader in readers {
                let reply = reader.join().unwrap();
                assert_eq!(reply.status, 200, "{}", reply.text());
                assert!(reply.text().contains("shared"), "{}", reply.text());
            }
        });
        let asked = statements(&server, query) - before;
        assert!((1..=4).contains(&asked), "{asked} statements for {target}");
    }
}
