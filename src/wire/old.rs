//! The replies of the old application, byte for byte.

use bytes::{BufMut as _, Bytes, BytesMut};

use super::{put_display, put_string};
use crate::domain::Transaction;

const OPEN: &[u8] = b"{\"result\":[";
const CLOSE: &[u8] = b"]}";

/// `{"id":1,"amount":100,"desc":"Groceries"}`
#[must_use]
pub fn old_row(row: &Transaction) -> Bytes {
    let mut out = BytesMut::with_capacity(64 + row.description.len());
    put_row(&mut out, row, b",\"desc\":");
    out.freeze()
}

/// Writes `{"result":[…]}` piece by piece.
#[derive(Debug)]
pub struct OldList {
    out: BytesMut,
    empty: bool,
}

impl Default for OldList {
    fn default() -> Self {
        let mut out = BytesMut::with_capacity(4096);
        out.put_slice(OPEN);
        Self { out, empty: true }
    }
}

impl OldList {
    /// A list of which a first part, ending behind a row, was already taken.
    #[must_use]
    pub fn continued() -> Self {
        Self {
            out: BytesMut::new(),
            empty: false,
        }
    }

    /// Appends rows.
    pub fn extend(&mut self, rows: &[Transaction]) {
        for row in rows {
            if !self.empty {
                self.out.put_u8(b',');
            }
            self.empty = false;
            put_row(&mut self.out, row, b",\"description\":");
        }
    }

    /// Bytes written and not yet taken.
    #[must_use]
    pub fn len(&self) -> usize {
        self.out.len()
    }

    /// Whether nothing waits to be taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
    }

    /// Takes what was written so far.
    pub fn take(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// Closes the list and takes the rest.
    #[must_use]
    pub fn finish(mut self) -> Bytes {
        self.out.put_slice(CLOSE);
        self.out.freeze()
    }
}

fn put_row(out: &mut BytesMut, row: &Transaction, text_key: &[u8]) {
    out.put_slice(b"{\"id\":");
    put_display(out, row.id);
    out.put_slice(b",\"amount\":");
    put_display(out, row.amount);
    out.put_slice(text_key);
    put_string(out, &row.description);
    out.put_u8(b'}');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Amount, TransactionId};

    fn row(id: i64, minor: i64, text: &str) -> Transaction {
        Transaction {
            id: TransactionId::from_store(id).unwrap(),
            amount: Amount::from_minor(minor),
            description: text.to_owned(),
            created_at: None,
            updated_at: None,
        }
    }

    #[test]
    fn rows_and_lists_look_as_they_did() {
        assert_eq!(
            old_row(&row(1, 10_000, "Groceries")),
            "{\"id\":1,\"amount\":100,\"desc\":\"Groceries\"}"
        );
        let mut list = OldList::default();
        list.extend(&[row(1, 1250, "a\"b\\c\n"), row(2, 7, "寿司 🍣")]);
        assert_eq!(
            list.finish(),
            "{\"result\":[{\"id\":1,\"amount\":12.5,\"description\":\"a\\\"b\\\\c\\n\"},\
             {\"id\":2,\"amount\":0.07,\"description\":\"寿司 🍣\"}]}"
        );
        assert_eq!(OldList::default().finish(), "{\"result\":[]}");
    }
}
