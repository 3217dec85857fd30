//! Who may control the twin, and what a server without one answers.

use std::time::Duration;

use reqwest::Method;
use runstate::auth::TokenRequest;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use crate::world::{SCRIPTS, SECRET, World, issuer};

const WRITE: &str = "DeviceManagementManagedDevices.ReadWrite.All";

fn graph_token(scopes: &[&str]) -> String {
    let request = TokenRequest {
        tenant: Uuid::new_v4(),
        user: None,
        scopes: scopes.iter().copied().map(str::to_owned).collect(),
        roles: Vec::new(),
        application: false,
        client: None,
        expires_in: Duration::from_secs(600),
    };
    issuer().token(&request).unwrap()
}

async fn status(world: &World, path: &str, token: &str) -> u16 {
    world.send(Method::GET, path, token, Json::Null).await.status
}

#[tokio::test]
async fn a_token_for_graph_does_not_control_the_twin_whatever_it_permits() {
    let world = World::start().await;
    for scopes in [&[WRITE][..], &["Runstate.Twin"]] {
        let token = graph_token(scopes);
        let reply = world.send(Method::GET, "/twin/v1/tenants", &token, Json::Null).await;
        reply.error(401, "InvalidAuthenticationToken");
    }
}

#[tokio::test]
async fn a_token_for_the_twin_controls_it_and_reads_nothing_of_graph() {
    let world = World::start().await;
    let token = issuer().twin_token(Duration::from_secs(600)).unwrap();
    assert_eq!(status(&world, "/twin/v1/tenants", &token).await, 200);
    assert_eq!(status(&world, SCRIPTS, &token).await, 401);
}

#[tokio::test]
async fn the_secret_controls_the_twin_and_one_that_is_nearly_right_does_not() {
    let world = World::start().await;
    assert_eq!(status(&world, "/twin/v1", SECRET).await, 200);
    for wrong in [&SECRET[1..], &format!("{SECRET}x"), &SECRET.to_uppercase(), "x"] {
        assert_eq!(status(&world, "/twin/v1", wrong).await, 401, "{wrong}");
    }
    assert_eq!(status(&world, SCRIPTS, SECRET).await, 401);
}

#[tokio::test]
async fn without_a_twin_its_paths_are_answered_as_any_unknown_path() {
    let world = World::without_twin().await;
    let token = graph_token(&[WRITE]);
    for token in [&token, "", SECRET, &issuer().twin_token(Duration::from_secs(600)).unwrap()] {
        for path in ["", "/tenants", "/openapi.json", "/tenants/t1/reset"] {
            for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]
            {
                let method: Method = method.parse().unwrap();
                let (own, other) = (format!("/twin/v1{path}"), format!("/twix/v1{path}"));
                let own = world.send(method.clone(), &own, token, json!({})).await;
                let other = world.send(method, &other, token, json!({})).await;
                let message = |text: &str| {
                    let body: Json = serde_json::from_str(text).unwrap_or_default();
                    body["error"]["message"].as_str().unwrap_or_default().replace("twix", "twin")
                };
                assert_eq!(own.status, other.status, "{own:?}");
                assert_eq!(message(&own.text), message(&other.text));
            }
        }
    }
}

#[tokio::test]
async fn without_a_twin_neither_a_batch_nor_a_description_knows_its_paths() {
    let world = World::without_twin().await;
    let token = graph_token(&[WRITE]);
    let batch = async |url: &str| {
        let item = json!({ "id": "1", "method": "GET", "url": url });
        let body = json!({ "requests": [item] });
        let mut reply = world.send(Method::POST, "/beta/$batch", &token, body).await.json(200);
        let mut item = reply["responses"][0].take();
        item["headers"].take();
        item["body"]["error"]["innerError"].take();
        item.to_string().replace("twix", "twin")
    };
    for url in ["/twin/v1", "/twin/v1/tenants", "twin/v1/openapi.json"] {
        assert_eq!(batch(url).await, batch(&url.replace("twin", "twix")).await, "{url}");
    }
    for path in ["/openapi.json", "/beta/$metadata", "/beta"] {
        let reply = world.send(Method::GET, path, &token, Json::Null).await;
        assert_eq!(reply.status, 200, "{path}");
        assert!(!reply.text.to_lowercase().contains("twin"), "{path}");
    }
}

#[tokio::test]
async fn an_unknown_path_method_member_or_option_is_refused_by_name() {
    let world = World::start().await;
    let reply = world.get("/nothing").await;
    assert_eq!(reply.error(404, "ResourceNotFound"), "The twin has no resource at this path.");
    let reply = world.control(Method::PUT, "/tenants", json!({})).await;
    reply.error(405, "Request_BadRequest");
    assert_eq!(reply.headers["allow"], "GET, HEAD, POST, DELETE, OPTIONS");
    let reply = world.post("/tenants", json!({ "naem": "a" })).await;
    assert_eq!(
        reply.error(400, "BadRequest"),
        "The member 'naem' does not exist here. The members are id, name, from, seed, ttl, \
         permissions, ids, clock, headerFaults, record, throttle, rules."
    );
    let reply = world.get("/tenants?$top=1").await;
    assert_eq!(
        reply.error(400, "BadRequest"),
        "The query option '$top' is not supported here. It is 'name'."
    );
    let reply = world.delete("/tenants?prefix=a&prefix=b").await;
    assert_eq!(
        reply.error(400, "BadRequest"),
        "The query option 'prefix' is given more than once."
    );
    let reply = world.post("/tenants", json!([])).await;
    assert_eq!(reply.error(400, "BadRequest"), "The request body must be an object, not an array.");
    assert_eq!(world.get("/tenants").await.json(200), json!({ "value": [] }));
}
