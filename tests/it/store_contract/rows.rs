//! Rows one by one: what goes in comes out, ids are never given twice, changes happen under a lock or not at all.

use std::sync::Arc;

use expense_backend::{
    domain::{Amount, Filter, Order, TimeRange, Timestamp, Transaction, TransactionId},
    store::{Changed, Decision, Schema},
};

use super::on_every_store;
use crate::support::table::{Table, insert};

on_every_store!(
    what_is_recorded_is_found,
    the_widest_values_survive,
    old_rows_read_as_zero_and_empty,
    ids_are_never_given_twice,
    lists_walk_both_ways,
    a_change_is_decided_under_the_lock,
    a_refused_change_changes_nothing,
    a_change_of_an_old_row_leaves_its_birth_unknown,
    a_panic_in_a_decision_undoes_it_all,
    a_row_is_deleted_if_allowed,
    many_are_deleted_by_time,
    changes_of_one_row_come_one_after_the_other,
    the_probe_sees_the_tables,
    a_missing_table_is_not_migrated,
);

fn id(number: i64) -> TransactionId {
    TransactionId::from_store(number).unwrap()
}

fn renamed(row: &Transaction, text: &str, micros: i64) -> Transaction {
    Transaction {
        description: text.to_owned(),
        updated_at: Some(Timestamp::from_micros(micros)),
        ..row.clone()
    }
}

async fn what_is_recorded_is_found(table: Table) {
    let row = table.insert("12.34", "Lunch", 1_764_000_000_123_456).await;
    assert_eq!(row.amount, Amount::from_minor(1234));
    assert_eq!(row.created_at, row.updated_at);
    assert_eq!(table.store.find(row.id).await.unwrap(), Some(row.clone()));
    assert_eq!(
        table.store.find(id(row.id.get() + 1)).await.unwrap(),
        None,
        "a neighbour"
    );
    assert_eq!(table.store.find(id(i64::MAX)).await.unwrap(), None);
}

async fn the_widest_values_survive(table: Table) {
    for text in [
        "🍣".repeat(255).as_str(),
        "a\u{301} é É",
        "'; DROP TABLE transactions; --",
        "<b>\\ % _ \"\n\t`</b>",
        "\u{10ffff}\u{feff}x\u{200d}",
    ] {
        for amount in ["9999999999.99", "-9999999999.99", "0.01", "0", "-0.07"] {
            for micros in [
                -1,
                0,
                999_999,
                253_402_300_799_999_999,
                -30_610_224_000_000_000,
            ] {
                let row = table.insert(amount, text, micros).await;
                assert_eq!(row.created_at.unwrap().micros(), micros);
                assert_eq!(table.store.find(row.id).await.unwrap(), Some(row));
            }
        }
    }
}

async fn old_rows_read_as_zero_and_empty(table: Table) {
    table.old_row(7, None, None).await;
    table.old_row(8, Some("-20"), Some("  kept spaces  ")).await;
    let row = table.store.find(id(7)).await.unwrap().unwrap();
    assert_eq!(row.amount, Amount::default());
    assert_eq!(row.description, "");
    assert_eq!((row.created_at, row.updated_at), (None, None));
    let row = table.store.find(id(8)).await.unwrap().unwrap();
    assert_eq!(row.amount, Amount::from_minor(-2000));
    assert_eq!(row.description, "  kept spaces  ");
}

async fn ids_are_never_given_twice(mut table: Table) {
    let last = table.insert("1", "a", 1).await.id;
    table.store.delete(last, &|_| true).await.unwrap();
    let next = table.insert("1", "b", 1).await.id;
    assert!(next > last);
    assert_eq!(
        table
            .store
            .delete_many(&TimeRange::default())
            .await
            .unwrap(),
        1
    );
    table.reopen().await;
    assert!(table.insert("1", "c", 1).await.id > next);
}

async fn lists_walk_both_ways(table: Table) {
    for number in [1, 2, 3, 5, 8, 13] {
        table.old_row(number, Some("1"), Some("x")).await;
    }
    let walk = async |order, after, limit| -> Vec<i64> {
        let rows = table
            .store
            .list(&Filter::default(), order, after, limit)
            .await
            .unwrap();
        rows.iter().map(|row| row.id.get()).collect()
    };
    use Order::{Ascending, Descending};
    assert_eq!(walk(Ascending, None, 100).await, [1, 2, 3, 5, 8, 13]);
    assert_eq!(walk(Ascending, Some(3), 2).await, [5, 8]);
    assert_eq!(walk(Ascending, Some(0), 1).await, [1]);
    assert_eq!(walk(Ascending, Some(i64::MAX), 5).await, [] as [i64; 0]);
    assert_eq!(walk(Descending, None, 2).await, [13, 8]);
    assert_eq!(walk(Descending, Some(8), 100).await, [5, 3, 2, 1]);
    assert_eq!(walk(Descending, Some(1), 100).await, [] as [i64; 0]);
}

async fn a_change_is_decided_under_the_lock(table: Table) {
    let row = table.insert("1", "before", 1).await;
    let changed = table
        .store
        .update(row.id, &|seen| {
            assert_eq!(*seen, row);
            Decision::Write(renamed(seen, "after 🍣", 2))
        })
        .await
        .unwrap();
    let after = renamed(&row, "after 🍣", 2);
    assert_eq!(changed, Changed::Done(after.clone()));
    assert_eq!(table.store.find(row.id).await.unwrap(), Some(after.clone()));
    // Writing the very same again still finds the row: MySQL counts changed rows, not found ones.
    let again = table
        .store
        .update(row.id, &|seen| Decision::Write(seen.clone()))
        .await
        .unwrap();
    assert_eq!(again, Changed::Done(after));
    let missing = table
        .store
        .update(id(row.id.get() + 1), &|_| Decision::Keep)
        .await
        .unwrap();
    assert_eq!(missing, Changed::Missing);
}

async fn a_refused_change_changes_nothing(table: Table) {
    let row = table.insert("1", "before", 1).await;
    for (decision, outcome) in [
        (Decision::Refuse, Changed::Refused),
        (Decision::Keep, Changed::Done(row.clone())),
    ] {
        let decide = |_: &Transaction| decision.clone();
        assert_eq!(table.store.update(row.id, &decide).await.unwrap(), outcome);
    }
    assert_eq!(
        table.store.delete(row.id, &|_| false).await.unwrap(),
        Changed::Refused
    );
    assert_eq!(table.store.find(row.id).await.unwrap(), Some(row));
}

async fn a_change_of_an_old_row_leaves_its_birth_unknown(table: Table) {
    table.old_row(5, None, None).await;
    let write = |row: &Transaction| Decision::Write(renamed(row, "named", 9));
    table.store.update(id(5), &write).await.unwrap();
    let row = table.store.find(id(5)).await.unwrap().unwrap();
    assert_eq!(row.created_at, None);
    assert_eq!(row.updated_at, Some(Timestamp::from_micros(9)));
}

async fn a_panic_in_a_decision_undoes_it_all(table: Table) {
    let row = table.insert("1", "before", 1).await;
    let store = table.store.clone();
    let number = row.id;
    let ended = tokio::spawn(async move {
        store
            .update(number, &|_| panic!("on purpose"))
            .await
            .map(|_| ())
    });
    assert!(ended.await.unwrap_err().is_panic());
    // Its lock is gone with it.
    let write = |row: &Transaction| Decision::Write(renamed(row, "after", 2));
    let changed = table.store.update(row.id, &write).await.unwrap();
    assert_eq!(changed, Changed::Done(renamed(&row, "after", 2)));
    assert_eq!(table.store.pool().in_use, 0);
}

async fn a_row_is_deleted_if_allowed(table: Table) {
    let row = table.insert("1", "x", 1).await;
    let allow = |seen: &Transaction| seen.description == "x";
    assert_eq!(
        table.store.delete(row.id, &allow).await.unwrap(),
        Changed::Done(())
    );
    assert_eq!(
        table.store.delete(row.id, &allow).await.unwrap(),
        Changed::Missing
    );
    assert_eq!(table.store.find(row.id).await.unwrap(), None);
}

async fn many_are_deleted_by_time(table: Table) {
    table.old_row(1, Some("1"), Some("no time")).await;
    for micros in [10, 20, 30] {
        table.insert("1", "x", micros).await;
    }
    let moment = |micros| Some(Timestamp::from_micros(micros));
    let delete = async |from, to| {
        let range = TimeRange { from, to };
        table.store.delete_many(&range).await.unwrap()
    };
    assert_eq!(delete(moment(31), None).await, 0);
    assert_eq!(delete(moment(20), moment(30)).await, 1);
    assert_eq!(delete(None, moment(31)).await, 2, "none without a time");
    assert_eq!(delete(None, None).await, 1);
    assert_eq!(table.store.totals().await.unwrap().count, 0);
}

async fn changes_of_one_row_come_one_after_the_other(table: Table) {
    const TASKS: i64 = 20;
    let row = insert(&*table.store, "0", "x", 1).await;
    let add_one = |row: &Transaction| {
        Decision::Write(Transaction {
            amount: Amount::from_minor(row.amount.minor() + 1),
            ..row.clone()
        })
    };
    let tasks: Vec<_> = (0..TASKS)
        .map(|_| {
            let store = Arc::clone(&table.store);
            let number = row.id;
            tokio::spawn(async move { store.update(number, &add_one).await.unwrap() })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let row = table.store.find(row.id).await.unwrap().unwrap();
    assert_eq!(row.amount.minor(), TASKS);
}

async fn the_probe_sees_the_tables(table: Table) {
    assert_eq!(table.store.probe().await.unwrap(), Schema::Ready);
    let newer = "INSERT INTO schema_migrations VALUES ('9999_of_a_newer_release', '2030-01-01')";
    table.execute(newer, newer).await;
    assert_eq!(table.store.probe().await.unwrap(), Schema::Ready);
    let one = "DELETE FROM schema_migrations WHERE name LIKE '0006%'";
    table.execute(one, one).await;
    assert_eq!(table.store.probe().await.unwrap(), Schema::NotMigrated);
    let all = "DROP TABLE schema_migrations";
    table.execute(all, all).await;
    assert_eq!(table.store.probe().await.unwrap(), Schema::NotMigrated);
}

async fn a_missing_table_is_not_migrated(table: Table) {
    use expense_backend::store::StoreError;
    let row = table.insert("1", "x", 1).await;
    let drop = "ALTER TABLE transactions DROP COLUMN updated_at";
    table.execute(drop, drop).await;
    let found = table.store.find(row.id).await;
    assert!(matches!(found, Err(StoreError::NotMigrated)), "{found:?}");
    let drop = "DROP TABLE transactions";
    table.execute(drop, drop).await;
    let totals = table.store.totals().await;
    assert!(matches!(totals, Err(StoreError::NotMigrated)), "{totals:?}");
}
