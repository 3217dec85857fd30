//! The user of an access token that the local issuer gave at a sign-in. For the userinfo endpoint.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{CallerKind, Issuers, LOCAL_ISSUER, refused};
use crate::error::Result;
use crate::message::Headers;

/// A user who has signed in at the local issuer.
#[derive(Debug)]
pub struct SignedInUser {
    /// The claim `tid`.
    pub tenant: Uuid,
    /// The claim `oid`.
    pub id: Uuid,
    /// The claim `sub`, the same as in the id tokens of the client.
    pub subject: String,
}

impl Issuers {
    /// Authenticates the user of a request.
    ///
    /// # Errors
    /// As [`Issuers::authenticate`], and if the token is of another issuer, of an application, or without
    /// the scope `openid`.
    pub async fn authenticate_user(
        &self,
        headers: &Headers,
        now: DateTime<Utc>,
    ) -> Result<SignedInUser> {
        let caller = self.authenticate(headers, now).await?;
        let text = |name: &str| caller.claims.get(name).and_then(|claim| claim.as_str());
        if text("iss") != Some(LOCAL_ISSUER) {
            return Err(refused("the token is not of the local issuer"));
        }
        let is_user = match caller.kind() {
            CallerKind::Delegated { scopes } => scopes.iter().any(|scope| scope == "openid"),
            CallerKind::Application { .. } | CallerKind::Unknown => false,
        };
        if !is_user {
            return Err(refused("the token has no scope openid"));
        }
        let id = text("oid").and_then(|id| Uuid::try_parse(id).ok());
        match (id, text("sub")) {
            (Some(id), Some(subject)) => {
                Ok(SignedInUser { tenant: caller.tenant(), id, subject: subject.to_owned() })
            }
            _ => Err(refused("the token names no user")),
        }
    }
}
