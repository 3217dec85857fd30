//! Who may control the test twin: the holder of a token for its audience with its permission, or of the
//! secret of the configuration. Tokens for Graph are refused here, as tokens for the twin are there.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};
use chrono::Utc;

use super::{Issuers, LocalIssuer, TWIN_PERMISSION, read_bearer};
use crate::auth::verify::ConfigError;
use crate::error::{Error, ForbiddenReason, Result};
use crate::message::Headers;

/// The shortest secret, in characters.
pub const MIN_TWIN_SECRET: usize = 16;

/// Decides who may control the test twin.
pub struct TwinAuthority {
    issuers: Issuers,
    /// The hash of the secret: hashes have one length, and a comparison of hashes tells nothing about
    /// the secret.
    secret: Option<Digest>,
}

impl TwinAuthority {
    /// Trusts the tokens of the local issuer, and the secret if there is one.
    ///
    /// # Errors
    /// If the keys of the issuer cannot be used.
    pub fn new(
        issuer: &LocalIssuer,
        secret: Option<&str>,
    ) -> std::result::Result<Self, ConfigError> {
        let issuers = Issuers::new(vec![issuer.twin_issuer()])?;
        let secret = secret.map(|secret| digest(&SHA256, secret.as_bytes()));
        Ok(Self { issuers, secret })
    }

    /// Checks that a request may control the twin.
    ///
    /// # Errors
    /// [`Error::TokenMissing`], [`Error::TokenRefused`], [`Error::Forbidden`].
    pub async fn authenticate(&self, headers: &Headers) -> Result<()> {
        let bearer = digest(&SHA256, read_bearer(headers)?.as_bytes());
        let is_secret = self.secret.as_ref().is_some_and(|secret| {
            verify_slices_are_equal(secret.as_ref(), bearer.as_ref()).is_ok()
        });
        if is_secret {
            return Ok(());
        }
        let caller = self.issuers.authenticate(headers, Utc::now()).await?;
        match caller.permissions().iter().any(|held| held == TWIN_PERMISSION) {
            true => Ok(()),
            false => Err(Error::Forbidden {
                accepted: vec![TWIN_PERMISSION],
                held: caller.permissions().to_vec(),
                reason: ForbiddenReason::NoPermission,
            }),
        }
    }
}
