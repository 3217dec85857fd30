//! An HTTP client, and its replies. An assertion that fails shows the whole reply.

use reqwest::{Method, RequestBuilder};
use serde_json::Value as Json;

use super::SCRIPTS;

/// A client with or without a token.
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    token: Option<String>,
}

/// A complete reply.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn new(base: String, token: Option<String>) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, base, token }
    }

    /// A client that trusts no other certificate authority than this one.
    pub(crate) fn with_authority(base: String, token: String, authority: &str) -> Self {
        let authority = reqwest::Certificate::from_pem(authority.as_bytes()).unwrap();
        let builder = reqwest::Client::builder().no_proxy().tls_certs_only([authority]);
        Self { http: builder.build().unwrap(), base, token: Some(token) }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Json) -> Reply {
        self.post_text(path, &body.to_string()).await
    }

    /// Posts a text unchanged. It need not be JSON.
    pub(crate) async fn post_text(&self, path: &str, body: &str) -> Reply {
        send(json(self.request(Method::POST, path), body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Json) -> Reply {
        send(json(self.request(Method::PATCH, path), &body.to_string())).await
    }

    /// Follows nextLinks from a URL to the last page. Returns one member of each entity, page by page.
    pub(crate) async fn pages(&self, first: &str, member: &str) -> Vec<Vec<String>> {
        let (mut pages, mut next) = (Vec::new(), Some(first.to_owned()));
        while let Some(url) = next {
            let page = self.get(&url).await.ok();
            pages.push(members(&page, member));
            next = page["@odata.nextLink"].as_str().map(str::to_owned);
        }
        pages
    }

    /// Like [`Client::pages`], but returns the ids in one list.
    pub(crate) async fn ids(&self, first: &str) -> Vec<String> {
        self.pages(first, "id").await.concat()
    }

    /// A request to be completed and passed to [`send`]. `path` may be an absolute URL.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = if path.starts_with('/') { format!("{}{path}", self.base) } else { path.into() };
        let request = self.http.request(method, url);
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// Creates a script and returns its path.
    pub(crate) async fn new_script(&self) -> String {
        let script = self.post(SCRIPTS, &serde_json::json!({ "displayName": "Script" })).await;
        format!("{SCRIPTS}/{}", script.created()["id"].as_str().unwrap())
    }

    /// Creates a user state with this id in a script and returns its path.
    pub(crate) async fn new_user_state(&self, script: &str, id: &str) -> String {
        let path = format!("{script}/userRunStates");
        self.post(&path, &serde_json::json!({ "id": id })).await.created();
        format!("{path}/{id}")
    }
}

/// One member of each entity on a page.
pub(crate) fn members(page: &Json, name: &str) -> Vec<String> {
    let entities = page["value"].as_array().unwrap().iter();
    entities.map(|it| it[name].as_str().unwrap().to_owned()).collect()
}

/// A text, percent-encoded for a query.
pub(crate) fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Sends a request and reads its whole reply.
pub(crate) async fn send(request: RequestBuilder) -> Reply {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Reply { status, headers, body: response.text().await.unwrap() }
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body of a 200.
    #[track_caller]
    pub(crate) fn ok(&self) -> Json {
        assert_eq!(self.status, 200, "{self:?}");
        self.json()
    }

    /// The body of a 201.
    #[track_caller]
    pub(crate) fn created(&self) -> Json {
        assert_eq!(self.status, 201, "{self:?}");
        self.json()
    }

    /// Asserts that this is a complete Graph error with this status and code. Returns its message.
    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> String {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("odata-version"), Some("4.0"));
        let body = self.json();
        let error = &body["error"];
        assert_eq!(error["code"], code, "{self:?}");
        let inner = &error["innerError"];
        assert_eq!(inner["request-id"].as_str(), self.header("request-id"));
        assert_eq!(inner["client-request-id"].as_str(), self.header("client-request-id"));
        assert!(inner["date"].as_str().is_some_and(|date| date.len() == 19), "{self:?}");
        error["message"].as_str().unwrap().to_owned()
    }
}

fn json(request: RequestBuilder, body: &str) -> RequestBuilder {
    request.header("Content-Type", "application/json").body(body.to_owned())
}
