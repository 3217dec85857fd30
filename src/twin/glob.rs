//! Patterns with `*`. In a path, `*` is any text inside a segment, and `**` is any number of
//! segments. Elsewhere `*` is any text.

/// Whether a text fits a pattern, in any case of letters.
pub(super) fn matches_text(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_lowercase(), text.to_lowercase());
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Whether a path fits a pattern, segment by segment.
pub(super) fn matches_path(pattern: &str, path: &str) -> bool {
    let segments = |text: &str| text.trim_matches('/').split('/').map(str::to_owned).collect();
    let (pattern, path): (Vec<String>, Vec<String>) = (segments(pattern), segments(path));
    // Which beginnings of the path the pattern so far fits: a `**` lets each longer one fit.
    let mut fits = vec![false; path.len() + 1];
    fits[0] = true;
    for part in &pattern {
        let mut next = vec![false; path.len() + 1];
        for at in 0..=path.len() {
            next[at] = match part.as_str() {
                "**" => fits[at] || (at > 0 && next[at - 1]),
                part => at > 0 && fits[at - 1] && matches_text(part, &path[at - 1]),
            };
        }
        fits = next;
    }
    fits[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_text() {
        for (pattern, text) in
            [("abc*", "ABCdef"), ("*", ""), ("a*c", "abbc"), ("*b*b*", "abab"), ("x", "X")]
        {
            assert!(matches_text(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("abc*", "ab"), ("a*c", "ab"), ("a*a", "a"), ("*b*b*", "ab"), ("x", "xy")]
        {
            assert!(!matches_text(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn two_stars_are_any_number_of_segments() {
        let path = "/beta/deviceManagement/deviceManagementScripts/1/deviceRunStates";
        for pattern in [
            "/**/deviceRunStates",
            "/beta/*/deviceManagementScripts/*/deviceRunStates",
            "/beta/**",
            "/**",
            "**/devicemanagementscripts/**",
            "/**/deviceRun*",
            "/beta/**/deviceManagement/**/deviceRunStates/**",
        ] {
            assert!(matches_path(pattern, path), "{pattern}");
        }
        for pattern in ["/*", "/**/deviceManagementScripts", "/beta/*/deviceRunStates", "/v1.0/**"]
        {
            assert!(!matches_path(pattern, path), "{pattern}");
        }
    }
}
