//! A fault in one field of a request, named as the client named it.

/// What is wrong with one field: shown to the client, so it never carries the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The name that the client used.
    pub field: String,
    /// What is allowed, in words.
    pub message: String,
}

impl FieldError {
    /// A fault of `field`; `message` completes the sentence "`field` …".
    pub fn new(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            field: field.into(),
            message: message.into(),
        }
    }
}

/// Collects the faults of all fields, so that a client is told of them at once.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes the fault, if there is one, and hands on the value.
    pub fn keep<T>(&mut self, parsed: Result<T, FieldError>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(fault) => {
                self.0.push(fault);
                None
            }
        }
    }

    /// Notes one more fault.
    pub fn push(&mut self, fault: FieldError) {
        self.0.push(fault);
    }

    /// Whether no fault was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails with all that was noted.
    pub fn check(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }

    /// The faults in the order in which they were found.
    #[must_use]
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}

impl From<FieldError> for FieldErrors {
    fn from(fault: FieldError) -> Self {
        Self(vec![fault])
    }
}
