//! The statement of a list, put together from fixed parts: the one place where SQL is built. Every value is bound.

use crate::domain::{Amount, Filter, Order, TimeRange, Timestamp};

/// A value to be bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A whole number.
    Whole(i64),
    /// A text.
    Text(String),
}

/// What differs between the two kinds of SQL.
pub(super) trait Dialect {
    /// The columns of a row, without a `WHERE`.
    const SELECT: &'static str;
    /// A bound moment, given in microseconds since 1970.
    const MOMENT: &'static str;
    /// A bound amount.
    const AMOUNT: &'static str;
    /// A condition on the description, with the text that [`Dialect::needle`] makes bound.
    const CONTAINS: &'static str;

    /// An amount as it is bound.
    fn amount(amount: Amount) -> Value;

    /// The text to bind for the rows whose description holds `text`.
    fn needle(text: &str) -> String;
}

/// SQL with its values in order.
#[derive(Debug, Default)]
pub(super) struct Built {
    /// Made of fixed parts only.
    pub(super) sql: String,
    /// One for each placeholder.
    pub(super) values: Vec<Value>,
    conditions: usize,
}

impl Built {
    /// Begins with `sql`, which has no `WHERE` and no placeholder.
    pub(super) fn new(sql: &'static str) -> Self {
        Self {
            sql: sql.to_owned(),
            ..Self::default()
        }
    }

    /// At most `limit` rows that match `filter`, by id in `order`, beginning after the id `after`.
    pub(super) fn list<D: Dialect>(
        filter: &Filter,
        order: Order,
        after: Option<i64>,
        limit: usize,
    ) -> Self {
        let (beyond, direction) = match order {
            Order::Ascending => ("id > ", " ORDER BY id LIMIT ?"),
            Order::Descending => ("id < ", " ORDER BY id DESC LIMIT ?"),
        };
        let mut built = Self::new(D::SELECT);
        if let Some(after) = after {
            built.condition(beyond, "?", Value::Whole(after));
        }
        built.within::<D>(&filter.time);
        if let Some(min) = filter.amount.min {
            built.condition("COALESCE(amount, 0) >= ", D::AMOUNT, D::amount(min));
        }
        if let Some(max) = filter.amount.max {
            built.condition("COALESCE(amount, 0) <= ", D::AMOUNT, D::amount(max));
        }
        // Every text holds the empty one, and not every server takes an empty pattern.
        if let Some(text) = filter.text.as_deref().filter(|text| !text.is_empty()) {
            built.condition("", D::CONTAINS, Value::Text(D::needle(text)));
        }
        built.sql.push_str(direction);
        built
            .values
            .push(Value::Whole(i64::try_from(limit).unwrap_or(i64::MAX)));
        built
    }

    /// Adds the bounds of `range`.
    pub(super) fn within<D: Dialect>(&mut self, range: &TimeRange) {
        let moment = |at: Timestamp| Value::Whole(at.micros());
        if let Some(from) = range.from {
            self.condition("created_at >= ", D::MOMENT, moment(from));
        }
        if let Some(to) = range.to {
            self.condition("created_at < ", D::MOMENT, moment(to));
        }
    }

    fn condition(&mut self, left: &'static str, right: &'static str, value: Value) {
        self.sql.push_str(match self.conditions {
            0 => " WHERE ",
            _ => " AND ",
        });
        self.sql.push_str(left);
        self.sql.push_str(right);
        self.values.push(value);
        self.conditions += 1;
    }
}
