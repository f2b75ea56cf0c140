//! Connections that break: what may be repeated is, what may have been stored is not.

use expense_backend::{
    domain::{TimeRange, Transaction},
    store::{Changed, Decision, ErrorKind, Inserted, Store, StoreError},
};

use super::{Scene, add, add_once, check_created, check_unavailable, first};
use crate::support::proxy::Cut;

#[tokio::test(flavor = "multi_thread")]
async fn reads_and_transactions_survive_a_cut_of_idle_connections() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(3);
    check_created(&add(&*store, "before").await);
    for _ in 0..3 {
        cut_while_idle(&scene, &*store).await;
        assert!(store.find(first()).await.unwrap().is_some());
        cut_while_idle(&scene, &*store).await;
        let kept = store.update(first(), &|_| Decision::Keep).await.unwrap();
        assert!(matches!(kept, Changed::Done(_)));
        cut_while_idle(&scene, &*store).await;
        assert_eq!(store.totals().await.unwrap().count, 1);
    }
}

/// Cuts every connection, and sees to it that the store keeps more than one to stumble over.
async fn cut_while_idle(scene: &Scene, store: &dyn Store) {
    let _ = tokio::join!(store.find(first()), store.find(first()), store.totals());
    scene.proxy.cut_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_cut_before_its_commit_is_repeated() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    for word in [
        "START TRANSACTION",
        "INSERT INTO idempotency_keys",
        "INSERT INTO transactions",
        "UPDATE idempotency_keys",
    ] {
        for cut in [Cut::Before, Cut::After] {
            // A new store prepares its statements anew, so that their words are heard.
            let store = scene.store(2);
            scene.proxy.cut_at(word, cut);
            check_created(&add_once(&*store, &format!("{word} {cut:?}")).await);
            assert!(scene.proxy.has_cut(), "{word}");
        }
    }
    assert_eq!(scene.rows().await.len(), 8, "one row for each");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_reply_is_lost_is_never_repeated() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    let unknown = [ErrorKind::Connect];
    // Setting a session up says COMMITTED: it must be there before the word is waited for.
    store.totals().await.unwrap();
    scene.proxy.cut_at("COMMIT", Cut::After);
    check_unavailable("insert", &unknown, add_once(&*store, "stored")).await;
    assert_eq!(scene.rows().await, ["stored"]);
    let again = add_once(&*store, "stored").await.unwrap();
    assert!(matches!(again, Inserted::Replayed(_)), "{again:?}");

    scene.proxy.cut_at("COMMIT", Cut::Before);
    check_unavailable("insert", &unknown, add_once(&*store, "lost")).await;
    assert_eq!(scene.rows().await, ["stored"]);
    check_created(&add_once(&*store, "lost").await);
    assert_eq!(scene.rows().await, ["stored", "lost"]);

    let rename = |row: &Transaction| {
        Decision::Write(Transaction {
            description: format!("{}+", row.description),
            ..row.clone()
        })
    };
    scene.proxy.cut_at("COMMIT", Cut::After);
    check_unavailable("update", &unknown, store.update(first(), &rename)).await;
    assert_eq!(scene.rows().await, ["stored+", "lost"], "once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_write_whose_reply_is_lost_is_never_repeated() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    scene.proxy.cut_at("INSERT INTO transactions", Cut::Before);
    check_unavailable("insert", &[ErrorKind::Connect], add(&*store, "x")).await;
    assert_eq!(scene.rows().await.len(), 0);
    check_created(&add(&*store, "x").await);
    scene.proxy.cut_at("DELETE FROM transactions", Cut::Before);
    let all = TimeRange::default();
    check_unavailable("delete", &[ErrorKind::Connect], store.delete_many(&all)).await;
    assert_eq!(scene.rows().await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restarted_server_is_used_again() {
    let Some(mut scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(3);
    check_created(&add(&*store, "before").await);
    tokio::task::block_in_place(|| {
        scene.mariadb.kill();
        scene.mariadb.start_again();
    });
    // Nothing is idle but the dead connection: a read finds that out and is repeated.
    assert!(store.find(first()).await.unwrap().is_some());
    check_created(&add(&*store, "after").await);
    assert_eq!(scene.rows().await, ["before", "after"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_killed_by_an_operator_are_replaced() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    check_created(&add(&*store, "before").await);
    let user = scene.database().user();
    scene.execute(&format!("KILL HARD USER '{user}'")).await;
    assert!(store.find(first()).await.unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_in_each_others_way_are_repeated() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    check_created(&add(&*store, "before").await);
    let writers: Vec<_> = (0..8)
        .map(|number| {
            let store = scene.store(2);
            tokio::spawn(async move { add_once(&*store, &format!("k{}", number % 2)).await })
        })
        .collect();
    for writer in writers {
        let outcome = writer.await.unwrap();
        assert!(outcome.is_ok(), "{outcome:?}");
    }
    assert_eq!(scene.rows().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_row_that_others_hold_for_long_is_unavailable_not_lost() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    check_created(&add(&*store, "before").await);
    let holding = scene
        .hold("START TRANSACTION; SELECT * FROM transactions FOR UPDATE")
        .await;
    let write = |row: &Transaction| Decision::Write(row.clone());
    check_unavailable(
        "update",
        &[ErrorKind::Timeout],
        store.update(first(), &write),
    )
    .await;
    holding.await.unwrap();
    let outcome: Result<_, StoreError> = store.update(first(), &write).await;
    assert!(matches!(outcome, Ok(Changed::Done(_))), "{outcome:?}");
}
