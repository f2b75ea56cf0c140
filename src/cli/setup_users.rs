//! `expense-backend setup-users`

use super::{Exit, report};
use crate::{app, config::Config};

pub(super) async fn run(config: &Config) -> Exit {
    match app::setup_users(config).await {
        Ok(names) => {
            println!("{}", names.join("\n"));
            Exit::Done
        }
        Err(error) => report(&error),
    }
}
