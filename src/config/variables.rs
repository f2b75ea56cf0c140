//! Typed reading of variables. A bad value is noted as a fault and replaced by its default, so that reading goes on and
//! every fault comes out at once.

use std::{fmt::Display, ops::RangeInclusive, path::PathBuf, time::Duration};

use super::{ConfigFault, ConfigFaults};
use crate::secrets::Secret;

/// Values longer than this are cut when a fault repeats them.
const SHOWN: usize = 80;

/// Where variables come from, and what was wrong with them so far.
pub(super) struct Variables<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
    faults: Vec<ConfigFault>,
}

impl<'a> Variables<'a> {
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self {
            lookup,
            faults: Vec::new(),
        }
    }

    /// `value`, unless there was a fault on the way to it.
    pub(super) fn finish<T>(self, value: T) -> Result<T, ConfigFaults> {
        if self.faults.is_empty() {
            return Ok(value);
        }
        Err(ConfigFaults::new(self.faults))
    }

    pub(super) fn fault(&mut self, name: &str, problem: impl Into<String>) {
        self.faults.push(ConfigFault::new(name, problem));
    }

    /// Whether the variable has a value.
    pub(super) fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// The value as it stands; empty is unset.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// A value that no fault and no log line shows.
    pub(super) fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::new)
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.text(name).map(PathBuf::from)
    }

    /// A value that `parse` takes, or the fault that it names: what is allowed.
    pub(super) fn parsed<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.text(name)?;
        match parse(&value) {
            Ok(parsed) => Some(parsed),
            Err(allowed) => {
                self.fault(name, format!("is {}: {allowed}", shown(&value)));
                None
            }
        }
    }

    /// One of a few words.
    pub(super) fn word<T: Copy>(&mut self, name: &str, words: &[(&str, T)]) -> Option<T> {
        self.parsed(name, |value| {
            words
                .iter()
                .find(|(word, _)| *word == value)
                .map(|(_, meaning)| *meaning)
                .ok_or_else(|| {
                    let allowed: Vec<_> = words.iter().map(|(word, _)| *word).collect();
                    format!("allowed are {}", allowed.join(", "))
                })
        })
    }

    pub(super) fn flag(&mut self, name: &str) -> Option<bool> {
        self.word(name, &[("true", true), ("false", false)])
    }

    /// A whole number in a range; `None` where it is unset or at fault.
    pub(super) fn number<T>(&mut self, name: &str, range: RangeInclusive<T>) -> Option<T>
    where
        T: TryFrom<u64> + PartialOrd + Display,
    {
        self.parsed(name, |value| {
            // u64's own parser also takes a plus sign.
            Some(value)
                .filter(|value| value.bytes().all(|byte| byte.is_ascii_digit()))
                .and_then(|value| value.parse::<u64>().ok())
                .and_then(|number| T::try_from(number).ok())
                .filter(|number| range.contains(number))
                .ok_or_else(|| {
                    let (low, high) = (range.start(), range.end());
                    format!("allowed are whole numbers from {low} to {high}")
                })
        })
    }

    pub(super) fn seconds(
        &mut self,
        name: &str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_secs(self.number(name, range).unwrap_or(default))
    }

    pub(super) fn millis(
        &mut self,
        name: &str,
        default: u64,
        range: RangeInclusive<u64>,
    ) -> Duration {
        Duration::from_millis(self.number(name, range).unwrap_or(default))
    }

    /// An http or https address without a login in it.
    pub(super) fn web_address(&mut self, name: &str) -> Option<String> {
        self.parsed(name, |value| {
            let allowed = "allowed is an http or https address without user name and password";
            let url = reqwest::Url::parse(value).map_err(|_| allowed.to_owned())?;
            let plain = url.username().is_empty() && url.password().is_none();
            if plain && matches!(url.scheme(), "http" | "https") && url.has_host() {
                return Ok(value.to_owned());
            }
            Err(allowed.to_owned())
        })
    }

    /// The name or address of a server, without scheme, login, port or path.
    pub(super) fn host(&mut self, name: &str) -> Option<String> {
        self.parsed(name, |value| {
            let one = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
            // A colon is for IPv6 addresses only: `host:port` would not be found by any resolver.
            let address = value.parse::<std::net::IpAddr>().is_ok();
            let good = value.len() <= 253 && value.chars().all(one);
            if good && (address || !value.contains(':')) {
                return Ok(value.to_owned());
            }
            Err(
                "allowed is a host name or an IP address, without scheme, user, port and path"
                    .to_owned(),
            )
        })
    }
}

/// The value as a fault repeats it: quoted, cut, and hidden where it may hold a login (`user:password@host`).
fn shown(value: &str) -> String {
    if value.contains('@') {
        return "not shown here, for it may hold a password".to_owned();
    }
    let mut cut: String = value.chars().take(SHOWN).collect();
    if cut.len() < value.len() {
        cut.push('…');
    }
    format!("{cut:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_shown_quoted_cut_and_never_with_a_login() {
        assert_eq!(shown("8\n"), r#""8\n""#);
        let long = "x".repeat(SHOWN + 1);
        assert_eq!(shown(&long), format!("\"{}…\"", "x".repeat(SHOWN)));
        assert!(!shown("redis://:hunter2@cache").contains("hunter2"));
    }

    #[test]
    fn numbers_are_digits_within_the_range() {
        let lookup = |name: &str| Some(name.to_owned());
        let read = |value: &str| Variables::new(&lookup).number::<u16>(value, 1..=70);
        assert_eq!(read("70"), Some(70));
        assert_eq!(read("007"), Some(7));
        for bad in [
            "0",
            "71",
            "65537",
            "99999999999999999999999",
            "+5",
            "-5",
            "5 ",
            "5.0",
            "5s",
            "0x5",
            "٣",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
