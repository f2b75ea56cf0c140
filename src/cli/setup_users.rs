//! `expense-backend setup-users`

use super::{Exit, report};
use crate::{app, config::Config};

pub(super) async fn run(config: &Config) -> Exit {
    match app::setup_users(config).await {
        Ok(names) => {
            tracing::info!(users = names.join(", "), "the users are set up");
            Exit::Done
        }
        Err(error) => report(&error),
    }
}
