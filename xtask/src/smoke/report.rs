//! The run of steps, told while it happens.

use std::{
    io::{self, Write as _},
    time::Instant,
};

use super::{client::Client, fault::Fault};

/// What was seen, in a few words; or what was wrong.
pub(super) type Outcome = Result<String, Fault>;

/// One thing to find out.
pub(super) struct Step {
    pub(super) name: &'static str,
    pub(super) run: fn(&Client) -> Outcome,
}

/// The names of the steps, by how they went.
#[derive(Debug, Default)]
pub(super) struct Report {
    pub(super) passed: Vec<&'static str>,
    pub(super) failed: Vec<&'static str>,
    pub(super) left_out: Vec<&'static str>,
}

impl Report {
    /// Takes a step, says how it went. Whether it passed.
    pub(super) fn step(&mut self, name: &'static str, run: impl FnOnce() -> Outcome) -> bool {
        let began = Instant::now();
        let outcome = run();
        let took = began.elapsed().as_millis();
        match outcome {
            Ok(seen) => {
                say(&format!("  ok    {name:<18}{seen} ({took} ms)"));
                self.passed.push(name);
                true
            }
            Err(fault) => {
                say(&format!("  FAIL  {name:<18}{} ({took} ms)", fault.asked));
                say(&format!("          wanted  {}", fault.wanted));
                say(&format!("          came    {}", fault.came));
                self.failed.push(name);
                false
            }
        }
    }

    /// Says that a step was not taken.
    pub(super) fn leave_out(&mut self, name: &'static str, why: &str) {
        say(&format!("  -     {name:<18}not tried: {why}"));
        self.left_out.push(name);
    }
}

/// A reader that went away must not end the run: rows would stay.
fn say(line: &str) {
    let _gone = writeln!(io::stdout(), "{line}");
}
