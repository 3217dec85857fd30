//! What is refused, and does it change nothing?

use reqwest::Method;
use runstate::http::Options;
use serde_json::json;
use uuid::Uuid;

use super::{TENANT, policy_of, put};
use crate::harness::{Server, options, send};

const DAYS: &str = "0, 7, 30, 90, 365, or null for no limit";

#[tokio::test]
async fn a_value_that_is_not_allowed_is_refused_with_those_that_are() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = policy_of(&script);
    let versions = "a whole number from 1 to 1000000, or null for no limit";
    let states = "a whole number from 1 to 36500, or null for no limit";
    for (body, message) in [
        (
            "{'historyDays':12}",
            format!("'historyDays' cannot be read: It is 12, and must be {DAYS}."),
        ),
        (
            "{'historyDays':32767}",
            format!("'historyDays' cannot be read: It is 32767, and must be {DAYS}."),
        ),
        (
            "{'historyDays':-7}",
            format!("'historyDays' cannot be read: It is -7, and must be {DAYS}."),
        ),
        (
            "{'historyDays':7.5}",
            format!("'historyDays' cannot be read: It is 7.5, and must be {DAYS}."),
        ),
        (
            "{'historyDays':'30'}",
            format!("'historyDays' cannot be read: It is a string, and must be {DAYS}."),
        ),
        (
            "{'historyDays':[7]}",
            format!("'historyDays' cannot be read: It is an array, and must be {DAYS}."),
        ),
        (
            "{'historyVersions':0}",
            format!("'historyVersions' cannot be read: It is 0, and must be {versions}."),
        ),
        (
            "{'historyVersions':1000001}",
            format!("'historyVersions' cannot be read: It is 1000001, and must be {versions}."),
        ),
        (
            "{'runStateDays':0}",
            format!("'runStateDays' cannot be read: It is 0, and must be {states}."),
        ),
        (
            "{'runStateDays':36501}",
            format!("'runStateDays' cannot be read: It is 36501, and must be {states}."),
        ),
        (
            "{'runStateDays':true}",
            format!("'runStateDays' cannot be read: It is a boolean, and must be {states}."),
        ),
    ] {
        for (method, path) in [(Method::PATCH, TENANT), (Method::PUT, &*path)] {
            let before = client.get(path).await.body;
            let request = client.request(method, path).header("Content-Type", "application/json");
            // The good member before the wrong one is not written either.
            let body = body.replacen(
                '{',
                "{'@a':1,'historyVersions':3,",
                usize::from(!body.contains("Versions")),
            );
            let refused = send(request.body(body)).await.refused(400, "ModelValidationFailure");
            assert_eq!(refused, format!("The property {message}"));
            assert_eq!(client.get(path).await.body, before);
        }
    }
}

#[tokio::test]
async fn a_body_that_is_not_a_policy_is_refused() {
    let server = Server::start().await;
    let client = server.client();
    let message = |reply: crate::harness::Reply| reply.refused(400, "ModelValidationFailure");
    assert_eq!(
        message(client.patch(TENANT, &json!({ "historyDay": 30 })).await),
        "The property 'historyDay' does not exist on type 'runstate.retentionPolicy'. Make sure to \
         only use property names that are defined by the type."
    );
    assert_eq!(
        message(client.patch(TENANT, &json!([30])).await),
        "The request body must be an object, not an array."
    );
    let twice = client.request(Method::PATCH, TENANT).header("Content-Type", "application/json");
    assert_eq!(
        message(send(twice.body("{\"historyDays\":7,\"HistoryDays\":30}")).await),
        "The property 'historyDays' is given more than once."
    );
    let no_json = client.request(Method::PATCH, TENANT).header("Content-Type", "application/json");
    send(no_json.body("{")).await.refused(400, "BadRequest");
    let no_type = client.request(Method::PATCH, TENANT).body("{}");
    send(no_type).await.refused(415, "UnsupportedMediaType");
    assert_eq!(client.get(TENANT).await.ok()["source"]["historyDays"], "server");
}

#[tokio::test]
async fn an_option_or_header_that_does_nothing_is_refused_by_name() {
    let server = Server::start().await;
    let client = server.client();
    let refused = client.get(&format!("{TENANT}?$select=historyDays")).await;
    let refused = refused.refused(400, "BadRequest");
    assert!(refused.starts_with("The query option '$select' is not supported"), "{refused}");
    client.get(&format!("{TENANT}?$format=json")).await.ok();
    client.get(&format!("{TENANT}?$format=xml")).await.refused(406, "NotAcceptable");
    for (name, value) in [("If-Match", "*"), ("If-None-Match", "*"), ("Idempotency-Key", "a")] {
        let request = client.request(Method::PATCH, TENANT).header(name, value);
        let request = request.header("Content-Type", "application/json");
        let refused = send(request.body("{\"historyDays\":7}")).await.refused(400, "BadRequest");
        assert!(refused.starts_with(&format!("The header {name} is not supported")), "{refused}");
    }
    assert_eq!(client.get(TENANT).await.ok()["source"]["historyDays"], "server");
}

#[tokio::test]
async fn an_unknown_script_is_404_as_is_that_of_another_tenant() {
    let server = Server::start().await;
    let client = server.client();
    let script = client.new_script().await;
    let path = policy_of(&script);
    put(&client, &path, &json!({ "historyDays": 7 })).await.ok();
    let other = server.other_tenant();
    let unknown = format!("{TENANT}/scripts/{}", Uuid::new_v4());
    let upper = format!("{TENANT}/scripts/{}", path.rsplit_once('/').unwrap().1.to_uppercase());
    let nonsense = format!("{TENANT}/scripts/nonsense");
    for (client, path) in
        [(&other, &path), (&client, &unknown), (&client, &upper), (&client, &nonsense)]
    {
        let message = client.get(path).await.refused(404, "ResourceNotFound");
        let put = put(client, path, &json!({ "historyDays": 30 })).await;
        assert_eq!(put.refused(404, "ResourceNotFound"), message);
        assert_eq!(client.delete(path).await.refused(404, "ResourceNotFound"), message);
    }
    assert_eq!(client.get(&path).await.ok()["historyDays"], 7);
    assert_eq!(other.get(TENANT).await.ok()["historyDays"], 90);
    let keyed = path.replace("scripts/", "Scripts('") + "')";
    assert_eq!(client.get(&keyed).await.ok()["historyDays"], 7);

    client.delete(&script).await;
    client.get(&path).await.refused(404, "ResourceNotFound");
}

#[tokio::test]
async fn other_methods_are_405_and_other_paths_400() {
    let server = Server::start().await;
    let client = server.client();
    let script = policy_of(&client.new_script().await);
    for (path, refused, allow) in [
        (TENANT, ["POST", "PUT", "TRACE", "patch"], "GET, HEAD, PATCH, DELETE, OPTIONS"),
        (&script, ["POST", "PATCH", "TRACE", "put"], "GET, HEAD, PUT, DELETE, OPTIONS"),
    ] {
        for method in refused {
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let reply = send(client.request(method, path)).await;
            reply.refused(405, "Request_BadRequest");
            assert_eq!(reply.header("allow"), Some(allow));
        }
        let reply = send(server.client_with_token(None).request(Method::OPTIONS, path)).await;
        assert_eq!((reply.status, reply.header("allow")), (204, Some(allow)));
        let head = send(client.request(Method::HEAD, path)).await;
        assert_eq!((head.status, &*head.body), (200, ""));
    }
    for path in
        ["/runstate/v1/retention/x", "/runstate/v1/retention/scripts", "/runstate/v2/retention"]
    {
        let paths = "/runstate/v1/retention, /runstate/v1/retention/scripts/{id}";
        let text = client.get(path).await.refused(400, "BadRequest");
        assert_eq!(text, format!("Below '/runstate' there are only these paths: {paths}."));
    }
    client.get("/RunState/V1/Retention/").await.ok();
}

#[tokio::test]
async fn a_page_of_a_configured_origin_may_use_the_policies() {
    let origins = vec!["https://portal.example.com".into()];
    let server = Server::with_options(Options { origins, ..options() }).await;
    let client = server.client();
    let asked = client.request(Method::OPTIONS, TENANT);
    let asked = asked.header("Origin", "https://portal.example.com");
    let reply = send(asked.header("Access-Control-Request-Method", "PUT")).await;
    assert_eq!(reply.status, 204);
    let methods = reply.header("access-control-allow-methods").unwrap();
    assert!(methods.split(", ").any(|method| method == "PUT"), "{methods}");
    let read = client.request(Method::GET, TENANT).header("Origin", "https://portal.example.com");
    let reply = send(read).await;
    assert_eq!(reply.header("access-control-allow-origin"), Some("https://portal.example.com"));
}

#[tokio::test]
async fn without_extensions_there_are_no_policies() {
    let server = Server::without_extensions().await;
    let client = server.client();
    let script = policy_of(&client.new_script().await);
    let unknown = client.get("/runstate/v1/nonsense").await.refused(400, "BadRequest");
    assert_eq!(unknown, "Invalid version: 'runstate'. It must be 'beta'.");
    for path in [TENANT, &script] {
        assert_eq!(client.get(path).await.refused(400, "BadRequest"), unknown);
        let options = send(client.request(Method::OPTIONS, path)).await;
        assert_eq!(options.refused(400, "BadRequest"), unknown);
    }
    client.patch(TENANT, &json!({ "historyDays": 7 })).await.refused(400, "BadRequest");
    let document = client.get("/openapi.json").await.body;
    assert!(!document.contains("retention"));
}
