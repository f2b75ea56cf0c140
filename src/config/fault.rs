//! What is wrong with the configuration, in words for the person who has to mend it.

use std::fmt;

/// One variable that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    variable: String,
    problem: String,
}

impl ConfigFault {
    /// `problem` goes on where the variable's name ends, and says what is allowed.
    pub(super) fn new(variable: impl Into<String>, problem: impl Into<String>) -> Self {
        Self {
            variable: variable.into(),
            problem: problem.into(),
        }
    }

    /// The variable's name.
    #[must_use]
    pub fn variable(&self) -> &str {
        &self.variable
    }

    /// What is wrong with it, and what is allowed. Shows no secret.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for ConfigFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.variable, self.problem)
    }
}

/// Everything that is wrong with the configuration: at least one fault, sorted by variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFaults(Vec<ConfigFault>);

impl ConfigFaults {
    pub(super) fn new(mut faults: Vec<ConfigFault>) -> Self {
        faults.sort_by(|a, b| a.variable.cmp(&b.variable));
        faults.dedup();
        Self(faults)
    }

    pub(super) fn with(mut self, more: Vec<ConfigFault>) -> Self {
        // A value that could not be read looks unset to the rules: the first reason is the true one.
        self.0
            .retain(|fault| more.iter().all(|other| other.variable != fault.variable));
        self.0.extend(more);
        Self::new(self.0)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &ConfigFault> {
        self.0.iter()
    }
}

impl fmt::Display for ConfigFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [only] => write!(f, "the configuration has a fault: {only}"),
            many => {
                write!(f, "the configuration has {} faults:", many.len())?;
                many.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
            }
        }
    }
}

impl std::error::Error for ConfigFaults {}
