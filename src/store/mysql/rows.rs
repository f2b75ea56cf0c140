//! The statements on the table of transactions.
//!
//! Amounts travel as fixed text and come back as whole minor units; times travel as microseconds since 1970; sums
//! come back as text, since they may be wider than any number type.

use sqlx::{MySqlConnection, Row as _, mysql::MySqlRow};

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

/// A moment, bound as microseconds since 1970.
macro_rules! moment {
    () => {
        "TIMESTAMPADD(MICROSECOND, ?, TIMESTAMP'1970-01-01 00:00:00')"
    };
}
pub(super) use moment;

macro_rules! select {
    ($after:literal) => {
        concat!(
            "SELECT id, CAST(COALESCE(amount, 0) * 100 AS SIGNED), COALESCE(description, ''), ",
            "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', created_at), ",
            "TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', updated_at) ",
            "FROM transactions",
            $after
        )
    };
}

/// Count and sum of what follows.
macro_rules! sums_of {
    ($before:literal) => {
        concat!(
            "SELECT ",
            $before,
            "COUNT(*), CAST(COALESCE(SUM(amount), 0) AS CHAR) FROM transactions"
        )
    };
}

/// One row.
pub(super) const FIND: &str = select!(" WHERE id = ?");
/// One row, which nobody else may change until the transaction ends.
pub(super) const FIND_LOCKED: &str = select!(" WHERE id = ? FOR UPDATE");
const INSERT: &str = concat!(
    "INSERT INTO transactions (amount, description, created_at, updated_at) VALUES (?, ?, ",
    moment!(),
    ", ",
    moment!(),
    ")"
);
/// A row by all that was written into it but its id, which the server chose.
const FIND_WRITTEN: &str = concat!(
    "SELECT id FROM transactions WHERE created_at = ",
    moment!(),
    " AND updated_at = created_at AND amount = CAST(? AS DECIMAL(12,2)) AND description = ? ORDER BY id DESC LIMIT 1"
);
const UPDATE: &str = concat!(
    "UPDATE transactions SET amount = ?, description = ?, updated_at = ",
    moment!(),
    " WHERE id = ?"
);
const TOTALS: &str = sums_of!("");
const BY_DAY: &str = sums_of!("DATE_FORMAT(created_at, '%Y-%m-%d') AS period, ");
const BY_MONTH: &str = sums_of!("DATE_FORMAT(created_at, '%Y-%m') AS period, ");

/// The words of this dialect.
pub(super) struct MySql;

impl Dialect for MySql {
    const SELECT: &'static str = select!("");
    const MOMENT: &'static str = moment!();
    // Compared with a bare text, a decimal would be taken for a binary float.
    const AMOUNT: &'static str = "CAST(? AS DECIMAL(12,2))";
    const CONTAINS: &'static str = "COALESCE(description, '') COLLATE utf8mb4_bin REGEXP ?";

    fn amount(amount: Amount) -> Value {
        Value::Text(amount.fixed())
    }

    /// A pattern for the text: both cases of each letter A to Z, all else as written. `LOWER` will not do: it folds
    /// the letters of every script.
    fn needle(text: &str) -> String {
        let mut pattern = String::with_capacity(text.len() * 4);
        for c in text.chars() {
            if c.is_ascii_alphabetic() {
                pattern.push('[');
                pattern.push(c.to_ascii_lowercase());
                pattern.push(c.to_ascii_uppercase());
                pattern.push(']');
            } else {
                if c.is_ascii_punctuation() {
                    pattern.push('\\');
                }
                pattern.push(c);
            }
        }
        pattern
    }
}

pub(super) async fn insert(
    connection: &mut MySqlConnection,
    new: &NewTransaction,
    now: Timestamp,
) -> Result<Transaction, sqlx::Error> {
    let done = sqlx::query(INSERT)
        .bind(new.amount.fixed())
        .bind(new.description.as_str())
        .bind(now.micros())
        .bind(now.micros())
        .execute(connection)
        .await?;
    Ok(created(id(done.last_insert_id())?, new, now))
}

/// The row that [`insert`] made, where it did. No two inserts of this process have the same moment (see `app::clock`);
/// of two processes that write the same row in the same microsecond, one whose reply is lost may take the other's for
/// its own.
pub(super) async fn find_written(
    connection: &mut MySqlConnection,
    new: &NewTransaction,
    now: Timestamp,
) -> Result<Option<Transaction>, sqlx::Error> {
    let rows = sqlx::query(FIND_WRITTEN)
        .bind(now.micros())
        .bind(new.amount.fixed())
        .bind(new.description.as_str())
        .fetch_all(connection)
        .await?;
    match rows.first() {
        Some(row) => Ok(Some(created(id(row.try_get(0)?)?, new, now))),
        None => Ok(None),
    }
}

fn created(id: TransactionId, new: &NewTransaction, now: Timestamp) -> Transaction {
    Transaction {
        id,
        amount: new.amount,
        description: new.description.as_str().to_owned(),
        created_at: Some(now),
        updated_at: Some(now),
    }
}

/// The row, by [`FIND`] or [`FIND_LOCKED`].
pub(super) async fn find(
    connection: &mut MySqlConnection,
    id: TransactionId,
    sql: &'static str,
) -> Result<Option<Transaction>, sqlx::Error> {
    let rows = sqlx::query(sql)
        .bind(id.get())
        .fetch_all(connection)
        .await?;
    rows.first().map(transaction).transpose()
}

pub(super) async fn list(
    connection: &mut MySqlConnection,
    built: &Built,
) -> Result<Vec<Transaction>, sqlx::Error> {
    let rows = bound(built).fetch_all(connection).await?;
    rows.iter().map(transaction).collect()
}

pub(super) async fn write(
    connection: &mut MySqlConnection,
    row: &Transaction,
) -> Result<(), sqlx::Error> {
    sqlx::query(UPDATE)
        .bind(row.amount.fixed())
        .bind(row.description.as_str())
        .bind(row.updated_at.map(Timestamp::micros))
        .bind(row.id.get())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn delete(
    connection: &mut MySqlConnection,
    id: TransactionId,
) -> Result<(), sqlx::Error> {
    sqlx::query("DELETE FROM transactions WHERE id = ?")
        .bind(id.get())
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn delete_many(
    connection: &mut MySqlConnection,
    range: &TimeRange,
) -> Result<u64, sqlx::Error> {
    let mut built = Built::new("DELETE FROM transactions");
    built.within::<MySql>(range);
    let done = bound(&built).execute(connection).await?;
    Ok(done.rows_affected())
}

pub(super) async fn summary(
    connection: &mut MySqlConnection,
    period: Period,
    range: &TimeRange,
) -> Result<Vec<SummaryItem>, sqlx::Error> {
    let mut built = Built::new(match period {
        Period::Day => BY_DAY,
        Period::Month => BY_MONTH,
    });
    built.within::<MySql>(range);
    built.sql.push_str(" GROUP BY period ORDER BY period");
    let rows = bound(&built).fetch_all(connection).await?;
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

pub(super) async fn totals(connection: &mut MySqlConnection) -> Result<Totals, sqlx::Error> {
    let rows = sqlx::query(TOTALS).fetch_all(connection).await?;
    let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
    totals_at(row, 0)
}

fn totals_at(row: &MySqlRow, first: usize) -> Result<Totals, sqlx::Error> {
    let count: i64 = row.try_get(first)?;
    let sum: &str = row.try_get(first + 1)?;
    Ok(Totals {
        count: count.unsigned_abs(),
        amount: Total::from_minor(minor_units(sum)?),
    })
}

/// Minor units of a decimal as the server writes it: `-12.30`, `0`.
fn minor_units(text: &str) -> Result<i128, sqlx::Error> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits = format!("{whole}{part:0<2}");
    digits
        .parse()
        .ok()
        .filter(|_| part.len() <= 2)
        .ok_or_else(|| sqlx::Error::Decode("a sum that is no decimal with two places".into()))
}

fn transaction(row: &MySqlRow) -> Result<Transaction, sqlx::Error> {
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

fn id(number: u64) -> Result<TransactionId, sqlx::Error> {
    i64::try_from(number)
        .ok()
        .and_then(TransactionId::from_store)
        .ok_or_else(|| sqlx::Error::Decode("an id beyond the range of ids".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_read_to_the_last_place() {
        for (text, minor) in [("0", 0), ("-0.07", -7), ("12.30", 1230), ("5.5", 550)] {
            assert_eq!(minor_units(text).unwrap(), minor, "{text}");
        }
        assert!(minor_units("1.234").is_err());
        assert!(minor_units("x").is_err());
    }

    #[test]
    fn a_pattern_folds_a_to_z_and_nothing_else() {
        assert_eq!(MySql::needle("a%É_\\🍣 1"), "[aA]\\%É\\_\\\\🍣 1");
    }
}
