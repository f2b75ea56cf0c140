//! Which rows a list holds: the same on every store, down to letters and microseconds.

use expense_backend::domain::{Amount, AmountRange, Filter, Order, TimeRange, Timestamp};
use proptest::{
    prelude::*,
    strategy::ValueTree as _,
    test_runner::{Config, TestRunner},
};

use super::on_every_store;
use crate::support::table::Table;

on_every_store!(
    times_have_microseconds,
    amounts_are_compared_exactly,
    texts_are_told_apart_but_for_a_to_z,
    any_text_is_found_as_the_model_finds_it,
    filters_are_combined,
);

async fn ids(table: &Table, filter: &Filter) -> Vec<i64> {
    let rows = table.store.list(filter, Order::Ascending, None, 10_000);
    rows.await.unwrap().iter().map(|row| row.id.get()).collect()
}

fn amount(text: &str) -> Option<Amount> {
    Some(Amount::parse("amount", text).unwrap())
}

fn moment(micros: i64) -> Option<Timestamp> {
    Some(Timestamp::from_micros(micros))
}

async fn times_have_microseconds(table: Table) {
    table.old_row(1, Some("1"), Some("no time")).await;
    const NOON: i64 = 1_764_000_000_000_000;
    let first = table.insert("1", "a", NOON).await.id.get();
    let second = table.insert("1", "b", NOON + 1).await.id.get();
    let within = async |from, to| {
        let filter = Filter {
            time: TimeRange { from, to },
            ..Filter::default()
        };
        ids(&table, &filter).await
    };
    assert_eq!(within(moment(NOON), None).await, [first, second]);
    assert_eq!(within(moment(NOON + 1), None).await, [second]);
    assert_eq!(within(None, moment(NOON + 1)).await, [first]);
    assert_eq!(within(moment(NOON), moment(NOON)).await, [] as [i64; 0]);
    assert_eq!(
        within(moment(i64::MIN), moment(i64::MAX)).await,
        [first, second],
        "rows without a time match no bound"
    );
}

async fn amounts_are_compared_exactly(table: Table) {
    let rows = [
        (1, Some("0.1")),
        (2, Some("0.11")),
        (3, None),
        (4, Some("-20")),
        (5, Some("9999999999.99")),
        (6, Some("9999999999.98")),
    ];
    for (id, amount) in rows {
        table.old_row(id, amount, Some("x")).await;
    }
    let between = async |min: Option<&str>, max: Option<&str>| {
        let filter = Filter {
            amount: AmountRange {
                min: min.and_then(amount),
                max: max.and_then(amount),
            },
            ..Filter::default()
        };
        ids(&table, &filter).await
    };
    assert_eq!(between(Some("0.1"), Some("0.1")).await, [1]);
    assert_eq!(between(Some("0"), Some("0.11")).await, [1, 2, 3]);
    assert_eq!(between(None, Some("-0.01")).await, [4]);
    assert_eq!(between(Some("9999999999.99"), None).await, [5]);
    assert_eq!(between(Some("9999999999.98"), None).await, [5, 6]);
    assert_eq!(between(Some("1"), Some("0")).await, [] as [i64; 0]);
}

async fn contains(table: &Table, text: &str) -> Vec<i64> {
    let filter = Filter {
        text: Some(text.to_owned()),
        ..Filter::default()
    };
    ids(table, &filter).await
}

async fn texts_are_told_apart_but_for_a_to_z(table: Table) {
    let texts = [
        (1, Some("Café 100%")),
        (2, Some("CAFÉ_\\")),
        (3, Some("😀 lunch")),
        (4, Some("😎 Lunch")),
        (5, Some("\u{212a}elvin Kelvin ſ")),
        (6, None),
        (7, Some("")),
        (8, Some("cafe\u{301}")),
        (9, Some("two\nlines\tand a tab")),
        (10, Some("[a-z].*+?^$(){}|/#&~\"'`!<>=:;,@-")),
        (11, Some("straße STRASSE İi ı")),
    ];
    for (id, text) in texts {
        table.old_row(id, Some("1"), text).await;
    }
    for (text, expected) in [
        ("caf", vec![1, 2, 8]),
        ("CAFé", vec![1]),
        ("café", vec![1]),
        ("cafe", vec![8]),
        ("É", vec![2]),
        ("%", vec![1]),
        ("_", vec![2]),
        ("\\", vec![2]),
        ("😀", vec![3]),
        ("LUNCH", vec![3, 4]),
        ("kelvin", vec![5]),
        ("\u{212a}", vec![5]),
        ("k", vec![5]),
        ("\u{301}", vec![8]),
        ("s\tAND", vec![9]),
        ("o\nl", vec![9]),
        ("[A-Z].*+?^$(){}|/#&~\"'`!<>=:;,@-", vec![10]),
        (".*", vec![10]),
        ("SS", vec![11]),
        ("İ", vec![11]),
        ("I", vec![5, 9, 11]),
        ("zzz", vec![]),
        ("", (1..=11).collect()),
    ] {
        assert_eq!(contains(&table, text).await, expected, "{text:?}");
    }
}

/// What the contract says, in Rust.
fn model(row: &str, text: &str) -> bool {
    row.to_ascii_lowercase()
        .contains(&text.to_ascii_lowercase())
}

/// Texts of a small alphabet in which letters, look-alikes and signs of patterns meet often.
fn texts(longest: usize) -> impl Strategy<Value = String> {
    let signs = "aAbkKzZ\u{212a}éÉe\u{301}ßſ😀😎%_\\.*[]^$()|?+{}'\"-/#& \t\n0";
    let signs: Vec<char> = signs.chars().collect();
    let any = prop_oneof![
        9 => prop::sample::select(signs),
        1 => any::<char>().prop_filter("no control character", |c| !c.is_control()),
    ];
    prop::collection::vec(any, 0..longest).prop_map(String::from_iter)
}

async fn any_text_is_found_as_the_model_finds_it(table: Table) {
    const ROWS: i64 = 200;
    const SEARCHES: usize = 400;
    let mut runner = TestRunner::new(Config::default());
    let mut next = |longest| texts(longest).new_tree(&mut runner).unwrap().current();
    let rows: Vec<(i64, String)> = (1..=ROWS).map(|id| (id, next(12))).collect();
    for (id, text) in &rows {
        table.old_row(*id, Some("1"), Some(text)).await;
    }
    for _ in 0..SEARCHES {
        let text = next(4);
        let expected: Vec<i64> = rows
            .iter()
            .filter(|(_, row)| model(row, &text))
            .map(|(id, _)| *id)
            .collect();
        assert_eq!(contains(&table, &text).await, expected, "{text:?}");
    }
}

async fn filters_are_combined(table: Table) {
    for (amount, text, micros) in [("1", "Lunch", 10), ("2", "lunch", 20), ("3", "rent", 30)] {
        table.insert(amount, text, micros).await;
    }
    let filter = Filter {
        time: TimeRange {
            from: moment(10),
            to: moment(31),
        },
        amount: AmountRange {
            min: amount("2"),
            max: amount("3"),
        },
        text: Some("LUNCH".to_owned()),
    };
    for (order, after, limit) in [
        (Order::Ascending, None, 10),
        (Order::Descending, Some(i64::MAX), 1),
    ] {
        let rows = table
            .store
            .list(&filter, order, after, limit)
            .await
            .unwrap();
        let texts: Vec<_> = rows.iter().map(|row| row.description.as_str()).collect();
        assert_eq!(texts, ["lunch"]);
    }
}
