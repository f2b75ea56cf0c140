//! The old application's table is taken over in place, whatever becomes of the process that does it.

mod interrupted;
mod rollback;

use std::sync::Arc;

use expense_backend::{
    domain::{Amount, Filter, Order, TimeRange, Timestamp, Total, Transaction},
    store::{Inserted, Store, migrate::Report},
};

use crate::support::{
    database::{Database, block_on},
    dump::{Dump, OldRow},
    environment,
    table::{PATIENCE, POOL, insert, migrator, mysql_store},
};

/// Every migration there is.
const ALL: [&str; 6] = [
    "0001_create_transactions",
    "0002_widen_transactions",
    "0003_add_times",
    "0004_default_times",
    "0005_index_created_at",
    "0006_create_idempotency_keys",
];

/// A database that holds an old table.
struct Old {
    database: Database,
    rows: Vec<OldRow>,
}

impl Old {
    /// From the dump in `kind`'s character set; `None`, with a printed reason, where server or dump is missing.
    fn of(kind: &str) -> Option<Self> {
        let dump = Dump::read(kind)?;
        let database = Database::create(&environment::mysql_url()?);
        database.execute(&dump.sql);
        Some(Self {
            database,
            rows: dump.rows,
        })
    }

    fn migrate(&self) -> Report {
        block_on(migrator(&self.database).migrate(PATIENCE)).unwrap()
    }

    /// Everything that must hold after the migrations, however they came about.
    fn check(&self) {
        assert_eq!(
            block_on(migrator(&self.database).pending()).unwrap(),
            [] as [&str; 0]
        );
        assert_eq!(definition(&self.database), fresh_definition());
        let store = mysql_store(&self.database, POOL);
        block_on(async {
            let totals = store.totals().await.unwrap();
            assert_eq!(totals.count, 1946);
            assert_eq!(totals.amount, Total::from_minor(10_006_938_321));
            let rows = every_row(&store).await;
            assert_eq!(rows.len(), self.rows.len());
            for (row, old) in rows.iter().zip(&self.rows) {
                check_row(row, old);
            }
            store.close().await;
        });
    }
}

async fn every_row(store: &dyn Store) -> Vec<Transaction> {
    store
        .list(&Filter::default(), Order::Ascending, None, 10_000)
        .await
        .unwrap()
}

fn check_row(row: &Transaction, old: &OldRow) {
    assert_eq!(row.id.get(), old.id);
    let amount = old.amount.as_deref().unwrap_or("0");
    assert_eq!(
        row.amount,
        Amount::parse("amount", amount).unwrap(),
        "{old:?}"
    );
    let text = old.description.as_deref().unwrap_or("");
    assert_eq!(row.description.as_bytes(), text.as_bytes(), "{old:?}");
    assert_eq!((row.created_at, row.updated_at), (None, None), "{old:?}");
}

/// The tables as the server describes them, without what the rows left behind.
fn definition(database: &Database) -> Vec<Option<String>> {
    database.column(
        "SELECT CONCAT_WS(' ', table_name, column_name, ordinal_position, column_type, is_nullable, \
         COALESCE(column_default, '-'), COALESCE(collation_name, '-'), extra) \
         FROM information_schema.columns WHERE table_schema = DATABASE() \
         UNION ALL \
         SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique) \
         FROM information_schema.statistics WHERE table_schema = DATABASE() \
         UNION ALL \
         SELECT CONCAT_WS(' ', table_name, engine, table_collation) \
         FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY 1",
    )
}

/// The same of a database that was empty before.
fn fresh_definition() -> Vec<Option<String>> {
    let database = Database::create(&environment::mysql_url().unwrap());
    block_on(migrator(&database).migrate(PATIENCE)).unwrap();
    definition(&database)
}

fn a_dump_is_adopted_whole(kind: &str) {
    let Some(old) = Old::of(kind) else {
        return;
    };
    assert_eq!(old.rows.len(), 1946);
    let pending = block_on(migrator(&old.database).pending()).unwrap();
    assert_eq!(pending, ALL);
    assert_eq!(old.migrate().run, ALL);
    old.check();
    assert_eq!(old.migrate(), Report::default(), "the second time");
    old.check();
    let store = Arc::new(mysql_store(&old.database, POOL));
    block_on(async {
        let row = insert(&*store, "1", "now 🍣 too", 1_764_000_000_000_001).await;
        assert!(row.id.get() >= 2500, "{}", row.id);
        assert_eq!(store.find(row.id).await.unwrap(), Some(row));
        store.close().await;
    });
}

#[test]
fn the_utf8mb4_table_is_adopted_whole() {
    a_dump_is_adopted_whole("utf8mb4");
}

#[test]
fn the_latin1_table_is_adopted_whole() {
    a_dump_is_adopted_whole("latin1");
}

#[test]
fn rows_of_the_old_application_get_their_time_from_the_default() {
    let Some(old) = Old::of("latin1") else {
        return;
    };
    old.migrate();
    let before = Timestamp::now();
    old.database
        .execute("SET time_zone = '+05:00'; INSERT INTO transactions (amount, description) VALUES ('3', 'Node')");
    let after = Timestamp::now();
    let store = mysql_store(&old.database, POOL);
    block_on(async {
        let rows = every_row(&store).await;
        let row = rows.last().unwrap();
        assert_eq!(row.description, "Node");
        let created = row.created_at.unwrap().micros();
        // A second for the server's clock.
        assert!(created >= before.micros() - 1_000_000, "{row:?}");
        assert!(created <= after.micros() + 1_000_000, "{row:?}");
        assert_eq!(row.updated_at, row.created_at);
        let since = TimeRange {
            from: row.created_at,
            to: None,
        };
        let deleted = store.delete_many(&since).await.unwrap();
        assert_eq!(deleted, 1, "no old row");
        store.close().await;
    });
}

#[test]
fn an_old_table_without_innodb_or_with_the_id_zero_is_adopted_too() {
    let Some(url) = environment::mysql_url() else {
        return;
    };
    let database = Database::create(&url);
    database.execute(
        "SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO'; \
         CREATE TABLE transactions (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, \
         amount DECIMAL(10,2), description VARCHAR(100)) ENGINE = MyISAM; \
         INSERT INTO transactions VALUES (0, 1, 'zero'), (5, 2, 'five'); \
         DELETE FROM transactions WHERE id = 5",
    );
    block_on(migrator(&database).migrate(PATIENCE)).unwrap();
    assert_eq!(definition(&database), fresh_definition());
    assert_eq!(
        database.column("SELECT CAST(id AS CHAR) FROM transactions"),
        [Some("0".to_owned())]
    );
    let store = mysql_store(&database, POOL);
    block_on(async {
        let now = Timestamp::now();
        let new = crate::support::table::new("1", "next");
        let inserted = store.insert(&new, now, None).await.unwrap();
        assert!(matches!(inserted, Inserted::Created(row) if row.id.get() > 0));
        store.close().await;
    });
}
