//! Idempotency: one row for a key, its first reply for ever after, whatever happens at the same time.

use std::{
    collections::HashSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bytes::Bytes;
use expense_backend::{
    domain::{Timestamp, Transaction},
    store::{Claim, Inserted, Store, StoreError, StoredReply},
};

use super::on_every_store;
use crate::support::table::{Table, new};

on_every_store!(
    the_first_reply_is_given_again,
    another_body_or_route_is_refused,
    keys_are_bytes_and_belong_to_their_caller,
    an_expired_record_is_replaced,
    fifty_at_once_make_one_row,
    a_failed_request_leaves_the_key_free,
    a_dropped_request_leaves_the_key_free,
    the_sweep_takes_the_oldest_in_small_batches,
);

const NOON: i64 = 1_764_000_000_000_000;

fn claim(key: &str) -> Claim {
    Claim {
        caller: "team".to_owned(),
        key: key.to_owned(),
        route: "POST /v1/transactions",
        fingerprint: [7; 32],
        valid_since: Timestamp::from_micros(NOON - 1000),
    }
}

/// A reply that tells which row it speaks of, with bytes that no text column takes.
fn render(row: &Transaction) -> StoredReply {
    StoredReply {
        status: 201,
        content_type: "application/json".to_owned(),
        location: Some(format!("/v1/transactions/{}", row.id)),
        etag: Some("\"0f\"".to_owned()),
        body: Bytes::from([row.id.to_string().as_bytes(), &[0, 0xff, 0x80]].concat()),
    }
}

async fn insert(store: &dyn Store, claim: &Claim, micros: i64) -> Result<Inserted, StoreError> {
    let now = Timestamp::from_micros(micros);
    store
        .insert(&new("1", "x"), now, Some((claim, &render)))
        .await
}

async fn created(table: &Table, claim: &Claim, micros: i64) -> Transaction {
    match insert(&*table.store, claim, micros).await.unwrap() {
        Inserted::Created(row) => row,
        other => panic!("not created: {other:?}"),
    }
}

async fn count(table: &Table) -> u64 {
    table.store.totals().await.unwrap().count
}

async fn the_first_reply_is_given_again(mut table: Table) {
    let row = created(&table, &claim("k"), NOON).await;
    let replayed = Inserted::Replayed(render(&row));
    assert_eq!(
        insert(&*table.store, &claim("k"), NOON + 1).await.unwrap(),
        replayed
    );
    table.store.delete(row.id, &|_| true).await.unwrap();
    table.reopen().await;
    assert_eq!(
        insert(&*table.store, &claim("k"), NOON + 2).await.unwrap(),
        replayed,
        "also after the row is gone and the process is another"
    );
    assert_eq!(count(&table).await, 0);
}

async fn another_body_or_route_is_refused(table: Table) {
    created(&table, &claim("k"), NOON).await;
    let other_body = Claim {
        fingerprint: [8; 32],
        ..claim("k")
    };
    let other_route = Claim {
        route: "POST /transaction",
        ..claim("k")
    };
    for other in [other_body, other_route] {
        assert_eq!(
            insert(&*table.store, &other, NOON).await.unwrap(),
            Inserted::KeyReused
        );
    }
    assert_eq!(count(&table).await, 1);
}

async fn keys_are_bytes_and_belong_to_their_caller(table: Table) {
    let long = "k".repeat(255);
    for key in ["k", "K", "k!", long.as_str(), &long[..254]] {
        created(&table, &claim(key), NOON).await;
    }
    let other = Claim {
        caller: "Team".to_owned(),
        ..claim("k")
    };
    created(&table, &other, NOON).await;
    assert_eq!(count(&table).await, 6);
}

async fn an_expired_record_is_replaced(table: Table) {
    let old = created(&table, &claim("k"), NOON - 1001).await;
    let row = created(&table, &claim("k"), NOON).await;
    assert_ne!(row.id, old.id);
    assert_eq!(
        insert(&*table.store, &claim("k"), NOON + 1).await.unwrap(),
        Inserted::Replayed(render(&row))
    );
    // Exactly at the edge it still counts.
    let edge = created(&table, &claim("e"), NOON - 1000).await;
    assert_eq!(
        insert(&*table.store, &claim("e"), NOON).await.unwrap(),
        Inserted::Replayed(render(&edge))
    );
}

async fn fifty_at_once_make_one_row(table: Table) {
    const TASKS: usize = 50;
    let barrier = Arc::new(tokio::sync::Barrier::new(TASKS));
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let (store, barrier) = (Arc::clone(&table.store), Arc::clone(&barrier));
            tokio::spawn(async move {
                barrier.wait().await;
                insert(&*store, &claim("k"), NOON).await
            })
        })
        .collect();
    let (mut first, mut replies) = (0, HashSet::new());
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Inserted::Created(row) => {
                first += 1;
                replies.insert(render(&row).body);
            }
            Inserted::Replayed(reply) => {
                replies.insert(reply.body);
            }
            Inserted::InProgress => {}
            Inserted::KeyReused => panic!("the same request is no other"),
        }
    }
    assert_eq!((first, replies.len()), (1, 1));
    assert_eq!(count(&table).await, 1);
    let again = insert(&*table.store, &claim("k"), NOON).await.unwrap();
    assert!(matches!(again, Inserted::Replayed(_)), "{again:?}");
}

async fn a_failed_request_leaves_the_key_free(table: Table) {
    let (store, used) = (Arc::clone(&table.store), Arc::new(AtomicUsize::new(0)));
    let seen = Arc::clone(&used);
    let ended = tokio::spawn(async move {
        let render = move |_: &Transaction| -> StoredReply {
            seen.fetch_add(1, Ordering::SeqCst);
            panic!("on purpose, between the row and its commit")
        };
        let now = Timestamp::from_micros(NOON);
        store
            .insert(&new("1", "x"), now, Some((&claim("k"), &render)))
            .await
            .map(|_| ())
    });
    assert!(ended.await.unwrap_err().is_panic());
    assert_eq!(used.load(Ordering::SeqCst), 1);
    assert_eq!(count(&table).await, 0, "the row went with its reply");
    created(&table, &claim("k"), NOON).await;
}

async fn a_dropped_request_leaves_the_key_free(table: Table) {
    // Dropped after each number of turns that its future takes: somewhere in it lies every statement.
    for turns in 0..200 {
        let key = format!("k{turns}");
        let (first, store) = (claim(&key), Arc::clone(&table.store));
        let mut call = Box::pin(insert(&*store, &first, NOON));
        let mut done = false;
        for _ in 0..turns {
            done = tokio::select! {
                biased;
                _ = &mut call => true,
                () = tokio::task::yield_now() => false,
            };
            if done {
                break;
            }
        }
        drop(call);
        let outcome = insert(&*table.store, &claim(&key), NOON).await.unwrap();
        match outcome {
            Inserted::Created(_) => assert!(!done, "its reply was given before"),
            // The commit was on its way when the call was dropped.
            Inserted::Replayed(_) => {}
            other => panic!("{other:?}"),
        }
        let records = u64::try_from(turns).unwrap() + 1;
        assert_eq!(count(&table).await, records, "one row for each key");
        if done {
            break;
        }
    }
}

async fn the_sweep_takes_the_oldest_in_small_batches(table: Table) {
    for number in 0..5 {
        created(&table, &claim(&format!("k{number}")), NOON + number).await;
    }
    let sweep = async |before, limit| {
        let before = Timestamp::from_micros(before);
        table.store.sweep_claims(before, limit).await.unwrap()
    };
    assert_eq!(sweep(NOON, 10).await, 0);
    assert_eq!(sweep(NOON + 4, 3).await, 3);
    assert_eq!(sweep(NOON + 4, 3).await, 1);
    assert_eq!(sweep(NOON + 4, 3).await, 0);
    created(&table, &claim("k0"), NOON).await;
    let kept = insert(&*table.store, &claim("k4"), NOON).await.unwrap();
    assert!(matches!(kept, Inserted::Replayed(_)), "{kept:?}");
    assert_eq!(count(&table).await, 6, "rows are not swept");
}
