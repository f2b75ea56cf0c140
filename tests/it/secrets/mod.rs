//! Logins and keys out of AWS Secrets Manager: moto's, and a stand-in that fails in its place.

mod api_keys;
mod away;
mod endpoint;
mod load;
mod rotation;
mod scene;
mod setup;
mod start;

use std::time::Duration;

/// How long something that has to happen may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);
