//! Are `X-Forwarded-*` headers read from trusted proxies, and from nobody else?

use reqwest::Method;
use runstate::proxies::TrustedProxies;
use serde_json::Value as Json;

use crate::harness::{SCRIPTS, Server, options, send};
use crate::sign_in::World;

/// HTTP options with trusted proxies.
fn trusting(networks: &[&str]) -> runstate::http::Options {
    let networks = networks.iter().map(|text| text.parse().unwrap()).collect();
    runstate::http::Options { proxies: TrustedProxies::new(networks), ..options() }
}

/// The start of the links in a reply to a request with these headers.
async fn base(server: &Server, headers: &[(&str, &str)]) -> String {
    let request = server.client().request(Method::GET, SCRIPTS);
    let request = headers.iter().fold(request, |it, (name, value)| it.header(*name, *value));
    let context = send(request).await.ok()["@odata.context"].as_str().unwrap().to_owned();
    context.split("/beta").next().unwrap().to_owned()
}

#[tokio::test]
async fn links_have_the_scheme_and_host_that_a_trusted_proxy_names() {
    let server = Server::with_options(trusting(&["127.0.0.1"])).await;
    let (https, host) = (("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "graph.example.com"));
    let own = server.base();
    assert_eq!(base(&server, &[https, host]).await, "https://graph.example.com");
    assert_eq!(base(&server, &[https]).await, own.replace("http://", "https://"));
    assert_eq!(base(&server, &[host]).await, "http://graph.example.com");
    assert_eq!(base(&server, &[]).await, own);
    let wrong = [("X-Forwarded-Proto", "ftp"), ("X-Forwarded-Host", "evil.example/path")];
    assert_eq!(base(&server, &wrong).await, own);
    // The client wrote the first, the proxy the second.
    let spoofed = ("X-Forwarded-Host", "evil.example, graph.example.com");
    assert_eq!(base(&server, &[spoofed]).await, "http://graph.example.com");
    let standard = ("Forwarded", "proto=https;host=evil.example");
    assert_eq!(base(&server, &[standard]).await, own);
}

#[tokio::test]
async fn nobody_else_decides_about_links() {
    let spoofed = [
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil.example"),
        ("X-Forwarded-For", "127.0.0.1"),
    ];
    for networks in [&[][..], &["10.0.0.0/8", "::1"]] {
        let server = Server::with_options(trusting(networks)).await;
        assert_eq!(base(&server, &spoofed).await, server.base());
    }
}

#[tokio::test]
async fn a_public_url_is_stronger_than_a_proxy() {
    let public_url = Some("https://public.example".to_owned());
    let options = runstate::http::Options { public_url, ..trusting(&["127.0.0.1"]) };
    let server = Server::with_options(options).await;
    let spoofed = [("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "evil.example")];
    assert_eq!(base(&server, &spoofed).await, "https://public.example");
}

/// Tries wrong passwords of many users from one address, with another `X-Forwarded-For` each time.
/// Whether the address was blocked.
async fn is_blocked(world: &World, addresses: impl Fn(usize) -> String) -> bool {
    for number in 0..300 {
        let name = format!("u{number}@contoso.example");
        let form = world.password(&[("username", &name)]);
        let pairs = form.pairs();
        let body =
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let path = format!("/{}/oauth2/v2.0/token", world.tenant);
        let request = world.server.client_with_token(None).request(Method::POST, &path).body(body);
        let request = request.header("Content-Type", "application/x-www-form-urlencoded");
        let reply = send(request.header("X-Forwarded-For", addresses(number))).await;
        let reply: Json = reply.json();
        if reply["error_codes"][0] == 50_053 {
            return true;
        }
    }
    false
}

#[tokio::test]
async fn a_client_cannot_evade_the_limit_of_failed_sign_ins_by_a_header() {
    let spoofed = |number: usize| format!("198.51.{}.{}", number / 250, number % 250);
    let without_proxy = World::start().await;
    assert!(is_blocked(&without_proxy, spoofed).await);
    let behind_proxy = World::with_options(trusting(&["127.0.0.1"])).await;
    // The proxy adds the client's own address to what the client wrote.
    let appended = |number: usize| format!("{}, 203.0.113.5", spoofed(number));
    assert!(is_blocked(&behind_proxy, appended).await);
}

#[tokio::test]
async fn clients_behind_a_trusted_proxy_are_limited_each_by_itself() {
    let world = World::with_options(trusting(&["127.0.0.1"])).await;
    assert!(is_blocked(&world, |_| "203.0.113.5".into()).await);
    assert!(
        !is_blocked(&world, |number| format!("198.51.{}.{}", number / 200, number % 200)).await
    );
}
