//! Authorization codes and refresh tokens. The `id` of each is the SHA-256 of the value that the client
//! has. Lifetimes are in seconds.

use sqlx::postgres::PgRow;
use uuid::Uuid;

use super::row::read;
use super::statement::grant as statement;
use super::{Directory, Tenant};
use crate::error::Result;

/// How long a refresh token stays valid after it was replaced, since several clients may share one cache.
pub(super) const REUSE_SECONDS: i64 = 60;

/// A new authorization code.
#[derive(Debug)]
pub struct NewCode<'a> {
    pub id: &'a [u8],
    /// The tenant of the tokens.
    pub tid: Uuid,
    pub application: Uuid,
    pub user: Uuid,
    pub redirect_uri: &'a str,
    pub scope: &'a str,
    pub nonce: Option<&'a str>,
    pub code_challenge: Option<&'a str>,
    /// When the user typed the password, in seconds since 1970.
    pub auth_time: i64,
    /// Whether the client sent `max_age`; its id token then has `auth_time`.
    pub has_max_age: bool,
    pub lifetime: i64,
}

/// An authorization code; the fields are those of [`NewCode`].
#[derive(Debug)]
pub struct Code {
    pub tid: Uuid,
    pub application: Uuid,
    pub user: Uuid,
    pub redirect_uri: String,
    pub scope: String,
    pub nonce: Option<String>,
    pub code_challenge: Option<String>,
    pub auth_time: i64,
    pub has_max_age: bool,
    /// The family of the refresh tokens that the code gave.
    pub family: Uuid,
    pub is_used: bool,
    pub is_expired: bool,
}

/// The refresh token that a client gets with its first tokens.
#[derive(Clone, Copy, Debug)]
pub struct NewRefreshToken<'a> {
    /// `None` if the client gets none.
    pub id: Option<&'a [u8]>,
    pub scope: &'a str,
    pub lifetime: i64,
}

/// The user, the application and the tenant of a refresh token.
#[derive(Clone, Copy, Debug)]
pub struct NewFamily {
    /// The tenant of the tokens.
    pub tid: Uuid,
    pub application: Uuid,
    pub user: Uuid,
}

/// A refresh token.
#[derive(Debug)]
pub struct RefreshToken {
    pub family: Uuid,
    pub tid: Uuid,
    pub application: Uuid,
    pub user: Uuid,
    /// What the client was granted when the user signed in.
    pub scope: String,
    pub is_revoked: bool,
    pub is_expired: bool,
    /// Whether it was replaced more than [`REUSE_SECONDS`] ago.
    pub is_replayed: bool,
}

/// As all functions of the directory, these fail if the database does.
impl Directory {
    pub async fn add_code(&self, tenant: Tenant, new: &NewCode<'_>) -> Result<()> {
        self.fetch(tenant, statement::add_code(tenant.home, new)).await.map(drop)
    }

    pub async fn code(&self, tenant: Tenant, id: &[u8]) -> Result<Option<Code>> {
        let found = self.fetch(tenant, statement::code(tenant.home, id)).await?;
        found.first().map(Code::from_row).transpose()
    }

    /// Uses up a code, and adds the refresh token. `false` if the code was used before, or has expired.
    pub async fn redeem_code(
        &self,
        tenant: Tenant,
        id: &[u8],
        new: &NewRefreshToken<'_>,
    ) -> Result<bool> {
        self.has_rows(tenant, statement::redeem_code(tenant.home, id, new)).await
    }

    /// Adds a refresh token without a code.
    pub async fn add_refresh_token(
        &self,
        tenant: Tenant,
        family: &NewFamily,
        new: &NewRefreshToken<'_>,
    ) -> Result<()> {
        self.fetch(tenant, statement::add_family(tenant.home, family, new)).await.map(drop)
    }

    pub async fn refresh_token(&self, tenant: Tenant, id: &[u8]) -> Result<Option<RefreshToken>> {
        let found = self.fetch(tenant, statement::refresh_token(tenant.home, id)).await?;
        found.first().map(RefreshToken::from_row).transpose()
    }

    /// Replaces a refresh token by `next`. `false` if it is no longer valid.
    pub async fn replace_refresh_token(
        &self,
        tenant: Tenant,
        id: &[u8],
        next: &[u8],
        lifetime: i64,
    ) -> Result<bool> {
        let replaced = statement::replace_refresh_token(tenant.home, id, next, lifetime);
        self.has_rows(tenant, replaced).await
    }

    /// Revokes all refresh tokens of a family, also those that are added later.
    pub async fn revoke_family(&self, tenant: Tenant, family: Uuid) -> Result<()> {
        self.fetch(tenant, statement::revoke_family(tenant.home, family)).await.map(drop)
    }
}

impl Code {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Self {
            tid: read(row, "tid")?,
            application: read(row, "application_id")?,
            user: read(row, "user_id")?,
            redirect_uri: read(row, "redirect_uri")?,
            scope: read(row, "scope")?,
            nonce: read(row, "nonce")?,
            code_challenge: read(row, "code_challenge")?,
            auth_time: read(row, "auth_time")?,
            has_max_age: read(row, "has_max_age")?,
            family: read(row, "family")?,
            is_used: read(row, "is_used")?,
            is_expired: read(row, "is_expired")?,
        })
    }
}

impl RefreshToken {
    fn from_row(row: &PgRow) -> Result<Self> {
        Ok(Self {
            family: read(row, "family")?,
            tid: read(row, "tid")?,
            application: read(row, "application_id")?,
            user: read(row, "user_id")?,
            scope: read(row, "scope")?,
            is_revoked: read(row, "is_revoked")?,
            is_expired: read(row, "is_expired")?,
            is_replayed: read(row, "is_replayed")?,
        })
    }
}
