//! Reads the members of a JSON object one by one. What is left over, or is of another kind, is refused by
//! name. Knows no member.

mod time;

use std::ops::RangeInclusive;
use std::time::Duration;

use chrono::{DateTime, Utc};

use time::{parse_duration, parse_time};

use crate::error::{Result, TwinReason};
use crate::odata::Json;

/// The words for the values of a member.
pub type Words<T> = &'static [(&'static str, T)];

/// The members of an object that were not read yet.
#[derive(Debug)]
pub struct Members {
    /// The path of the object with a dot at its end; empty for the body.
    place: String,
    left: Vec<(String, Json)>,
    /// The names that were asked for.
    known: Vec<&'static str>,
}

impl Members {
    /// The members of a body.
    ///
    /// # Errors
    /// If the body is not an object.
    pub fn of_body(json: Json) -> Result<Self> {
        match json {
            Json::Object(left) => Ok(Self { place: String::new(), left, known: Vec::new() }),
            json => Err(TwinReason::BodyNotObject { found: json.kind() }.into()),
        }
    }

    /// The members of an object inside of a body, at a place such as `clock`.
    ///
    /// # Errors
    /// If it is not an object.
    pub fn of_member(place: &str, json: Json) -> Result<Self> {
        match json {
            Json::Object(left) => Ok(Self { place: format!("{place}."), left, known: Vec::new() }),
            json => Err(wrong(place, &json, "an object")),
        }
    }

    /// The place of a member, such as `clock.rate`.
    #[must_use]
    pub fn place(&self, name: &str) -> String {
        format!("{}{name}", self.place)
    }

    /// Takes a member as it is. `null` counts as absent.
    pub fn json(&mut self, name: &'static str) -> Option<Json> {
        self.known.push(name);
        let index = self.left.iter().position(|(own, _)| own == name)?;
        Some(self.left.swap_remove(index).1).filter(|json| *json != Json::Null)
    }

    /// Takes an object.
    ///
    /// # Errors
    /// If the member is of another kind.
    pub fn object(&mut self, name: &'static str) -> Result<Option<Self>> {
        let place = self.place(name);
        self.json(name).map(|json| Self::of_member(&place, json)).transpose()
    }

    /// Takes a member that `read` understands.
    ///
    /// # Errors
    /// If `read` does not; `expected` completes the sentence “It must be …”.
    pub fn value<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        read: impl FnOnce(&Json) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(json) = self.json(name) else { return Ok(None) };
        read(&json).map(Some).ok_or_else(|| wrong(&self.place(name), &json, expected))
    }

    /// Takes a string.
    ///
    /// # Errors
    /// If the member is of another kind.
    pub fn text(&mut self, name: &'static str) -> Result<Option<String>> {
        self.value(name, "a string", |json| match json {
            Json::String(text) => Some(text.clone()),
            _ => None,
        })
    }

    /// Takes `true` or `false`.
    ///
    /// # Errors
    /// If the member is of another kind.
    pub fn boolean(&mut self, name: &'static str) -> Result<Option<bool>> {
        self.value(name, "true or false", |json| match json {
            Json::Boolean(value) => Some(*value),
            _ => None,
        })
    }

    /// Takes a whole number within these bounds, which `expected` names.
    ///
    /// # Errors
    /// If the member is something else.
    pub fn number(
        &mut self,
        name: &'static str,
        bounds: RangeInclusive<i64>,
        expected: &str,
    ) -> Result<Option<i64>> {
        self.value(name, expected, |json| match json {
            Json::Integer(number) => Some(*number).filter(|it| bounds.contains(it)),
            Json::Number(number) => number.integer().filter(|it| bounds.contains(it)),
            _ => None,
        })
    }

    /// Takes a number for which `accepts` holds.
    ///
    /// # Errors
    /// If the member is something else.
    pub fn double(
        &mut self,
        name: &'static str,
        accepts: impl Fn(f64) -> bool,
        expected: &str,
    ) -> Result<Option<f64>> {
        self.value(name, expected, |json| match json {
            Json::Integer(number) => Some(*number as f64).filter(|it| accepts(*it)),
            Json::Number(number) => number.double().filter(|it| accepts(*it)),
            _ => None,
        })
    }

    /// Takes one of these words; returns what it stands for.
    ///
    /// # Errors
    /// If the member is something else.
    pub fn word<T: Copy>(&mut self, name: &'static str, words: Words<T>) -> Result<Option<T>> {
        self.value(name, &one_of(words), |json| word(json, words))
    }

    /// Refuses the absence of a member.
    ///
    /// # Errors
    /// If there is no value.
    pub fn given<T>(&self, name: &'static str, value: Option<T>) -> Result<T> {
        value.ok_or_else(|| TwinReason::MemberMissing { name: self.place(name) }.into())
    }

    /// Takes a list of strings.
    ///
    /// # Errors
    /// If the member is of another kind.
    pub fn texts(&mut self, name: &'static str) -> Result<Option<Vec<String>>> {
        self.value(name, "a list of strings", |json| {
            let Json::Array(items) = json else { return None };
            let text = |json: &Json| match json {
                Json::String(text) => Some(text.clone()),
                _ => None,
            };
            items.iter().map(text).collect()
        })
    }

    /// Takes a duration: of ISO 8601, such as `PT90S`, or a number with s, m, h or d, such as `90s`.
    ///
    /// # Errors
    /// If the member is something else, or negative.
    pub fn duration(&mut self, name: &'static str) -> Result<Option<Duration>> {
        self.value(name, "a duration such as PT90S or 90s", |json| match json {
            Json::String(text) => parse_duration(text),
            _ => None,
        })
    }

    /// Takes a duration above zero that is not longer than `most`.
    ///
    /// # Errors
    /// If the member is something else.
    pub fn limited_duration(
        &mut self,
        name: &'static str,
        most: Duration,
    ) -> Result<Option<Duration>> {
        let expected = format!("a duration such as PT2S or 2s, up to {} seconds", most.as_secs());
        self.value(name, &expected, |json| match json {
            Json::String(text) => parse_duration(text).filter(|it| !it.is_zero() && *it <= most),
            _ => None,
        })
    }

    /// Takes a date-time with a zone.
    ///
    /// # Errors
    /// If the member is something else, or before 1970, which ids and tokens cannot express.
    pub fn time(&mut self, name: &'static str) -> Result<Option<DateTime<Utc>>> {
        self.value(name, "a time from 1970 on such as 2026-01-31T08:00:00Z", |json| match json {
            Json::String(text) => parse_time(text),
            _ => None,
        })
    }

    /// Refuses the members that nobody asked for.
    ///
    /// # Errors
    /// If there is one.
    pub fn end(self) -> Result<()> {
        match self.left.into_iter().next() {
            None => Ok(()),
            Some((name, _)) => Err(TwinReason::MemberUnknown {
                name: format!("{}{name}", self.place),
                members: self.known.join(", "),
            }
            .into()),
        }
    }
}

/// The error about a member that is not what was expected.
pub fn wrong(place: &str, json: &Json, expected: &str) -> crate::error::Error {
    let found = match json {
        Json::String(text) => format!("'{text}'"),
        Json::Integer(number) => number.to_string(),
        Json::Number(number) => number.written().to_owned(),
        Json::Boolean(value) => value.to_string(),
        other => other.kind().to_owned(),
    };
    TwinReason::Member { name: place.into(), found, expected: expected.into() }.into()
}

/// What one of these words stands for.
pub fn word<T: Copy>(json: &Json, words: Words<T>) -> Option<T> {
    let Json::String(text) = json else { return None };
    words.iter().find(|(word, _)| word == text).map(|(_, value)| *value)
}

/// The word for a value; empty if there is none.
pub fn name_of<T: Copy + PartialEq>(value: T, words: Words<T>) -> &'static str {
    words.iter().find(|(_, own)| *own == value).map_or("", |(word, _)| word)
}

/// The words in an error message.
pub fn one_of<T>(words: Words<T>) -> String {
    let words: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
    match words.as_slice() {
        [one] => one.clone(),
        words => format!("one of {}", words.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Members {
        Members::of_body(Json::parse(text).unwrap()).unwrap()
    }

    fn refusal<T: std::fmt::Debug>(result: Result<T>) -> String {
        result.unwrap_err().to_string()
    }

    #[test]
    fn a_member_that_nobody_asked_for_is_refused_by_its_place() {
        let mut body = members(r#"{"clock":{"rate":1,"speed":2}}"#);
        let mut clock = body.object("clock").unwrap().unwrap();
        clock.json("rate");
        assert_eq!(
            refusal(clock.end()),
            "The member 'clock.speed' does not exist here. The members are rate."
        );
        body.end().unwrap();
    }

    #[test]
    fn a_member_of_another_kind_is_refused_with_what_was_found() {
        assert_eq!(
            refusal(members(r#"{"name":5}"#).text("name")),
            "The member 'name' is 5, and must be a string."
        );
        assert_eq!(
            refusal(members(r#"{"ttl":"soon"}"#).duration("ttl")),
            "The member 'ttl' is 'soon', and must be a duration such as PT90S or 90s."
        );
        assert_eq!(members(r#"{"name":null}"#).text("name").unwrap(), None);
    }
}
