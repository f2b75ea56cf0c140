//! The fields of a body: JSON or a form, read without a float on the way.

use std::{borrow::Cow, collections::HashMap, fmt};

use axum::http::{HeaderMap, header};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{
    domain::{Amount, AmountSign, Description, FieldError, FieldErrors, TransactionId},
    handlers::error::ApiError,
};

const FORM: &str = "application/x-www-form-urlencoded";
const BAD_JSON: ApiError = ApiError::MalformedBody("the body is not JSON");
const BAD_FORM: ApiError = ApiError::MalformedBody("the form's percent-encoding cannot be read");
const BAD_TEXT: ApiError = ApiError::MalformedBody("the body is not UTF-8");
const ONCE: &str = "must be given once";

/// Which content types a route takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON or a form: the old routes.
    JsonOrForm,
    /// JSON.
    Json,
    /// JSON, also as a merge patch.
    MergePatch,
}

/// Which habits the reader has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// No body counts as no fields, unknown fields are passed over, the last of two equal names counts.
    Old,
    /// Nothing is passed over.
    V1,
}

/// The value of a field as it was written.
#[derive(Debug, Clone, Copy)]
enum Written<'a> {
    Json(&'a RawValue),
    Text(&'a str),
}

/// The fields of one body.
#[derive(Debug)]
pub struct Fields<'a> {
    fields: Vec<(Cow<'a, str>, Written<'a>)>,
    family: Family,
}

/// The pairs of a form, decoded: what [`Fields`] of a form point into.
#[derive(Debug, Default)]
pub struct Form(Vec<(String, String)>);

impl<'a> Fields<'a> {
    /// Reads a body by its content type. `form` is where a form's decoded text is kept.
    pub fn parse(
        headers: &HeaderMap,
        body: &'a [u8],
        format: Format,
        family: Family,
        form: &'a mut Form,
    ) -> Result<Self, ApiError> {
        if family == Family::Old && body.is_empty() {
            return Ok(Self {
                fields: Vec::new(),
                family,
            });
        }
        let is_form = is_form(headers, format)?;
        let text = std::str::from_utf8(body).map_err(|_| BAD_TEXT)?;
        let fields = if is_form {
            *form = Form(super::encoding::pairs(text).ok_or(BAD_FORM)?);
            let pairs = form.0.iter();
            pairs
                .map(|(name, value)| (Cow::from(name), Written::Text(value)))
                .collect()
        } else {
            json_fields(text)?
        };
        Ok(Self { fields, family })
    }

    /// Notes every field that is not one of `known`, and names given twice.
    pub fn refuse_unknown(&self, known: &[&str], faults: &mut FieldErrors) {
        let mut seen: HashMap<&str, u32> = HashMap::new();
        for (name, _) in &self.fields {
            let times = seen.entry(name.as_ref()).or_default();
            *times += 1;
            match (*times, known.contains(&name.as_ref())) {
                (1, false) => faults.push(FieldError::new(
                    name.as_ref(),
                    "is not a field of this route",
                )),
                (2, _) => faults.push(FieldError::new(name.as_ref(), ONCE)),
                _ => {}
            }
        }
    }

    fn get(&self, name: &str) -> Option<Written<'a>> {
        let mut named = self.fields.iter().filter(|(key, _)| key == name);
        let found = match self.family {
            Family::Old => named.next_back(),
            Family::V1 => named.next(),
        };
        found.map(|(_, written)| *written)
    }

    /// The amount, which must be there.
    pub fn amount(&self, sign: AmountSign) -> Result<Amount, FieldError> {
        self.optional_amount(sign)
            .unwrap_or_else(|| Err(FieldError::new("amount", "is required")))
    }

    /// The amount, if it is there.
    pub fn optional_amount(&self, sign: AmountSign) -> Option<Result<Amount, FieldError>> {
        let written = self.get("amount")?;
        Some(match written.number_or_text() {
            Ok(text) => {
                Amount::parse_new("amount", text.trim_matches([' ', '\t', '\r', '\n']), sign)
            }
            Err(()) => Err(FieldError::new(
                "amount",
                "must be a number, or a number as text",
            )),
        })
    }

    /// The description under `description` alone, if it is there.
    pub fn optional_description(&self) -> Option<Result<Description, FieldError>> {
        Some(description("description", self.get("description")?))
    }

    /// The description under `description` alone, which must be there.
    pub fn description(&self) -> Result<Description, FieldError> {
        self.optional_description()
            .unwrap_or_else(|| Err(FieldError::new("description", "is required")))
    }

    /// The description under `desc` or `description`; given under both, it must be the same.
    pub fn old_description(&self) -> Result<Description, FieldError> {
        let short = self.get("desc").map(|written| description("desc", written));
        let long = self
            .get("description")
            .map(|written| description("description", written));
        match (short, long) {
            (Some(Ok(short)), Some(Ok(long))) if short != long => Err(FieldError::new(
                "desc",
                "differs from description: give one of them",
            )),
            (Some(Err(fault)), _) | (_, Some(Err(fault))) => Err(fault),
            (Some(Ok(text)), _) | (None, Some(Ok(text))) => Ok(text),
            (None, None) => Err(FieldError::new("description", "is required")),
        }
    }

    /// The id, if it is there: digits, as a number or as text.
    pub fn optional_id(&self) -> Option<Result<TransactionId, FieldError>> {
        let written = self.get("id")?;
        Some(match written.number_or_text() {
            Ok(text) => TransactionId::parse("id", &text),
            Err(()) => Err(FieldError::new(
                "id",
                "must be a number, or a number as text",
            )),
        })
    }
}

impl<'a> Written<'a> {
    /// A number as it was written, or the text of a string.
    fn number_or_text(self) -> Result<Cow<'a, str>, ()> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Json(raw) => match raw.get().as_bytes().first() {
                Some(b'"') => self.text(),
                Some(b'-' | b'0'..=b'9') => Ok(Cow::Borrowed(raw.get())),
                _ => Err(()),
            },
        }
    }

    /// The text of a string.
    fn text(self) -> Result<Cow<'a, str>, ()> {
        match self {
            Self::Text(text) => Ok(Cow::Borrowed(text)),
            Self::Json(raw) => serde_json::from_str::<Text<'a>>(raw.get())
                .map(|text| text.0)
                .map_err(|_| ()),
        }
    }
}

/// A string that is borrowed where it has no escapes.
#[derive(serde::Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

fn description(field: &str, written: Written<'_>) -> Result<Description, FieldError> {
    let text = written
        .text()
        .map_err(|()| FieldError::new(field, "must be text"))?;
    Description::parse(field, &text)
}

fn json_fields(text: &str) -> Result<Vec<(Cow<'_, str>, Written<'_>)>, ApiError> {
    // First the whole text, so that what is no JSON is told apart from JSON that is no object.
    let whole: &RawValue = serde_json::from_str(text).map_err(|_| BAD_JSON)?;
    if !whole.get().starts_with('{') {
        return Err(FieldError::new("body", "must be a JSON object").into());
    }
    let object: Object<'_> = serde_json::from_str(whole.get()).map_err(|_| BAD_JSON)?;
    if object.0.iter().any(|(_, raw)| is_broken_string(raw)) {
        return Err(BAD_JSON);
    }
    let written = object
        .0
        .into_iter()
        .map(|(name, raw)| (name, Written::Json(raw)));
    Ok(written.collect())
}

/// A string whose escapes name no character (half of a surrogate pair) cannot be read.
fn is_broken_string(raw: &RawValue) -> bool {
    raw.get().starts_with('"')
        && raw.get().contains('\\')
        && serde_json::from_str::<Text<'_>>(raw.get()).is_err()
}

/// An object with every field as it was written, also names given twice.
struct Object<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some((name, value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
                    fields.push((name.0, value));
                }
                Ok(Object(fields))
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// Decides by content type; a missing one is JSON.
fn is_form(headers: &HeaderMap, format: Format) -> Result<bool, ApiError> {
    let allowed = match format {
        Format::JsonOrForm => "application/json or application/x-www-form-urlencoded, in UTF-8",
        Format::Json => "application/json in UTF-8",
        Format::MergePatch => "application/json or application/merge-patch+json, in UTF-8",
    };
    let refused = ApiError::UnsupportedMediaType(allowed);
    if headers
        .get(header::CONTENT_ENCODING)
        .is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return Err(refused);
    }
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(false);
    };
    let Ok(text) = value.to_str() else {
        return Err(refused);
    };
    let mut parts = text.split(';');
    let kind = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
    if !parts.all(is_utf8_parameter) {
        return Err(refused);
    }
    match (kind.as_str(), format) {
        ("application/json", _) | ("application/merge-patch+json", Format::MergePatch) => Ok(false),
        (FORM, Format::JsonOrForm) => Ok(true),
        _ => Err(refused),
    }
}

/// A `charset` must be UTF-8 or its subset; other parameters do not matter.
fn is_utf8_parameter(parameter: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else {
        return true;
    };
    let value = value.trim().trim_matches('"').to_ascii_lowercase();
    !name.trim().eq_ignore_ascii_case("charset")
        || matches!(value.as_str(), "utf-8" | "utf8" | "us-ascii")
}
