//! `cargo xtask monitoring`: rules, dashboards and their documents, proved against promtool, a running service and a
//! running Prometheus.

mod alert_tests;
mod boards;
mod cloudwatch;
mod constants;
mod documents;
mod existence;
mod live;
mod mutations;
mod options;
mod promql;
mod promtool;
mod queries;
mod replicas;
mod rules;
mod sources;

use std::time::Instant;

use self::{live::Stage, options::Options, sources::Sources};
use crate::check::{Check, Report};

/// A named check and what finds its faults.
struct Question {
    name: &'static str,
    run: fn(&Sources) -> anyhow::Result<Vec<String>>,
}

/// What needs no server. A mutation names the one that must find it.
const CHECKS: &[Question] = &[
    Question {
        name: "every alert has what a person needs",
        run: rules::complete,
    },
    Question {
        name: "every alert of the design is there",
        run: rules::designed,
    },
    Question {
        name: "every alert has a runbook",
        run: documents::runbooks,
    },
    Question {
        name: "the table of alerts is true",
        run: documents::table,
    },
    Question {
        name: "numbers of the environments are Terraform's",
        run: constants::agree,
    },
    Question {
        name: "every alert has three cases and an edge",
        run: alert_tests::enough,
    },
    Question {
        name: "dashboards are plain models",
        run: boards::plain,
    },
    Question {
        name: "every panel of the design is there",
        run: boards::designed,
    },
    Question {
        name: "every metric and label exists",
        run: existence::proved,
    },
    Question {
        name: "labels of the metrics win over the target's",
        run: existence::scraped,
    },
    Question {
        name: "promtool reads every expression",
        run: promtool::reads,
    },
    Question {
        name: "promtool runs the cases",
        run: promtool::cases,
    },
];

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = Options::read(words)? else {
        return Ok(());
    };
    promtool::ensure()?;
    let mut sources = Sources::load()?;
    let mut stage = Stage::play(&options, &sources)?;
    sources.exposition = stage.exposition()?;

    let report = Report::default();
    let start = Instant::now();
    let seen = queries::answered(&sources, &mut stage);
    let seen = Check::of_faults("every query of our own has an answer", seen);
    report.add(&[seen], start.elapsed());
    if options.pictures {
        queries::draw(&sources, &stage)?;
    }
    // What follows needs no server, but every core.
    drop(stage);
    for check in CHECKS {
        let start = Instant::now();
        let outcome = Check::of_faults(check.name, (check.run)(&sources));
        report.add(&[outcome], start.elapsed());
    }
    let start = Instant::now();
    report.add(&mutations::turn_red(&sources)?, start.elapsed());
    report.add(&sources.left_out(), start.elapsed());
    report.finish()
}
