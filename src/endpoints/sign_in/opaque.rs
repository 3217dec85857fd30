//! Values that nobody can guess: codes, refresh tokens and cookies. The directory has their SHA-256 only.

use aws_lc_rs::digest::{SHA256, digest};

use crate::auth::random_secret;
use crate::error::{Error, Result};

/// A new value: 32 random bytes in base64url.
pub(super) struct Opaque {
    /// What the client gets.
    pub(super) value: String,
    /// What the directory keeps.
    pub(super) id: Vec<u8>,
}

impl Opaque {
    pub(super) fn new() -> Result<Self> {
        let value = random_secret().map_err(|error| Error::Internal(error.to_string()))?;
        let id = Self::id_of(&value);
        Ok(Self { value, id })
    }

    /// What the directory keeps of a value that a client sent.
    pub(super) fn id_of(value: &str) -> Vec<u8> {
        digest(&SHA256, value.as_bytes()).as_ref().to_vec()
    }
}
