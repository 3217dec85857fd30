//! A running server with its own database, and clients for it.

mod client;
mod database;
mod one_day;
mod statements;
mod tls;

use std::future::pending;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use runstate::auth::{ConsoleClient, Issuers, LocalIssuer, TokenRequest};
use runstate::http::{self, Listeners, Options, Timeouts};
use runstate::model::Surface;
use runstate::model::permission::Profile;
use runstate::proxies::TrustedProxies;
use runstate::retention::HistoryDays;
use runstate::service::Service;
use runstate::store::Store;
use sqlx::postgres::PgConnectOptions;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

pub(crate) use client::{Client, Reply, encoded, members, send};
pub(crate) use database::{Database, Login};
pub(crate) use one_day::in_one_day;
pub(crate) use statements::{
    TOKEN_KEY, error_code, execute, explained, operation, query, wait_until_blocked,
};
pub(crate) use tls::{Tls, TlsStream, client_config, connect};

/// The path of the scripts.
pub(crate) const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
/// The permission for reads and writes.
pub(crate) const WRITE_SCOPE: &str = "DeviceManagementManagedDevices.ReadWrite.All";
/// The path of the managed devices.
pub(crate) const DEVICES: &str = "/beta/deviceManagement/managedDevices";
/// The permission for reads only.
pub(crate) const READ_SCOPE: &str = "DeviceManagementManagedDevices.Read.All";

/// A server that stops when the value is dropped.
pub(crate) struct Server {
    base: String,
    tls: Tls,
    tenant: Uuid,
    service: Arc<Service>,
    // Dropped in this order, so that nobody uses the database when it is dropped.
    _threads: Threads,
    database: Arc<Database>,
}

/// The server's own threads, as in the program. On the test's thread, a blocking call could stop the
/// server while it logs in to its database, and PostgreSQL does not drop any database during a login.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

impl Server {
    /// A server with the default permissions.
    pub(crate) async fn start() -> Self {
        Self::with_profile(Profile::Seed).await
    }

    /// A server with the permissions of a profile.
    pub(crate) async fn with_profile(profile: Profile) -> Self {
        Self::with(profile, Surface::Extended, options()).await
    }

    /// A server with the default permissions and these HTTP options.
    pub(crate) async fn with_options(options: Options) -> Self {
        Self::with(Profile::Seed, Surface::Extended, options).await
    }

    /// A server that shows what Graph has, and nothing else.
    pub(crate) async fn without_extensions() -> Self {
        Self::with(Profile::Seed, Surface::Graph, options()).await
    }

    async fn with(profile: Profile, surface: Surface, options: Options) -> Self {
        let database = Database::create();
        let connect = database.options().clone();
        let database = Arc::new(database);
        Self::of(profile, surface, database, connect, Uuid::new_v4(), options, false).await
    }

    /// A server with the local issuer's endpoints, the console and the permissions of both editions.
    pub(crate) async fn with_sign_in() -> Self {
        Self::with_sign_in_and(options()).await
    }

    /// The same with these HTTP options.
    pub(crate) async fn with_sign_in_and(options: Options) -> Self {
        let database = Database::create();
        let connect = database.options().clone();
        let (profile, surface) = (Profile::Either, Surface::Extended);
        let database = Arc::new(database);
        Self::of(profile, surface, database, connect, Uuid::new_v4(), options, true).await
    }

    /// Another server on the same database.
    pub(crate) async fn second(&self) -> Self {
        let connect = self.database.options().clone();
        let (profile, surface) = (Profile::Seed, Surface::Extended);
        let database = Arc::clone(&self.database);
        let signs_in = self.service.sign_in.is_some();
        Self::of(profile, surface, database, connect, self.tenant, options(), signs_in).await
    }

    /// A server with the default permissions that connects to a database as the user in `connect`.
    pub(crate) async fn on(database: Database, connect: PgConnectOptions) -> Self {
        let (profile, surface, tenant) = (Profile::Seed, Surface::Extended, Uuid::new_v4());
        Self::of(profile, surface, Arc::new(database), connect, tenant, options(), false).await
    }

    async fn of(
        profile: Profile,
        surface: Surface,
        database: Arc<Database>,
        connect: PgConnectOptions,
        tenant: Uuid,
        options: Options,
        signs_in: bool,
    ) -> Self {
        let issuers = Issuers::new(vec![issuer().issuer()]).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (tls, tls_listener) = Tls::start();
        let listeners = Listeners { plain: listener, tls: Some(tls_listener) };
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let started = runtime.spawn(async move {
            let store = Store::open(connect, HistoryDays::default()).await.unwrap();
            let service = Service::new(issuers, profile, surface, store);
            let service = match signs_in {
                true => service
                    .with_sign_in(Arc::clone(issuer()))
                    .unwrap()
                    .with_console(vec![console_client()]),
                false => service,
            };
            let service = Arc::new(service);
            let http = http::serve(listeners, Arc::clone(&service), options, pending());
            tokio::spawn(http.unwrap());
            service
        });
        let service = started.await.unwrap();
        Self { base, tls, tenant, service, _threads: Threads(Some(runtime)), database }
    }

    /// A client of the server's first tenant that may read and write.
    pub(crate) fn client(&self) -> Client {
        self.client_with_scopes(&[WRITE_SCOPE])
    }

    /// A client of the first tenant with these scopes.
    pub(crate) fn client_with_scopes(&self, scopes: &[&str]) -> Client {
        let request = user(self.tenant, scopes);
        self.client_of(&request)
    }

    /// A client of a new tenant that may read and write there.
    pub(crate) fn other_tenant(&self) -> Client {
        self.client_of(&user(Uuid::new_v4(), &[WRITE_SCOPE]))
    }

    /// A client with a token for this request.
    pub(crate) fn client_of(&self, request: &TokenRequest) -> Client {
        self.client_with_token(Some(self.token(request)))
    }

    /// A token of the local issuer.
    pub(crate) fn token(&self, request: &TokenRequest) -> String {
        issuer().token(request).unwrap()
    }

    /// A client with this token, or without a token.
    pub(crate) fn client_with_token(&self, token: Option<String>) -> Client {
        Client::new(self.base.clone(), token)
    }

    /// The service behind HTTP.
    pub(crate) fn service(&self) -> Arc<Service> {
        Arc::clone(&self.service)
    }

    /// HTTPS of the server.
    pub(crate) fn tls(&self) -> &Tls {
        &self.tls
    }

    /// Like [`Server::client`], over TLS.
    pub(crate) fn tls_client(&self) -> Client {
        let base = format!("https://localhost:{}", self.tls.address.port());
        let token = self.token(&user(self.tenant, &[WRITE_SCOPE]));
        Client::with_authority(base, token, &self.tls.authority)
    }

    /// The base URL of the server, such as `http://127.0.0.1:1234`.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The first tenant.
    pub(crate) fn tenant(&self) -> Uuid {
        self.tenant
    }

    /// The options with which the owner of the database connects.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        self.database.options()
    }

    /// A direct connection to the server's database, as its owner.
    pub(crate) async fn database(&self) -> sqlx::PgConnection {
        sqlx::ConnectOptions::connect(self.database.options()).await.unwrap()
    }
}

/// The default HTTP options.
pub(crate) fn options() -> Options {
    Options {
        public_url: None,
        proxies: TrustedProxies::default(),
        origins: Vec::new(),
        timeouts: Timeouts::default(),
        workers: 1,
    }
}

/// A request for a user's token.
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

/// A request for an application's token.
pub(crate) fn application(tenant: Uuid, roles: &[&str]) -> TokenRequest {
    let roles = roles.iter().map(|role| (*role).into()).collect();
    TokenRequest { application: true, roles, ..user(tenant, &[]) }
}

/// The issuer of all servers of a run. The file of its key is deleted at once.
fn issuer() -> &'static Arc<LocalIssuer> {
    static ISSUER: OnceLock<Arc<LocalIssuer>> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let directory = std::env::temp_dir().join(format!("runstate-test-{}", Uuid::new_v4()));
        let issuer = LocalIssuer::open(&directory).unwrap();
        std::fs::remove_dir_all(directory).unwrap();
        Arc::new(issuer)
    })
}

/// The console as a client of an issuer elsewhere.
fn console_client() -> ConsoleClient {
    ConsoleClient {
        issuer: "https://login.example.com/contoso/v2.0".into(),
        client_id: "c0ffee".into(),
        scopes: vec!["openid".into(), "api://runstate/.default".into()],
    }
}
