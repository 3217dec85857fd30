//! The program as a process, and the requests of a client.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use reqwest::{Method, StatusCode};
use serde_json::Value as Json;

use crate::system::{PATIENCE, eventually, free_address, signal};

/// The timeout of a request.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A server process that is killed when the value is dropped.
pub(crate) struct Server {
    child: Child,
    base: String,
    http: reqwest::Client,
    token: String,
    log: PathBuf,
}

/// A reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) retry_after: Option<String>,
    pub(crate) id: String,
    pub(crate) body: Json,
    pub(crate) took: Duration,
}

impl Server {
    /// Starts the program on a database; `place` keeps its data and its log.
    pub(crate) async fn start(place: &Path, database: &str, token: &str) -> Self {
        Self::start_with(place, database, token, &[]).await
    }

    /// Like [`Server::start`], with these settings.
    pub(crate) async fn start_with(
        place: &Path,
        database: &str,
        token: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        Self::start_at(&free_address(), place, database, token, settings).await
    }

    /// Like [`Server::start`], with everything in the log that the program and its crates can
    /// write.
    pub(crate) async fn start_with_full_log(place: &Path, database: &str, token: &str) -> Self {
        Self::start_with(place, database, token, &[("RUST_LOG", "trace")]).await
    }

    async fn start_at(
        address: &str,
        place: &Path,
        database: &str,
        token: &str,
        settings: &[(&str, &str)],
    ) -> Self {
        let log = place.join(format!("{}.log", address.replace(':', "-")));
        let child = Command::new(env!("CARGO_BIN_EXE_runstate"))
            .env_remove("RUNSTATE_ISSUERS")
            .env("RUNSTATE_LISTEN", address)
            .env("RUNSTATE_DATA_DIR", place)
            .env("RUNSTATE_LOCAL_ISSUER", "true")
            .env("RUNSTATE_LOG_FORMAT", "json")
            .env("RUST_LOG", "info")
            .env("DATABASE_URL", database)
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(File::options().create(true).append(true).open(&log).unwrap())
            .spawn()
            .unwrap();
        let http = reqwest::Client::builder().no_proxy().timeout(TIMEOUT).build().unwrap();
        let (base, token) = (format!("http://{address}"), token.to_owned());
        let mut server = Self { child, base, http, token, log };
        eventually("the server serves", PATIENCE, async || {
            let ended = server.child.try_wait().unwrap();
            assert_eq!(ended, None, "{:#?}", server.log());
            server.is_healthy().await
        })
        .await;
        server
    }

    /// Starts the program again at the same address.
    pub(crate) async fn restart(self, place: &Path, database: &str) -> Self {
        let (address, token) = (self.address().to_owned(), self.token.clone());
        drop(self);
        Self::start_at(&address, place, database, &token, &[]).await
    }

    pub(crate) fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The events in the log.
    pub(crate) fn log(&self) -> Vec<Json> {
        let text = std::fs::read_to_string(&self.log).unwrap();
        let event = |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        text.lines().map(event).collect()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(name, &[self.child.id()]);
    }

    pub(crate) async fn wait_for_exit(&mut self) -> ExitStatus {
        eventually("the server ends", TIMEOUT, async || self.child.try_wait().unwrap().is_some())
            .await;
        self.child.wait().unwrap()
    }

    pub(crate) async fn is_healthy(&self) -> bool {
        let reply = self.http.get(format!("{}/health", self.base)).send().await;
        reply.is_ok_and(|reply| reply.status() == StatusCode::OK)
    }

    /// Status and body of a check of health, such as `/health/ready`.
    pub(crate) async fn health(&self, path: &str) -> (u16, String) {
        let reply = self.http.get(format!("{}{path}", self.base)).send().await.unwrap();
        (reply.status().as_u16(), reply.text().await.unwrap())
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, None, &self.token).await
    }

    /// The values of all pages, from a first one on.
    pub(crate) async fn all(&self, first: &str) -> Vec<Json> {
        let (mut page, mut values) = (first.to_owned(), Vec::new());
        loop {
            let body = self.get(&page).await.with(200);
            values.extend(body["value"].as_array().unwrap().clone());
            let Some(next) = body["@odata.nextLink"].as_str() else { break values };
            page = next.split_once("/beta").map(|(_, rest)| format!("beta{rest}")).unwrap();
        }
    }

    /// Like [`Server::get`], with another token.
    pub(crate) async fn get_with(&self, token: &str, path: &str) -> Reply {
        self.send(Method::GET, path, None, token).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Reply {
        self.send(Method::POST, path, Some(body), &self.token).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Json) -> Reply {
        self.send(Method::PATCH, path, Some(body), &self.token).await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<&Json>,
        token: &str,
    ) -> Reply {
        send(&self.http, method, &format!("{}/{path}", self.base), body, token).await
    }
}

/// Sends a request, and reads its whole reply.
pub(crate) async fn send(
    http: &reqwest::Client,
    method: Method,
    url: &str,
    body: Option<&Json>,
    token: &str,
) -> Reply {
    let mut request = http.request(method, url).bearer_auth(token);
    if let Some(body) = body {
        request = request.header("Content-Type", "application/json").body(body.to_string());
    }
    let start = Instant::now();
    let reply = request.send().await.unwrap();
    let header = |name: &str| Some(reply.headers().get(name)?.to_str().unwrap().to_owned());
    let (retry_after, id) = (header("retry-after"), header("request-id").unwrap());
    let status = reply.status().as_u16();
    let body = serde_json::from_str(&reply.text().await.unwrap()).unwrap_or_default();
    Reply { status, retry_after, id, body, took: start.elapsed() }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        assert!(std::thread::panicking() || !log.contains("panic"), "the server panicked: {log}");
    }
}

impl Reply {
    /// Whether this is a 503. Asserts that it has a `Retry-After`.
    #[track_caller]
    pub(crate) fn is_refusal(&self) -> bool {
        let refusal = self.status == 503 && self.body["error"]["code"] == "ServiceUnavailable";
        assert!(!refusal || self.retry_after.is_some(), "{self:?}");
        refusal
    }

    /// The body of a reply with this status.
    #[track_caller]
    pub(crate) fn with(self, status: u16) -> Json {
        assert_eq!(self.status, status, "{self:?}");
        self.body
    }
}
