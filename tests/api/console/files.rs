//! Which reply has each path of the console?

use serde_json::{Value as Json, json};

use super::{ask, get, header, policy};
use crate::harness::{Server, options};
use runstate::http::Options;

/// The names of all replies of the console that tell a browser what the page may do.
const COMMON: [(&str, &str); 3] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
];

#[tokio::test]
async fn the_path_without_a_slash_leads_to_the_page_below_any_path_of_a_proxy() {
    let server = Server::with_sign_in().await;
    let reply = get(&server, "/console").await;
    assert_eq!((reply.status().as_u16(), header(&reply, "location")), (308, Some("console/")));
    assert_eq!(reply.text().await.unwrap(), "");
}

#[tokio::test]
async fn the_page_and_its_files_have_their_types_and_the_policy() {
    let server = Server::with_sign_in().await;
    for (path, content_type, start) in [
        ("/console/", "text/html; charset=utf-8", "<!doctype html>"),
        ("/console/?code=1&state=2", "text/html; charset=utf-8", "<!doctype html>"),
        ("/console/index.html", "text/html; charset=utf-8", "<!doctype html>"),
        ("/console/app.mjs", "text/javascript; charset=utf-8", "//"),
        ("/console/views/scripts.mjs", "text/javascript; charset=utf-8", "//"),
        ("/console/vendor/htm.mjs", "text/javascript; charset=utf-8", "var "),
        ("/console/style.css", "text/css; charset=utf-8", "/*"),
        ("/console/icon.svg", "image/svg+xml", "<svg"),
    ] {
        let reply = get(&server, path).await;
        assert_eq!(reply.status().as_u16(), 200, "{path}");
        assert_eq!(header(&reply, "content-type"), Some(content_type), "{path}");
        assert_eq!(header(&reply, "cache-control"), Some("no-cache"), "{path}");
        assert_eq!(header(&reply, "vary"), Some("Accept-Encoding"), "{path}");
        assert_eq!(header(&reply, "content-encoding"), None, "{path}");
        let own = policy(server.base());
        assert_eq!(header(&reply, "content-security-policy"), Some(own.as_str()), "{path}");
        for (name, value) in COMMON {
            assert_eq!(header(&reply, name), Some(value), "{path} {name}");
        }
        assert_eq!(header(&reply, "request-id"), header(&reply, "client-request-id"), "{path}");
        let text = reply.text().await.unwrap();
        assert!(text.starts_with(start), "{path}: {text:.40}");
    }
}

#[tokio::test]
async fn a_file_that_the_browser_has_is_not_sent_again() {
    let server = Server::with_sign_in().await;
    for coding in ["gzip", "identity"] {
        let path = "/console/app.mjs";
        let first = ask(&server, "GET", path, &[("accept-encoding", coding)]).await;
        let tag = header(&first, "etag").unwrap().to_owned();
        let is_compressed = header(&first, "content-encoding") == Some("gzip");
        assert_eq!((is_compressed, tag.ends_with("-gzip\"")), (coding == "gzip", coding == "gzip"));
        let known = [("accept-encoding", coding), ("if-none-match", tag.as_str())];
        let again = ask(&server, "GET", path, &known).await;
        assert_eq!((again.status().as_u16(), header(&again, "etag")), (304, Some(tag.as_str())));
        assert_eq!(header(&again, "vary"), Some("Accept-Encoding"));
        assert_eq!(again.bytes().await.unwrap(), "");
        let other = [("accept-encoding", coding), ("if-none-match", "\"x\"")];
        assert_eq!(ask(&server, "GET", path, &other).await.status().as_u16(), 200);
    }
}

#[tokio::test]
async fn the_compressed_form_is_smaller_and_is_gzip() {
    let server = Server::with_sign_in().await;
    let path = "/console/vendor/preact.mjs";
    let plain = get(&server, path).await.bytes().await.unwrap();
    let gzip = ask(&server, "GET", path, &[("accept-encoding", "gzip, br")]).await;
    let gzip = gzip.bytes().await.unwrap();
    assert!(gzip.len() * 2 < plain.len(), "{} {}", gzip.len(), plain.len());
    assert_eq!(gzip[..3], [0x1f, 0x8b, 8]);
}

#[tokio::test]
async fn head_has_the_headers_of_get_and_no_body() {
    let server = Server::with_sign_in().await;
    let (head, get) = (
        ask(&server, "HEAD", "/console/app.mjs", &[]).await,
        get(&server, "/console/app.mjs").await,
    );
    assert_eq!(head.status().as_u16(), 200);
    for name in ["etag", "content-type", "content-length", "content-security-policy"] {
        assert!(header(&head, name).is_some(), "{name}");
        assert_eq!(header(&head, name), header(&get, name), "{name}");
    }
    assert_eq!(head.bytes().await.unwrap(), "");
}

#[tokio::test]
async fn other_files_and_methods_are_refused_as_text() {
    let server = Server::with_sign_in().await;
    for path in [
        "/console/x.mjs",
        "/console/app.mjs/",
        "/console/vendor/versions.json",
        "/console/..%2fCargo.toml",
        "/console/devicelogin",
    ] {
        let reply = get(&server, path).await;
        assert_eq!(reply.status().as_u16(), 404, "{path}");
        assert_eq!(header(&reply, "content-type"), Some("text/plain; charset=utf-8"), "{path}");
        assert_eq!(reply.text().await.unwrap(), "There is no such file.", "{path}");
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] {
        for path in ["/console", "/console/", "/console/config.json", "/console/x"] {
            let reply = ask(&server, method, path, &[]).await;
            assert_eq!(reply.status().as_u16(), 405, "{method} {path}");
            assert_eq!(header(&reply, "allow"), Some("GET, HEAD"), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_settings_say_where_one_signs_in_and_nothing_else() {
    let server = Server::with_sign_in().await;
    let reply = get(&server, "/console/config.json").await;
    assert_eq!(header(&reply, "cache-control"), Some("no-store"));
    assert_eq!(
        reply.json::<Json>().await.unwrap(),
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "signIn": [
                {
                    "name": "Runstate",
                    "issuer": format!("{}/common/v2.0", server.base()),
                    "clientId": "72756e73-7461-4e65-8000-000000000002",
                    "scopes":
                        ["openid", "profile", "offline_access", "https://graph.microsoft.com/.default"],
                },
                {
                    "name": "login.example.com",
                    "issuer": "https://login.example.com/contoso/v2.0",
                    "clientId": "c0ffee",
                    "scopes": ["openid", "api://runstate/.default"],
                },
            ],
            "twin": false,
        })
    );
}

#[tokio::test]
async fn behind_a_proxy_the_issuer_is_at_the_public_address() {
    let public_url = Some("https://graph.example.com/intune".to_owned());
    let server = Server::with_sign_in_and(Options { public_url, ..options() }).await;
    let reply = get(&server, "/console/config.json").await;
    let own = policy("https://graph.example.com");
    assert_eq!(header(&reply, "content-security-policy"), Some(own.as_str()));
    let settings: Json = reply.json().await.unwrap();
    let issuer = "https://graph.example.com/intune/common/v2.0";
    assert_eq!(settings["signIn"][0]["issuer"], issuer);
}

#[tokio::test]
async fn a_server_without_the_console_answers_as_to_any_unknown_path() {
    let server = Server::start().await;
    let id = [("client-request-id", "same")];
    for (method, path) in [
        ("GET", "/console"),
        ("GET", "/console/"),
        ("GET", "/console/config.json"),
        ("POST", "/console/"),
        ("OPTIONS", "/console/"),
    ] {
        let own = ask(&server, method, path, &id).await;
        let unknown = ask(&server, method, &path.replace("console", "nothing"), &id).await;
        assert_eq!(own.status(), unknown.status(), "{method} {path}");
        let names = |reply: &reqwest::Response| {
            reply.headers().keys().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(names(&own), names(&unknown), "{method} {path}");
        let text = async |reply: reqwest::Response| {
            let body: Json = serde_json::from_str(&reply.text().await.unwrap()).unwrap_or_default();
            (body["error"]["code"].clone(), body["error"]["message"].clone())
        };
        assert_eq!(text(own).await, text(unknown).await, "{method} {path}");
    }
}

#[tokio::test]
async fn paths_that_only_begin_like_the_console_are_others() {
    let server = Server::with_sign_in().await;
    for path in ["/consoles", "/Console/", "/console.json", "/beta/console/"] {
        assert_eq!(get(&server, path).await.status().as_u16(), 401, "{path}");
    }
}

#[tokio::test]
async fn the_page_loads_no_script_and_no_style_but_files_of_the_console() {
    let server = Server::with_sign_in().await;
    let page = get(&server, "/console/").await.text().await.unwrap();
    let parts = page.split(['"']).collect::<Vec<_>>();
    let named: Vec<&str> = parts
        .windows(2)
        .filter(|pair| pair[0].ends_with(" href=") || pair[0].ends_with(" src="))
        .map(|pair| pair[1])
        .collect();
    assert!(named.len() > 20, "{named:?}");
    for name in named {
        assert_eq!(
            get(&server, &format!("/console/{name}")).await.status().as_u16(),
            200,
            "{name}"
        );
    }
    for inline in ["<style", "style=", "onload=", "importmap", "http:", "https:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    assert_eq!(page.matches("<script").count(), 1);
}
