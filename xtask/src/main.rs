//! The commands that people and CI share: `cargo xtask help`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "these commands talk to the person who typed them"
)]

mod apt;
mod aws;
mod bench_lambda;
mod chart;
mod check;
mod child;
mod coherence;
mod deny;
mod documents;
mod github;
mod go_tool;
mod helm_values;
mod image;
mod infra;
mod lambda;
mod load;
mod merge;
mod monitoring;
mod mutation;
mod notify;
mod openapi;
mod outputs;
mod platform;
mod program;
mod python_tool;
mod release;
mod rollout;
mod secrets;
mod service;
mod smoke;
mod snapshot;
mod targets;
mod temporary;
mod test;
mod tfplan;
mod words;
mod workflows;
mod workspace;

use std::process::ExitCode;

/// A command: its name, what it does in one line, and what runs it with the words that follow.
struct Command {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> anyhow::Result<()>,
}

/// Every command. One module each; adding one is one entry here.
const COMMANDS: &[Command] = &[
    Command {
        name: "bench-lambda",
        about: "time the function's init against that of a bare one, look at its memory (`bench-lambda --help`)",
        run: bench_lambda::run,
    },
    Command {
        name: "chart",
        about: "check helm/expense-backend: suites, schemas, a real API server (`chart --help`)",
        run: chart::run,
    },
    Command {
        name: "coherence",
        about: "compare what service, chart, Terraform, platform and workflows say of the same thing",
        run: coherence::run,
    },
    Command {
        name: "deny",
        about: "check licences, sources and banned crates of the dependencies",
        run: deny::run,
    },
    Command {
        name: "documents",
        about: "check that what the documents name exists, and that YAML is tidy",
        run: documents::run,
    },
    Command {
        name: "helm-values",
        about: "print what Terraform knows of an environment as values of the chart (`helm-values --help`)",
        run: helm_values::run,
    },
    Command {
        name: "image",
        about: "check the Dockerfile; build the image and run it, as far as that goes without Docker (`image --help`)",
        run: image::run,
    },
    Command {
        name: "infra",
        about: "check all of terraform/ offline: tests, plans, IAM table, cost, linters (`infra --help`)",
        run: infra::run,
    },
    Command {
        name: "lambda",
        about: "build the function's package for arm64 with cargo-lambda, check its settings, print its size",
        run: lambda::run,
    },
    Command {
        name: "load",
        about: "load tests by Locust, with a limit for every route and a report (`load --help`)",
        run: load::run,
    },
    Command {
        name: "monitoring",
        about: "check alert rules and dashboards against promtool, a running service and a running Prometheus",
        run: monitoring::run,
    },
    Command {
        name: "notify",
        about: "say in Slack and Grafana how a deployment ended (`notify --help`)",
        run: notify::run,
    },
    Command {
        name: "openapi",
        about: "try the running service against its OpenAPI document with schemathesis",
        run: openapi::run,
    },
    Command {
        name: "platform",
        about: "install or check what the cluster needs beside the service: helm/platform (`platform --help`)",
        run: platform::run,
    },
    Command {
        name: "release",
        about: "find, publish, verify and promote what was built once (`release --help`)",
        run: release::run,
    },
    Command {
        name: "rollback",
        about: "bring the release before back, functions or pods (`rollback --help`)",
        run: rollout::back,
    },
    Command {
        name: "rollout",
        about: "bring a release out, and back where it is no good (`rollout --help`)",
        run: rollout::run,
    },
    Command {
        name: "secrets",
        about: "look for secrets in every commit with gitleaks (`--staged`: in what is about to be one)",
        run: secrets::run,
    },
    Command {
        name: "smoke",
        about: "ask a running service whether it does what it promises (`smoke --help`)",
        run: smoke::run,
    },
    Command {
        name: "snapshot",
        about: "take a snapshot of the database before a migration (`snapshot --help`)",
        run: snapshot::run,
    },
    Command {
        name: "target",
        about: "say where an environment runs, by deploy-targets.json (`target ENVIRONMENT`)",
        run: targets::run,
    },
    Command {
        name: "test",
        about: "start MariaDB, Redis and moto, run every test, end the servers (`test --help`)",
        run: test::run,
    },
    Command {
        name: "tfplan",
        about: "say what a Terraform plan changes, and whether that was reviewed (`tfplan --help`)",
        run: tfplan::run,
    },
    Command {
        name: "workflows",
        about: "check the workflows and rehearse what they call (`workflows --help`)",
        run: workflows::run,
    },
];

/// The names of all commands, for checks of what is said about them.
fn command_names() -> impl Iterator<Item = &'static str> {
    COMMANDS.iter().map(|command| command.name)
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match words.split_first() {
        None => ("help", &[][..]),
        Some((name, rest)) => (name.as_str(), rest),
    };
    if matches!(name, "help" | "--help" | "-h") {
        print_help();
        return ExitCode::SUCCESS;
    }
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("xtask: there is no command {name:?}");
        print_help();
        return ExitCode::from(64);
    };
    match (command.run)(rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask {name}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn print_help() {
    println!("cargo xtask COMMAND [OPTIONS]\n");
    for command in COMMANDS {
        println!("  {:<14}{}", command.name, command.about);
    }
    println!("  {:<14}this list", "help");
}
