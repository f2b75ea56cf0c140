//! What an error of MySQL means.

use sqlx::{Error, mysql::MySqlDatabaseError};

use crate::store::{ErrorKind, StoreError};

/// What can be done about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Two transactions were in each other's way; the server gave this one up. The connection is good.
    Conflict,
    /// The server takes no writes (any more): it was demoted by a failover. The statement was not run.
    ReadOnly,
    /// The server has forgotten the prepared statement. It was not run.
    Forgotten,
    /// The connection is gone or not to be trusted; what became of the statement is not known.
    Broken,
    /// A table or a column is not there.
    Missing,
    /// The server cannot store now (a full disk).
    Refused,
    /// Our own fault.
    Fault,
}

/// The server's error number: <https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html>, and
/// <https://mariadb.com/kb/en/mariadb-error-code-reference/> from 1900 to 1999.
pub(in crate::store) fn number(error: &Error) -> Option<u16> {
    error
        .as_database_error()?
        .try_downcast_ref::<MySqlDatabaseError>()
        .map(MySqlDatabaseError::number)
}

pub(super) fn class(error: &Error) -> Class {
    let Some(number) = number(error) else {
        return match error {
            Error::Io(_) | Error::Protocol(_) | Error::Tls(_) | Error::WorkerCrashed => {
                Class::Broken
            }
            _ => Class::Fault,
        };
    };
    match number {
        // Lock wait timeout, deadlock, a row changed under a snapshot (MariaDB 11).
        1205 | 1213 | 1020 => Class::Conflict,
        // --read-only, read-only mode, a read-only transaction.
        1290 | 1836 | 1792 => Class::ReadOnly,
        1243 | 1615 => Class::Forgotten,
        // Shutdown, killed (also as MariaDB and MySQL 8 say it), packets lost, disconnected after idling.
        1053 | 1077 | 1079 | 1152..=1161 | 1184 | 1317 | 1927 | 3169 | 4031 => Class::Broken,
        1054 | 1146 => Class::Missing,
        // Disk full, table full, errors of the files and of the engine, at COMMIT too.
        1021 | 1026 | 1030 | 1114 | 1180 | 1181 => Class::Refused,
        _ => Class::Fault,
    }
}

/// The failure that the port speaks of.
pub(in crate::store) fn failure(error: Error) -> StoreError {
    let class = class(&error);
    let cause = Cause::of(error);
    match class {
        Class::Conflict => StoreError::unavailable(ErrorKind::Timeout, cause),
        Class::ReadOnly | Class::Refused => StoreError::unavailable(ErrorKind::Query, cause),
        Class::Broken | Class::Forgotten => StoreError::unavailable(ErrorKind::Connect, cause),
        Class::Missing => StoreError::NotMigrated,
        Class::Fault => StoreError::internal(cause),
    }
}

/// The cause for the log.
#[derive(Debug, thiserror::Error)]
enum Cause {
    /// The server's own words may quote a description or an amount: the number says enough.
    #[error("server error {0}")]
    Server(u16),
    /// Everything else is about bytes and connections.
    #[error(transparent)]
    Client(Error),
}

impl Cause {
    fn of(error: Error) -> Self {
        number(&error).map_or(Self::Client(error), Self::Server)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_pipe_is_told_from_a_fault_of_ours() {
        let broken = Error::Io(std::io::ErrorKind::ConnectionReset.into());
        assert_eq!(class(&broken), Class::Broken);
        assert_eq!(failure(broken).kind(), ErrorKind::Connect);
        let fault = Error::ColumnNotFound("x".to_owned());
        assert!(matches!(failure(fault), StoreError::Internal { .. }));
    }
}
