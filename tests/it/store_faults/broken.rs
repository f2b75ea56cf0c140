//! Connections that break: what may be repeated is, what may have been stored is not.

use expense_backend::{
    domain::{TimeRange, Transaction},
    store::{Changed, Decision, ErrorKind, Inserted, Store, StoreError},
};

use super::{Scene, add, add_once, check_created, check_unavailable, eventually, first};
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

/// `After`: it is stored, and found. `Before`: it is not, and is made again.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_reply_is_lost_is_answered_truthfully() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    // Setting a session up says COMMITTED: it must be there before the word is waited for.
    store.totals().await.unwrap();
    let mut texts = Vec::new();
    for cut in [Cut::After, Cut::Before] {
        scene.proxy.cut_at("COMMIT", cut);
        texts.push(format!("keyed {cut:?}"));
        let text = texts.last().unwrap();
        let Inserted::Created(row) = add_once(&*store, text).await.unwrap() else {
            panic!("{text} is made by this call and no other");
        };
        assert!(scene.proxy.has_cut());
        assert_eq!(scene.rows().await, texts);
        let again = add_once(&*store, text).await.unwrap();
        assert!(matches!(again, Inserted::Replayed(_)), "{again:?}");
        assert_eq!(store.find(row.id).await.unwrap().as_ref(), Some(&row));

        let rename = |row: &Transaction| {
            Decision::Write(Transaction {
                description: format!("{}+", row.description),
                ..row.clone()
            })
        };
        scene.proxy.cut_at("COMMIT", cut);
        let renamed = store.update(row.id, &rename).await.unwrap();
        assert!(scene.proxy.has_cut());
        let wanted = format!("{text}+");
        assert!(
            matches!(&renamed, Changed::Done(row) if row.description == wanted),
            "{renamed:?}"
        );
        *texts.last_mut().unwrap() = wanted;
        assert_eq!(scene.rows().await, texts, "changed once");

        scene.proxy.cut_at("COMMIT", cut);
        let deleted = store.delete(row.id, &|_| true).await.unwrap();
        assert_eq!(deleted, Changed::Done(()));
        assert!(scene.proxy.has_cut());
        texts.pop();
        assert_eq!(scene.rows().await, texts);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_single_insert_whose_reply_is_lost_is_answered_truthfully() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    let mut rows = 0;
    // The statement is heard when it is prepared, its values when it runs.
    for word in ["INSERT INTO transactions", "twin"] {
        for cut in [Cut::After, Cut::Before] {
            // Another row with the same content is none of this call's.
            check_created(&add(&*store, "twin").await);
            let fresh = scene.store(2);
            scene.proxy.cut_at(word, cut);
            let added = add(&*fresh, "twin").await;
            assert!(scene.proxy.has_cut(), "{word} {cut:?}");
            let Ok(Inserted::Created(row)) = added else {
                panic!("{word} {cut:?}: {added:?}");
            };
            assert_eq!(store.find(row.id).await.unwrap(), Some(row));
            rows += 2;
            assert_eq!(scene.rows().await.len(), rows, "{word} {cut:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_may_still_write_leaves_the_outcome_open() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
    store.totals().await.unwrap();
    let unknown = [ErrorKind::Connect, ErrorKind::Timeout];
    scene.proxy.cut_at("COMMIT", Cut::Orphan);
    check_unavailable("insert", &unknown, add_once(&*store, "open")).await;
    assert!(scene.proxy.has_cut());
    assert_eq!(scene.rows().await.len(), 0, "not repeated");
    scene.proxy.cut_all();
    // Once that session is over the key is free again.
    eventually("the row", || async {
        matches!(add_once(&*store, "open").await, Ok(Inserted::Created(_)))
    })
    .await;
    assert_eq!(scene.rows().await, ["open"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delete_of_many_whose_reply_is_lost_is_never_repeated() {
    let Some(scene) = Scene::new().await else {
        return;
    };
    let store = scene.store(2);
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
