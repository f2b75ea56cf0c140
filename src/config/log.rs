//! Filter and shape of log lines.

use tracing_subscriber::filter::{Directive, LevelFilter};

use super::Variables;

/// Our own crates: what a bare level is for. Both programs log under the library's name and their own.
const OWN_TARGETS: [&str; 2] = ["expense_backend", "expense_backend_lambda"];

/// Dependencies may write what they were given, secrets included, into their more talkative lines.
const DEPENDENCIES: LevelFilter = LevelFilter::WARN;

/// Filter and shape of log lines.
#[derive(Debug, Clone)]
pub struct LogConfig {
    /// A `tracing` filter with `LOG_LEVEL` applied to our own crates; dependencies stay at `warn`.
    pub filter: String,
    /// The shape.
    pub format: LogFormat,
}

/// The shape of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// For people.
    Pretty,
    /// Pretty on a terminal, JSON otherwise.
    Auto,
}

impl LogConfig {
    pub(super) fn read(vars: &mut Variables<'_>) -> Self {
        const FORMATS: &[(&str, LogFormat)] =
            &[("json", LogFormat::Json), ("pretty", LogFormat::Pretty)];
        Self {
            filter: vars
                .parsed("LOG_LEVEL", filter)
                .unwrap_or_else(|| own_crates(LevelFilter::INFO)),
            format: vars.word("LOG_FORMAT", FORMATS).unwrap_or(LogFormat::Auto),
        }
    }
}

/// The filter that `value` stands for: levels in any letter case, a bare one for our own crates.
fn filter(value: &str) -> Result<String, String> {
    let mut bare = None;
    let mut named = Vec::new();
    for part in value.split(',').map(str::trim) {
        match part.parse::<LevelFilter>() {
            Ok(level) if !part.is_empty() => {
                if bare.replace(level).is_some() {
                    return Err(refusal("names more than one bare level"));
                }
            }
            _ => named.push(directive(part)?),
        }
    }
    let own = own_crates(bare.unwrap_or(LevelFilter::INFO));
    // Later directives win over earlier ones for the same target.
    Ok([vec![own], named].concat().join(","))
}

fn own_crates(level: LevelFilter) -> String {
    let dependencies = DEPENDENCIES.min(level);
    let own = OWN_TARGETS.map(|target| format!(",{target}={level}"));
    format!("{dependencies}{}", own.concat())
}

/// One directive that names a target or a span.
///
/// `tracing` would also take a lone word for a target with every level on: a level with a slip of the pen in it would
/// then silence everything else. Here a lone word has to look like a path.
fn directive(part: &str) -> Result<String, String> {
    // Targets are module paths in small letters; names of spans and values of fields are not ours to change.
    let part = match part.contains('[') {
        true => part.to_owned(),
        false => part.to_ascii_lowercase(),
    };
    let names_a_target = ["=", "::", "["].iter().any(|sign| part.contains(sign));
    if names_a_target && part.parse::<Directive>().is_ok() {
        return Ok(part);
    }
    Err(refusal(&format!("has the part {part:?}")))
}

fn refusal(reason: &str) -> String {
    format!(
        "it {reason}; allowed are off, error, warn, info, debug, trace for this program, and target=level for others, separated by commas"
    )
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::EnvFilter;

    use super::*;

    #[test]
    fn a_bare_level_is_for_our_own_crates() {
        let own = |level: &str| format!("expense_backend={level},expense_backend_lambda={level}");
        for (value, expected) in [
            ("info", format!("warn,{}", own("info"))),
            ("INFO", format!("warn,{}", own("info"))),
            ("Trace", format!("warn,{}", own("trace"))),
            ("error", format!("error,{}", own("error"))),
            ("off", format!("off,{}", own("off"))),
            (
                "debug,sqlx=Info",
                format!("warn,{},sqlx=info", own("debug")),
            ),
            (
                "HYPER=trace, warn",
                format!("warn,{},hyper=trace", own("warn")),
            ),
            ("sqlx=debug", format!("warn,{},sqlx=debug", own("info"))),
            (
                "expense_backend::store=debug",
                format!("warn,{},expense_backend::store=debug", own("info")),
            ),
            (
                "info,[request{method=GET}]=debug",
                format!("warn,{},[request{{method=GET}}]=debug", own("info")),
            ),
        ] {
            assert_eq!(filter(value), Ok(expected.clone()), "{value}");
            EnvFilter::builder().parse(expected).unwrap();
        }
    }

    #[test]
    fn a_slip_of_the_pen_is_a_fault_that_repeats_it() {
        for value in [
            "loud",
            "inof",
            "info,,debug",
            "a=loud",
            "[x=info",
            "info,warn",
            ",",
            "info,a b=warn,",
        ] {
            let refused = filter(value).unwrap_err();
            assert!(refused.contains("allowed are off, error"), "{refused}");
        }
        assert!(filter("info,loud").unwrap_err().contains("\"loud\""));
    }
}
