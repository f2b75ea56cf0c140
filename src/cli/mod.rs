//! The commands, one a file. What a command finds out goes to stdout, what went wrong to stderr, and how it ended into
//! the exit code.

#![allow(clippy::print_stderr, reason = "a command speaks to whoever called it")]

mod exit;
mod healthcheck;
pub mod keys;
mod migrate;
mod serve;
mod setup_users;

use std::{
    ffi::OsString,
    io::{self, Write as _},
    sync::LazyLock,
};

use clap::{Parser, Subcommand, error::ErrorKind};

pub use exit::Exit;

use crate::{
    app::StartError,
    config::{Config, Entrance},
    openapi,
    telemetry::{self, Role, Telemetry},
};

/// Records expenses: an API and a page, on SQLite out of the box, on MySQL and Redis in production.
#[derive(Debug, Parser)]
#[command(name = "expense-backend", version = version(), disable_help_subcommand = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve requests until SIGTERM or SIGINT (the default)
    Serve,
    /// Bring the tables to the state that this program needs; may be killed and run again
    Migrate(migrate::MigrateArgs),
    /// Create or update the database's users from their secrets; may be run again at any time
    SetupUsers,
    /// Ask the running server whether it is ready; exit code 0 or 1
    Healthcheck(healthcheck::HealthcheckArgs),
    /// Print the description of the API
    Openapi,
    /// Work with API keys
    Keys(keys::KeysArgs),
}

/// The version, with the commit where the build knows it.
fn version() -> &'static str {
    static VERSION: LazyLock<String> = LazyLock::new(|| match option_env!("GIT_COMMIT") {
        Some(commit) => format!("{} ({commit})", env!("CARGO_PKG_VERSION")),
        None => env!("CARGO_PKG_VERSION").to_owned(),
    });
    VERSION.as_str()
}

/// Runs the command of `words`, the program's name first.
pub fn run(words: impl IntoIterator<Item = OsString>) -> Exit {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match cli.command.unwrap_or(Command::Serve) {
        Command::Serve => with_config(Entrance::Server, Role::Server, serve::run),
        Command::Migrate(args) => {
            with_config(Entrance::Job, Role::Command, async |config, telemetry| {
                let exit = Box::pin(migrate::run(config, &args)).await;
                telemetry.shutdown().await;
                exit
            })
        }
        Command::SetupUsers => {
            with_config(Entrance::Job, Role::Command, async |config, telemetry| {
                let exit = Box::pin(setup_users::run(config)).await;
                telemetry.shutdown().await;
                exit
            })
        }
        Command::Healthcheck(args) => block_on(healthcheck::run(&args)),
        Command::Openapi => printed(io::stdout().write_all(openapi::document().as_bytes())),
        Command::Keys(args) => printed(keys::run(&args, &mut io::stdout(), &mut io::stderr())),
    }
}

/// How printing ended. A reader who has seen enough (`| head`) is no fault.
fn printed(outcome: io::Result<()>) -> Exit {
    match outcome.and_then(|()| io::stdout().flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(error) => {
            eprintln!("expense-backend: {error}");
            Exit::Internal
        }
    }
}

/// Usage errors repeat the word at fault; `--help` and `--version` are none.
fn refuse(error: &clap::Error) -> Exit {
    let printed = error.print();
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion if printed.is_ok() => Exit::Done,
        _ => Exit::Usage,
    }
}

/// Runs what needs configuration and a log; it is the command's to end the log.
fn with_config(
    entrance: Entrance,
    role: Role,
    command: impl AsyncFnOnce(&Config, Telemetry) -> Exit,
) -> Exit {
    let config = match Config::from_env(entrance) {
        Ok(config) => config,
        Err(faults) => {
            eprintln!("expense-backend: {faults}");
            return Exit::Usage;
        }
    };
    block_on(async {
        let endpoint = config.otlp_endpoint.as_deref();
        let telemetry = match telemetry::init(&config.log, role, endpoint) {
            Ok(telemetry) => telemetry,
            Err(error) => {
                eprintln!("expense-backend: {error}");
                return Exit::Usage;
            }
        };
        command(&config, telemetry).await
    })
}

fn block_on(work: impl Future<Output = Exit>) -> Exit {
    match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => {
            let exit = runtime.block_on(work);
            // Dropping it would wait for calls that block, such as a name that is being looked up, for ever if need be.
            runtime.shutdown_background();
            exit
        }
        Err(error) => {
            eprintln!("expense-backend: {error}");
            Exit::Internal
        }
    }
}

/// Logs why a command could not do its work.
fn report(error: &StartError) -> Exit {
    tracing::error!(%error, "cannot start");
    Exit::from(error)
}
