//! A JSON object in which no member is repeated. Parsers disagree on which value of a repeated member
//! counts, so a token with one is refused. An error has no text, since the text may be a token.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

#[derive(Debug)]
pub(in crate::auth) struct UniqueObject(BTreeMap<String, Value>);

impl UniqueObject {
    /// `None` if the text is not exactly one object, or has a repeated member.
    pub(in crate::auth) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// An explicit `null` is a value.
    pub(in crate::auth) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Removes a member. The members that remain at the end are the unknown ones.
    pub(in crate::auth) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// The name of one of the members.
    pub(in crate::auth) fn any_name(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for UniqueObject {
    fn deserialize<Source: Deserializer<'de>>(source: Source) -> Result<Self, Source::Error> {
        source.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = UniqueObject;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<UniqueObject, Map::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(Error::custom("a member is repeated"));
            }
        }
        Ok(UniqueObject(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_with_a_repeated_member_is_invalid() {
        assert!(UniqueObject::parse(br#"{"exp":1,"exp":2}"#).is_none());
        assert!(UniqueObject::parse(br#"{"exp":1,"\u0065xp":2}"#).is_none(), "escaped");
        assert!(UniqueObject::parse(br#"{"exp":1,"nbf":2}"#).is_some());
    }

    #[test]
    fn the_text_is_exactly_one_object() {
        let deep = format!(r#"{{"a":{}"#, "[".repeat(15_000));
        for text in [&deep, "", "[]", "1", "null", "{", "{} {}", "{}x", "\u{feff}{}"] {
            assert!(UniqueObject::parse(text.as_bytes()).is_none(), "{text:?}");
        }
    }
}
