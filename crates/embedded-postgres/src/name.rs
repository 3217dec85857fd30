//! The name of the application: where it is used, it needs no quoting.

use std::fmt;

use crate::error::{Error, Result};

/// A longer name would make the path of the socket too long: see `private_directory`.
const MAX_LENGTH: usize = 15;

/// The name of an application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    pub(crate) fn parse(name: &str) -> Result<Self> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let starts_well = name.starts_with(|first: char| first.is_ascii_lowercase());
        // PostgreSQL reserves such names for its own roles.
        let is_reserved = name.starts_with("pg_");
        match starts_well && !is_reserved && name.len() <= MAX_LENGTH && name.bytes().all(is_plain)
        {
            true => Ok(Self(name.to_owned())),
            false => Err(Error::InvalidName { name: name.to_owned() }),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_needs_no_quoting() {
        for good in ["a", "runstate", "my_app_2", "abcdefghijklmno"] {
            assert_eq!(Name::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", "2a", "_a", "A", "a-b", "a b", "a'b", "ä", "pg_app", "abcdefghijklmnop"] {
            assert!(matches!(Name::parse(bad), Err(Error::InvalidName { .. })), "{bad}");
        }
    }
}
