//! Bodies that nobody would write: read or refused, never a panic, and read as JSON's own reader does.
//!
//! `PROPTEST_CASES=20000000` lets it look for longer.

use axum::http::{HeaderMap, HeaderValue, header};
use proptest::prelude::*;

use super::fields::{Family, Fields, Form, Format};
use crate::domain::{AmountSign, FieldErrors};

/// Letters of which bodies are made, so that many of them are nearly good.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let words = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "\\u",
        "\\ud83d",
        "d800",
        "amount",
        "desc",
        "description",
        "id",
        "=",
        "&",
        "%",
        "%2",
        "%20",
        "+",
        "-",
        "0",
        "1",
        ".",
        "12.50",
        "9999999999.99",
        "1e3",
        "null",
        "true",
        " ",
        "\n",
        "\u{feff}",
        "é",
        "😀",
        "\u{0}",
    ]);
    let piece = prop_oneof![
        12 => words.prop_map(|word| word.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

/// An object of fields that are nearly good.
fn object() -> impl Strategy<Value = Vec<u8>> {
    let name = prop::sample::select(vec![
        "amount",
        "desc",
        "description",
        "id",
        "x",
        "\\u0061mount",
    ]);
    let value = prop_oneof![
        "-?[0-9]{0,12}(\\.[0-9]{0,3})?([eE][+-]?[0-9])?",
        "\"[^\"\\\\\\x00-\\x1f]{0,20}\"",
        "\"(\\\\u[0-9a-fA-F]{4}|\\\\[\"nrt/bf\\\\]|[a-z ]){0,8}\"",
        Just("null".to_owned()),
        Just("{\"a\":[1]}".to_owned()),
    ];
    prop::collection::vec((name, value), 0..6).prop_map(|fields| {
        let fields: Vec<_> = fields
            .into_iter()
            .map(|(name, value)| format!("\"{name}\":{value}"))
            .collect();
        format!("{{{}}}", fields.join(",")).into_bytes()
    })
}

/// Reads everything that a handler may ask for; whether the bytes could be read.
fn read(content_type: Option<&'static str>, body: &[u8], format: Format, family: Family) -> bool {
    let mut headers = HeaderMap::new();
    if let Some(content_type) = content_type {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    let mut form = Form::default();
    let Ok(fields) = Fields::parse(&headers, body, format, family, &mut form) else {
        return false;
    };
    let mut faults = FieldErrors::default();
    fields.refuse_unknown(&["amount", "description"], &mut faults);
    for sign in [AmountSign::Any, AmountSign::Positive] {
        if let Ok(amount) = fields.amount(sign) {
            assert!(amount.minor().abs() <= 999_999_999_999, "{amount}");
        }
    }
    for text in [fields.description(), fields.old_description()]
        .into_iter()
        .flatten()
    {
        let length = text.as_str().chars().count();
        assert!((1..=255).contains(&length), "{length}");
        assert_eq!(text.as_str().trim(), text.as_str());
    }
    if let Some(Ok(id)) = fields.optional_id() {
        assert!(id.get() > 0);
    }
    true
}

proptest! {
    #[test]
    fn no_body_panics(body in prop_oneof![pieces(), object()]) {
        for (content_type, format) in [
            (None, Format::JsonOrForm),
            (Some("application/x-www-form-urlencoded"), Format::JsonOrForm),
            (Some("application/json; charset=utf-8"), Format::Json),
            (Some("application/merge-patch+json"), Format::MergePatch),
        ] {
            for family in [Family::Old, Family::V1] {
                read(content_type, &body, format, family);
            }
        }
    }

    #[test]
    fn what_json_takes_as_an_object_is_read(body in prop_oneof![pieces(), object()]) {
        let is_object = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(&body).is_ok();
        // A part that nobody reads need not be readable: broken escapes deep inside, numbers beyond every range.
        if is_object {
            prop_assert!(read(None, &body, Format::Json, Family::V1));
        }
        if read(None, &body, Format::Json, Family::V1) {
            prop_assert!(serde_json::from_slice::<serde::de::IgnoredAny>(&body).is_ok());
        }
    }
}
