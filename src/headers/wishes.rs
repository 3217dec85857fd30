//! The headers that concern the reply, its conditions and retries, read once for each request.

use super::{
    EntityTags, Preferences, accepted_format, check_odata_version, idempotency_key, preferred_type,
};
use crate::error::Result;
use crate::message::Headers;
use crate::odata::MetadataLevel;

/// The wishes of a client.
#[derive(Debug)]
pub struct Wishes {
    /// How many annotations the reply carries.
    pub level: MetadataLevel,
    /// The preferences.
    pub preferences: Preferences,
    /// The write happens only if the entity has one of these tags.
    pub if_match: Option<EntityTags>,
    /// The reply to a read is 304 if the entity has one of these tags.
    pub if_none_match: Option<EntityTags>,
    /// The key that identifies a retry.
    pub idempotency_key: Option<String>,
}

/// The format of a successful reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplyFormat {
    /// JSON.
    Json,
    /// Plain text, such as a count. Some clients accept nothing else for it, others only JSON.
    Text,
    /// The bytes of a binary value. Some clients accept nothing else for it, others only JSON.
    Bytes,
}

impl Wishes {
    /// Reads the headers; `format` is the option `$format`.
    ///
    /// # Errors
    /// If the version of OData is not supported, the client accepts no format that the service has,
    /// or an idempotency key is not valid.
    pub fn read(headers: &Headers, format: Option<&str>, reply: ReplyFormat) -> Result<Self> {
        check_odata_version(headers)?;
        let other = match reply {
            ReplyFormat::Json => None,
            ReplyFormat::Text => Some("text/plain"),
            ReplyFormat::Bytes => Some("application/octet-stream"),
        };
        let accepts = |other| format.is_none() && preferred_type(headers, &[other]).is_ok();
        let level = match other {
            Some(other) if accepts(other) => MetadataLevel::Minimal,
            _ => accepted_format(headers, format)?,
        };
        Ok(Self {
            level,
            preferences: Preferences::parse(headers),
            if_match: EntityTags::parse(headers, "if-match"),
            if_none_match: EntityTags::parse(headers, "if-none-match"),
            idempotency_key: idempotency_key(headers)?,
        })
    }
}
