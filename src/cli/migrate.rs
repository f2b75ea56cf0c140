//! `expense-backend migrate`

use clap::Args;

use super::{Exit, report};
use crate::{app, config::Config};

/// `migrate`
#[derive(Debug, Args)]
pub(super) struct MigrateArgs {
    /// Change nothing: print the migrations that are missing; exit code 69 where there are any
    #[arg(long)]
    check: bool,
}

pub(super) async fn run(config: &Config, args: &MigrateArgs) -> Exit {
    if args.check {
        return check(config).await;
    }
    match app::migrate(config).await {
        Ok(done) => {
            println!("{done}");
            Exit::Done
        }
        Err(error) => report(&error),
    }
}

async fn check(config: &Config) -> Exit {
    match app::pending(config).await {
        Ok(missing) if missing.is_empty() => {
            println!("nothing to do");
            Exit::Done
        }
        Ok(missing) => {
            println!("{}", missing.join("\n"));
            Exit::Unavailable
        }
        Err(error) => report(&error),
    }
}
