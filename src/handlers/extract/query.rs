//! Query parameters: read strictly, each at most once.

use crate::{
    domain::{FieldError, FieldErrors},
    handlers::error::ApiError,
};

const FAULT: &str = "the query's percent-encoding cannot be read";

/// The parameters of a request.
#[derive(Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes a query string.
    pub fn parse(raw: Option<&str>) -> Result<Self, ApiError> {
        let pairs = super::encoding::pairs(raw.unwrap_or_default())
            .ok_or(ApiError::MalformedParameter(FAULT))?;
        Ok(Self(pairs))
    }

    /// The value of a parameter. Given twice, it is a fault.
    pub fn get(&self, name: &str) -> Result<Option<&str>, FieldError> {
        let mut values = self.0.iter().filter(|(key, _)| key == name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(FieldError::new(name, "must be given once")),
            None => Ok(first.map(|(_, value)| value.as_str())),
        }
    }

    /// The parsed value of a parameter, if it is given; its fault goes to `faults`.
    pub fn parsed<T>(
        &self,
        name: &str,
        faults: &mut FieldErrors,
        parse: impl FnOnce(&str, &str) -> Result<T, FieldError>,
    ) -> Option<T> {
        let text = faults.keep(self.get(name))??;
        faults.keep(parse(name, text))
    }

    /// Notes every parameter that is not one of `known`.
    pub fn refuse_unknown(&self, known: &[&str], faults: &mut FieldErrors) {
        for (name, _) in &self.0 {
            if !known.contains(&name.as_str()) {
                faults.push(FieldError::new(
                    name.as_str(),
                    "is not a parameter of this route",
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_taken_once_and_known() {
        let query = Query::parse(Some("a=1&b=2&a=3&c")).unwrap();
        assert!(query.get("a").is_err());
        assert_eq!(query.get("b"), Ok(Some("2")));
        assert_eq!(query.get("c"), Ok(Some("")));
        assert_eq!(query.get("d"), Ok(None));
        let mut faults = FieldErrors::default();
        query.refuse_unknown(&["a", "b"], &mut faults);
        assert_eq!(faults.into_vec().len(), 1);
        assert!(Query::parse(Some("a=%zz")).is_err());
    }
}
