//! API keys: kept as SHA-256 digests only, compared without telling by time how near a guess was.

use rand::{TryRngCore as _, rngs::OsRng};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use subtle::{ConditionallySelectable as _, ConstantTimeEq as _};

use super::{Caller, Scope};

/// What every key begins with, so that people and secret scanners recognise one.
pub const PREFIX: &str = "expense_";
/// Longest key that is looked at, in bytes.
pub const MAX_KEY_LEN: usize = 256;
/// Longest name of a key, in characters.
pub const MAX_NAME_LEN: usize = 64;
/// Most keys in one list: each request is compared with all of them.
pub const MAX_KEYS: usize = 1000;

/// Why a list of keys cannot be used. Names the entry and the field, never a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct KeyListError(String);

/// One key as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    name: String,
    digest: [u8; 32],
    scopes: Vec<Scope>,
}

/// The keys that are taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ApiKeys(Vec<Entry>);

impl ApiKeys {
    /// Parses `[{"name":"team","sha256":"<hex>","scopes":["transactions:read"]}]`.
    ///
    /// Two entries may have one name (the old and the new key of a caller during a rotation), not one digest. An empty
    /// list is taken and lets nobody in.
    pub fn parse(json: &str) -> Result<Self, KeyListError> {
        // serde_json's own text may quote the value.
        let value: Value = serde_json::from_str(json).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            KeyListError(format!("is not JSON (line {line}, column {column})"))
        })?;
        let Value::Array(items) = value else {
            return Err(KeyListError("is not a JSON array".to_owned()));
        };
        if items.len() > MAX_KEYS {
            return Err(KeyListError(format!("has more than {MAX_KEYS} entries")));
        }
        let mut entries = Vec::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            let entry = Entry::parse(item)
                .map_err(|problem| KeyListError(format!("entry {}: {problem}", place + 1)))?;
            if entries
                .iter()
                .any(|other: &Entry| other.digest == entry.digest)
            {
                let place = place + 1;
                return Err(KeyListError(format!(
                    "entry {place}: sha256 is that of an earlier entry"
                )));
            }
            entries.push(entry);
        }
        Ok(Self(entries))
    }

    /// Who holds the key `presented`, if anybody.
    ///
    /// Takes the same time for every wrong key: what is compared is a digest, whole, with every entry.
    #[must_use]
    pub fn find(&self, presented: &[u8]) -> Option<Caller> {
        let digest: [u8; 32] = Sha256::digest(presented).into();
        let nobody = u32::MAX;
        let mut found = nobody;
        for (place, entry) in (0..nobody).zip(&self.0) {
            let same = entry.digest.ct_eq(&digest);
            found.conditional_assign(&place, same);
        }
        let entry = self.0.get(usize::try_from(found).ok()?)?;
        Some(Caller {
            subject: Some(entry.name.clone()),
            scopes: entry.scopes.clone(),
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nobody is let in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Entry {
    fn parse(item: &Value) -> Result<Self, &'static str> {
        let Value::Object(fields) = item else {
            return Err("is not an object");
        };
        if fields
            .keys()
            .any(|key| !matches!(key.as_str(), "name" | "sha256" | "scopes"))
        {
            return Err("has a field other than name, sha256 and scopes");
        }
        Ok(Self {
            name: name(fields)?,
            digest: digest(fields)?,
            scopes: scopes(fields)?,
        })
    }
}

/// Whether `name` may be a key's name: 1 to 64 characters, none of them a control character.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=MAX_NAME_LEN).contains(&name.chars().count()) && !name.chars().any(char::is_control)
}

fn name(fields: &Map<String, Value>) -> Result<String, &'static str> {
    match fields.get("name").and_then(Value::as_str) {
        Some(name) if is_name(name) => Ok(name.to_owned()),
        _ => Err("name is not 1 to 64 characters of text without control characters"),
    }
}

fn digest(fields: &Map<String, Value>) -> Result<[u8; 32], &'static str> {
    let mut digest = [0; 32];
    let text = fields
        .get("sha256")
        .and_then(Value::as_str)
        .unwrap_or_default();
    hex::decode_to_slice(text, &mut digest).map_err(|_| "sha256 is not 64 hexadecimal digits")?;
    Ok(digest)
}

fn scopes(fields: &Map<String, Value>) -> Result<Vec<Scope>, &'static str> {
    let problem = "scopes is not a list of at least one of transactions:read, transactions:write, transactions:admin";
    let words = fields
        .get("scopes")
        .and_then(Value::as_array)
        .ok_or(problem)?;
    let scopes: Option<Vec<_>> = words
        .iter()
        .map(|word| Scope::parse(word.as_str()?))
        .collect();
    scopes.filter(|scopes| !scopes.is_empty()).ok_or(problem)
}

/// A key that was just made: shown once, kept by nobody here.
pub struct NewKey(String);

impl NewKey {
    /// 256 bits from the operating system. Fails where that has none to give.
    pub fn generate() -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        OsRng
            .try_fill_bytes(&mut bytes)
            .map_err(std::io::Error::other)?;
        Ok(Self(format!("{PREFIX}{}", hex::encode(bytes))))
    }

    /// The key itself: for the one line that shows it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What [`ApiKeys::parse`] reads, with this one key.
    #[must_use]
    pub fn list(&self, name: &str, scopes: &[Scope]) -> String {
        let scopes: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
        let digest = hex::encode(Sha256::digest(self.0.as_bytes()));
        // Written out, so that the fields stand in the documented order.
        let (name, scopes) = (Value::from(name), Value::from(scopes));
        format!("[{{\"name\":{name},\"sha256\":\"{digest}\",\"scopes\":{scopes}}}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: &str, name: &str) -> String {
        let digest = hex::encode(Sha256::digest(key));
        format!(r#"{{"name":"{name}","sha256":"{digest}","scopes":["transactions:read"]}}"#)
    }

    #[test]
    fn a_generated_key_is_found_under_its_name_with_its_scopes() {
        let key = NewKey::generate().unwrap();
        assert_eq!(key.expose().len(), PREFIX.len() + 64);
        let json = key.list("Zoë \"the team\"", &[Scope::Read, Scope::Admin]);
        assert!(!json.contains(key.expose()));
        let caller = ApiKeys::parse(&json)
            .unwrap()
            .find(key.expose().as_bytes())
            .unwrap();
        assert_eq!(caller.subject.as_deref(), Some("Zoë \"the team\""));
        assert_eq!(caller.scopes, [Scope::Read, Scope::Admin]);
        assert_ne!(key.expose(), NewKey::generate().unwrap().expose());
    }

    #[test]
    fn only_the_whole_key_is_found_wherever_it_stands_in_the_list() {
        let both = format!("[{},{}]", entry("first", "one"), entry("second", "two"));
        let keys = ApiKeys::parse(&both).unwrap();
        assert_eq!(keys.find(b"first").unwrap().name(), "one");
        assert_eq!(keys.find(b"second").unwrap().name(), "two");
        for wrong in ["", "firs", "first ", "First", "secondfirst"] {
            assert_eq!(keys.find(wrong.as_bytes()), None, "{wrong}");
        }
        assert_eq!(ApiKeys::default().find(b"first"), None);
    }

    #[test]
    fn a_digest_is_not_a_key() {
        let json = format!("[{}]", entry("first", "one"));
        let digest = hex::encode(Sha256::digest("first"));
        assert_eq!(ApiKeys::parse(&json).unwrap().find(digest.as_bytes()), None);
    }

    #[test]
    fn a_bad_list_is_refused_by_entry_and_field_without_its_values() {
        let good = format!("[{}]", entry("first", "one"));
        let digest = hex::encode(Sha256::digest("first"));
        let twice = format!("[{0},{0}]", entry("first", "one"));
        let cases = [
            ("{".to_owned(), "is not JSON (line 1, column 1)"),
            ("{}".to_owned(), "is not a JSON array"),
            ("[\"secret\"]".to_owned(), "entry 1: is not an object"),
            (good.replace("\"one\"", "\"\""), "entry 1: name"),
            (good.replace("\"one\"", "\"a\\nb\""), "entry 1: name"),
            (good.replace("\"one\"", "7"), "entry 1: name"),
            (good.replace(&digest, "first"), "entry 1: sha256 is not 64"),
            (
                good.replace(&digest, &digest[2..]),
                "entry 1: sha256 is not 64",
            ),
            (
                good.replace("transactions:read", "read"),
                "entry 1: scopes is not",
            ),
            (
                good.replace("\"transactions:read\"", ""),
                "entry 1: scopes is not",
            ),
            (
                good.replace("scopes", "scope"),
                "entry 1: has a field other",
            ),
            (twice, "entry 2: sha256 is that of an earlier entry"),
        ];
        for (json, expected) in cases {
            let problem = ApiKeys::parse(&json).unwrap_err().to_string();
            assert!(problem.starts_with(expected), "{json}: {problem}");
            assert!(
                !problem.contains("first") && !problem.contains("secret"),
                "{problem}"
            );
        }
        assert!(ApiKeys::parse("[]").unwrap().is_empty());
        let upper = good.replace(&digest, &digest.to_uppercase());
        assert_eq!(ApiKeys::parse(&upper), ApiKeys::parse(&good));
    }
}
