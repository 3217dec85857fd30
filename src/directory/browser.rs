//! Sessions of browsers, and the addresses to which a browser may be redirected. The `id` of a session is
//! the SHA-256 of its cookie.

use super::row::read;
use super::statement::browser as statement;
use super::{Directory, Tenant, User};
use crate::error::Result;

/// The session of a browser in which a user has signed in.
#[derive(Clone, Debug)]
pub struct BrowserSession {
    pub user: User,
    /// When the user typed the password, in seconds since 1970.
    pub auth_time: i64,
}

/// As all functions of the directory, these fail if the database does.
impl Directory {
    /// Adds a session that lasts `lifetime` seconds, in place of the one that the browser had (`old`).
    pub async fn add_session(
        &self,
        tenant: Tenant,
        [id, old]: [&[u8]; 2],
        user: User,
        lifetime: i64,
    ) -> Result<BrowserSession> {
        let added = statement::add_session(tenant.home, id, old, user.id, lifetime);
        let rows = self.fetch(tenant, added).await?;
        let auth_time = rows.first().map(|row| read(row, "auth_time")).transpose()?;
        Ok(BrowserSession { user, auth_time: auth_time.unwrap_or_default() })
    }

    /// The session of a browser, unless it has expired.
    pub async fn session(&self, tenant: Tenant, id: &[u8]) -> Result<Option<BrowserSession>> {
        let found = self.fetch(tenant, statement::session(tenant.home, id)).await?;
        let session = found.first().map(|row| {
            Ok(BrowserSession { user: User::from_row(row)?, auth_time: read(row, "auth_time")? })
        });
        session.transpose()
    }

    pub async fn remove_session(&self, tenant: Tenant, id: &[u8]) -> Result<()> {
        self.fetch(tenant, statement::remove_session(tenant.home, id)).await.map(drop)
    }

    /// The redirect URIs of all applications of a tenant.
    pub async fn redirect_uris(&self, tenant: Tenant) -> Result<Vec<String>> {
        let rows = self.fetch(tenant, statement::redirect_uris(tenant.home)).await?;
        let uris: Result<Vec<Vec<String>>> =
            rows.iter().map(|row| read(row, "redirect_uris")).collect();
        Ok(uris?.concat())
    }
}
