//! Direct invocations: `{"command":"migrate"}` and `{"command":"setup-users"}`, and nothing else.

use lambda_http::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{app, config::Config, telemetry::Telemetry};

/// What may be asked for.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, tag = "command")]
enum Command {
    Migrate {},
    SetupUsers {},
}

pub(super) async fn serve(config: &Config, telemetry: &Telemetry) -> Result<(), Error> {
    let handle = async |event: LambdaEvent<Value>| {
        let done = obey(config, event.payload).await;
        telemetry.flush().await;
        done
    };
    Box::pin(lambda_runtime::run(service_fn(handle))).await
}

/// An error ends the invocation, not the process; its text names no secret.
async fn obey(config: &Config, event: Value) -> Result<Value, Error> {
    let command: Command = serde_json::from_value(event).map_err(
        |_| "this function takes {\"command\":\"migrate\"} and {\"command\":\"setup-users\"} only",
    )?;
    let outcome = match command {
        Command::Migrate {} => app::migrate(config)
            .await
            .map(|done| json!({ "migrations": done.run })),
        Command::SetupUsers {} => app::setup_users(config)
            .await
            .map(|users| json!({ "users": users })),
    };
    outcome.map_err(|error| {
        tracing::error!(%error, "the command failed");
        error.to_string().into()
    })
}
