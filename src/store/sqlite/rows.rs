//! The statements on the table of transactions.

use sqlx::{Row as _, SqliteConnection, sqlite::SqliteRow};

use super::bound;
use crate::{
    domain::{
        Amount, NewTransaction, Period, SummaryItem, TimeRange, Timestamp, Total, Transaction,
        TransactionId,
    },
    store::{
        Totals,
        statement::{Built, Dialect, Value},
    },
};

/// Sums are taken of the two parts of each amount: SQLite's `SUM` fails beyond 64 bits, while these stay within for
/// more rows than a file can hold.
const PART: i128 = 1_000_000;
/// Count and sums of what follows.
macro_rules! sums_of {
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            "COUNT(*), COALESCE(SUM(amount / 1000000), 0), COALESCE(SUM(amount % 1000000), 0) FROM transactions"
        )
    };
}
const TOTALS: &str = sums_of!("");
// Whole seconds downwards, also before 1970, where SQLite's division would round up.
const BY_DAY: &str = sums_of!(
    "strftime('%Y-%m-%d', (created_at - 999999 * (created_at < 0)) / 1000000, 'unixepoch'), "
);
const BY_MONTH: &str = sums_of!(
    "strftime('%Y-%m', (created_at - 999999 * (created_at < 0)) / 1000000, 'unixepoch'), "
);

/// The words of this dialect.
pub(super) struct Sqlite;

impl Dialect for Sqlite {
    const SELECT: &'static str = "SELECT id, COALESCE(amount, 0), COALESCE(description, ''), \
         created_at, updated_at FROM transactions";
    const MOMENT: &'static str = "?";
    const AMOUNT: &'static str = "?";
    // SQLite's own lower() folds A to Z only.
    const CONTAINS: &'static str = "instr(lower(COALESCE(description, '')), ?) > 0";

    fn amount(amount: Amount) -> Value {
        Value::Whole(amount.minor())
    }

    fn needle(text: &str) -> String {
        text.to_ascii_lowercase()
    }
}

pub(super) async fn insert(
    connection: &mut SqliteConnection,
    new: &NewTransaction,
    now: Timestamp,
) -> Result<Transaction, sqlx::Error> {
    let done = sqlx::query(
        "INSERT INTO transactions (amount, description, created_at, updated_at) VALUES (?1, ?2, ?3, ?3)",
    )
    .bind(new.amount.minor())
    .bind(new.description.as_str())
    .bind(now.micros())
    .execute(connection)
    .await?;
    Ok(Transaction {
        id: id(done.last_insert_rowid())?,
        amount: new.amount,
        description: new.description.as_str().to_owned(),
        created_at: Some(now),
        updated_at: Some(now),
    })
}

pub(super) async fn find(
    connection: &mut SqliteConnection,
    id: TransactionId,
) -> Result<Option<Transaction>, sqlx::Error> {
    let row = sqlx::query(
        "SELECT id, COALESCE(amount, 0), COALESCE(description, ''), created_at, updated_at \
         FROM transactions WHERE id = ?",
    )
    .bind(id.get())
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(transaction).transpose()
}

pub(super) async fn list(
    connection: &mut SqliteConnection,
    built: Built,
) -> Result<Vec<Transaction>, sqlx::Error> {
    let rows = bound(built).fetch_all(connection).await?;
    rows.iter().map(transaction).collect()
}

pub(super) async fn write(
    connection: &mut SqliteConnection,
    row: &Transaction,
) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE transactions SET amount = ?, description = ?, updated_at = ? WHERE id = ?")
        .bind(row.amount.minor())
        .bind(row.description.as_str())
        .bind(row.updated_at.map(Timestamp::micros))
        .bind(row.id.get())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn delete(
    connection: &mut SqliteConnection,
    id: TransactionId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM transactions WHERE id = ?")
        .bind(id.get())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn delete_many(
    connection: &mut SqliteConnection,
    range: &TimeRange,
) -> Result<u64, sqlx::Error> {
    let mut built = Built::new("DELETE FROM transactions");
    built.within::<Sqlite>(range);
    let done = bound(built).execute(connection).await?;
    Ok(done.rows_affected())
}

pub(super) async fn summary(
    connection: &mut SqliteConnection,
    period: Period,
    range: &TimeRange,
) -> Result<Vec<SummaryItem>, sqlx::Error> {
    let mut built = Built::new(match period {
        Period::Day => BY_DAY,
        Period::Month => BY_MONTH,
    });
    built.within::<Sqlite>(range);
    built.sql.push_str(" GROUP BY 1 ORDER BY 1");
    let rows = bound(built).fetch_all(connection).await?;
    rows.iter()
        .map(|row| {
            let totals = totals_at(row, 1)?;
            Ok(SummaryItem {
                period: row.try_get(0)?,
                count: totals.count,
                amount: totals.amount,
            })
        })
        .collect()
}

pub(super) async fn totals(connection: &mut SqliteConnection) -> Result<Totals, sqlx::Error> {
    let row = sqlx::query(TOTALS).fetch_one(connection).await?;
    totals_at(&row, 0)
}

fn totals_at(row: &SqliteRow, first: usize) -> Result<Totals, sqlx::Error> {
    let count: i64 = row.try_get(first)?;
    let high: i64 = row.try_get(first + 1)?;
    let low: i64 = row.try_get(first + 2)?;
    Ok(Totals {
        count: count.unsigned_abs(),
        amount: Total::from_minor(i128::from(high) * PART + i128::from(low)),
    })
}

fn transaction(row: &SqliteRow) -> Result<Transaction, sqlx::Error> {
    let created_at: Option<i64> = row.try_get(3)?;
    let updated_at: Option<i64> = row.try_get(4)?;
    Ok(Transaction {
        id: id(row.try_get(0)?)?,
        amount: Amount::from_minor(row.try_get(1)?),
        description: row.try_get(2)?,
        created_at: created_at.map(Timestamp::from_micros),
        updated_at: updated_at.map(Timestamp::from_micros),
    })
}

fn id(number: i64) -> Result<TransactionId, sqlx::Error> {
    TransactionId::from_store(number)
        .ok_or_else(|| sqlx::Error::Decode("an id that is not above zero".into()))
}
