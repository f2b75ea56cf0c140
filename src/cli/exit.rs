//! How a command ended.

use std::{io::ErrorKind, process::ExitCode};

use crate::{app::StartError, server::BindError};

/// Exit codes; 64 and up are those of `sysexits.h`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done.
    Done,
    /// 1: the answer to `healthcheck` is no.
    No,
    /// 64: usage or configuration.
    Usage,
    /// 69: a needed service or secret cannot be had or read.
    Unavailable,
    /// 70: a fault of ours, or requests that had to be cut off.
    Internal,
}

impl Exit {
    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::No => 1,
            Self::Usage => 64,
            Self::Unavailable => 69,
            Self::Internal => 70,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

impl From<&StartError> for Exit {
    fn from(error: &StartError) -> Self {
        match error {
            StartError::Configuration(_) => Self::Usage,
            StartError::Secret(_) | StartError::Store { .. } => Self::Unavailable,
            StartError::Internal(_) => Self::Internal,
        }
    }
}

impl From<&BindError> for Exit {
    fn from(error: &BindError) -> Self {
        match error.source.kind() {
            // Whoever has the port may give it back; an address that is not ours never becomes it.
            ErrorKind::AddrInUse => Self::Unavailable,
            _ => Self::Usage,
        }
    }
}
