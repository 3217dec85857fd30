//! A running server with a database of its own, and clients for it. Where the database comes from,
//! `database` decides.

mod client;
mod database;
mod statements;

use std::future::pending;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use runstate::auth::{Issuers, LocalIssuer, TokenRequest};
use runstate::http::{self, Options, Timeouts};
use runstate::model::permission::Profile;
use runstate::service::Service;
use runstate::store::Store;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

pub(crate) use client::{Client, Reply, encoded, members, send};
pub(crate) use database::{Database, Login};
pub(crate) use statements::{carry_out, is_held_up, refusal};

/// Where scripts are.
pub(crate) const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
/// The permission of the founding call.
pub(crate) const WRITE_SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// Where devices are.
pub(crate) const DEVICES: &str = "/beta/deviceManagement/managedDevices";
/// The permission that reads and does not write.
pub(crate) const READ_SCOPE: &str = "DeviceManagementManagedDevices.Read.All";

/// A server that runs as long as the value lives.
pub(crate) struct Server {
    base: String,
    tenant: Uuid,
    service: Arc<Service>,
    // Dropped in this order: nobody uses a database that is about to go.
    _threads: Threads,
    database: Arc<Database>,
}

/// Where a server runs: threads of its own, as the program has them. The one of the test may be
/// held up by what does not wait as tasks do, while a connection to the database is being made, and
/// a database is not dropped as long as somebody signs in anywhere.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Server {
    /// A server with the founding permissions.
    pub(crate) async fn start() -> Self {
        Self::with_profile(Profile::Seed).await
    }

    /// A server with these permissions.
    pub(crate) async fn with_profile(profile: Profile) -> Self {
        Self::with(profile, options()).await
    }

    /// A server with the founding permissions that treats its clients so.
    pub(crate) async fn with_options(options: Options) -> Self {
        Self::with(Profile::Seed, options).await
    }

    async fn with(profile: Profile, options: Options) -> Self {
        let database = Database::create();
        let way = database.options().clone();
        Self::of(profile, Arc::new(database), way, Uuid::new_v4(), options).await
    }

    /// Another server on the same database.
    pub(crate) async fn second(&self) -> Self {
        let way = self.database.options().clone();
        Self::of(Profile::Seed, Arc::clone(&self.database), way, self.tenant, options()).await
    }

    /// A server of a database with the founding permissions, which connects in this way.
    pub(crate) async fn on(database: Database, way: PgConnectOptions) -> Self {
        Self::of(Profile::Seed, Arc::new(database), way, Uuid::new_v4(), options()).await
    }

    async fn of(
        profile: Profile,
        database: Arc<Database>,
        way: PgConnectOptions,
        tenant: Uuid,
        options: Options,
    ) -> Self {
        let issuers = Issuers::new(vec![issuer().issuer()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let started = runtime.spawn(async move {
            let store = Store::open(way).await.unwrap();
            let service = Arc::new(Service::new(issuers, profile, store));
            let answering = http::serve(listener, Arc::clone(&service), options, pending());
            tokio::spawn(answering.unwrap());
            service
        });
        let service = started.await.unwrap();
        Self { base, tenant, service, _threads: Threads(Some(runtime)), database }
    }

    /// A client of the server's first tenant who may do everything.
    pub(crate) fn client(&self) -> Client {
        self.client_with(&[WRITE_SCOPE])
    }

    /// A client of the first tenant with these scopes.
    pub(crate) fn client_with(&self, scopes: &[&str]) -> Client {
        let request = user(self.tenant, scopes);
        self.client_of(&request)
    }

    /// A client of another tenant who may do everything there.
    pub(crate) fn stranger(&self) -> Client {
        self.client_of(&user(Uuid::new_v4(), &[WRITE_SCOPE]))
    }

    /// A client whose token says this.
    pub(crate) fn client_of(&self, request: &TokenRequest) -> Client {
        self.client_bearing(Some(self.token(request)))
    }

    /// A token that says this.
    pub(crate) fn token(&self, request: &TokenRequest) -> String {
        issuer().token(request).unwrap()
    }

    /// A client that sends this token, or none.
    pub(crate) fn client_bearing(&self, token: Option<String>) -> Client {
        Client::new(self.base.clone(), token)
    }

    /// What answers behind HTTP.
    pub(crate) fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    /// Where the server is, such as `http://127.0.0.1:1234`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The first tenant.
    pub(crate) fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// How the owner of the server's database connects to it.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        self.database.options()
    }

    /// A connection to the server's database, past the server.
    pub(crate) async fn database(&self) -> sqlx::PgConnection {
        sqlx::ConnectOptions::connect(self.database.options()).await.unwrap()
    }
}

/// What a server is started with.
pub(crate) fn options() -> Options {
    Options { public_url: None, origins: Vec::new(), timeouts: Timeouts::default(), workers: 1 }
}

/// What a user's token says.
pub(crate) fn user(tenant: Uuid, scopes: &[&str]) -> TokenRequest {
    TokenRequest {
        tenant,
        user: None,
        scopes: scopes.iter().map(|scope| (*scope).into()).collect(),
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: Duration::from_secs(3600),
    }
}

/// What an application's own token says.
pub(crate) fn application(tenant: Uuid, roles: &[&str]) -> TokenRequest {
    let roles = roles.iter().map(|role| (*role).into()).collect();
    TokenRequest { application: true, roles, ..user(tenant, &[]) }
}

/// One key pair for all servers of a run; its file does not outlive its reading.
fn issuer() -> &'static LocalIssuer {
    static ISSUER: OnceLock<LocalIssuer> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let directory = std::env::temp_dir().join(format!("runstate-test-{}", Uuid::new_v4()));
        let issuer = LocalIssuer::open(&directory).unwrap();
        std::fs::remove_dir_all(directory).unwrap();
        issuer
    })
}
