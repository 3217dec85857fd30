//! Registers tenants, applications and users, as the owner of the database. The server may not.

use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{Connection, Row};
use uuid::Uuid;

use super::statement;
use crate::database::{StartError, bind, connect};
use crate::sql::Statement;

/// A new tenant, or new domains of a tenant.
#[derive(Debug)]
pub struct NewTenant {
    pub id: Uuid,
    /// In lower case.
    pub domains: Vec<String>,
    /// Whether its applications and users exist in every tenant that is not registered.
    pub serves_unknown: bool,
}

/// A new application; the fields are those of [`Application`](super::Application).
#[derive(Debug)]
pub struct NewApplication {
    pub id: Uuid,
    pub object_id: Uuid,
    pub name: String,
    pub is_public: bool,
    pub grant_types: Vec<String>,
    pub permissions: Vec<String>,
    pub web_redirect_uris: Vec<String>,
    pub spa_redirect_uris: Vec<String>,
    pub public_redirect_uris: Vec<String>,
    pub certificates: Vec<Vec<u8>>,
}

/// A new secret of an application.
#[derive(Debug)]
pub struct NewSecret {
    pub id: Uuid,
    pub hash: String,
}

/// A new user; the fields are those of [`User`](super::User).
#[derive(Debug)]
pub struct NewUser {
    pub id: Uuid,
    pub user_principal_name: String,
    pub display_name: String,
    pub password_hash: String,
}

/// A tenant in a list.
#[derive(Debug)]
pub struct ListedTenant {
    pub id: Uuid,
    pub domains: Vec<String>,
    pub is_default: bool,
    pub serves_unknown: bool,
    /// Why the database does not serve it, or not for writes; `None` if it is open.
    pub state: Option<String>,
}

/// An application in a list.
#[derive(Debug)]
pub struct ListedApplication {
    pub id: Uuid,
    pub name: String,
    pub is_public: bool,
    pub grant_types: Vec<String>,
    pub permissions: Vec<String>,
    /// Of all kinds.
    pub redirect_uris: Vec<String>,
    /// How many there are.
    pub certificates: i32,
    /// The ids of the secrets.
    pub secrets: Vec<Uuid>,
}

/// A user in a list.
#[derive(Debug)]
pub struct ListedUser {
    pub id: Uuid,
    pub user_principal_name: String,
    pub display_name: String,
}

type Result<T> = std::result::Result<T, StartError>;

/// A transaction of the owner, which [`Registration::commit`] commits.
pub struct Registration {
    connection: PgConnection,
}

impl Registration {
    /// Begins a transaction. The user of `options` must be the owner of the database.
    ///
    /// # Errors
    /// If the database cannot be reached.
    pub async fn begin(options: &PgConnectOptions) -> Result<Self> {
        // The record of a change names the program.
        let connection = connect(&options.clone().application_name("runstate")).await?;
        let mut registration = Self { connection };
        registration.run(statement::begin()).await?;
        Ok(registration)
    }

    /// Begins the transaction of a first start. `None` if there is or was a tenant. Starts at the same
    /// time wait for each other.
    ///
    /// # Errors
    /// If the user may not write the tables.
    pub async fn begin_first(options: &PgConnectOptions) -> Result<Option<Self>> {
        let mut registration = Self::begin(options).await?;
        if registration.tenants().await?.is_empty() {
            registration.run(statement::lock_tenants()).await?;
        }
        Ok(if registration.tenants().await?.is_empty() { Some(registration) } else { None })
    }

    /// Commits all that was registered.
    ///
    /// # Errors
    /// If the database fails; nothing was registered then.
    pub async fn commit(mut self) -> Result<()> {
        self.run(statement::commit()).await?;
        self.connection.close().await.map_err(StartError::Connect)
    }

    /// All tenants that are registered or closed.
    ///
    /// # Errors
    /// As all methods below: if the database fails, or the user is not its owner.
    pub async fn tenants(&mut self) -> Result<Vec<ListedTenant>> {
        let rows = self.run(statement::tenants()).await?;
        let tenant = |row: &PgRow| {
            Ok(ListedTenant {
                id: row.try_get("id")?,
                domains: row.try_get("domains")?,
                is_default: row.try_get("is_default")?,
                serves_unknown: row.try_get("serves_unknown")?,
                state: row.try_get("state")?,
            })
        };
        rows.iter().map(tenant).collect::<sqlx::Result<_>>().map_err(StartError::Directory)
    }

    /// Adds a tenant, or domains to one. `false` if a domain belongs to another tenant.
    pub async fn add_tenant(&mut self, new: &NewTenant) -> Result<bool> {
        let added = self.run(statement::add_tenant(new)).await?;
        Ok(added.len() == new.domains.len())
    }

    /// The applications of a tenant.
    pub async fn applications(&mut self, tenant: Uuid) -> Result<Vec<ListedApplication>> {
        let rows = self.run(statement::applications(tenant)).await?;
        let application = |row: &PgRow| {
            Ok(ListedApplication {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                is_public: row.try_get("is_public")?,
                grant_types: row.try_get("grant_types")?,
                permissions: row.try_get("permissions")?,
                redirect_uris: row.try_get("redirect_uris")?,
                certificates: row.try_get("certificates")?,
                secrets: row.try_get("secrets")?,
            })
        };
        rows.iter().map(application).collect::<sqlx::Result<_>>().map_err(StartError::Directory)
    }

    /// Adds an application. `false` if its id exists.
    pub async fn add_application(&mut self, tenant: Uuid, new: &NewApplication) -> Result<bool> {
        self.has_rows(statement::add_application(tenant, new)).await
    }

    /// Removes an application with all that belongs to it. `false` if there is none.
    pub async fn remove_application(&mut self, tenant: Uuid, id: Uuid) -> Result<bool> {
        self.has_rows(statement::remove_application(tenant, id)).await
    }

    /// Adds a secret to an application. `false` if there is no such application.
    pub async fn add_secret(
        &mut self,
        tenant: Uuid,
        application: Uuid,
        new: &NewSecret,
    ) -> Result<bool> {
        self.has_rows(statement::add_secret(tenant, application, new)).await
    }

    /// Removes a secret of an application. `false` if there is none.
    pub async fn remove_secret(
        &mut self,
        tenant: Uuid,
        application: Uuid,
        id: Uuid,
    ) -> Result<bool> {
        self.has_rows(statement::remove_secret(tenant, application, id)).await
    }

    /// The users of a tenant.
    pub async fn users(&mut self, tenant: Uuid) -> Result<Vec<ListedUser>> {
        let rows = self.run(statement::users(tenant)).await?;
        let user = |row: &PgRow| {
            Ok(ListedUser {
                id: row.try_get("id")?,
                user_principal_name: row.try_get("user_principal_name")?,
                display_name: row.try_get("display_name")?,
            })
        };
        rows.iter().map(user).collect::<sqlx::Result<_>>().map_err(StartError::Directory)
    }

    /// Adds a user. `false` if the name exists.
    pub async fn add_user(&mut self, tenant: Uuid, new: &NewUser) -> Result<bool> {
        self.has_rows(statement::add_user(tenant, new)).await
    }

    /// Removes a user with all that belongs to it. `false` if there is none.
    pub async fn remove_user(&mut self, tenant: Uuid, name: &str) -> Result<bool> {
        self.has_rows(statement::remove_user(tenant, name)).await
    }

    /// Changes the password of a user, and signs the user out everywhere. `false` if there is none.
    pub async fn change_password(
        &mut self,
        tenant: Uuid,
        name: &str,
        password_hash: &str,
    ) -> Result<bool> {
        self.has_rows(statement::change_password(tenant, name, password_hash)).await
    }

    async fn has_rows(&mut self, statement: Statement) -> Result<bool> {
        Ok(!self.run(statement).await?.is_empty())
    }

    async fn run(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        bind(statement).fetch_all(&mut self.connection).await.map_err(StartError::Directory)
    }
}
