//! Counts and sums: exact, by UTC, rows without a time first.

use expense_backend::{
    domain::{Period, SummaryItem, TimeRange, Timestamp, Total},
    store::Totals,
};

use super::on_every_store;
use crate::support::table::Table;

on_every_store!(
    an_empty_table_has_no_periods,
    periods_are_of_utc,
    a_range_bounds_the_summary,
    sums_are_exact_to_the_cent,
    sums_grow_beyond_64_bits,
);

const DAY: i64 = 86_400_000_000;

fn item(period: Option<&str>, count: u64, minor: i128) -> SummaryItem {
    SummaryItem {
        period: period.map(str::to_owned),
        count,
        amount: Total::from_minor(minor),
    }
}

async fn an_empty_table_has_no_periods(table: Table) {
    let all = TimeRange::default();
    for period in [Period::Day, Period::Month] {
        assert_eq!(table.store.summary(period, &all).await.unwrap(), []);
    }
    assert_eq!(table.store.totals().await.unwrap(), Totals::default());
}

async fn periods_are_of_utc(table: Table) {
    table.old_row(1, None, Some("x")).await;
    table.old_row(2, Some("-20"), Some("x")).await;
    // 1970-01-31T23:59:59.999999Z, the next microsecond, and the one before 1970.
    for micros in [31 * DAY - 1, 31 * DAY, -1, 59 * DAY] {
        table.insert("0.07", "x", micros).await;
    }
    let all = TimeRange::default();
    let days = table.store.summary(Period::Day, &all).await.unwrap();
    let expected = [
        item(None, 2, -2000),
        item(Some("1969-12-31"), 1, 7),
        item(Some("1970-01-31"), 1, 7),
        item(Some("1970-02-01"), 1, 7),
        item(Some("1970-03-01"), 1, 7),
    ];
    assert_eq!(days, expected);
    let months = table.store.summary(Period::Month, &all).await.unwrap();
    let expected = [
        item(None, 2, -2000),
        item(Some("1969-12"), 1, 7),
        item(Some("1970-01"), 1, 7),
        item(Some("1970-02"), 1, 7),
        item(Some("1970-03"), 1, 7),
    ];
    assert_eq!(months, expected);
}

async fn a_range_bounds_the_summary(table: Table) {
    table.old_row(1, Some("5"), Some("no time")).await;
    for micros in [0, DAY, 2 * DAY] {
        table.insert("1", "x", micros).await;
    }
    let range = TimeRange {
        from: Some(Timestamp::from_micros(DAY)),
        to: Some(Timestamp::from_micros(2 * DAY)),
    };
    assert_eq!(
        table.store.summary(Period::Day, &range).await.unwrap(),
        [item(Some("1970-01-02"), 1, 100)]
    );
}

async fn sums_are_exact_to_the_cent(table: Table) {
    for _ in 0..30 {
        table.insert("0.1", "x", 0).await;
    }
    table.insert("9999999999.99", "x", 0).await;
    let minor = 999_999_999_999 + 300;
    assert_eq!(
        table.store.totals().await.unwrap(),
        Totals {
            count: 31,
            amount: Total::from_minor(minor)
        }
    );
    let all = TimeRange::default();
    assert_eq!(
        table.store.summary(Period::Month, &all).await.unwrap(),
        [item(Some("1970-01"), 31, minor)]
    );
}

async fn sums_grow_beyond_64_bits(table: Table) {
    // Rows of the usual size would have to be millions, so the column is widened where it has a width.
    const MINOR: i64 = 9_000_000_000_000_000_077;
    table
        .execute(
            "SELECT 1",
            "ALTER TABLE transactions MODIFY amount DECIMAL(30,2)",
        )
        .await;
    for id in 1..=5 {
        let sql = |amount: String| {
            format!("INSERT INTO transactions VALUES ({id}, {amount}, 'x', NULL, NULL)")
        };
        let decimal = format!("{}.{}", MINOR / 100, MINOR % 100);
        table.execute(&sql(MINOR.to_string()), &sql(decimal)).await;
    }
    let sum = i128::from(MINOR) * 5;
    assert_eq!(
        table.store.totals().await.unwrap().amount,
        Total::from_minor(sum)
    );
    let all = TimeRange::default();
    assert_eq!(
        table.store.summary(Period::Day, &all).await.unwrap(),
        [item(None, 5, sum)]
    );
}
