//! A write that happens at most once for a key, and the reply that is kept for the next time.

use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use crate::domain::{Timestamp, Transaction};

/// Whose key it is, what it is bound to, and from when on older records of it no longer count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Who asks: an API key's name, a subject, or nobody.
    pub caller: String,
    /// 1 to 255 visible ASCII characters, compared byte for byte.
    pub key: String,
    /// Method and route template.
    pub route: &'static str,
    /// SHA-256 of the body's bytes.
    pub fingerprint: [u8; 32],
    /// Records made before this moment have expired.
    pub valid_since: Timestamp,
}

/// A first reply, whole enough to be given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredReply {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`.
    pub content_type: String,
    /// `Location`.
    pub location: Option<String>,
    /// `ETag`.
    pub etag: Option<String>,
    /// The body's bytes.
    pub body: Bytes,
}

/// Writes the reply for a row that was just inserted. May be called again where the transaction is repeated.
pub type RenderReply<'a> = &'a (dyn Fn(&Transaction) -> StoredReply + Send + Sync);

/// How an insert ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inserted {
    /// The row is there.
    Created(Transaction),
    /// The key was used for the same request before: its reply.
    Replayed(StoredReply),
    /// The key was used for another body or route.
    KeyReused,
    /// The first request with this key still runs, and its reply did not come within a second.
    InProgress,
}

/// What a store keeps under a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Method and route template.
    pub(super) route: String,
    /// SHA-256 of the body's bytes.
    pub(super) fingerprint: Vec<u8>,
    /// When it was made.
    pub(super) created_at: Timestamp,
    /// The first reply.
    pub(super) reply: StoredReply,
}

impl Claim {
    /// The caller as it is kept: of one length, and without saying who it is.
    pub(super) fn caller_digest(&self) -> [u8; 32] {
        Sha256::digest(self.caller.as_bytes()).into()
    }

    /// What a record found under this key means for the request; `None` where it has expired.
    pub(super) fn judge(&self, record: Record) -> Option<Inserted> {
        if record.created_at < self.valid_since {
            None
        } else if record.route == self.route && record.fingerprint == self.fingerprint {
            Some(Inserted::Replayed(record.reply))
        } else {
            Some(Inserted::KeyReused)
        }
    }
}
