//! What an expression names: metrics with the labels that are matched on them, and labels that it groups by.

use std::collections::{BTreeMap, BTreeSet};

/// The names in an expression.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Each metric and the labels that its matchers name.
    pub(super) metrics: BTreeMap<String, BTreeSet<String>>,
    /// Labels of `by`, `on` and their like.
    pub(super) grouped: BTreeSet<String>,
    /// Labels that `label_replace` makes.
    pub(super) made: BTreeSet<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Text(String),
    Sign(char),
}

const LISTS: [&str; 6] = [
    "by",
    "without",
    "on",
    "ignoring",
    "group_left",
    "group_right",
];
const WORDS: [&str; 5] = ["and", "or", "unless", "bool", "offset"];

/// Reads an expression that Prometheus accepts; what it does not accept is promtool's to say.
pub(super) fn names(expression: &str) -> Names {
    let tokens = tokens(expression);
    let mut names = Names::default();
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        let next = tokens.get(at + 1);
        at += 1;
        let Token::Word(word) = token else { continue };
        if LISTS.contains(&word.as_str()) {
            if next == Some(&Token::Sign('(')) {
                let (listed, end) = list(&tokens, at + 1);
                names.grouped.extend(listed);
                at = end;
            }
        } else if word == "label_replace" {
            names.made.extend(replaced(&tokens[at..]));
        } else if !is_function(next) && !WORDS.contains(&word.as_str()) {
            let labels = names.metrics.entry(word.clone()).or_default();
            if next == Some(&Token::Sign('{')) {
                let (matched, end) = matchers(&tokens, at + 1);
                labels.extend(matched);
                at = end;
            }
        }
    }
    names
}

/// `sum(…)`, and `sum by (…) (…)`.
fn is_function(next: Option<&Token>) -> bool {
    match next {
        Some(Token::Sign('(')) => true,
        Some(Token::Word(word)) => word == "by" || word == "without",
        _ => false,
    }
}

/// The words up to the closing bracket, and the place behind it.
fn list(tokens: &[Token], from: usize) -> (Vec<String>, usize) {
    let mut words = Vec::new();
    for (place, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Word(word) => words.push(word.clone()),
            Token::Sign(')') => return (words, place + 1),
            _ => {}
        }
    }
    (words, tokens.len())
}

/// The labels up to the closing brace, and the place behind it.
fn matchers(tokens: &[Token], from: usize) -> (Vec<String>, usize) {
    let mut labels = Vec::new();
    for (place, token) in tokens.iter().enumerate().skip(from) {
        match token {
            Token::Word(label) => labels.push(label.clone()),
            Token::Sign('}') => return (labels, place + 1),
            _ => {}
        }
    }
    (labels, tokens.len())
}

/// The label that a `label_replace(…` makes: the first text of its own.
fn replaced(tokens: &[Token]) -> Option<String> {
    let mut depth = 0;
    for token in tokens {
        match token {
            Token::Sign('(' | '{') => depth += 1,
            Token::Sign(')' | '}') => depth -= 1,
            Token::Text(text) if depth == 1 => return Some(text.clone()),
            _ => {}
        }
    }
    None
}

fn tokens(expression: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = expression.chars().peekable();
    while let Some(first) = rest.next() {
        if first == '"' || first == '\'' {
            let mut text = String::new();
            while let Some(inner) = rest.next() {
                match inner {
                    '\\' => text.extend(rest.next()),
                    inner if inner == first => break,
                    inner => text.push(inner),
                }
            }
            tokens.push(Token::Text(text));
        } else if first.is_ascii_alphanumeric() || first == '_' || first == ':' {
            let mut word = first.to_string();
            while let Some(inner) =
                rest.next_if(|inner| inner.is_ascii_alphanumeric() || "_:.".contains(*inner))
            {
                word.push(inner);
            }
            // Numbers and durations begin with a digit, names do not.
            if !first.is_ascii_digit() {
                tokens.push(Token::Word(word));
            }
        } else if !first.is_whitespace() {
            tokens.push(Token::Sign(first));
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(words: &str) -> BTreeSet<String> {
        words.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn metrics_matchers_and_groups_are_found() {
        let names = names(
            r#"label_replace(max by (x) (last_over_time(aws_y{a="b{c}", d!~"e"}[30m])), "made", "$1", "x", "(.*)")
               / on (z) group_left () expense:q > 0.05 and rate(k[5m] offset 1d) * 60 unless up == 1e3"#,
        );
        let metrics: Vec<_> = names.metrics.keys().map(String::as_str).collect();
        assert_eq!(metrics, ["aws_y", "expense:q", "k", "up"]);
        assert_eq!(names.metrics["aws_y"], set("a d"));
        assert_eq!(names.grouped, set("x z"));
        assert_eq!(names.made, set("made"));
    }

    #[test]
    fn functions_and_words_are_no_metrics() {
        let names = names("sum(rate(a[1m])) or vector(0) and day_of_month() > bool 3");
        assert_eq!(
            names.metrics.keys().map(String::as_str).collect::<Vec<_>>(),
            ["a"]
        );
    }
}
