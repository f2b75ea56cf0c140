//! A write that happens at most once for a key, and the reply that is kept for the next time.

use bytes::Bytes;

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
