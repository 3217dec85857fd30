//! What a client sees of errors, delays, pretended and doubled writes, and what has happened in the tenant,
//! in single requests and in batches.

use reqwest::Method;
use serde_json::{Value as Json, json};

use crate::ruled::{SCRIPTS_IN_BATCH, add_rule, batch, create, ruled, scripts};
use crate::world::{SCRIPTS, World};

#[tokio::test]
async fn a_status_is_answered_and_nothing_is_done() {
    let world = World::start().await;
    let then = json!({ "status": { "code": 503, "error": "Busy", "message": "Come back.",
                                   "headers": { "Retry-After": "7" } } });
    let tenant = ruled(&world, json!({ "method": "POST", "operation": "create" }), then).await;
    let reply = create(&tenant, "a").await;
    assert_eq!(reply.headers["retry-after"], "7");
    let mut body = reply.json(503);
    let inner = body["error"]["innerError"].take();
    let names: Vec<_> = inner.as_object().unwrap().keys().collect();
    assert_eq!(names, ["client-request-id", "date", "request-id"]);
    let expected =
        json!({ "error": { "code": "Busy", "message": "Come back.", "innerError": null } });
    assert_eq!(body, expected);
    let item =
        &batch(&tenant, &[("POST", SCRIPTS_IN_BATCH, json!({ "displayName": "b" }))]).await[0];
    assert_eq!((&item["status"], &item["headers"]["Retry-After"]), (&json!(503), &json!("7")));
    assert_eq!(scripts(&world, &tenant).await, 0);
}

#[tokio::test]
async fn a_retry_after_may_be_anything_that_a_header_can_be() {
    let world = World::start().await;
    for value in ["1e300", "-1e300", "inf", "NaN", "soon", "Fri, 31 Dec 9999 23:59:59 GMT"] {
        let then = json!({ "status": { "code": 503, "headers": { "Retry-After": value } } });
        let tenant = ruled(&world, json!({}), then).await;
        for _ in 0..2 {
            let reply = create(&tenant, "a").await;
            assert_eq!(
                (reply.status, reply.headers["retry-after"].to_str().unwrap()),
                (503, value)
            );
        }
        let recorded = world.get(&tenant.path("/requests")).await.json(200);
        assert_eq!(recorded["value"][1]["status"], 503, "{recorded}");
    }
}

#[tokio::test]
async fn a_status_may_have_the_page_of_a_gateway() {
    let world = World::start().await;
    let then = json!({ "status": { "code": 502, "message": "Bad Gateway", "body": "html" } });
    let tenant = ruled(&world, json!({}), then).await;
    let reply = create(&tenant, "a").await;
    assert_eq!(
        (reply.status, &reply.headers["content-type"]),
        (502, &"text/html".parse().unwrap())
    );
    let page = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 \
                Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n";
    assert_eq!(reply.text, page);
    // A client that repeats the batch sees the page for the batch, too.
    let batch = tenant.send(Method::POST, "/beta/$batch", json!({ "requests": [] })).await;
    assert_eq!((batch.status, &*batch.text), (502, page));
}

#[tokio::test]
async fn a_throttled_request_has_the_documented_body_and_the_asked_retry_after() {
    let world = World::start().await;
    let tenant =
        world.tenant(json!({ "clock": { "now": "2026-11-27T01:00:00Z", "rate": 0 } })).await;
    for (then, expected) in [
        (json!({ "retryAfter": 2 }), Some("2")),
        (json!({ "retryAfter": 2.128 }), Some("2.128")),
        (json!({ "retryAfter": 10, "form": "date" }), Some("Fri, 27 Nov 2026 01:00:10 GMT")),
        (json!({ "retryAfter": 10, "form": "absent" }), None),
        (json!({ "retryAfter": 10, "form": "zero" }), Some("0")),
        (json!({ "retryAfter": 10, "form": "lie" }), Some("5")),
    ] {
        world.delete(&tenant.path("/rules")).await;
        add_rule(&world, &tenant, json!({ "operation": "create" }), json!({ "throttle": then }))
            .await;
        let reply = create(&tenant, "a").await;
        let retry_after = reply.headers.get("retry-after").map(|it| it.to_str().unwrap());
        assert_eq!(retry_after, expected, "{then}");
        let mut body = reply.json(429);
        let inner = &mut body["error"]["innerError"];
        (inner["request-id"], inner["client-request-id"]) = (json!("r"), json!("c"));
        assert_eq!(
            body,
            json!({ "error": {
                "code": "TooManyRequests",
                "message": "Please retry again later.",
                "innerError": {
                    "code": "429", "date": "2026-11-27T01:00:00", "message": "Please retry after",
                    "request-id": "r", "client-request-id": "c", "status": "429"
                }
            } })
        );
        let create = ("POST", SCRIPTS_IN_BATCH, json!({ "displayName": "b" }));
        let item = &batch(&tenant, &[create]).await[0];
        assert_eq!(item["status"], 429);
        assert_eq!(item["headers"].get("Retry-After").and_then(Json::as_str), expected);
    }
    assert_eq!(scripts(&world, &tenant).await, 0);
}

#[tokio::test]
async fn a_delayed_request_is_carried_out() {
    let world = World::start().await;
    for place in ["before", "after"] {
        let then = json!({ "delay": { "place": place, "ms": 300, "jitter": 10 } });
        let tenant = ruled(&world, json!({ "operation": "create" }), then).await;
        let begun = std::time::Instant::now();
        create(&tenant, "a").await.json(201);
        batch(&tenant, &[("POST", SCRIPTS_IN_BATCH, json!({ "displayName": "b" }))]).await;
        // It cannot be earlier; how late it is says nothing.
        assert!(begun.elapsed() >= std::time::Duration::from_millis(600), "{place}");
        assert_eq!(tenant.scripts().await, ["a", "b"]);
    }
}

#[tokio::test]
async fn a_pretended_write_has_a_full_reply_and_is_rolled_back() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let script = tenant.new_script("old").await;
    let writes = json!({ "method": "PATCH" });
    for when in [json!({ "method": "POST" }), json!({ "method": "DELETE" }), writes] {
        add_rule(&world, &tenant, when, json!({ "pretend": true })).await;
    }
    let created = create(&tenant, "new").await.json(201);
    assert_eq!(created["displayName"], "new");
    let changed =
        tenant.send(Method::PATCH, &script, json!({ "displayName": "x" })).await.json(200);
    assert_eq!(changed["displayName"], "x");
    assert_eq!(tenant.send(Method::DELETE, &script, Json::Null).await.status, 204);
    let items = batch(&tenant, &[("POST", SCRIPTS_IN_BATCH, json!({ "displayName": "b" }))]).await;
    assert_eq!((&items[0]["status"], &items[0]["body"]["displayName"]), (&json!(201), &json!("b")));
    // A write that fails, fails as ever.
    let unknown = format!("{SCRIPTS}/00000000-0000-4000-8000-000000000000");
    let failed = tenant.send(Method::PATCH, &unknown, json!({ "displayName": "x" })).await;
    failed.error(404, "ResourceNotFound");
    assert_eq!(tenant.scripts().await, ["old"]);
}

#[tokio::test]
async fn a_pretended_upsert_creates_and_changes_nothing() {
    let world = World::start().await;
    let tenant = world.tenant(json!({})).await;
    let script = tenant.new_script("s").await;
    add_rule(&world, &tenant, json!({ "operation": "update" }), json!({ "pretend": true })).await;
    let state = format!("{script}/deviceRunStates/a");
    let reply = tenant.upsert(&state, json!({ "runState": "fail" })).await;
    assert_eq!(reply.json(201)["runState"], "fail");
    let found = tenant.send(Method::GET, &state, Json::Null).await;
    found.error(404, "ResourceNotFound");
}

#[tokio::test]
async fn a_create_without_an_id_is_carried_out_twice() {
    let world = World::start().await;
    let tenant = ruled(&world, json!({}), json!({ "twice": true })).await;
    let script = create(&tenant, "a").await.json(201);
    let items = batch(&tenant, &[("POST", SCRIPTS_IN_BATCH, json!({ "displayName": "b" }))]).await;
    assert_eq!(items[0]["status"], 201);
    assert_eq!(tenant.scripts().await, ["a", "a", "b", "b"]);
    let states = format!("{SCRIPTS}/{}/deviceRunStates", script["id"].as_str().unwrap());
    let state = json!({ "id": "own", "runState": "fail" });
    tenant.send(Method::POST, &states, state).await.json(201);
    tenant.send(Method::POST, &states, json!({ "runState": "fail" })).await.json(201);
    assert_eq!(tenant.get(&states).await["value"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn a_request_asks_for_a_fault_only_where_the_tenant_allows_it() {
    let world = World::start().await;
    let tenant = world.tenant(json!({ "headerFaults": true })).await;
    let ask = async |value: &str| tenant.with_header(SCRIPTS, "X-Runstate-Fault", value).await;
    let reply = ask("throttle; retry-after=2").await;
    assert_eq!((reply.status, &reply.headers["retry-after"]), (429, &"2".parse().unwrap()));
    let message = ask("explode").await.error(400, "BadRequest");
    assert!(message.contains("'then'"), "{message}");
    let message = ask("pretend").await.error(400, "BadRequest");
    assert!(message.contains("X-Runstate-Fault"), "{message}");
    world
        .control(Method::PATCH, &tenant.path(""), json!({ "headerFaults": false }))
        .await
        .json(200);
    assert_eq!(ask("throttle; retry-after=2").await.status, 200);
}
