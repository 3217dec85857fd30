//! An entry of the record → JSON.

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use super::Entry;
use crate::twin::call::Verb;

/// Names and values as the members of an object. A name that is there several times has its values
/// in one, with commas.
struct Pairs<'a>(Vec<(&'a str, String)>);

impl<'a> Pairs<'a> {
    fn of(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut joined: Vec<(&str, String)> = Vec::new();
        for (name, value) in pairs {
            match joined.iter_mut().find(|(own, _)| *own == name) {
                Some((_, values)) => {
                    values.push_str(", ");
                    values.push_str(value);
                }
                None => joined.push((name, value.to_owned())),
            }
        }
        Self(joined)
    }
}

impl Serialize for Pairs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl Serialize for Entry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let call = &self.call;
        let time = |time: chrono::DateTime<chrono::Utc>| {
            time.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("n", &self.number)?;
        map.serialize_entry("requestId", &self.id)?;
        map.serialize_entry("at", &time(self.at))?;
        map.serialize_entry("received", &time(self.received))?;
        map.serialize_entry("method", call.method_name())?;
        map.serialize_entry("path", &call.path)?;
        map.serialize_entry("entity", &call.entity)?;
        map.serialize_entry("operation", &call.verb.map(Verb::name))?;
        let query = call.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        map.serialize_entry("query", &Pairs::of(query))?;
        map.serialize_entry("headers", &Pairs::of(call.headers.iter()))?;
        map.serialize_entry("caller", &self.call.sender)?;
        let text = String::from_utf8_lossy(&call.body);
        match RawValue::from_string(text.clone().into_owned()) {
            _ if text.is_empty() => map.serialize_entry("body", &())?,
            Ok(json) => map.serialize_entry("body", &json)?,
            Err(_) => map.serialize_entry("body", &text)?,
        }
        map.serialize_entry("bodyBytes", &call.body_length)?;
        let place = call.place.as_ref();
        map.serialize_entry("batch", &place.map(|place| place.batch))?;
        map.serialize_entry("item", &place.map(|place| &place.item))?;
        map.serialize_entry("retryOf", &self.retry_of)?;
        map.serialize_entry("early", &self.is_early)?;
        let ending = self.ending.as_ref();
        map.serialize_entry("status", &self.status())?;
        map.serialize_entry("rule", &ending.and_then(|ending| ending.rule.as_ref()))?;
        map.serialize_entry("delivery", &ending.map(|ending| ending.delivery.unwrap_or("whole")))?;
        let retry_after = ending.and_then(|ending| ending.retry_after.as_ref());
        map.serialize_entry("retryAfter", &retry_after)?;
        map.serialize_entry("milliseconds", &ending.map(|ending| ending.milliseconds))?;
        map.end()
    }
}
