//! A server with a test twin on a database of its own, and clients for it.

use std::future::pending;
use std::net::TcpListener;
use std::sync::{Arc, OnceLock};

use reqwest::Method;
use runstate::auth::{Issuers, LocalIssuer, TwinAuthority, hash_secret};
use runstate::directory::{NewApplication, NewSecret, NewTenant, NewUser, Registration};
use runstate::http::{self, Listeners, Options, Timeouts};
use runstate::model::Surface;
use runstate::model::permission::{self, Profile};
use runstate::proxies::TrustedProxies;
use runstate::retention::HistoryDays;
use runstate::service::Service;
use runstate::store::Store;
use runstate::twin::Twin;
use serde_json::{Value as Json, json};
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

use crate::database::Database;

/// The secret that controls the twin.
pub(crate) const SECRET: &str = "a secret of the tests";
/// The path of the scripts.
pub(crate) const SCRIPTS: &str = "/beta/deviceManagement/deviceManagementScripts";
/// What an application and a user of the default tenant sign in with.
pub(crate) const APPLICATION: Uuid = Uuid::from_u128(0xa);
const PASSWORD: &str = "a password of the tests";
const USER: &str = "ada@contoso.example";

/// A server that stops when the value is dropped.
pub(crate) struct World {
    pub(crate) base: String,
    /// The store of another server on the same database.
    pub(crate) store: Store,
    http: reqwest::Client,
    // Dropped in this order, so that nobody uses the database when it is dropped.
    _threads: Threads,
    pub(crate) database: Database,
}

struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// A complete reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The JSON of a reply with this status.
    #[track_caller]
    pub(crate) fn json(&self, status: u16) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        serde_json::from_str(&self.text).unwrap_or(Json::Null)
    }

    /// The message of an error with this status and code.
    #[track_caller]
    pub(crate) fn error(&self, status: u16, code: &str) -> String {
        let body = self.json(status);
        assert_eq!(body["error"]["code"], code, "{self:?}");
        body["error"]["message"].as_str().unwrap().to_owned()
    }
}

impl World {
    /// A server with a twin.
    pub(crate) async fn start() -> Self {
        Self::with_twin(true).await
    }

    /// A server without a twin.
    pub(crate) async fn without_twin() -> Self {
        Self::with_twin(false).await
    }

    async fn with_twin(has_twin: bool) -> Self {
        let database = Database::create();
        let options = database.options().clone();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let started = runtime.spawn(async move {
            let store = Store::open(options.clone(), HistoryDays::default()).await.unwrap();
            let issuers = Issuers::new(vec![issuer().issuer()]).unwrap();
            let service = Service::new(issuers, Profile::Either, Surface::Extended, store);
            let mut service = service.with_sign_in(Arc::clone(issuer())).unwrap();
            let mut lock = None;
            if has_twin {
                let taken = Store::switch_twin_on(&options).await.unwrap();
                let authority = TwinAuthority::new(issuer(), Some(SECRET)).unwrap();
                let rows = service.store.twin_tenants().await.unwrap();
                let issuer = Arc::clone(issuer());
                service = service.with_twin(Twin::new(authority, issuer, taken.is_unchecked, rows));
                lock = Some(taken);
            }
            let service = Arc::new(service);
            if let Some(lock) = lock {
                let swept = Arc::clone(&service);
                tokio::spawn(async move {
                    swept.twin.as_ref().unwrap().sweep(&swept.store, lock).await;
                });
            }
            let listeners = Listeners { plain: listener, tls: None };
            let http_options = Options {
                public_url: None,
                proxies: TrustedProxies::default(),
                origins: Vec::new(),
                timeouts: Timeouts::default(),
                workers: 2,
            };
            let http = http::serve(listeners, Arc::clone(&service), http_options, pending());
            tokio::spawn(http.unwrap());
            Store::open(options, HistoryDays::default()).await.unwrap()
        });
        let store = started.await.unwrap();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { base, store, http, _threads: Threads(Some(runtime)), database }
    }

    /// Registers a default tenant with an application and a user.
    pub(crate) async fn register(&self) {
        let tenant = Uuid::new_v4();
        let mut registration =
            Registration::begin_first(self.database.options()).await.unwrap().unwrap();
        let new = NewTenant { id: tenant, domains: Vec::new(), serves_unknown: false };
        registration.add_tenant(&new).await.unwrap();
        let application = NewApplication {
            id: APPLICATION,
            object_id: Uuid::new_v4(),
            name: "Tests".into(),
            is_public: true,
            grant_types: ["client_credentials", "password", "refresh_token"]
                .map(str::to_owned)
                .to_vec(),
            permissions: permission::ALL.map(str::to_owned).to_vec(),
            web_redirect_uris: Vec::new(),
            spa_redirect_uris: Vec::new(),
            public_redirect_uris: Vec::new(),
            certificates: Vec::new(),
        };
        registration.add_application(tenant, &application).await.unwrap();
        let hash = hash_secret(PASSWORD).unwrap();
        let secret = NewSecret { id: Uuid::new_v4(), hash: hash.clone() };
        registration.add_secret(tenant, APPLICATION, &secret).await.unwrap();
        let user = NewUser {
            id: Uuid::new_v4(),
            user_principal_name: USER.into(),
            display_name: "Ada".into(),
            password_hash: hash,
        };
        registration.add_user(tenant, &user).await.unwrap();
        registration.commit().await.unwrap();
    }

    /// A request to the control API, with the secret.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Json) -> Reply {
        self.send(method, &format!("/twin/v1{path}"), SECRET, body).await
    }

    pub(crate) async fn post(&self, path: &str, body: Json) -> Reply {
        self.control(Method::POST, path, body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.control(Method::GET, path, Json::Null).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.control(Method::DELETE, path, Json::Null).await
    }

    /// Makes a tenant, and returns a client of it.
    pub(crate) async fn tenant(&self, body: Json) -> Tenant<'_> {
        let json = self.post("/tenants", body).await.json(201);
        Tenant { world: self, json }
    }

    /// A request with a token; without a body if that is null.
    pub(crate) async fn send(&self, method: Method, path: &str, token: &str, body: Json) -> Reply {
        let request = self.http.request(method, format!("{}{path}", self.base)).bearer_auth(token);
        let request = if body.is_null() { request } else { request.json(&body) };
        Self::reply(request).await
    }

    /// Signs the user in to a tenant, with a refresh token.
    pub(crate) async fn sign_in_user(&self, tenant: &str) -> Reply {
        let client = APPLICATION.to_string();
        let form = [
            ("grant_type", "password"),
            ("client_id", client.as_str()),
            ("username", USER),
            ("password", PASSWORD),
            ("scope", "https://graph.microsoft.com/.default offline_access"),
        ];
        self.sign_in(tenant, &form).await
    }

    /// A request to sign in to a tenant, with a form.
    pub(crate) async fn sign_in(&self, tenant: &str, form: &[(&str, &str)]) -> Reply {
        let url = format!("{}/{tenant}/oauth2/v2.0/token", self.base);
        let body: Vec<String> = form
            .iter()
            .map(|(name, value)| {
                let encoded = percent_encoding::utf8_percent_encode(
                    value,
                    percent_encoding::NON_ALPHANUMERIC,
                );
                format!("{name}={encoded}")
            })
            .collect();
        let request = self.http.post(url).body(body.join("&"));
        Self::reply(request.header("Content-Type", "application/x-www-form-urlencoded")).await
    }

    async fn reply(request: reqwest::RequestBuilder) -> Reply {
        let reply = request.send().await.unwrap();
        let (status, headers) = (reply.status().as_u16(), reply.headers().clone());
        Reply { status, headers, text: reply.text().await.unwrap() }
    }
}

/// A client of a tenant that the twin made.
pub(crate) struct Tenant<'a> {
    world: &'a World,
    /// The reply to its creation.
    pub(crate) json: Json,
}

impl Tenant<'_> {
    pub(crate) fn id(&self) -> &str {
        self.json["id"].as_str().unwrap()
    }

    pub(crate) fn guid(&self) -> &str {
        self.json["tenant"].as_str().unwrap()
    }

    /// The path of the tenant in the control API.
    pub(crate) fn path(&self, rest: &str) -> String {
        format!("/tenants/{}{rest}", self.id())
    }

    pub(crate) fn token(&self, kind: &str) -> &str {
        self.json["tokens"][kind].as_str().unwrap()
    }

    /// A request to Graph by a user who may do everything.
    pub(crate) async fn send(&self, method: Method, path: &str, body: Json) -> Reply {
        self.world.send(method, path, self.token("user"), body).await
    }

    pub(crate) async fn get(&self, path: &str) -> Json {
        self.send(Method::GET, path, Json::Null).await.json(200)
    }

    /// A read with a header of its own.
    pub(crate) async fn with_header(&self, path: &str, name: &str, value: &str) -> Reply {
        let request = self.world.http.get(format!("{}{path}", self.world.base));
        World::reply(request.bearer_auth(self.token("user")).header(name, value)).await
    }

    /// Changes an entity, or creates it.
    pub(crate) async fn upsert(&self, path: &str, body: Json) -> Reply {
        let request = self.world.http.patch(format!("{}{path}", self.world.base)).json(&body);
        let request = request.bearer_auth(self.token("user"));
        World::reply(request.header("Prefer", "create-if-missing")).await
    }

    /// Creates a script; returns its path.
    pub(crate) async fn new_script(&self, name: &str) -> String {
        let created = self.send(Method::POST, SCRIPTS, json!({ "displayName": name })).await;
        format!("{SCRIPTS}/{}", created.json(201)["id"].as_str().unwrap())
    }

    /// The names of the scripts, in order.
    pub(crate) async fn scripts(&self) -> Vec<String> {
        let page = self.get(&format!("{SCRIPTS}?$orderby=displayName")).await;
        let scripts = page["value"].as_array().unwrap().iter();
        scripts.map(|it| it["displayName"].as_str().unwrap().to_owned()).collect()
    }
}

/// The local issuer of all tests.
pub(crate) fn issuer() -> &'static Arc<LocalIssuer> {
    static ISSUER: OnceLock<Arc<LocalIssuer>> = OnceLock::new();
    ISSUER.get_or_init(|| {
        let place = std::env::temp_dir().join(format!("runstate-twin-{}", Uuid::new_v4()));
        let issuer = LocalIssuer::open(&place).unwrap();
        std::fs::remove_dir_all(place).unwrap();
        Arc::new(issuer)
    })
}
