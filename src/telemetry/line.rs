//! One event as one line: a JSON object for machines, words for a terminal.

use std::fmt::{self, Debug, Write as _};

use tracing::{
    Event, Level, Metadata,
    field::{Field, Visit},
};

use super::context::{self, RequestIds};
use crate::domain::Timestamp;

/// The shape of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// `{"timestamp":…,"level":…,"message":…,"target":…,…}`
    Json,
    /// `time LEVEL target: message key=value …`, in colours.
    Pretty,
}

/// Buffers that a thread uses again for each of its lines.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The whole line, with its end.
    pub(super) line: String,
    message: String,
    fields: String,
    scratch: String,
}

impl Draft {
    /// Writes `event` into `line`.
    pub(super) fn write(&mut self, shape: Shape, event: &Event<'_>) {
        self.line.clear();
        self.message.clear();
        self.fields.clear();
        let mut fields = FieldWriter {
            shape,
            message: &mut self.message,
            fields: &mut self.fields,
            scratch: &mut self.scratch,
        };
        event.record(&mut fields);
        context::with_current(|ids| fields.ids(ids));
        match shape {
            Shape::Json => self.json(event.metadata()),
            Shape::Pretty => self.pretty(event.metadata()),
        }
        self.line.push('\n');
    }

    fn json(&mut self, metadata: &Metadata<'_>) {
        put(
            &mut self.line,
            format_args!(
                "{{\"timestamp\":\"{}\",\"level\":\"{}\",\"message\":\"",
                Timestamp::now(),
                metadata.level()
            ),
        );
        escape_json(&mut self.line, &self.message);
        self.line.push_str("\",\"target\":\"");
        escape_json(&mut self.line, metadata.target());
        self.line.push('"');
        self.line.push_str(&self.fields);
        self.line.push('}');
    }

    fn pretty(&mut self, metadata: &Metadata<'_>) {
        let colour = match *metadata.level() {
            Level::ERROR => 31,
            Level::WARN => 33,
            Level::INFO => 32,
            Level::DEBUG => 34,
            Level::TRACE => 35,
        };
        put(
            &mut self.line,
            format_args!(
                "\x1b[2m{}\x1b[0m \x1b[{colour}m{:>5}\x1b[0m \x1b[2m{}:\x1b[0m ",
                Timestamp::now(),
                metadata.level().as_str(),
                metadata.target(),
            ),
        );
        escape_terminal(&mut self.line, &self.message);
        self.line.push_str(&self.fields);
    }
}

/// Writes fields behind each other, and the message apart from them.
struct FieldWriter<'a> {
    shape: Shape,
    message: &'a mut String,
    fields: &'a mut String,
    scratch: &'a mut String,
}

impl FieldWriter<'_> {
    fn ids(&mut self, ids: &RequestIds) {
        self.text(
            "correlation_id",
            ids.correlation_id.to_str().unwrap_or_default(),
        );
        let hex = ids.trace_id.hex();
        self.text("trace_id", std::str::from_utf8(&hex).unwrap_or_default());
    }

    /// A value that needs no quotes.
    fn plain(&mut self, name: &str, value: impl fmt::Display) {
        match self.shape {
            Shape::Json => put(self.fields, format_args!(",\"{name}\":{value}")),
            Shape::Pretty => put(self.fields, format_args!(" \x1b[2m{name}=\x1b[0m{value}")),
        }
    }

    fn text(&mut self, name: &str, value: &str) {
        match self.shape {
            Shape::Json => {
                put(self.fields, format_args!(",\"{name}\":\""));
                escape_json(self.fields, value);
                self.fields.push('"');
            }
            Shape::Pretty => {
                put(self.fields, format_args!(" \x1b[2m{name}=\x1b[0m"));
                if value.is_empty() || value.contains([' ', '"', '=']) {
                    put(self.fields, format_args!("{value:?}"));
                } else {
                    escape_terminal(self.fields, value);
                }
            }
        }
    }
}

impl Visit for FieldWriter<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        // JSON knows no infinities.
        if value.is_finite() {
            self.plain(field.name(), value);
        } else {
            self.plain(field.name(), "null");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.plain(field.name(), value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.plain(field.name(), value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.plain(field.name(), value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "message" {
            self.message.push_str(value);
        } else {
            self.text(field.name(), value);
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            put(self.message, format_args!("{value:?}"));
            return;
        }
        let mut scratch = std::mem::take(self.scratch);
        scratch.clear();
        put(&mut scratch, format_args!("{value:?}"));
        self.text(field.name(), &scratch);
        *self.scratch = scratch;
    }
}

/// Appends to a string, which fails only where a `Display` of the value says so: then what came before stands.
fn put(out: &mut String, text: fmt::Arguments<'_>) {
    let _ = out.write_fmt(text);
}

/// Appends `text` as the inside of a JSON string.
fn escape_json(out: &mut String, text: &str) {
    let mut clean = 0;
    for (place, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..=0x1f => "",
            _ => continue,
        };
        // Only ASCII is escaped, so that every cut lies between characters.
        out.push_str(&text[clean..place]);
        clean = place + 1;
        if short.is_empty() {
            put(out, format_args!("\\u{byte:04x}"));
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[clean..]);
}

/// Appends `text` without anything that would move a terminal's cursor.
fn escape_terminal(out: &mut String, text: &str) {
    for letter in text.chars() {
        if letter.is_control() {
            put(out, format_args!("{}", letter.escape_default()));
        } else {
            out.push(letter);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_survives_the_way_through_json() {
        let all: String = (0..0x300)
            .filter_map(char::from_u32)
            .chain("寿司 🍣\u{2028}".chars())
            .collect();
        for text in [
            "",
            "plain",
            "\"\\\n\r\t",
            "a\u{0}b\u{1f}c\u{7f}",
            all.as_str(),
        ] {
            let mut line = String::from("\"");
            escape_json(&mut line, text);
            line.push('"');
            assert_eq!(serde_json::from_str::<String>(&line).unwrap(), text);
            assert!(!line.contains('\n'));
        }
    }

    #[test]
    fn a_terminal_is_not_moved() {
        let mut line = String::new();
        escape_terminal(&mut line, "a\x1b[2Jb\r\nc\u{9b}d é");
        assert_eq!(line, "a\\u{1b}[2Jb\\r\\nc\\u{9b}d é");
    }
}
