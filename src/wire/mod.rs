//! How values look on the wire: domain values to JSON bytes, in one fixed order of keys.
//!
//! Written by hand so that a row is serialised once, straight into the reply, and amounts stay exact.

mod old;
mod v1;

use bytes::{BufMut as _, Bytes, BytesMut};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

pub use old::{OldList, old_row};
pub use v1::{page, resource, summary};

use crate::domain::Timestamp;

/// A strong entity tag with its quotes: 128 bits of the SHA-256 of `body`, in hex.
#[must_use]
pub fn etag(body: &[u8]) -> Bytes {
    let digest = Sha256::digest(body);
    let mut tag = BytesMut::with_capacity(34);
    tag.put_u8(b'"');
    let mut text = [0; 32];
    // 16 bytes always fit into 32 letters.
    if hex::encode_to_slice(&digest[..16], &mut text).is_ok() {
        tag.put_slice(&text);
    }
    tag.put_u8(b'"');
    tag.freeze()
}

/// `text` as a JSON string.
fn put_string(out: &mut BytesMut, text: &str) {
    // Writing into memory cannot fail, and every &str is a JSON string.
    let written = serde_json::to_writer((&mut *out).writer(), text);
    debug_assert!(written.is_ok());
}

/// Numbers and other plain text.
fn put_display(out: &mut BytesMut, value: impl std::fmt::Display) {
    let written = write!(out, "{value}");
    debug_assert!(written.is_ok());
}

/// A time as a JSON string, or null.
fn put_time(out: &mut BytesMut, time: Option<Timestamp>) {
    match time {
        Some(time) => put_display(out, format_args!("\"{time}\"")),
        None => out.put_slice(b"null"),
    }
}
