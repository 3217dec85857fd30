//! Which web pages may read the replies of the local issuer (CORS)?

use reqwest::Method;

use super::World;
use crate::harness::{Reply, send};

async fn ask(world: &World, form: &[(&str, &str)], origin: &str) -> Reply {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let client = world.server.client_with_token(None);
    let path = format!("/{}/oauth2/v2.0/token", world.tenant);
    let request = client.request(Method::POST, &path).body(body).header("Origin", origin);
    send(request.header("Content-Type", "application/x-www-form-urlencoded")).await
}

#[tokio::test]
async fn every_page_may_read_documents() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    let path = format!("/{}/v2.0/.well-known/openid-configuration", world.tenant);
    let request = client.request(Method::GET, &path).header("Origin", "https://any.example");
    let reply = send(request).await;
    reply.ok();
    assert_eq!(reply.header("access-control-allow-origin"), Some("*"));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
}

#[tokio::test]
async fn pages_of_this_machine_and_of_the_client_may_read_tokens_and_errors() {
    let world = World::start().await;
    let right = world.password(&[]);
    let wrong = world.password(&[("password", "wrong")]);
    for origin in ["http://localhost:3000", "http://127.0.0.1:5173", "https://portal.example"] {
        for (form, status) in [(&right, 200), (&wrong, 400)] {
            let reply = ask(&world, &form.pairs(), origin).await;
            assert_eq!(reply.status, status);
            assert_eq!(reply.header("access-control-allow-origin"), Some(origin));
            assert_eq!(reply.header("access-control-allow-credentials"), None);
            assert_eq!(reply.header("vary"), Some("Origin"));
        }
    }
    for origin in [
        "https://portal.example.evil.example",
        "https://web.example",
        "http://portal.example",
        "https://localhost.evil.example",
        "null",
    ] {
        let reply = ask(&world, &right.pairs(), origin).await;
        assert_eq!(reply.status, 200, "whether a page reads the reply is the browser's task");
        assert_eq!(reply.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[tokio::test]
async fn a_preflight_permits_the_request_without_credentials() {
    let world = World::start().await;
    let client = world.server.client_with_token(None);
    let request = client.request(Method::OPTIONS, "/common/oauth2/v2.0/token");
    let request = request.header("Origin", "https://any.example");
    let request = request.header("Access-Control-Request-Method", "POST");
    let reply = send(request.header("Access-Control-Request-Headers", "x-client-sku")).await;
    assert_eq!((reply.status, reply.body.as_str()), (204, ""));
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://any.example"));
    assert_eq!(reply.header("access-control-allow-methods"), Some("POST"));
    assert_eq!(reply.header("access-control-allow-headers"), Some("x-client-sku"));
    assert_eq!(reply.header("access-control-allow-credentials"), None);
}
