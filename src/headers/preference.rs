//! The `Prefer` header.

use crate::message::Headers;
use crate::odata::MAX_TOP;

/// What a client would rather have. What cannot be read is passed over, as RFC 7240 asks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=minimal`: whether a write is answered without the entity.
    pub minimal: bool,
    /// `odata.maxpagesize`: the largest page, 1 to [`MAX_TOP`].
    pub max_page_size: Option<u32>,
    /// `create-if-missing`: whether an update creates an entity that does not exist.
    pub create_if_missing: bool,
    /// `server-timing`: whether the reply says how long the server took.
    pub server_timing: bool,
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
                "create-if-missing" => preferences.create_if_missing = value.is_empty(),
                "server-timing" => preferences.server_timing = value.is_empty(),
                _ => {}
            }
        }
        preferences
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_are_read_and_the_rest_is_passed_over() {
        let headers = Headers::from_iter([
            ("Prefer", "respond-async, return=minimal"),
            ("Prefer", "odata.maxpagesize=5; nonsense, Create-If-Missing, Server-Timing"),
        ]);
        let expected = Preferences {
            minimal: true,
            max_page_size: Some(5),
            create_if_missing: true,
            server_timing: true,
        };
        assert_eq!(Preferences::parse(&headers), expected);
        let headers = Headers::from_iter([(
            "Prefer",
            "odata.maxpagesize=0, return=representation, create-if-missing=no, server-timing=no",
        )]);
        assert_eq!(Preferences::parse(&headers), Preferences::default());
    }
}
