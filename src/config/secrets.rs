//! Where Secrets Manager keeps what must not stand in the environment.

use std::time::Duration;

use super::Variables;

/// Ids or ARNs in Secrets Manager.
#[derive(Debug, Clone, Default)]
pub struct SecretsConfig {
    /// `DB_SECRET_ID`
    pub database: Option<String>,
    /// `DB_MIGRATION_SECRET_ID`
    pub migration: Option<String>,
    /// `DB_ADMIN_SECRET_ID`
    pub admin: Option<String>,
    /// `REDIS_SECRET_ID`
    pub redis: Option<String>,
    /// `API_KEYS_SECRET_ID`
    pub api_keys: Option<String>,
    /// `SECRET_REFRESH_SECS`
    pub refresh: Duration,
}

impl SecretsConfig {
    pub(super) fn read(vars: &mut Variables<'_>) -> Self {
        Self {
            database: id(vars, "DB_SECRET_ID"),
            migration: id(vars, "DB_MIGRATION_SECRET_ID"),
            admin: id(vars, "DB_ADMIN_SECRET_ID"),
            redis: id(vars, "REDIS_SECRET_ID"),
            api_keys: id(vars, "API_KEYS_SECRET_ID"),
            refresh: vars.seconds("SECRET_REFRESH_SECS", 300, 1..=86_400),
        }
    }
}

/// A name or an ARN. The value is not repeated in a fault: people paste the secret itself into the wrong variable.
fn id(vars: &mut Variables<'_>, name: &str) -> Option<String> {
    let value = vars.text(name)?;
    // The alphabet of names, the colons of an ARN, and the mark in names that AWS gives itself (rds!db-...).
    let known = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:!".contains(c);
    if value.len() <= 2048 && value.chars().all(known) {
        return Some(value);
    }
    vars.fault(
        name,
        "is no id of Secrets Manager: allowed is a name or an ARN of letters, digits and /_+=.@-:!, not the secret itself",
    );
    None
}
