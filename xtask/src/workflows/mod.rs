//! `cargo xtask workflows`: the workflows under rules and linters, and what they call rehearsed against stand-ins.

mod document;
mod linters;
#[cfg(test)]
mod mutations;
mod rehearsals;
mod rules;

use self::document::Repository;
use crate::{
    check::{Check, Report},
    words::Grammar,
    workspace,
};

const GRAMMAR: Grammar = Grammar {
    options: &[],
    flags: &["rules", "no-rehearsal", "no-cluster", "in-cluster"],
    usage: "\
cargo xtask workflows [--rules | --no-rehearsal | --no-cluster]

Our own rules on .github; actionlint, zizmor, yamllint and shellcheck; then rollouts and rollbacks of functions against
moto, of pods against a real API server where ../shared/tools/kube is there, and the publishing of a release.

  --rules          only our own rules
  --no-rehearsal   rules and linters
  --no-cluster     all but the rehearsal of the pods
  --in-cluster     only the rehearsal of the pods, in the cluster that KUBECONFIG names (an empty one)",
};

/// Runs the command.
pub(crate) fn run(words: &[String]) -> anyhow::Result<()> {
    let Some(words) = GRAMMAR.read(words)? else {
        return Ok(());
    };
    let report = Report::default();
    if words.flag("in-cluster") {
        rehearsals::in_cluster(&report)?;
        return report.finish();
    }
    let repository = Repository::read(workspace::root())?;
    for rule in rules::RULES {
        report.note(Check::of_faults(rule.name, Ok((rule.check)(&repository))));
    }
    if !words.flag("rules") {
        linters::all(&repository, &report);
    }
    if !words.flag("rules") && !words.flag("no-rehearsal") {
        rehearsals::all(&report, !words.flag("no-cluster"));
    }
    report.finish()
}
