//! A browser without scripts: it keeps cookies, and sends the forms of pages.

use std::collections::BTreeMap;

use reqwest::Method;
use reqwest::redirect::Policy;
use url::form_urlencoded::{Serializer, parse};

use super::{Form, USER, World};
use crate::harness::{Reply, encoded, send};

pub(crate) const REDIRECT: &str = "http://localhost:8400/";
/// The example of RFC 7636, appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A browser of a user.
pub(crate) struct Browser<'a> {
    world: &'a World,
    http: reqwest::Client,
    pub(crate) cookies: BTreeMap<String, String>,
    /// The header `Sec-Fetch-Site`, which old browsers do not send.
    pub(crate) site: Option<&'static str>,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        let builder = reqwest::Client::builder().no_proxy().redirect(Policy::none());
        Self { world, http: builder.build().unwrap(), cookies: BTreeMap::new(), site: None }
    }

    /// The path with which a client asks the user to sign in, with these changes. An empty value removes
    /// a parameter.
    pub(crate) fn authorize(&self, changes: &[(&str, &str)]) -> String {
        let form = vec![
            ("client_id", self.world.application.to_string()),
            ("response_type", "code".to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("scope", format!("openid profile offline_access {}", super::GRAPH)),
            ("state", "s&1".to_owned()),
            ("nonce", "n-1".to_owned()),
            ("code_challenge", CHALLENGE.to_owned()),
            ("code_challenge_method", "S256".to_owned()),
            ("client_info", "1".to_owned()),
        ];
        let form = Form::new(form, changes);
        let pairs = form.pairs();
        let query: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        format!("/{}/oauth2/v2.0/authorize?{}", self.world.tenant, query.join("&"))
    }

    pub(crate) async fn open(&mut self, path: &str) -> Reply {
        self.send(Method::GET, path, None).await
    }

    /// Sends the form of a page, with these changes.
    pub(crate) async fn submit(&mut self, page: &Reply, changes: &[(&str, &str)]) -> Reply {
        let (path, fields) = (page.header("x-test-path").unwrap().to_owned(), fields(&page.body));
        let fields = fields.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let form = Form::new(fields, changes);
        self.post(&path, &form.pairs()).await
    }

    /// Posts a form to a path.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Reply {
        let body = Serializer::new(String::new()).extend_pairs(form).finish();
        self.send(Method::POST, path, Some(body)).await
    }

    /// Signs the user in on a page.
    pub(crate) async fn sign_in(&mut self, page: &Reply) -> Reply {
        let password = self.world.password.clone();
        let typed = [("username", USER), ("password", &password), ("action", "sign_in")];
        self.submit(page, &typed).await
    }

    /// The parameters that a reply sends to the client.
    pub(crate) fn parameters(&self, reply: &Reply) -> BTreeMap<String, String> {
        match reply.header("location") {
            Some(location) => {
                let parameters = location.split_once(['?', '#']).unwrap().1;
                parse(parameters.as_bytes()).into_owned().collect()
            }
            None => fields(&reply.body),
        }
    }

    async fn send(&mut self, method: Method, path: &str, body: Option<String>) -> Reply {
        let request = self.http.request(method, format!("{}{path}", self.world.server.base()));
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = request.header("Cookie", cookies.join("; "));
        let request = match self.site {
            Some(site) => request.header("Sec-Fetch-Site", site),
            None => request,
        };
        let form = "application/x-www-form-urlencoded";
        let mut reply = send(match body {
            Some(body) => request.header("Content-Type", form).body(body),
            None => request,
        })
        .await;
        for cookie in reply.headers.get_all("set-cookie") {
            let (pair, attributes) = cookie.to_str().unwrap().split_once("; ").unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            match attributes.contains("Max-Age=0") {
                true => self.cookies.remove(name),
                false => self.cookies.insert(name.to_owned(), value.to_owned()),
            };
        }
        let path = path.split('?').next().unwrap().parse().unwrap();
        reply.headers.insert("x-test-path", path);
        reply
    }
}

/// The names and values of a page's inputs.
pub(crate) fn fields(page: &str) -> BTreeMap<String, String> {
    let inputs = page.split("<input").skip(1).map(|rest| rest.split('>').next().unwrap());
    inputs.map(|input| (attribute(input, "name"), attribute(input, "value"))).collect()
}

fn attribute(input: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let value = input.split_once(&start).unwrap_or_else(|| panic!("{input}")).1;
    let value = value.split('"').next().unwrap();
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(value.to_owned(), |value, (entity, character)| value.replace(entity, character))
}
