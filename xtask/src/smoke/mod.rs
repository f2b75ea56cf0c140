//! `cargo xtask smoke`: does a running service do what it promises? Asked from outside, through all that stands before it.

mod client;
mod fault;
mod options;
mod reading;
mod removal;
mod reply;
mod report;
#[cfg(test)]
mod stub;
#[cfg(test)]
mod tests;
mod writing;

use std::{
    thread,
    time::{Duration, Instant},
};

use anyhow::bail;

use self::{client::Client, options::Options, report::Report};

/// Between two questions of a service that is not ready yet.
const PAUSE: Duration = Duration::from_millis(500);

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(options) = Options::parse(words, |name| std::env::var(name).ok())? else {
        println!("{}", options::USAGE);
        return Ok(());
    };
    let report = examine(&options)?;
    if !report.failed.is_empty() {
        bail!("{} failed: {}", options.url, report.failed.join(", "));
    }
    println!("{} steps passed", report.passed.len());
    Ok(())
}

/// Takes every step that the options ask for.
fn examine(options: &Options) -> anyhow::Result<Report> {
    let client = Client::new(options, client::marker()?)?;
    let mode = if options.write {
        "with writes"
    } else {
        "read-only"
    };
    println!(
        "smoke test of {}{}, {mode}, {}",
        options.url,
        options.base_path,
        client.marker()
    );
    wait(&client, options.wait);
    let mut report = Report::default();
    for step in reading::STEPS {
        report.step(step.name, || (step.run)(&client));
    }
    if client.has_credential() {
        report.step("authentication", || reading::authentication(&client));
    } else {
        report.leave_out("authentication", "no credential was given");
    }
    if options.metrics_open {
        report.step("metrics open", || reading::metrics_open(&client));
    } else {
        report.step("metrics hidden", || reading::metrics_hidden(&client));
    }
    if options.write {
        writing::take(&client, &mut report);
    }
    Ok(report)
}

/// Waits until the service is ready, at most `limit`. The step says what came where it never was.
fn wait(client: &Client, limit: Duration) {
    let end = Instant::now() + limit;
    while reading::ready(client).is_err() && Instant::now() < end {
        thread::sleep(PAUSE);
    }
}
