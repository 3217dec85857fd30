//! Reads two headers: does the client accept gzip (`Accept-Encoding`), and does it have this representation
//! already (`If-None-Match`)? Knows no content.

use crate::message::Headers;

/// Whether the client accepts gzip (RFC 9110, section 12.5.3).
pub(super) fn accepts_gzip(headers: &Headers) -> bool {
    let codings = headers.all("accept-encoding").flat_map(|value| value.split(','));
    let weights: Vec<(&str, bool)> = codings.map(coding).collect();
    let weight = |name: &str| {
        let found = weights.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, is_accepted)| *is_accepted)
    };
    weight("gzip").or_else(|| weight("x-gzip")).or_else(|| weight("*")).unwrap_or(false)
}

/// Whether the client has the form with this tag.
pub(super) fn has_tag(headers: &Headers, tag: &str) -> bool {
    let known = headers.all("if-none-match").flat_map(|value| value.split(','));
    let mut known = known.map(str::trim);
    known.any(|known| known == "*" || known.strip_prefix("W/").unwrap_or(known) == tag)
}

/// A coding, and whether its weight is more than nothing: `gzip;q=0.5`.
fn coding(text: &str) -> (&str, bool) {
    let (name, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = parameters.trim().strip_prefix(['q', 'Q']).map(str::trim_start);
    let weight = weight.and_then(|weight| weight.strip_prefix('=')).map(str::trim);
    let is_nothing = weight.is_some_and(|weight| weight.parse() == Ok(0.0_f32));
    (name.trim(), !is_nothing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: &str, value: &str) -> Headers {
        [(name, value)].into_iter().collect()
    }

    #[test]
    fn gzip_is_accepted_where_it_is_named_with_a_weight() {
        for accepted in ["gzip", "br, GZIP", "gzip;q=0.1", "gzip; q=1", "*", "x-gzip", "br;q=0, *"]
        {
            assert!(accepts_gzip(&headers("accept-encoding", accepted)), "{accepted}");
        }
        for refused in ["", "br", "gzip;q=0", "gzip; Q = 0.000", "*;q=0", "*, gzip;q=0", "gzipped"]
        {
            assert!(!accepts_gzip(&headers("accept-encoding", refused)), "{refused}");
        }
        assert!(!accepts_gzip(&Headers::default()));
    }

    #[test]
    fn a_tag_is_known_by_its_text() {
        for known in ["\"a\"", "W/\"a\"", "\"b\", \"a\"", "*"] {
            assert!(has_tag(&headers("if-none-match", known), "\"a\""), "{known}");
        }
        for unknown in ["", "a", "\"A\"", "\"b\""] {
            assert!(!has_tag(&headers("if-none-match", unknown), "\"a\""), "{unknown}");
        }
    }
}
