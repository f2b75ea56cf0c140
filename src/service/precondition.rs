//! Conditions on the state of a row, by entity tag (RFC 9110, section 13).

/// Entity tags that a client lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any state, as long as the row exists.
    Any,
    /// These.
    Listed(Vec<Tag>),
}

/// One entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// Whether it began with `W/`.
    pub weak: bool,
    /// The tag with its quotes.
    pub opaque: String,
}

/// What a request asks of the state of the row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Precondition {
    /// `If-Match`: compared strongly.
    pub if_match: Option<Tags>,
    /// `If-None-Match`: compared weakly.
    pub if_none_match: Option<Tags>,
}

impl Precondition {
    /// Whether there is nothing to check.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Whether `If-Match` allows a row in the state `etag` (absent: it does).
    #[must_use]
    pub fn matched(&self, etag: &[u8]) -> bool {
        self.if_match
            .as_ref()
            .is_none_or(|tags| tags.hold(etag, false))
    }

    /// Whether `If-None-Match` names the state `etag`.
    #[must_use]
    pub fn none_matched(&self, etag: &[u8]) -> bool {
        self.if_none_match
            .as_ref()
            .is_some_and(|tags| tags.hold(etag, true))
    }

    /// Whether a write may go on from the state `etag`.
    #[must_use]
    pub fn allows_write(&self, etag: &[u8]) -> bool {
        self.matched(etag) && !self.none_matched(etag)
    }
}

impl Tags {
    /// Parses the values of all header lines. What is no tag is passed over: it matches nothing.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut seen = false;
        let mut listed = Vec::new();
        for line in lines {
            seen = true;
            if line.trim() == "*" {
                return Some(Self::Any);
            }
            parse_line(line, &mut listed);
        }
        seen.then_some(Self::Listed(listed))
    }

    fn hold(&self, etag: &[u8], weakly: bool) -> bool {
        match self {
            Self::Any => true,
            Self::Listed(tags) => tags
                .iter()
                .any(|tag| (weakly || !tag.weak) && tag.opaque.as_bytes() == etag),
        }
    }
}

/// A comma may stand within a tag: read tag by tag, from quote to quote.
fn parse_line(line: &str, listed: &mut Vec<Tag>) {
    let mut rest = line;
    while let Some(open) = rest.find('"') {
        let weak = rest[..open].trim_start_matches([' ', '\t', ',']) == "W/";
        let Some(length) = rest[open + 1..].find('"') else {
            return;
        };
        let close = open + 1 + length;
        listed.push(Tag {
            weak,
            opaque: rest[open..=close].to_owned(),
        });
        rest = &rest[close + 1..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(if_match: Option<&str>, if_none_match: Option<&str>) -> Precondition {
        Precondition {
            if_match: Tags::parse(if_match.into_iter()),
            if_none_match: Tags::parse(if_none_match.into_iter()),
        }
    }

    #[test]
    fn if_match_is_strong() {
        let etag = b"\"a,b\"";
        assert!(condition(Some("\"x\", \"a,b\""), None).matched(etag));
        assert!(condition(Some("*"), None).matched(etag));
        assert!(!condition(Some("W/\"a,b\""), None).matched(etag));
        assert!(!condition(Some("a,b"), None).matched(etag));
        assert!(!condition(Some(""), None).matched(etag));
        assert!(condition(None, None).matched(etag));
    }

    #[test]
    fn if_none_match_is_weak() {
        let etag = b"\"a\"";
        assert!(condition(None, Some("W/\"a\"")).none_matched(etag));
        assert!(condition(None, Some("*")).none_matched(etag));
        assert!(!condition(None, Some("\"b\", W/\"c\"")).none_matched(etag));
        assert!(!condition(None, Some("*")).allows_write(etag));
    }
}
