//! The `Prefer` header, and the entity tags of `If-Match` and `If-None-Match`.

use super::MAX_TOP;
use crate::message::Headers;

/// What a client would rather have. What cannot be read is passed over, as RFC 7240 asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=minimal`: whether a write is answered without the entity.
    pub minimal: bool,
    /// `odata.maxpagesize`: the largest page, 1 to [`MAX_TOP`].
    pub max_page_size: Option<u32>,
}

/// The entity tags that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tags {
    /// `*`: any entity.
    Any,
    /// One of these, as they were written.
    These(Vec<String>),
}

impl Preferences {
    /// Reads the `Prefer` headers.
    #[must_use]
    pub fn parse(headers: &Headers) -> Self {
        let mut preferences = Self::default();
        for preference in headers.all("prefer").flat_map(|value| value.split([',', ';'])) {
            let (name, value) = preference.split_once('=').unwrap_or((preference, ""));
            let value = value.trim().trim_matches('"');
            match name.trim().to_ascii_lowercase().as_str() {
                "return" => preferences.minimal = value.eq_ignore_ascii_case("minimal"),
                "odata.maxpagesize" | "maxpagesize" => {
                    let size = value.parse::<u32>().ok().filter(|size| *size > 0);
                    preferences.max_page_size = size.map(|size| size.min(MAX_TOP));
                }
                _ => {}
            }
        }
        preferences
    }
}

impl Tags {
    /// Reads a header of tags; `None` where there is no such header.
    #[must_use]
    pub fn parse(headers: &Headers, name: &str) -> Option<Self> {
        let values: Vec<&str> = headers.all(name).collect();
        if values.is_empty() {
            return None;
        }
        let tags = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        let tags: Vec<String> = tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        Some(if tags.iter().any(|tag| tag == "*") { Self::Any } else { Self::These(tags) })
    }

    /// Whether an entity with this tag is meant; strength does not matter here.
    #[must_use]
    pub fn name(&self, tag: &str) -> bool {
        let opaque = |tag: &str| tag.strip_prefix("W/").unwrap_or(tag).to_owned();
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|own| opaque(own) == opaque(tag)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_and_the_rest_is_passed_over() {
        let headers = Headers::from_iter([
            ("Prefer", "respond-async, return=minimal"),
            ("Prefer", "odata.maxpagesize=5; nonsense"),
        ]);
        let expected = Preferences { minimal: true, max_page_size: Some(5) };
        assert_eq!(Preferences::parse(&headers), expected);
        let headers =
            Headers::from_iter([("Prefer", "odata.maxpagesize=0, return=representation")]);
        assert_eq!(Preferences::parse(&headers), Preferences::default());
    }

    #[test]
    fn a_tag_is_named_or_any_is() {
        let tags = |value| Tags::parse(&Headers::from_iter([("If-Match", value)]), "if-match");
        assert!(tags("W/\"a\", \"b\"").unwrap().name("W/\"b\""));
        assert!(!tags("\"a\"").unwrap().name("\"b\""));
        assert!(tags("*").unwrap().name("\"b\""));
        assert_eq!(Tags::parse(&Headers::default(), "if-match"), None);
    }
}
