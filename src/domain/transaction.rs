//! One expense, and what makes or changes one.

use super::{Amount, Description, Timestamp, TransactionId};

/// A row of the ledger, as read from a store.
///
/// Old rows bend the rules for new input: any sign, any text, no times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// Its number.
    pub id: TransactionId,
    /// Its amount; 0 where the old table had none.
    pub amount: Amount,
    /// Its text; empty where the old table had none.
    pub description: String,
    /// When it was recorded; unknown for rows of the old application.
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    pub updated_at: Option<Timestamp>,
}

/// A transaction to be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransaction {
    /// Its amount.
    pub amount: Amount,
    /// Its text.
    pub description: Description,
}

/// What is to become of an existing row: fields left out stay.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// The new amount.
    pub amount: Option<Amount>,
    /// The new text.
    pub description: Option<Description>,
}

impl Changes {
    /// The row after the change, stamped `now`; `None` where nothing would differ.
    #[must_use]
    pub fn apply(&self, row: &Transaction, now: Timestamp) -> Option<Transaction> {
        let amount = self.amount.unwrap_or(row.amount);
        let description = self
            .description
            .as_ref()
            .map_or(row.description.as_str(), Description::as_str);
        if amount == row.amount && description == row.description {
            return None;
        }
        Some(Transaction {
            id: row.id,
            amount,
            description: description.to_owned(),
            created_at: row.created_at,
            updated_at: Some(now),
        })
    }
}
