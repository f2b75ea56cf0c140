//! `expense-backend migrate`: what it did goes to the log, for it runs as a job whose log is collected.

use clap::Args;

use super::{Exit, report};
use crate::{app, config::Config};

/// `migrate`
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Change nothing: name the migrations that are missing; exit code 69 where there are any
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(config: &Config, args: &MigrateArgs) -> Exit {
    if args.check {
        return check(config).await;
    }
    match app::migrate(config).await {
        Ok(done) if done.run.is_empty() => {
            tracing::info!("nothing to migrate");
            Exit::Done
        }
        Ok(done) => {
            tracing::info!(migrations = done.run.join(", "), "migrated");
            Exit::Done
        }
        Err(error) => report(&error),
    }
}

async fn check(config: &Config) -> Exit {
    match app::pending(config).await {
        Ok(missing) if missing.is_empty() => {
            tracing::info!("nothing to migrate");
            Exit::Done
        }
        Ok(missing) => {
            tracing::error!(migrations = missing.join(", "), "migrations are missing");
            Exit::Unavailable
        }
        Err(error) => report(&error),
    }
}
