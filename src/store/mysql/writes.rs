//! Writes of single rows, each so that an attempt after a lost one can tell whether that one is stored.

use sqlx::MySqlConnection;

use super::{
    attempts::Session,
    claims::{self, Begun},
    execute, rollback, rows,
};
use crate::{
    domain::{NewTransaction, Timestamp, Transaction, TransactionId},
    store::{Allow, Changed, Claim, Decide, Decision, Inserted, RenderReply},
};

/// One statement, which commits by itself: a round trip.
pub(super) async fn insert(
    session: &mut Session,
    new: &NewTransaction,
    now: Timestamp,
) -> Result<Inserted, sqlx::Error> {
    if session.follows_a_lost_write().await?
        && let Some(row) = rows::find_written(session, new, now).await?
    {
        return Ok(Inserted::Created(row));
    }
    session.committing_traceably();
    rows::insert(session, new, now).await.map(Inserted::Created)
}

/// `lost` is the row of the attempt before, where its COMMIT was sent.
pub(super) async fn insert_once(
    session: &mut Session,
    new: &NewTransaction,
    now: Timestamp,
    (claim, render): (&Claim, RenderReply<'_>),
    lost: &mut Option<Transaction>,
) -> Result<Inserted, sqlx::Error> {
    session.follows_a_lost_write().await?;
    begin(session).await?;
    match claims::begin(session, claim, now).await? {
        Begun::Known(known) => {
            rollback(session).await?;
            // The reply names the row's id: no other request can have left the same.
            let own = lost
                .take()
                .filter(|row| known == Inserted::Replayed(render(row)));
            Ok(own.map_or(known, Inserted::Created))
        }
        Begun::Free => {
            let row = rows::insert(session, new, now).await?;
            claims::keep_reply(session, claim, &render(&row)).await?;
            *lost = Some(row.clone());
            commit(session).await?;
            Ok(Inserted::Created(row))
        }
    }
}

/// `lost` is the row before and after the change of the attempt before, where its COMMIT was sent.
pub(super) async fn update(
    session: &mut Session,
    id: TransactionId,
    decide: Decide<'_>,
    lost: &mut Option<(Transaction, Transaction)>,
) -> Result<Changed<Transaction>, sqlx::Error> {
    let follows = session.follows_a_lost_write().await?;
    begin(session).await?;
    let found = rows::find(session, id, rows::FIND_LOCKED).await?;
    if follows && let Some((before, after)) = &*lost {
        if found.as_ref() == Some(after) {
            return kept(session, Changed::Done(after.clone())).await;
        }
        if found.as_ref() != Some(before) {
            // Changed by somebody else since: before or after ours, nobody can tell.
            return Err(session.cannot_tell());
        }
    }
    let Some(row) = found else {
        return kept(session, Changed::Missing).await;
    };
    match decide(&row) {
        Decision::Keep => kept(session, Changed::Done(row)).await,
        Decision::Refuse => kept(session, Changed::Refused).await,
        Decision::Write(written) => {
            rows::write(session, &written).await?;
            *lost = Some((row, written.clone()));
            commit(session).await?;
            Ok(Changed::Done(written))
        }
    }
}

pub(super) async fn delete(
    session: &mut Session,
    id: TransactionId,
    allow: Allow<'_>,
) -> Result<Changed<()>, sqlx::Error> {
    let follows = session.follows_a_lost_write().await?;
    begin(session).await?;
    match rows::find(session, id, rows::FIND_LOCKED).await? {
        // Ids come once: the row that was to be deleted is gone.
        None if follows => kept(session, Changed::Done(())).await,
        None => kept(session, Changed::Missing).await,
        Some(row) if !allow(&row) => kept(session, Changed::Refused).await,
        Some(_) => {
            rows::delete(session, id).await?;
            commit(session).await?;
            Ok(Changed::Done(()))
        }
    }
}

/// Ends a transaction that wrote nothing.
async fn kept<T>(session: &mut Session, changed: Changed<T>) -> Result<Changed<T>, sqlx::Error> {
    rollback(session).await?;
    Ok(changed)
}

async fn begin(connection: &mut MySqlConnection) -> Result<(), sqlx::Error> {
    execute(connection, "START TRANSACTION").await
}

async fn commit(session: &mut Session) -> Result<(), sqlx::Error> {
    session.committing_traceably();
    execute(session, "COMMIT").await
}
