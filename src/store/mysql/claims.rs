//! The idempotency records, written in the transaction of the row.
//!
//! The record is inserted before the row: a second request with its key waits at the primary key until the first has
//! committed or was undone, for at most the lock wait timeout of a second.

use bytes::Bytes;
use sqlx::{MySqlConnection, Row as _, mysql::MySqlRow};

use super::{failure::number, rows::moment};
use crate::{
    domain::Timestamp,
    store::{Claim, Inserted, StoredReply, idempotency::Record},
};

const INSERT: &str = concat!(
    "INSERT INTO idempotency_keys (caller, idempotency_key, route, fingerprint, created_at) VALUES (?, ?, ?, ?, ",
    moment!(),
    ")"
);
const FIND: &str = "SELECT route, fingerprint, \
    TIMESTAMPDIFF(MICROSECOND, TIMESTAMP'1970-01-01 00:00:00', created_at), \
    status, content_type, location, etag, body \
    FROM idempotency_keys WHERE caller = ? AND idempotency_key = ?";
const DELETE_EXPIRED: &str = concat!(
    "DELETE FROM idempotency_keys WHERE caller = ? AND idempotency_key = ? AND created_at < ",
    moment!()
);
const KEEP_REPLY: &str = "UPDATE idempotency_keys \
    SET status = ?, content_type = ?, location = ?, etag = ?, body = ? \
    WHERE caller = ? AND idempotency_key = ?";
const SWEEP: &str = concat!(
    "DELETE FROM idempotency_keys WHERE created_at < ",
    moment!(),
    " ORDER BY created_at LIMIT ?"
);

/// How often the record may vanish or expire between two statements before the request gives up.
const MAX_TURNS: usize = 3;

const DUPLICATE: u16 = 1062;
const LOCK_WAIT: u16 = 1205;

/// What the key says when a request begins.
pub(super) enum Begun {
    /// It is this request's now.
    Free,
    /// It was used, or is in use: the answer to this request.
    Known(Inserted),
}

pub(super) async fn begin(
    connection: &mut MySqlConnection,
    claim: &Claim,
    now: Timestamp,
) -> Result<Begun, sqlx::Error> {
    let caller = claim.caller_digest().to_vec();
    for _ in 0..MAX_TURNS {
        let inserted = sqlx::query(INSERT)
            .bind(caller.as_slice())
            .bind(claim.key.as_bytes())
            .bind(claim.route.as_bytes())
            .bind(claim.fingerprint.as_slice())
            .bind(now.micros())
            .execute(&mut *connection)
            .await;
        match inserted {
            Ok(_) => return Ok(Begun::Free),
            Err(error) if number(&error) == Some(DUPLICATE) => {}
            Err(error) if number(&error) == Some(LOCK_WAIT) => break,
            Err(error) => return Err(error),
        }
        if let Some(record) = find(connection, &caller, claim).await?
            && let Some(known) = claim.judge(record)
        {
            return Ok(Begun::Known(known));
        }
        sqlx::query(DELETE_EXPIRED)
            .bind(caller.as_slice())
            .bind(claim.key.as_bytes())
            .bind(claim.valid_since.micros())
            .execute(&mut *connection)
            .await?;
    }
    Ok(Begun::Known(Inserted::InProgress))
}

async fn find(
    connection: &mut MySqlConnection,
    caller: &[u8],
    claim: &Claim,
) -> Result<Option<Record>, sqlx::Error> {
    let rows = sqlx::query(FIND)
        .bind(caller)
        .bind(claim.key.as_bytes())
        .fetch_all(connection)
        .await?;
    rows.first().map(record).transpose()
}

fn record(row: &MySqlRow) -> Result<Record, sqlx::Error> {
    Ok(Record {
        route: text(row.try_get(0)?)?,
        fingerprint: row.try_get(1)?,
        created_at: Timestamp::from_micros(row.try_get(2)?),
        reply: StoredReply {
            status: row.try_get(3)?,
            content_type: text(row.try_get(4)?)?,
            location: row.try_get::<Option<_>, _>(5)?.map(text).transpose()?,
            etag: row.try_get::<Option<_>, _>(6)?.map(text).transpose()?,
            body: Bytes::from(row.try_get::<Vec<u8>, _>(7)?),
        },
    })
}

fn text(bytes: Vec<u8>) -> Result<String, sqlx::Error> {
    String::from_utf8(bytes).map_err(|error| sqlx::Error::Decode(error.into()))
}

/// Keeps the first reply in the record that [`begin`] made.
pub(super) async fn keep_reply(
    connection: &mut MySqlConnection,
    claim: &Claim,
    reply: &StoredReply,
) -> Result<(), sqlx::Error> {
    sqlx::query(KEEP_REPLY)
        .bind(reply.status)
        .bind(reply.content_type.as_bytes())
        .bind(reply.location.as_deref().map(str::as_bytes))
        .bind(reply.etag.as_deref().map(str::as_bytes))
        .bind(reply.body.as_ref())
        .bind(claim.caller_digest().as_slice())
        .bind(claim.key.as_bytes())
        .execute(connection)
        .await
        .map(drop)
}

/// Deletes at most `limit` records made before `before`.
pub(super) async fn sweep(
    connection: &mut MySqlConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, sqlx::Error> {
    let done = sqlx::query(SWEEP)
        .bind(before.micros())
        .bind(limit)
        .execute(connection)
        .await?;
    Ok(done.rows_affected())
}
