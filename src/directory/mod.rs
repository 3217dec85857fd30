//! The directory: tenants, applications and users, who may sign in at the local issuer. Reads them for
//! the server, which also writes what a sign-in needs: codes, refresh tokens and the sessions of browsers.
//! `registration` writes the others, as the owner of the database. Knows no HTTP and no token.
//! Each SQL text is in `statement`; `migrations/0015_directory.sql` has the tables and their rights.

mod browser;
mod device_code;
mod grant;
mod registration;
mod row;
mod statement;

use sqlx::postgres::PgRow;
use uuid::Uuid;

use crate::database::{Connections, DEADLINE};
use crate::error::Result;
use crate::sql::Statement;

use row::read;

pub use browser::BrowserSession;
pub use device_code::{DeviceCode, NewDeviceCode};
pub use grant::{Code, NewCode, NewFamily, NewRefreshToken, RefreshToken};
pub use registration::{
    ListedApplication, ListedTenant, ListedUser, NewApplication, NewSecret, NewTenant, NewUser,
    Registration,
};

/// A tenant that a request named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant of the tokens, the claim `tid`.
    pub id: Uuid,
    /// The tenant that has the applications and users. It differs from `id` if it serves unknown tenants.
    pub home: Uuid,
    /// Whether the request named no tenant: `common` or `organizations`.
    pub is_common: bool,
}

/// A registered application.
#[derive(Clone, Debug)]
pub struct Application {
    /// The client id.
    pub id: Uuid,
    pub object_id: Uuid,
    pub name: String,
    /// Whether it may sign users in without a secret or a certificate.
    pub is_public: bool,
    /// The grants that it may use, such as `client_credentials`.
    pub grant_types: Vec<String>,
    /// Its roles, and the scopes that its users may be granted.
    pub permissions: Vec<String>,
    pub web_redirect_uris: Vec<String>,
    pub spa_redirect_uris: Vec<String>,
    pub public_redirect_uris: Vec<String>,
    /// X.509 certificates in DER.
    pub certificates: Vec<Vec<u8>>,
    /// The hashes of its secrets.
    pub secret_hashes: Vec<String>,
}

/// A user.
#[derive(Clone, Debug)]
pub struct User {
    /// The object id.
    pub id: Uuid,
    pub user_principal_name: String,
    pub display_name: String,
    pub password_hash: String,
}

/// The directory as the server reads it.
#[derive(Clone, Debug)]
pub struct Directory {
    connections: Connections,
}

impl Directory {
    pub(crate) fn new(connections: Connections) -> Self {
        Self { connections }
    }

    /// Finds the tenant that a request names: by its GUID, by a domain, or `common` and
    /// `organizations` for the default tenant. Letters may be in any case.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn tenant(&self, name: &str) -> Result<Option<Tenant>> {
        let name = name.to_ascii_lowercase();
        // What tenants are called by: GUIDs and domains.
        if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-".contains(&byte)) {
            return Ok(None);
        }
        let id =
            Uuid::try_parse(&name).ok().filter(|_| name.len() == uuid::fmt::Hyphenated::LENGTH);
        let is_common = ["common", "organizations"].contains(&name.as_str());
        let found = match id {
            Some(id) => statement::tenant_by_id(id),
            None if is_common => statement::default_tenant(),
            None => statement::tenant_by_domain(&name),
        };
        let work = async { self.connections.session_without_tenant().await?.fetch(found).await };
        let rows = self.connections.with_timeout(DEADLINE, Box::pin(work));
        let Some(row) = rows.await?.into_iter().next() else { return Ok(None) };
        let home = read(&row, "id")?;
        Ok(Some(Tenant { id: id.unwrap_or(home), home, is_common }))
    }

    /// The application with this client id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn application(&self, tenant: Tenant, id: Uuid) -> Result<Option<Application>> {
        let found = self.fetch(tenant, statement::application(tenant.home, id)).await?;
        found.first().map(Application::from_row).transpose()
    }

    /// The user with this user principal name, in any case.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn user_by_name(&self, tenant: Tenant, name: &str) -> Result<Option<User>> {
        let found = self.fetch(tenant, statement::user_by_name(tenant.home, name)).await?;
        found.first().map(User::from_row).transpose()
    }

    /// The user with this object id.
    ///
    /// # Errors
    /// If the database fails.
    pub async fn user(&self, tenant: Tenant, id: Uuid) -> Result<Option<User>> {
        let found = self.fetch(tenant, statement::user(tenant.home, id)).await?;
        found.first().map(User::from_row).transpose()
    }

    /// Runs a statement on the rows of a tenant's directory.
    async fn fetch(&self, tenant: Tenant, statement: Statement) -> Result<Vec<PgRow>> {
        let work = async { self.connections.session(tenant.home).await?.fetch(statement).await };
        self.connections.with_timeout(DEADLINE, Box::pin(work)).await
    }

    /// Runs a statement on the rows of a tenant's directory. Whether it returned a row.
    async fn has_rows(&self, tenant: Tenant, statement: Statement) -> Result<bool> {
        Ok(!self.fetch(tenant, statement).await?.is_empty())
    }
}
