//! The keys that sign page tokens. Knows no request.

use uuid::Uuid;

use super::Store;
use super::outcome::read_column;
use crate::database::DEADLINE;
use crate::error::Result;
use crate::plan::skip_token;
use crate::sql;

impl Store {
    /// The key with which the page tokens of a tenant are signed. All servers of a database share it.
    #[must_use]
    pub fn token_key(&self, tenant: Uuid) -> Vec<u8> {
        of_tenant(&self.token_key, tenant)
    }

    /// The key with which the page token of a request was signed: that of this database, or that of
    /// another one, which had the tenant when the page before was read.
    ///
    /// # Errors
    /// [`Error::Unavailable`](crate::error::Error) if the database fails.
    pub async fn key_of_page_token(&self, tenant: Uuid, token: &str) -> Result<Vec<u8>> {
        let own = self.token_key(tenant);
        if skip_token::is_signed(&own, token) {
            return Ok(own);
        }
        let keys = sql::former_page_token_keys(tenant);
        let keys = async { self.connections.session(tenant).await?.fetch(keys).await };
        for row in self.connections.with_timeout(DEADLINE, Box::pin(keys)).await? {
            let former = of_tenant(&read_column::<Vec<u8>>(&row, 0)?, tenant);
            if skip_token::is_signed(&former, token) {
                return Ok(former);
            }
        }
        Ok(own)
    }
}

fn of_tenant(key: &[u8], tenant: Uuid) -> Vec<u8> {
    [key, tenant.as_bytes()].concat()
}
