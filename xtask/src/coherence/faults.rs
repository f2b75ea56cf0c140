//! What a rule found.

use std::fmt::Display;

/// Two places that disagree, each named with what it says.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<String>,
    compared: usize,
}

impl Faults {
    /// Both say the same.
    pub(super) fn equal(
        &mut self,
        one: &str,
        left: impl Display,
        other: &str,
        right: impl Display,
    ) {
        let (left, right) = (left.to_string(), right.to_string());
        self.holds(left == right, || {
            format!("{one} is {left}, but {other} is {right}")
        });
    }

    /// `condition`, or a fault.
    pub(super) fn holds(&mut self, condition: bool, fault: impl FnOnce() -> String) {
        self.compared += 1;
        if !condition {
            self.found.push(fault());
        }
    }

    /// How many comparisons were made, or every fault. Nothing compared is a fault: something was renamed.
    pub(super) fn finish(self) -> anyhow::Result<usize> {
        if self.compared == 0 {
            anyhow::bail!("nothing was compared");
        }
        if !self.found.is_empty() {
            anyhow::bail!("{}", self.found.join("\n"));
        }
        Ok(self.compared)
    }
}
