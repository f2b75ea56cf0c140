//! Who calls, and what they may do. Knows headers, not routes.
//!
//! [`Authenticator`] turns the headers of a request into a [`Caller`] or an [`AuthFailure`]. [`api_keys`] looks a key
//! up among hashed ones; [`jwt`] checks a token with the issuer's public keys, which [`jwks`] keeps.

pub mod api_keys;
mod authenticator;
mod failure;
pub mod jwk;
pub mod jwks;
pub mod jwt;
mod schedule;

pub use self::{
    authenticator::Authenticator,
    failure::{AuthFailure, Reason, Scheme},
};

/// A right that a caller may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// `transactions:read`
    Read,
    /// `transactions:write`
    Write,
    /// `transactions:admin`
    Admin,
}

impl Scope {
    /// Every scope, for metrics that exist from the first scrape.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The word for it in keys and tokens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "transactions:read",
            Self::Write => "transactions:write",
            Self::Admin => "transactions:admin",
        }
    }

    /// Parses the word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }
}

/// Who calls: what the request proved of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The API key's name or the token's subject; `None` where nobody is asked.
    pub subject: Option<String>,
    /// What they may do.
    pub scopes: Vec<Scope>,
}

impl Caller {
    /// Nobody in particular, who may do everything: `AUTH_MODE=none`.
    #[must_use]
    pub fn anybody() -> Self {
        Self {
            subject: None,
            scopes: Scope::ALL.to_vec(),
        }
    }

    /// Whether the scope is held.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// The name under which idempotency keys are kept apart.
    #[must_use]
    pub fn name(&self) -> &str {
        self.subject.as_deref().unwrap_or_default()
    }
}
