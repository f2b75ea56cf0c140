//! Where a walk through a list goes on: opaque to clients, bound to its order and filters.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::{FieldError, Filter, Order, TransactionId};

/// The layout of the bytes inside; another number is refused.
const VERSION: u8 = 1;
const MARK_BYTES: usize = 8;
const ID_BYTES: usize = 8;

/// The id of the last row of a page, for the list that it was made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    after: TransactionId,
}

impl Cursor {
    /// A place after the row `after`.
    #[must_use]
    pub const fn new(after: TransactionId) -> Self {
        Self { after }
    }

    /// The last row that was seen.
    #[must_use]
    pub const fn after(self) -> TransactionId {
        self.after
    }

    /// Writes it for the list of `order` and `filter`.
    #[must_use]
    pub fn encode(self, order: Order, filter: &Filter) -> String {
        let id = self.after.get().to_be_bytes();
        let mut bytes = Vec::with_capacity(1 + MARK_BYTES + ID_BYTES);
        bytes.push(VERSION);
        bytes.extend_from_slice(&mark(order, filter, id));
        bytes.extend_from_slice(&id);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads one back. Fails unless it was made for this very order and these filters.
    pub fn decode(
        field: &str,
        text: &str,
        order: Order,
        filter: &Filter,
    ) -> Result<Self, FieldError> {
        let fault = || {
            FieldError::new(
                field,
                "must be the next_cursor of a page of this order and these filters",
            )
        };
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| fault())?;
        let (version, rest) = bytes.split_first().ok_or_else(fault)?;
        let (seen, id) = rest.split_at_checked(MARK_BYTES).ok_or_else(fault)?;
        let id: [u8; ID_BYTES] = id.try_into().map_err(|_| fault())?;
        if *version != VERSION || seen != mark(order, filter, id) {
            return Err(fault());
        }
        TransactionId::from_store(i64::from_be_bytes(id))
            .map(Self::new)
            .ok_or_else(fault)
    }
}

/// What ties a place to its list. Not a secret: it finds mistakes, not attackers, who may read any page anyway.
fn mark(order: Order, filter: &Filter, id: [u8; ID_BYTES]) -> [u8; MARK_BYTES] {
    let mut hash = Sha256::new();
    hash.update([u8::from(order == Order::Ascending)]);
    for bound in [
        filter.time.from.map(super::Timestamp::micros),
        filter.time.to.map(super::Timestamp::micros),
        filter.amount.min.map(super::Amount::minor),
        filter.amount.max.map(super::Amount::minor),
    ] {
        hash.update([u8::from(bound.is_some())]);
        hash.update(bound.unwrap_or_default().to_be_bytes());
    }
    hash.update([u8::from(filter.text.is_some())]);
    hash.update(filter.text.as_deref().unwrap_or_default());
    hash.update(id);
    let digest = hash.finalize();
    let mut mark = [0; MARK_BYTES];
    mark.copy_from_slice(&digest[..MARK_BYTES]);
    mark
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(number: i64) -> TransactionId {
        TransactionId::from_store(number).unwrap()
    }

    #[test]
    fn another_order_or_filter_is_refused() {
        let filter = Filter::default();
        let text = Cursor::new(id(7)).encode(Order::Ascending, &filter);
        assert!(Cursor::decode("cursor", &text, Order::Descending, &filter).is_err());
        let other = Filter {
            text: Some(String::new()),
            ..Filter::default()
        };
        assert!(Cursor::decode("cursor", &text, Order::Ascending, &other).is_err());
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(number in 1..=i64::MAX, text in proptest::option::of(".*")) {
            let filter = Filter { text, ..Filter::default() };
            let written = Cursor::new(id(number)).encode(Order::Descending, &filter);
            let read = Cursor::decode("cursor", &written, Order::Descending, &filter);
            prop_assert_eq!(read.map(Cursor::after), Ok(id(number)));
        }

        #[test]
        fn a_changed_letter_is_refused(number in 1..=i64::MAX, place in 0_usize..22, letter in "[A-Za-z0-9_-]") {
            let filter = Filter::default();
            let written = Cursor::new(id(number)).encode(Order::Descending, &filter);
            let mut changed = written.clone();
            changed.replace_range(place..=place, &letter);
            prop_assume!(changed != written);
            prop_assert!(Cursor::decode("cursor", &changed, Order::Descending, &filter).is_err());
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            let _ = Cursor::decode("cursor", &text, Order::Descending, &Filter::default());
        }
    }
}
