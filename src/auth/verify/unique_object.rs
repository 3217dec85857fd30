//! A JSON object in which no member comes twice. Knows nothing of what the members mean; that a
//! failure says nothing of the text is on purpose, since the text may be a token.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

/// The members of an object, by name.
pub(in crate::auth) struct Members(BTreeMap<String, Value>);

impl Members {
    /// Reads one object; `None` where the text is anything else, or has a member twice.
    pub(in crate::auth) fn parse(text: &[u8]) -> Option<Self> {
        serde_json::from_slice(text).ok()
    }

    /// The value of a member; an explicit `null` is a value.
    pub(in crate::auth) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Removes a member, so that what stays behind is what nobody asked for.
    pub(in crate::auth) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// The name of some member.
    pub(in crate::auth) fn any_name(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<Source: Deserializer<'de>>(source: Source) -> Result<Self, Source::Error> {
        source.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Members;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<Map: MapAccess<'de>>(self, mut map: Map) -> Result<Members, Map::Error> {
        let mut members = BTreeMap::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            if members.insert(name, value).is_some() {
                return Err(Error::custom("a member comes twice"));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_that_comes_twice_spoils_the_object() {
        assert!(Members::parse(br#"{"exp":1,"exp":2}"#).is_none());
        assert!(Members::parse(br#"{"exp":1,"\u0065xp":2}"#).is_none(), "however it is spelt");
        assert!(Members::parse(br#"{"exp":1,"nbf":2}"#).is_some());
    }

    #[test]
    fn only_one_whole_object_is_read() {
        let deep = format!(r#"{{"a":{}"#, "[".repeat(15_000));
        for text in [&deep, "", "[]", "1", "null", "{", "{} {}", "{}x", "\u{feff}{}"] {
            assert!(Members::parse(text.as_bytes()).is_none(), "{text:?}");
        }
    }
}
