//! Scalars, each with where its form is specified.

use async_graphql::{InputValueError, InputValueResult, Scalar, ScalarType, Value};
use chrono::{Datelike, NaiveDate, SecondsFormat, Utc};

/// A calendar day, for instance `2026-03-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Date(pub NaiveDate);

/// A moment in UTC, to the microsecond, for instance `2026-03-01T12:00:00.000001Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DateTime(pub chrono::DateTime<Utc>);

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url(pub String);

/// Text in Markdown. It is what its author wrote: sanitise what you make of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Markdown(pub String);

/// A piece of HTML that was sanitised; there is no other way to make one than from Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Html(String);

impl Markdown {
    /// The text as a page can show it.
    pub fn to_html(&self) -> Html {
        Html(crate::markdown::to_html(&self.0))
    }
}

fn text(value: Value) -> Result<String, Value> {
    match value {
        Value::String(text) => Ok(text),
        other => Err(other),
    }
}

/// A calendar day, for instance `2026-03-01`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/local-date.html")]
impl ScalarType for Date {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value).map_err(InputValueError::expected_type)?;
        // Exactly this form: the parser alone would also take `2026-3-1`.
        let day = NaiveDate::parse_from_str(&text, "%Y-%m-%d").ok();
        let day =
            day.filter(|day| (1..=9999).contains(&day.year()) && day.format("%Y-%m-%d").to_string() == text);
        day.map(Self).ok_or_else(|| InputValueError::custom("A day is written like 2026-03-01."))
    }

    /// Validation asks this first, and names the place of what is not valid.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.format("%Y-%m-%d").to_string())
    }
}

/// A moment in UTC, to the microsecond, for instance `2026-03-01T12:00:00.000001Z`.
#[Scalar(specified_by_url = "https://scalars.graphql.org/andimarek/date-time.html")]
impl ScalarType for DateTime {
    fn parse(value: Value) -> InputValueResult<Self> {
        let text = text(value).map_err(InputValueError::expected_type)?;
        let moment = chrono::DateTime::parse_from_rfc3339(&text);
        let moment = moment.map(|moment| Self(moment.with_timezone(&Utc)));
        moment.map_err(|_| InputValueError::custom("A moment is written like 2026-03-01T12:00:00Z."))
    }

    /// Validation asks this first, and names the place of what is not valid.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.to_rfc3339_opts(SecondsFormat::Micros, true))
    }
}

/// A link.
#[Scalar(name = "URL", specified_by_url = "https://url.spec.whatwg.org/")]
impl ScalarType for Url {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self).map_err(InputValueError::expected_type)
    }

    /// Validation asks this first, and names the place of what is not valid.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// Text in Markdown. It is what its author wrote: sanitise what you make of it.
#[Scalar(specified_by_url = "https://spec.commonmark.org/")]
impl ScalarType for Markdown {
    fn parse(value: Value) -> InputValueResult<Self> {
        text(value).map(Self).map_err(InputValueError::expected_type)
    }

    /// Validation asks this first, and names the place of what is not valid.
    fn is_valid(value: &Value) -> bool {
        Self::parse(value.clone()).is_ok()
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

/// A piece of HTML that a page can show as it is: sanitised, without scripts, styles, images, frames or forms. It is
/// only ever given out.
#[Scalar(name = "HTML", specified_by_url = "https://html.spec.whatwg.org/")]
impl ScalarType for Html {
    fn parse(_: Value) -> InputValueResult<Self> {
        Err(InputValueError::custom("HTML is not taken."))
    }

    /// Validation asks this first, and names the place of what is not valid.
    fn is_valid(_: &Value) -> bool {
        false
    }

    fn to_value(&self) -> Value {
        Value::String(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_have_one_form() {
        let day = |text: &str| Date::parse(Value::String(text.to_owned()));
        assert_eq!(day("2024-02-29").unwrap().to_value(), Value::String("2024-02-29".to_owned()));
        for wrong in [
            "2026-02-29",
            "2026-04-31",
            "2026-3-1",
            "10000-01-01",
            "0000-01-01",
            "-0001-01-01",
            "+2026-03-01",
            "2026-03-01T00:00:00Z",
            "",
        ] {
            assert!(day(wrong).is_err(), "{wrong}");
        }
        assert!(Date::parse(Value::Null).is_err());
        let moment = |text: &str| DateTime::parse(Value::String(text.to_owned()));
        let written = Value::String("2026-03-01T11:00:00.000000Z".to_owned());
        assert_eq!(moment("2026-03-01T12:00:00+01:00").unwrap().to_value(), written);
        for wrong in ["2026-03-01", "2026-03-01T12:00:00", "2026-03-01T24:00:00Z", "2026-03-01T12:00:61Z"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
