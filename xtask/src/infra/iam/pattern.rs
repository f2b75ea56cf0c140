//! Patterns of IAM: `*` is any run of characters, `?` is one.

/// Whether `text` matches `pattern`, letter case told apart.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star stood, and how much of the text it has taken so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p, t));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == '?' || pattern[p] == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((at, taken)) = star {
            star = Some((at, taken + 1));
            p = at + 1;
            t = taken + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

/// Actions are compared without regard to letter case.
pub(super) fn matches_action(pattern: &str, action: &str) -> bool {
    matches(&pattern.to_lowercase(), &action.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::{matches, matches_action};

    #[test]
    fn stars_and_question_marks() {
        assert!(matches("*", ""));
        assert!(matches("a*c", "abbc"));
        assert!(matches("a*b*c", "aXbYbZc"));
        assert!(matches("a?c", "abc"));
        assert!(!matches("a?c", "ac"));
        assert!(!matches("abc", "abcd"));
        assert!(!matches("a*c", "abcd"));
        assert!(!matches("A", "a"));
    }

    #[test]
    fn actions_ignore_letter_case() {
        assert!(matches_action("s3:Get*", "S3:getobject"));
        assert!(!matches_action("s3:Get*", "s3:PutObject"));
    }
}
