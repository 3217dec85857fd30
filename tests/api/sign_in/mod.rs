//! The endpoints of the local issuer, as clients of Microsoft Entra use them.

mod applications;
mod assertions;
mod attacks;
pub(crate) mod browser;
mod browsers;
mod codes;
mod console;
mod devices;
mod documents;
mod limits;
mod pages;
mod refresh;
mod secrets;
mod unusual;
mod userinfo;
mod users;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::Method;
use runstate::auth::{hash_secret, random_secret};
use runstate::directory::{NewApplication, NewSecret, NewTenant, NewUser, Registration};
use serde_json::Value as Json;
use uuid::Uuid;

use crate::harness::{Reply, Server, send};

pub(crate) const GRAPH: &str = "https://graph.microsoft.com/.default";
const WRITE: &str = "DeviceManagementScripts.ReadWrite.All";
const USER: &str = "Ada@contoso.example";

/// A server with a tenant, an application and a user.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) tenant: Uuid,
    pub(crate) application: Uuid,
    pub(crate) secret: String,
    pub(crate) password: String,
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::on(Server::with_sign_in().await).await
    }

    /// Like [`World::start`], with these HTTP options.
    pub(crate) async fn with_options(options: runstate::http::Options) -> Self {
        Self::on(Server::with_sign_in_and(options).await).await
    }

    async fn on(server: Server) -> Self {
        let tenant = server.tenant();
        let world = Self {
            server,
            tenant,
            application: Uuid::new_v4(),
            secret: random_secret().unwrap(),
            password: "pass word&+%".into(),
        };
        world.register(tenant, "contoso.example", false).await;
        world
    }

    /// The same tenant, application and user at another server on the same database.
    pub(crate) async fn second(&self) -> Self {
        let server = self.server.second().await;
        let (tenant, application) = (self.tenant, self.application);
        Self {
            server,
            tenant,
            application,
            secret: self.secret.clone(),
            password: self.password.clone(),
        }
    }

    /// Registers a tenant with the application and the user.
    pub(crate) async fn register(&self, tenant: Uuid, domain: &str, serves_unknown: bool) {
        let mut registration = self.registration().await;
        let new = NewTenant { id: tenant, domains: vec![domain.into()], serves_unknown };
        assert!(registration.add_tenant(&new).await.unwrap());
        let application = new_application(self.application);
        assert!(registration.add_application(tenant, &application).await.unwrap());
        let hash = hash_secret(&self.secret).unwrap();
        let secret = NewSecret { id: Uuid::new_v4(), hash };
        assert!(registration.add_secret(tenant, self.application, &secret).await.unwrap());
        let user = NewUser {
            id: Uuid::new_v4(),
            user_principal_name: format!("Ada@{domain}"),
            display_name: "Ada".into(),
            password_hash: hash_secret(&self.password).unwrap(),
        };
        assert!(registration.add_user(tenant, &user).await.unwrap());
        registration.commit().await.unwrap();
    }

    pub(crate) async fn registration(&self) -> Registration {
        Registration::begin(self.server.options()).await.unwrap()
    }

    /// Posts a form to the token endpoint of a tenant.
    pub(crate) async fn token_of(&self, tenant: &str, form: &[(&str, &str)]) -> Reply {
        post(&self.server, &format!("/{tenant}/oauth2/v2.0/token"), form).await
    }

    /// Posts a form to the token endpoint of the tenant.
    pub(crate) async fn token(&self, form: &[(&str, &str)]) -> Reply {
        self.token_of(&self.tenant.to_string(), form).await
    }

    /// The form with which the application asks for a token of its own, with these changes. An empty
    /// value removes a parameter.
    pub(crate) fn credentials<'a>(&'a self, changes: &[(&'a str, &'a str)]) -> Form<'a> {
        let form = vec![
            ("grant_type", "client_credentials".to_owned()),
            ("client_id", self.application.to_string()),
            ("client_secret", self.secret.clone()),
            ("scope", GRAPH.to_owned()),
        ];
        Form::new(form, changes)
    }

    /// The form with which the application asks for a user's token by password, with these changes.
    pub(crate) fn password<'a>(&'a self, changes: &[(&'a str, &'a str)]) -> Form<'a> {
        let form = vec![
            ("grant_type", "password".to_owned()),
            ("client_id", self.application.to_string()),
            ("username", USER.to_owned()),
            ("password", self.password.clone()),
            ("scope", GRAPH.to_owned()),
        ];
        Form::new(form, changes)
    }

    /// The form with which the application, as a public client, redeems a code, with these changes.
    pub(crate) fn redemption<'a>(
        &'a self,
        code: &'a str,
        changes: &[(&'a str, &'a str)],
    ) -> Form<'a> {
        let form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("client_id", self.application.to_string()),
            ("code", code.to_owned()),
            ("redirect_uri", browser::REDIRECT.to_owned()),
            ("code_verifier", browser::VERIFIER.to_owned()),
            ("scope", format!("openid profile offline_access {GRAPH}")),
        ];
        Form::new(form, changes)
    }

    pub(crate) async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> Reply {
        self.token(&self.redemption(code, changes).pairs()).await
    }

    /// Redeems a refresh token, with these changes to the form.
    pub(crate) async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> Reply {
        let form = vec![
            ("grant_type", "refresh_token".to_owned()),
            ("client_id", self.application.to_string()),
            ("refresh_token", token.to_owned()),
        ];
        self.token(&Form::new(form, changes).pairs()).await
    }

    /// A code for which the user signs in, with these changes to the request.
    pub(crate) async fn code(&self, changes: &[(&str, &str)]) -> String {
        let mut browser = browser::Browser::new(self);
        let page = browser.open(&browser.authorize(changes)).await;
        let reply = browser.sign_in(&page).await;
        browser.parameters(&reply)["code"].clone()
    }

    /// The id of another application like the first.
    pub(crate) async fn other_application(&self) -> String {
        let other = Uuid::new_v4();
        let mut registration = self.registration().await;
        let new = new_application(other);
        assert!(registration.add_application(self.tenant, &new).await.unwrap());
        registration.commit().await.unwrap();
        other.to_string()
    }

    /// The object id of the user.
    pub(crate) async fn user(&self) -> Uuid {
        let mut registration = self.registration().await;
        registration.users(self.tenant).await.unwrap()[0].id
    }

    /// Runs a statement as the owner of the database.
    pub(crate) async fn execute(&self, statement: &'static str) {
        sqlx::Executor::execute(&mut self.server.database().await, statement).await.unwrap();
    }

    /// The reply to a form.
    pub(crate) async fn send(&self, form: &Form<'_>) -> Reply {
        self.token(&form.pairs()).await
    }
}

/// The parameters of a request.
pub(crate) struct Form<'a>(Vec<(&'a str, String)>);

impl<'a> Form<'a> {
    fn new(mut form: Vec<(&'a str, String)>, changes: &[(&'a str, &'a str)]) -> Self {
        for (name, value) in changes {
            form.retain(|(own, _)| own != name);
            form.push((name, (*value).to_owned()));
        }
        form.retain(|(_, value)| !value.is_empty());
        Self(form)
    }

    pub(crate) fn pairs(&self) -> Vec<(&str, &str)> {
        self.0.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// An application that may do everything.
pub(crate) fn new_application(id: Uuid) -> NewApplication {
    let grants =
        ["client_credentials", "authorization_code", "device_code", "password", "refresh_token"];
    NewApplication {
        id,
        object_id: Uuid::new_v4(),
        name: "App".into(),
        is_public: true,
        grant_types: grants.map(str::to_owned).to_vec(),
        permissions: vec![WRITE.into()],
        web_redirect_uris: vec!["https://web.example/signin".into()],
        spa_redirect_uris: vec!["https://portal.example/".into()],
        public_redirect_uris: vec!["http://localhost".into()],
        certificates: Vec::new(),
    }
}

/// Posts a form.
pub(crate) async fn post(server: &Server, path: &str, form: &[(&str, &str)]) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let client = server.client_with_token(None);
    let request = client.request(Method::POST, path).body(body);
    send(request.header("Content-Type", "application/x-www-form-urlencoded;charset=utf-8")).await
}

/// The claims of a token, which are not verified.
pub(crate) fn claims(token: &Json) -> Json {
    let claims = token.as_str().unwrap().split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap()
}

/// JSON in base64url without padding.
pub(crate) fn decoded(text: &str) -> Json {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

impl Reply {
    /// Asserts that this is a complete error of Entra. Returns its description.
    #[track_caller]
    pub(crate) fn sign_in_refused(&self, status: u16, error: &str, number: u32) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let body = self.json();
        assert_eq!(body["error"], error, "{self:?}");
        assert_eq!(body["error_codes"], serde_json::json!([number]), "{self:?}");
        let page = format!("https://login.microsoftonline.com/error?code={number}");
        assert_eq!(body["error_uri"], page);
        let text = body["error_description"].as_str().unwrap();
        let trace = self.header("x-ms-request-id").unwrap();
        assert_eq!(body["trace_id"], trace);
        let (timestamp, id) = (&body["timestamp"], &body["correlation_id"]);
        let end = format!(
            "\r\nTrace ID: {trace}\r\nCorrelation ID: {}\r\nTimestamp: {}",
            id.as_str().unwrap(),
            timestamp.as_str().unwrap()
        );
        let text = text.strip_suffix(&end).unwrap_or_else(|| panic!("{text:?}"));
        let text = text.strip_prefix(&format!("AADSTS{number}: "));
        text.unwrap_or_else(|| panic!("{self:?}")).to_owned()
    }
}
