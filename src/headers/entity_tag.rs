//! The entity tags of `If-Match` and `If-None-Match`.

use crate::message::Headers;

/// The entity tags that a condition names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EntityTags {
    /// `*`: any entity.
    Any,
    /// One of these, as they were written.
    These(Vec<String>),
}

impl EntityTags {
    /// Reads a header of tags; `None` where there is no such header.
    #[must_use]
    pub fn parse(headers: &Headers, name: &str) -> Option<Self> {
        let values: Vec<&str> = headers.all(name).collect();
        if values.is_empty() {
            return None;
        }
        let tags = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        let tags: Vec<String> = tags.filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
        Some(if tags == ["*"] { Self::Any } else { Self::These(tags) })
    }

    /// Whether this tag is one of them. Weak and strong tags compare as equal.
    #[must_use]
    pub fn contains(&self, tag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::These(tags) => tags.iter().any(|own| opaque(own) == opaque(tag)),
        }
    }
}

/// The tag without the mark of a weak one.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_contains_its_tags_and_a_star_all() {
        let tags =
            |value| EntityTags::parse(&Headers::from_iter([("If-Match", value)]), "if-match");
        assert!(tags("W/\"a\", \"b\"").unwrap().contains("W/\"b\""));
        assert!(!tags("\"a\"").unwrap().contains("\"b\""));
        assert!(tags("*").unwrap().contains("\"b\""));
        assert!(!tags("* , \"a\"").unwrap().contains("\"b\""));
        assert_eq!(EntityTags::parse(&Headers::default(), "if-match"), None);
    }
}
