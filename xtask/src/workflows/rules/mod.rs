//! Our own rules: what no linter knows of this repository.

mod calls;
mod limits;
mod order;
mod outputs;
mod pins;
mod rights;
mod settings;

use super::document::Repository;

/// A rule: its name, and the findings of it.
pub(super) struct Rule {
    pub(super) name: &'static str,
    pub(super) check: fn(&Repository) -> Vec<String>,
}

/// Every rule.
pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "actions are pinned to a commit that was looked up",
        check: pins::check,
    },
    Rule {
        name: "permissions are none at the top and least in each job",
        check: rights::check,
    },
    Rule {
        name: "jobs have limits, runs do not pile up, runners are named",
        check: limits::check,
    },
    Rule {
        name: "scripts hold no expression, and what they call exists",
        check: calls::check,
    },
    Rule {
        name: "Terraform has the outputs, and the roles trust the environments",
        check: outputs::check,
    },
    Rule {
        name: "settings of the repository are described",
        check: settings::check,
    },
    Rule {
        name: "deployments are verified, promoted and targeted by the one file",
        check: order::check,
    },
];
