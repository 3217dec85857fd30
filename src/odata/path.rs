//! The path of a URL → its segments. A segment is a name, a name with a key in parentheses, or a
//! bare key; which of the first and last it is depends on the model, so `plan` decides.

use super::decode;
use crate::error::{Result, UrlPart, UrlReason};

/// More segments than any path of the service has.
const MAX_SEGMENTS: usize = 16;

/// A path: `/beta/deviceManagement/…`, one trailing slash allowed.
#[derive(Debug)]
pub struct Path {
    /// The segments, each percent-decoded on its own so that an escaped `/` stays inside.
    pub segments: Vec<Segment>,
}

/// One segment of a path, percent-decoded.
#[derive(Debug)]
pub struct Segment {
    /// All of it: what it is when it stands where a key does.
    pub text: String,
}

impl Path {
    /// Reads a path as it came, still percent-encoded.
    pub fn parse(path: &str) -> Result<Self> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        let segments: Vec<Segment> = path
            .split('/')
            .filter(|_| !path.is_empty())
            .map(|segment| Ok(Segment { text: decode(segment, || UrlPart::Path)?.into_owned() }))
            .collect::<Result<_>>()?;
        if segments.len() > MAX_SEGMENTS {
            return Err(UrlReason::TooManySegments { limit: MAX_SEGMENTS }.into());
        }
        Ok(Self { segments })
    }
}

impl Segment {
    /// The name and, where it has one in parentheses, the key: `states`, `states('a')`,
    /// `states(id='a')`. A quote inside a key is written twice.
    pub fn name_and_key(&self) -> Result<(&str, Option<String>)> {
        let Some((name, rest)) = self.text.split_once('(') else {
            return Ok((&self.text, None));
        };
        let key = rest.strip_suffix(')').map(|inner| strip_prefix_in_any_case(inner, "id="));
        match key.and_then(unquote) {
            Some(key) => Ok((name, Some(key))),
            None => Err(UrlReason::Key { segment: self.text.clone() }.into()),
        }
    }
}

fn strip_prefix_in_any_case<'a>(text: &'a str, prefix: &str) -> &'a str {
    match text.get(..prefix.len()) {
        Some(start) if start.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
        _ => text,
    }
}

/// `'it''s'` → `it's`; `None` where the quotes do not pair.
fn unquote(literal: &str) -> Option<String> {
    let inner = literal.strip_prefix('\'')?.strip_suffix('\'')?;
    let bare = inner.replace("''", "");
    (!bare.contains('\'')).then(|| inner.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(path: &str) -> Vec<(String, Option<String>)> {
        let path = Path::parse(path).unwrap();
        let pair = |segment: &Segment| {
            let (name, key) = segment.name_and_key().unwrap();
            (name.to_owned(), key)
        };
        path.segments.iter().map(pair).collect()
    }

    #[test]
    fn keys_stand_in_parentheses_or_alone() {
        let expected = [("a".into(), Some("x'y".into())), ("b".into(), None)];
        assert_eq!(parse("/a('x''y')/b/"), expected);
        assert_eq!(parse("/a(%27x%27%27y%27)/b"), expected);
        assert_eq!(parse("/a(ID='x''y')/b"), expected);
    }

    #[test]
    fn an_escaped_slash_does_not_part_segments() {
        assert_eq!(parse("/a%2Fb"), [("a/b".into(), None)]);
        assert_eq!(parse("/a:b"), [("a:b".into(), None)]);
    }

    #[test]
    fn broken_escapes_and_keys_are_refused() {
        assert!(Path::parse("/a%2").is_err());
        assert!(Path::parse("/a%zz").is_err());
        assert!(Path::parse("/a%FF").is_err());
        for key in ["a(", "a()", "a('x)", "a('x'y')", "a(1)", "a('x'')", "a(''')"] {
            let segment = Segment { text: key.into() };
            assert!(segment.name_and_key().is_err(), "{key}");
        }
    }

    #[test]
    fn the_root_has_no_segments() {
        assert!(parse("/").is_empty());
        assert!(parse("").is_empty());
    }
}
