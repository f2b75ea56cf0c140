//! Who asks, and where it runs: what the defaults of other variables hang on.

use super::Variables;

/// Where the service says that it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// A laptop, or the low-cost path.
    Development,
    /// Before production.
    Staging,
    /// Where unsafe choices must be made in words.
    Production,
}

/// Which program asks: some defaults and refusals differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entrance {
    /// The container server.
    Server,
    /// A command that works on the database with a login of its own and then ends: `migrate`, `setup-users`.
    Job,
    /// The Lambda handler.
    Lambda,
}

/// Which events a Lambda function takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LambdaKind {
    /// HTTP events only.
    Api,
    /// Commands only.
    Admin,
}

/// What every other part may look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) entrance: Entrance,
    pub(super) environment: Environment,
    pub(super) lambda_kind: LambdaKind,
}

impl Context {
    pub(super) fn read(vars: &mut Variables<'_>, entrance: Entrance) -> Self {
        const ENVIRONMENTS: &[(&str, Environment)] = &[
            ("development", Environment::Development),
            ("staging", Environment::Staging),
            ("production", Environment::Production),
        ];
        const KINDS: &[(&str, LambdaKind)] =
            &[("api", LambdaKind::Api), ("admin", LambdaKind::Admin)];
        Self {
            entrance,
            environment: vars
                .word("ENVIRONMENT", ENVIRONMENTS)
                .unwrap_or(Environment::Development),
            lambda_kind: vars.word("LAMBDA_KIND", KINDS).unwrap_or(LambdaKind::Api),
        }
    }

    /// Whether the migration or administration login may stand in for the application's.
    pub(super) fn is_job(&self) -> bool {
        match self.entrance {
            Entrance::Server => false,
            Entrance::Job => true,
            Entrance::Lambda => self.lambda_kind == LambdaKind::Admin,
        }
    }
}
