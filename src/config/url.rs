//! Settings that are the beginning of a URL.

/// `https://host[:port]`, without what would follow.
pub(super) fn base(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let plain = |rest: &str| {
        !rest.is_empty()
            && rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#\"<>\\{}".contains(&byte))
    };
    match rest {
        Some(rest) if plain(rest) => Ok(text.into()),
        _ => Err("must be http:// or https://, a host, and at most a port and a path".into()),
    }
}

/// `https://host[:port]` as a browser writes it in `Origin`, since it is compared as it stands.
pub(super) fn origin(text: &str) -> Result<String, String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    let is_plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-._:[]".contains(&byte);
    match rest {
        Some(rest) if !rest.is_empty() && rest.bytes().all(is_plain) => Ok(text.into()),
        _ => Err("must be http:// or https://, a host in lower case, and at most a port".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_has_a_scheme_and_a_host() {
        assert_eq!(base("https://graph.example.com/"), Ok("https://graph.example.com".into()));
        for wrong in ["graph.example.com", "ftp://x", "http://", "http://a b", "http://a?b"] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for origin_text in ["https://a.example", "http://localhost:3000", "http://[::1]:80"] {
            assert_eq!(origin(origin_text), Ok(origin_text.into()));
        }
        let wrong =
            ["*", "null", "a.example", "https://", "https://A", "https://a/", "https://*.a"];
        for wrong in wrong {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }
}
