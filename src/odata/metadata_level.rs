//! How many annotations a JSON reply carries (`odata.metadata`).

/// How many annotations a reply carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetadataLevel {
    /// Only those that a client cannot do without.
    None,
    /// The usual ones.
    Minimal,
    /// Every one, also those that a client could work out.
    Full,
}

impl MetadataLevel {
    /// The level's name in a media type.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Minimal => "minimal",
            Self::Full => "full",
        }
    }
}
