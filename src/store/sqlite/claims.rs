//! The idempotency records, written in the transaction of the row.

use bytes::Bytes;
use sqlx::{Row as _, SqliteConnection};

use crate::{
    domain::Timestamp,
    store::{Claim, Inserted, StoredReply, idempotency::Record},
};

/// What the key says when a request begins.
pub(super) enum Begun {
    /// Nobody used it, or too long ago.
    Free,
    /// It was used: the answer to this request.
    Known(Inserted),
}

/// Looks the key up under the write lock, so that no other request with it can be at work.
pub(super) async fn begin_claim(
    connection: &mut SqliteConnection,
    claim: &Claim,
) -> Result<Begun, sqlx::Error> {
    let found = sqlx::query(
        "SELECT route, fingerprint, created_at, status, content_type, location, etag, body \
         FROM idempotency_keys WHERE caller = ? AND idempotency_key = ?",
    )
    .bind(claim.caller_digest().to_vec())
    .bind(claim.key.as_bytes())
    .fetch_optional(connection)
    .await?;
    let Some(row) = found else {
        return Ok(Begun::Free);
    };
    let record = Record {
        route: row.try_get(0)?,
        fingerprint: row.try_get(1)?,
        created_at: Timestamp::from_micros(row.try_get(2)?),
        reply: StoredReply {
            status: row.try_get(3)?,
            content_type: row.try_get(4)?,
            location: row.try_get(5)?,
            etag: row.try_get(6)?,
            body: Bytes::from(row.try_get::<Vec<u8>, _>(7)?),
        },
    };
    Ok(claim.judge(record).map_or(Begun::Free, Begun::Known))
}

/// Keeps the first reply, in the place of an expired one.
pub(super) async fn keep_reply(
    connection: &mut SqliteConnection,
    claim: &Claim,
    now: Timestamp,
    reply: &StoredReply,
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO idempotency_keys \
         (caller, idempotency_key, route, fingerprint, created_at, status, content_type, location, etag, body) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )
    .bind(claim.caller_digest().to_vec())
    .bind(claim.key.as_bytes())
    .bind(claim.route)
    .bind(claim.fingerprint.to_vec())
    .bind(now.micros())
    .bind(reply.status)
    .bind(reply.content_type.as_str())
    .bind(reply.location.as_deref())
    .bind(reply.etag.as_deref())
    .bind(reply.body.as_ref())
    .execute(connection)
    .await
    .map(drop)
}

/// Deletes at most `limit` records made before `before`.
pub(super) async fn sweep(
    connection: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(
        "DELETE FROM idempotency_keys WHERE rowid IN \
         (SELECT rowid FROM idempotency_keys WHERE created_at < ? ORDER BY created_at LIMIT ?)",
    )
    .bind(before.micros())
    .bind(limit)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}
