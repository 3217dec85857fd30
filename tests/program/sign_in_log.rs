//! Does the log repeat what a sign-in is made of?

use std::fs::{File, read_to_string};

use reqwest::redirect::Policy;
use serde_json::Value as Json;
use url::form_urlencoded::Serializer;

use crate::process::{Directory, Server, runstate};

/// The example of RFC 7636, appendix B.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const REDIRECT: &str = "http://localhost:8400/";
const WRONG_PASSWORD: &str = "a-password-of-another-service";
const STATE: &str = "a-state-of-the-client";

/// The body, the address to go on to and the cookie of a reply.
struct Reply {
    body: String,
    location: String,
    cookie: String,
}

/// Sends a form, or reads a page if there is none.
async fn send(url: &str, cookie: &str, form: Option<&[(&str, &str)]>) -> Reply {
    let client = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().unwrap();
    let request = match form {
        None => client.get(url),
        Some(form) => {
            let body = Serializer::new(String::new()).extend_pairs(form).finish();
            let request = client.post(url).body(body);
            request.header("Content-Type", "application/x-www-form-urlencoded")
        }
    };
    let reply = request.header("Cookie", cookie).send().await.unwrap();
    let header = |name: &str| match reply.headers().get(name) {
        Some(value) => value.to_str().unwrap().to_owned(),
        None => String::new(),
    };
    let cookie = header("set-cookie").split(';').next().unwrap().to_owned();
    let location = header("location");
    Reply { location, cookie, body: reply.text().await.unwrap() }
}

/// Everything secret that a sign-in with a code has, on a page and at the token endpoint.
async fn sign_in(server: &Server, first: &Json) -> Vec<String> {
    let of = |name: &str| first[name].as_str().unwrap();
    let endpoint = |name: &str| format!("{}/common/oauth2/v2.0/{name}", server.http);
    let client = ("client_id", of("client_id"));
    let wish = [
        client,
        ("response_type", "code"),
        ("redirect_uri", REDIRECT),
        ("scope", "openid offline_access"),
        ("state", STATE),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let query = Serializer::new(String::new()).extend_pairs(wish).finish();
    let page = send(&format!("{}?{query}", endpoint("authorize")), "", None).await;
    let form_token = page.cookie.split_once('=').unwrap().1.to_owned();
    let mut reply = page;
    for password in [WRONG_PASSWORD, of("password")] {
        let typed = [
            ("form_token", form_token.as_str()),
            ("username", of("username")),
            ("password", password),
            ("action", "sign_in"),
        ];
        let form = [&wish[..], &typed].concat();
        let cookie = format!("__Host-runstate-form={form_token}");
        reply = send(&endpoint("authorize"), &cookie, Some(&form)).await;
    }
    let session = reply.cookie.split_once('=').unwrap().1.to_owned();
    let code = reply.location.split(['=', '&']).nth(1).unwrap().to_owned();
    let form = [
        client,
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let mut secrets = vec![form_token, session, code.clone()];
    for _ in 0..2 {
        let tokens: Json =
            serde_json::from_str(&send(&endpoint("token"), "", Some(&form)).await.body).unwrap();
        let names = ["access_token", "id_token", "refresh_token"];
        secrets.extend(names.iter().filter_map(|name| Some(tokens[*name].as_str()?.to_owned())));
    }
    let form = [client, ("scope", "openid")];
    let codes = send(&endpoint("devicecode"), "", Some(&form)).await;
    let codes: Json = serde_json::from_str(&codes.body).unwrap();
    secrets.extend(["device_code", "user_code"].map(|name| codes[name].as_str().unwrap().into()));
    secrets
}

#[tokio::test]
async fn the_log_of_a_sign_in_has_no_password_code_token_or_cookie() {
    let data = Directory::new();
    let path = data.0.join("log");
    let mut program = runstate(&data.0);
    program.env("RUST_LOG", "debug").stderr(File::create(&path).unwrap());
    let mut server = Server::with_log(program);
    let first: Json =
        serde_json::from_str(&read_to_string(data.0.join("first-run.json")).unwrap()).unwrap();
    let secrets = sign_in(&server, &first).await;
    assert_eq!(secrets.len(), 8, "the replayed code gave nothing: {secrets:?}");
    server.signal("-INT");
    server.child.wait().unwrap();
    let log = read_to_string(&path).unwrap();
    assert!(log.contains("/common/oauth2/v2.0/authorize"), "{log}");
    let password = first["password"].as_str().unwrap();
    let known = [password, WRONG_PASSWORD, STATE, VERIFIER, CHALLENGE];
    for secret in secrets.iter().map(String::as_str).chain(known) {
        assert!(!log.contains(secret), "the log has {secret}");
    }
}
